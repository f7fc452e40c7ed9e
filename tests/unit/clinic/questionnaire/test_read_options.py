"""Options and initial values that cannot be played are refused."""

import pytest

from tests.unit.clinic.questionnaire.making import (
    Json,
    expression,
    extension,
    hidden,
    item,
    option,
    problems,
)

Q = item("q", "boolean")
CHOICE = item("c", "choice", answerOption=[option("a"), option("b")])


REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "a choice of nothing": ([item("c", "choice")], "c", "without options"),
    "options of a string": ([item("c", "string", answerOption=[option("a")])], "c", "options for"),
    "both kinds of options": (
        [item("c", "choice", answerOption=[option("a")], answerValueSet="#x")],
        "c",
        "both answerOption",
    ),
    "the same option twice": (
        [item("c", "choice", answerOption=[option("a"), option("a")])],
        "c",
        "two options are the same",
    ),
    "options of two types": (
        [item("c", "choice", answerOption=[option("a"), {"valueInteger": 1}])],
        "c",
        "several types",
    ),
    "an option without code": (
        [item("c", "choice", answerOption=[{"valueCoding": {"display": "A"}}])],
        "c",
        "without code",
    ),
    "an option of a type unheard of": (
        [item("c", "choice", answerOption=[{"valueBoolean": True}])],
        "c",
        "option of the type Boolean",
    ),
    "a score on a word": (
        [
            item(
                "c",
                "choice",
                answerOption=[
                    {"valueString": "a", "extension": [extension("ordinalValue", valueDecimal=1)]}
                ],
            )
        ],
        "c",
        "no Coding",
    ),
    "too many options": (
        [item("c", "choice", answerOption=[{"valueInteger": n} for n in range(501)])],
        "c",
        "more than 500",
    ),
    "a value set that is elsewhere": (
        [item("c", "choice", answerValueSet="http://x.example/vs")],
        "c",
        "not contained in the questionnaire nor uploaded",
    ),
    "an initial value that is no option": (
        [item("c", "choice", answerOption=[option("a")], initial=[{"valueCoding": {"code": "z"}}])],
        "c",
        "initial: 'z'",
    ),
    "an initial value of another type": (
        [item("q", "boolean", initial=[{"valueString": "yes"}])],
        "q",
        "initial: a String",
    ),
    "several initial values of one answer": (
        [item("n", "integer", initial=[{"valueInteger": 1}, {"valueInteger": 2}])],
        "n",
        "several initial",
    ),
    "both kinds of initial values": (
        [
            item(
                "c",
                "choice",
                answerOption=[option("a", initialSelected=True), option("b")],
                initial=[{"valueCoding": {"code": "b"}}],
            )
        ],
        "c",
        "both initial",
    ),
    "an initial value of a group": (
        [item("g", "group", Q, initial=[{"valueInteger": 1}])],
        "g",
        "for the type group",
    ),
    "required, and never asked": (
        [item("n", "integer", required=True, extension=[hidden()])],
        "n",
        "without a value",
    ),
    "required in a hidden group": (
        [item("g", "group", item("n", "integer", required=True), extension=[hidden()])],
        "n",
        "without a value",
    ),
    "never asked, from records": (
        [
            item(
                "n", "integer", extension=[hidden(), expression("initialExpression", "%patient.id")]
            )
        ],
        "n",
        "initialExpression",
    ),
    "a calculated group": (
        [item("g", "group", Q, extension=[expression("calculatedExpression", "1")])],
        "g",
        "calculated value of a group",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_item_and_the_reason(name: str) -> None:
    items, where, reason = REFUSED[name]
    found = problems(*items)
    assert any(item == where and reason in why for item, why in found), found
