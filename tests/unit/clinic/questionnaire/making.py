"""Small questionnaires for tests, written in FHIR's JSON."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from clinic.questionnaire import rules
from clinic.questionnaire.read import read
from clinic.questionnaire.types import Answers, Problem, Question, Questionnaire, Refusal, Value

ON = date(2026, 11, 22)
HL7 = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
Json = dict[str, Any]


def item(link_id: str, kind: str, *items: Json, **more: Any) -> Json:
    """An item; `extension` may be given as a list."""
    found: Json = {"linkId": link_id, "type": kind, "text": f"{link_id}?", **more}
    return found | ({"item": list(items)} if items else {})


def extension(name: str, **value: Any) -> Json:
    return {"url": name if name.startswith("http") else HL7 + name, **value}


def limited(link_id: str, kind: str, *, repeats: bool = False, **limits: Any) -> Json:
    """An item with one extension for each: `minLength=3` is its valueInteger."""
    found = [
        extension(name, **(value if isinstance(value, dict) else {"valueInteger": value}))
        for name, value in limits.items()
    ]
    return item(link_id, kind, repeats=repeats, extension=found)


def measured(link_id: str, kind: str, *units: str) -> Json:
    """An item with a choice of units."""
    found = [extension("questionnaire-unitOption", valueCoding={"code": one}) for one in units]
    return item(link_id, kind, extension=found)


def expressed(
    link_id: str, kind: str, name: str, source: str, language: str = "text/fhirpath"
) -> Json:
    """An item with an expression."""
    return item(link_id, kind, extension=[expression(name, source, language)])


def hidden() -> Json:
    return extension("questionnaire-hidden", valueBoolean=True)


def expression(name: str, source: str, language: str = "text/fhirpath") -> Json:
    return extension(SDC + name, valueExpression={"language": language, "expression": source})


def variable(name: str, source: str, language: str = "text/fhirpath") -> Json:
    held = {"name": name, "language": language, "expression": source}
    return extension("variable", valueExpression=held)


def when(question: str, operator: str = "=", **answer: Any) -> Json:
    return {"question": question, "operator": operator, **answer}


def option(code: str, score: int | None = None, **more: Any) -> Json:
    coding: Json = {"system": "urn:codes", "code": code, "display": code.title()}
    if score is not None:
        coding["extension"] = [extension("ordinalValue", valueDecimal=score)]
    return {"valueCoding": coding, **more}


def resource(*items: Json, **more: Any) -> Json:
    return {"resourceType": "Questionnaire", "status": "active", "item": list(items), **more}


def form(*items: Json, **more: Any) -> Questionnaire:
    found = read(resource(*items, **more))
    assert isinstance(found, Questionnaire), found
    return found


def problems(*items: Json, **more: Any) -> list[tuple[str, str]]:
    """What is wrong with a questionnaire that is refused."""
    found = read(resource(*items, **more))
    assert not isinstance(found, Questionnaire), "it was not refused"
    assert all(isinstance(problem, Problem) for problem in found)
    return [(problem.item, problem.reason) for problem in found]


def ask(questionnaire: Questionnaire, answers: Answers) -> Question:
    question = rules.next_question(questionnaire, answers)
    assert question is not None
    return question


def given(questionnaire: Questionnaire, *values: Sequence[Value] | Value | None) -> Answers:
    """After answering what is asked with these, in order; None skips."""
    answers = rules.begin(ON)
    for value in values:
        question = ask(questionnaire, answers)
        taken = (
            rules.skip(questionnaire, answers, question)
            if value is None
            else rules.answer(
                questionnaire, answers, question, value if isinstance(value, tuple) else (value,)
            )
        )
        assert isinstance(taken, Answers), (question.item.link_id, value, taken)
        answers = taken
    return answers


def path_of(questionnaire: Questionnaire, answers: Answers) -> str:
    """Where the patient is: `medicine.1/name`; "" at the end."""
    question = rules.next_question(questionnaire, answers)
    if question is None:
        return ""
    names = [f"{link}.{index}" if index else link for link, index in question.path]
    return "/".join(names) + (" another" if question.another else "")


def refused(questionnaire: Questionnaire, answers: Answers, *values: Value) -> Refusal:
    taken = rules.answer(questionnaire, answers, ask(questionnaire, answers), values)
    assert isinstance(taken, Refusal)
    return taken


SMOKING = form(
    item("smoker", "boolean", required=True),
    item("packs", "decimal", required=True, enableWhen=[when("smoker", answerBoolean=True)]),
    item("note", "text"),
)
MEDICINES = form(
    item(
        "medicine",
        "group",
        item("name", "string", required=True),
        item("dose", "string"),
        repeats=True,
    ),
    item("end", "boolean"),
)
