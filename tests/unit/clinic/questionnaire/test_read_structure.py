"""Items that cannot be what they say are refused."""

import pytest

from tests.unit.clinic.questionnaire.making import (
    Json,
    item,
    option,
    problems,
)

Q = item("q", "boolean")
CHOICE = item("c", "choice", answerOption=[option("a"), option("b")])


def nested(depth: int) -> Json:
    found = item("deepest", "boolean")
    for number in range(depth):
        found = item(f"g{number}", "group", found)
    return found


REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "no items": ([], "", "no items"),
    "no linkId": ([{"type": "boolean", "text": "A"}], "", "without linkId"),
    "a linkId twice": ([Q, item("g", "group", Q)], "q", "more than once"),
    "an unknown type": ([item("q", "question")], "q", "not one of FHIR R4"),
    "a type of R5": ([item("q", "coding")], "q", "not one of FHIR R4"),
    "a type that is no string": ([{"linkId": "q", "type": 5}], "q", "type is no string"),
    "a key of R5": ([item("q", "boolean", disabledDisplay="hidden")], "q", "not of FHIR R4"),
    "an item that is no object": (["q"], "", "no list of objects"),  # type: ignore[list-item]  # hostile
    "no text": ([{"linkId": "q", "type": "boolean"}], "q", "without text"),
    "an empty group": ([item("g", "group")], "g", "without items"),
    "a display with items": ([item("d", "display", Q)], "d", "with items"),
    "modifierExtension": ([item("q", "boolean", modifierExtension=[])], "q", "modifierExtension"),
    "a script": ([item("q", "boolean", text="<script>alert(1)</script>")], "q", "script"),
    "a handler": ([item("q", "boolean", text="<img src=x onerror=alert(1)>")], "q", "onerror"),
    "a script address": ([item("q", "boolean", text="[a](javascript:1)")], "q", "javascript"),
    "a text too long": ([item("q", "boolean", text="a" * 5000)], "q", "more than 4000"),
    "ten thousand items": ([item(f"q{n}", "boolean") for n in range(10_000)], "", "1000 items"),
    "nested too deeply": ([nested(200)], "", "nested deeper"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_item_and_the_reason(name: str) -> None:
    items, where, reason = REFUSED[name]
    found = problems(*items)
    assert any(item == where and reason in why for item, why in found), found
