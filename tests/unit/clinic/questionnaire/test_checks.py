"""Which values are an answer, and why others are none."""

from decimal import Decimal
from typing import Any

import pytest

from clinic.questionnaire.checks import check
from clinic.questionnaire.types import (
    Attachment,
    Coding,
    Item,
    Quantity,
    Reference,
    Refusal,
    Value,
)
from tests.unit.clinic.questionnaire.making import Json, form, item, limited, measured, option


def one(raw: Json) -> Item:
    return form(raw).every[raw["linkId"]]


def of(kind: str, **more: Any) -> Item:
    return one(item("q", kind, **more))


CHOICE = of("choice", answerOption=[option("a"), option("b")])
OPEN = of("open-choice", answerOption=[option("a"), option("b")])
MANY = of(
    "choice",
    repeats=True,
    answerOption=[
        option("a"),
        option("b"),
        option(
            "none",
            extension=[
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive",
                    "valueBoolean": True,
                }
            ],
        ),
    ],
)
HEIGHT = one(measured("q", "quantity", "cm", "[in_i]"))
WEIGHT = one(measured("q", "quantity", "kg"))
PHOTO = one(limited("q", "attachment", mimeType={"valueCode": "image/*"}, maxSize=1000))
CODE = one(
    limited("q", "string", regex={"valueString": "[0-9]{3}"}, minLength=3) | {"maxLength": 3}
)
TEMPERATURE = one(
    limited(
        "q",
        "decimal",
        minValue={"valueDecimal": 30},
        maxValue={"valueDecimal": 45},
        maxDecimalPlaces=1,
    )
)
YEAR = one(limited("q", "date", minValue={"valueDate": "2026-01-01"}))
SEVERAL = one(limited("q", "string", repeats=True, **{"questionnaire-minOccurs": 2}))

TAKEN: list[tuple[Item, Value, Value]] = [
    (of("boolean"), False, False),
    (of("integer"), 0, 0),
    (of("decimal"), 1, Decimal(1)),
    (of("decimal"), Decimal("1.50"), Decimal("1.50")),
    (of("date"), "2026-11-25", "2026-11-25"),
    (of("date"), "2019", "2019"),
    (of("date"), "2019-05", "2019-05"),
    (of("dateTime"), "2026-11-25T09:30+09:00", "2026-11-25T09:30:00+09:00"),
    (of("dateTime"), "2026-11-25", "2026-11-25"),
    (of("time"), "09:30", "09:30:00"),
    (of("string"), " two\n lines ", "two lines"),
    (of("string"), "体調　良い", "体調 良い"),
    (of("text"), "two\r\nlines\x00", "two\nlines"),
    (of("url"), " https://clinic.example/a ", "https://clinic.example/a"),
    (CHOICE, Coding("", "a"), Coding("urn:codes", "a")),
    (OPEN, "my own", "my own"),
    (of("choice", answerOption=[{"valueInteger": 0}]), 0, 0),
    (of("reference"), "Dr Sato", Reference("", "Dr Sato")),
    (of("reference"), Reference("Practitioner/1"), Reference("Practitioner/1")),
    (WEIGHT, 70, Quantity(Decimal(70), "kg", "", "kg")),
    (HEIGHT, Quantity(Decimal(70), "[in_i]"), Quantity(Decimal(70), "[in_i]", "", "[in_i]")),
    (of("quantity"), Quantity(Decimal(2), "cups"), Quantity(Decimal(2), "cups")),
    (PHOTO, Attachment("image/JPEG", 1000, "x"), Attachment("image/JPEG", 1000, "x")),
    (TEMPERATURE, Decimal("38.5"), Decimal("38.5")),
    (CODE, "123", "123"),
    (YEAR, "2026", "2026"),
]


@pytest.mark.parametrize(("asked", "value", "kept"), TAKEN)
def test_it_is_taken_as_it_is_kept(asked: Item, value: Value, kept: Value) -> None:
    assert check(asked, (value,)) == (kept,)


