"""Limits and units that cannot be kept are refused."""

import pytest

from tests.unit.clinic.questionnaire.making import (
    Json,
    extension,
    item,
    limited,
    measured,
    option,
    problems,
)

Q = item("q", "boolean")
CHOICE = item("c", "choice", answerOption=[option("a"), option("b")])


REFUSED: dict[str, tuple[list[Json], str, str]] = {
    "a pattern that looks ahead": (
        [item("s", "string", extension=[extension("regex", valueString="(?=a)a")])],
        "s",
        "look-around",
    ),
    "a pattern that is none": (
        [item("s", "string", extension=[extension("regex", valueString="(")])],
        "s",
        "not a regular expression",
    ),
    "a pattern too large": (
        [limited("s", "string", regex={"valueString": "a{1,9999}"})],
        "s",
        "too many repetitions",
    ),
    "a pattern of a number": (
        [limited("n", "integer", regex={"valueString": "1"})],
        "n",
        "regex for the type integer",
    ),
    "a file type of a string": (
        [limited("s", "string", mimeType={"valueCode": "image/png"})],
        "s",
        "mimeType for the type string",
    ),
    "a file type that is none": (
        [limited("a", "attachment", mimeType={"valueCode": "png"})],
        "a",
        "mimeType",
    ),
    "lengths that leave nothing": (
        [item("s", "string", maxLength=2, extension=[extension("minLength", valueInteger=3)])],
        "s",
        "minLength is more",
    ),
    "a length of a date": ([item("d", "date", maxLength=4)], "d", "maxLength"),
    "a length of nothing": ([item("s", "string", maxLength=0)], "s", "maxLength"),
    "a length that is no number": ([item("s", "string", maxLength="9")], "s", "number is missing"),
    "many answers of one": (
        [limited("s", "string", **{"questionnaire-maxOccurs": 3})],
        "s",
        "does not repeat",
    ),
    "more at least than at most": (
        [limited("s", "string", **{"questionnaire-minOccurs": 3, "questionnaire-maxOccurs": 2})],
        "s",
        "maxOccurs is too small",
    ),
    "a count below nothing": (
        [limited("s", "string", minLength=-1)],
        "s",
        "negative",
    ),
    "a least value of a string": (
        [limited("s", "string", minValue=1)],
        "s",
        "minValue for the type string",
    ),
    "a least value of another type": (
        [limited("d", "date", minValue=1)],
        "d",
        "a Integer instead of a Date",
    ),
    "a least value by an expression": (
        [item("d", "date", extension=[extension("minValue", _valueDate={})])],
        "d",
        "is missing",
    ),
    "a limit twice": (
        [item("s", "string", extension=[extension("minLength", valueInteger=1)] * 2)],
        "s",
        "more than once",
    ),
    "a date that is none": (
        [item("d", "date", initial=[{"valueDate": "2026-02-30"}])],
        "d",
        "a date is wrong",
    ),
    "a huge number": (
        [item("n", "decimal", initial=[{"valueDecimal": 10**400}])],
        "n",
        "too large",
    ),
    "a unit of a string": (
        [measured("s", "string", "kg")],
        "s",
        "a unit for the type string",
    ),
    "several units of a number": (
        [measured("n", "decimal", "kg", "g")],
        "n",
        "several units",
    ),
    "a unit without code": (
        [item("n", "decimal", extension=[extension("questionnaire-unit", valueString="kg")])],
        "n",
        "a Coding is expected",
    ),
    "units that are elsewhere": (
        [
            item(
                "n",
                "quantity",
                extension=[extension("questionnaire-unitValueSet", valueCanonical="http://x")],
            )
        ],
        "n",
        "not contained",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_item_and_the_reason(name: str) -> None:
    items, where, reason = REFUSED[name]
    found = problems(*items)
    assert any(item == where and reason in why for item, why in found), found
