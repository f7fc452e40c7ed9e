"""A second opinion on a finished response, from the uploaded JSON alone.

Which items are enabled is worked out here anew, expressions by fhirpathpy. Its faults are worked
round: sum() and avg() fail on what comes out of a resource, SDC's ordinal(), weight() and answers()
are not there, and `answer.value` is empty without the R4 model and a path to begin at.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import fhirpathpy
from fhirpathpy.models import models
from time_machine import travel

from tests.unit.clinic.questionnaire.answerer import ON

HL7 = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
_TO_FIRST = {"cm": 1, "[in_i]": Decimal("2.54"), "kg": 1000, "g": 1, "mg/dL": 1}
_FUNCTIONS = {
    "sum": {"fn": lambda items: [sum(items)], "arity": {0: []}},
    "avg": {
        "fn": lambda items: [sum(items) / Decimal(len(items))] if items else [],
        "arity": {0: []},
    },
    "ordinal": {"fn": lambda items: _scores(items), "arity": {0: []}},
    "weight": {"fn": lambda items: _scores(items), "arity": {0: []}},
}


def _scores(items: Sequence[Any]) -> list[Any]:
    codes = [item for item in items if isinstance(item, dict)]
    return [part["valueDecimal"] for code in codes for part in code.get("extension", ())]


@dataclass(frozen=True)
class Place:
    """An item of the questionnaire and its place in the response."""

    item: Mapping[str, Any]
    found: Mapping[str, Any]


class Oracle:
    """Judges one response."""

    def __init__(self, questionnaire: Mapping[str, Any], response: Mapping[str, Any]) -> None:
        self.questionnaire = questionnaire
        self.response = response
        self.wrong: list[str] = []
        self.calculated = 0
        root = (Place(questionnaire, response),)
        self._judge(questionnaire["item"], response, root, unseen=False)

    def _judge(
        self,
        items: Sequence[Mapping[str, Any]],
        parent: Mapping[str, Any],
        above: tuple[Place, ...],
        *,
        unseen: bool,
    ) -> None:
        for item in items:
            link_id = item["linkId"]
            found = [one for one in parent.get("item", ()) if one["linkId"] == link_id]
            if not self._enabled(item, above):
                if found:
                    self.wrong.append(f"{link_id} is there, though it is not enabled")
                continue
            hidden = unseen or _has(item, f"{HL7}questionnaire-hidden") is True
            self._judge_one(item, found, above, hidden=hidden)

    def _judge_one(
        self,
        item: Mapping[str, Any],
        found: Sequence[Mapping[str, Any]],
        above: tuple[Place, ...],
        *,
        hidden: bool,
    ) -> None:
        link_id, below = item["linkId"], item.get("item", ())
        calculated = _expression(item, "calculatedExpression")
        if item["type"] == "group":
            if item.get("required") and not hidden and not any(_answers_under(found)):
                self.wrong.append(f"{link_id} is required, and nothing in it is answered")
            for one in found or ([] if item.get("repeats") else [{}]):
                self._judge(below, one, (*above, Place(item, one)), unseen=hidden)
            return
        answers = found[0].get("answer", []) if found else []
        seen = not (hidden or item.get("readOnly") or calculated)
        if item.get("required") and seen and not answers and item["type"] != "display":
            self.wrong.append(f"{link_id} is required, and not answered")
        if calculated:
            self._compare(item, calculated, answers, above)
        for answer in answers:
            self._judge(below, answer, (*above, Place(item, answer)), unseen=hidden)

    # Conditions -----------------------------------------------------------------------------

    def _enabled(self, item: Mapping[str, Any], above: tuple[Place, ...]) -> bool:
        expression = _expression(item, "enableWhenExpression")
        if expression:
            return self._evaluate(expression, {"linkId": item["linkId"]}, above) == [True]
        conditions = [self._holds(one, above) for one in item.get("enableWhen", ())]
        if not conditions:
            return True
        return any(conditions) if item.get("enableBehavior") == "any" else all(conditions)

    def _holds(self, condition: Mapping[str, Any], above: tuple[Place, ...]) -> bool:
        expected = next(value for key, value in condition.items() if key.startswith("answer"))
        operator = condition["operator"]
        answers = self._nearest(condition["question"], above)
        if operator == "exists":
            return bool(answers) is expected
        equal = [_same(answer, expected) for answer in answers]
        if operator in ("=", "!="):
            return bool(answers) and any(equal) is (operator == "=")
        orders = [_order(answer, expected) for answer in answers]
        wanted = {">": (1,), "<": (-1,), ">=": (0, 1), "<=": (-1, 0)}[operator]
        return any(order in wanted for order in orders)

    def _nearest(self, link_id: str, above: tuple[Place, ...]) -> list[Any]:
        for place in reversed(above):
            if place.item.get("linkId") == link_id:
                return [_value(place.found)]
            if _holds_item(place.item, link_id):
                return [_value(one) for one in _answers_to(place.found, link_id)]
        raise AssertionError(link_id)

    # Expressions ----------------------------------------------------------------------------

    def _evaluate(
        self, expression: str, focus: Mapping[str, Any], above: tuple[Place, ...]
    ) -> list[Any]:
        names = {
            "resource": copy.deepcopy(self.response),
            "context": focus,
            "questionnaire": copy.deepcopy(self.questionnaire),
        }
        for place in above:
            for variable in _all(place.item, f"{HL7}variable"):
                held = variable["valueExpression"]
                names[held["name"]] = self._run(held["expression"], place.found, names)
        return self._run(expression, focus, names)

    def _run(self, expression: str, focus: Mapping[str, Any], names: dict[str, Any]) -> list[Any]:
        for name in names:
            if "-" in name:  # its parser takes %has-fever for a difference
                expression = expression.replace(f"%{name}", f"%`{name}`")
        expression = expression.replace(".answers()", ".descendants().answer")
        based: Any = {"expression": expression, "base": "QuestionnaireResponse.item"}
        with travel(f"{ON.isoformat()}T12:00:00", tick=False):
            return list(
                fhirpathpy.evaluate(
                    copy.deepcopy(dict(focus)),
                    based if "linkId" in focus else expression,
                    dict(names),
                    models["r4"],
                    {"userInvocationTable": _FUNCTIONS},
                )
            )

    def _compare(
        self,
        item: Mapping[str, Any],
        expression: str,
        answers: Sequence[Mapping[str, Any]],
        above: tuple[Place, ...],
    ) -> None:
        expected = self._evaluate(expression, {"linkId": item["linkId"]}, above)
        actual = [_value(answer) for answer in answers]
        self.calculated += 1
        if [_plain(one) for one in expected] != [_plain(one) for one in actual]:
            self.wrong.append(f"{item['linkId']} is {actual}, and fhirpathpy has {expected}")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        value = value["value"]
    return value if isinstance(value, bool | str) else round(float(value), 1)


def _all(item: Mapping[str, Any], url: str) -> list[Mapping[str, Any]]:
    return [one for one in item.get("extension", ()) if one["url"] == url]


def _has(item: Mapping[str, Any], url: str) -> Any:
    found = _all(item, url)
    return next(value for key, value in found[0].items() if key != "url") if found else None


def _expression(item: Mapping[str, Any], name: str) -> str:
    found = _has(item, SDC + name)
    return found["expression"] if found else ""


def _value(answer: Mapping[str, Any]) -> Any:
    return next(value for key, value in answer.items() if key.startswith("value"))


def _holds_item(item: Mapping[str, Any], link_id: str) -> bool:
    return any(
        below["linkId"] == link_id or _holds_item(below, link_id) for below in item.get("item", ())
    )


def _answers_to(found: Mapping[str, Any], link_id: str) -> list[Mapping[str, Any]]:
    answers: list[Mapping[str, Any]] = []
    for below in found.get("item", ()):
        if below["linkId"] == link_id:
            answers += below.get("answer", ())
        for holder in (below, *below.get("answer", ())):
            answers += _answers_to(holder, link_id)
    return answers


def _answers_under(found: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [
        answer
        for one in found
        for answer in [*one.get("answer", ()), *_answers_under(one.get("item", ()))]
    ]


def _same(answer: Any, expected: Any) -> bool:
    if isinstance(answer, dict) and "code" in expected and "value" not in expected:
        systems = {answer.get("system"), expected.get("system")} - {None}
        return answer.get("code") == expected["code"] and len(systems) < 2
    if isinstance(answer, bool) or isinstance(expected, bool):
        return answer is expected
    if isinstance(answer, dict) is not isinstance(expected, dict):
        return False
    order = _order(answer, expected)
    return answer == expected if order is None else order == 0


def _order(answer: Any, expected: Any) -> int | None:
    """-1, 0, 1: less, equal, more; None: neither."""
    if isinstance(answer, dict):
        if "value" not in answer:
            return None
        first = Decimal(str(answer["value"])) * _TO_FIRST[answer["code"]]
        second = Decimal(str(expected["value"])) * _TO_FIRST[expected["code"]]
        return (first > second) - (first < second)
    if isinstance(answer, str) and "T" in answer and len(answer) > 10 and answer[4] == "-":
        one, other = datetime.fromisoformat(answer), datetime.fromisoformat(expected)
        return (one > other) - (one < other)
    return (answer > expected) - (answer < expected)