REFUSED: list[tuple[Item, Value, str]] = [
    (of("boolean"), 1, "type"),
    (of("boolean"), "true", "type"),
    (of("integer"), True, "type"),
    (of("integer"), "7", "type"),
    (of("integer"), Decimal("1.5"), "number"),
    (of("integer"), 2**31, "number"),
    (of("decimal"), Decimal("NaN"), "number"),
    (of("decimal"), Decimal("1E+99"), "number"),
    (of("decimal"), Decimal("1.0000000000000001"), "number"),
    (of("date"), "2026-02-30", "date"),
    (of("date"), "25.11.2026", "date"),
    (of("date"), 20261125, "type"),
    (of("dateTime"), "2026-11-25T09:30", "zone"),
    (of("dateTime"), "2026-11-25T25:00:00Z", "date"),
    (of("dateTime"), "today", "date"),
    (of("time"), "25:00", "time"),
    (of("time"), "9:30", "time"),
    (of("string"), " \n ", "empty"),
    (of("string"), "a" * 4001, "too_long"),
    (of("url"), "clinic.example", "url"),
    (of("url"), "javascript:alert(1)", "url"),
    (CHOICE, Coding("", "z"), "not_an_option"),
    (CHOICE, Coding("urn:other", "a"), "not_an_option"),
    (CHOICE, "my own", "not_an_option"),
    (of("choice", answerOption=[{"valueInteger": 1}]), True, "not_an_option"),
    (OPEN, 5, "not_an_option"),
    (of("reference"), "", "empty"),
    (of("reference"), Reference("../etc"), "reference"),
    (of("reference"), 5, "type"),
    (of("attachment"), "photo.jpg", "type"),
    (HEIGHT, 70, "unit"),
    (HEIGHT, Quantity(Decimal(70), "miles"), "unit"),
    (WEIGHT, "70", "type"),
    (WEIGHT, Quantity(Decimal("Infinity"), "kg"), "number"),
    (PHOTO, Attachment("application/pdf", 10, "x"), "mime_type"),
    (PHOTO, Attachment("image/png", 1001, "x"), "too_big"),
    (TEMPERATURE, Decimal("29.9"), "too_small"),
    (TEMPERATURE, Decimal("45.1"), "too_large"),
    (TEMPERATURE, Decimal("38.55"), "decimals"),
    (CODE, "12", "too_short"),
    (CODE, "1234", "too_long"),
    (CODE, "12a", "pattern"),
    (YEAR, "2025-12-31", "too_small"),
    (of("integer", maxLength=2), 100, "too_long"),
]


@pytest.mark.parametrize(("asked", "value", "code"), REFUSED)
def test_it_is_refused_with_a_code(asked: Item, value: Value, code: str) -> None:
    found = check(asked, (value,))
    assert isinstance(found, Refusal)
    assert found.code == code


@pytest.mark.parametrize(
    ("asked", "values", "code"),
    [
        (CHOICE, (), "empty"),
        (of("string"), ("a", "b"), "too_many"),
        (of("string", repeats=True), ("a",) * 101, "too_many"),
        (SEVERAL, ("a",), "too_few"),
        (MANY, (Coding("", "a"), Coding("", "a")), "duplicate"),
        (MANY, (Coding("", "a"), Coding("", "none")), "exclusive"),
    ],
)
def test_so_many_values_are_refused(asked: Item, values: tuple[Value, ...], code: str) -> None:
    found = check(asked, values)
    assert isinstance(found, Refusal)
    assert found.code == code


def test_a_limit_holds_in_every_unit() -> None:
    bounds = {
        "minValue": {"valueQuantity": {"value": 100, "code": "cm"}},
        "maxValue": {"valueQuantity": {"value": 200, "code": "cm"}},
    }
    raw = measured("q", "quantity", "cm", "[in_i]")
    raw["extension"] += limited("q", "quantity", **bounds)["extension"]
    height = one(raw)
    assert not isinstance(check(height, (Quantity(Decimal(70), "[in_i]"),)), Refusal)
    for inches, code in ((39, "too_small"), (79, "too_large")):
        found = check(height, (Quantity(Decimal(inches), "[in_i]"),))
        assert isinstance(found, Refusal)
        assert found.code == code


def test_a_full_width_space_is_a_space() -> None:
    """FHIR's string knows no other white space."""
    assert check(of("text"), ("頭が　痛い",)) == ("頭が 痛い",)
