"""How enableWhen compares."""

from decimal import Decimal

import pytest

from clinic.questionnaire.comparison import holds
from clinic.questionnaire.types import Coding, ItemType, Operator, Quantity, Value

KG, G, UNKNOWN = (
    Quantity(Decimal(2), "kg", "", "kg"),
    Quantity(Decimal(2000), "g", "", "g"),
    Quantity(Decimal(2), "cups", "", "cups"),
)


@pytest.mark.parametrize(
    ("operator", "answers", "expected", "kind", "held"),
    [
        ("exists", (), False, ItemType.STRING, True),
        ("exists", ("a",), False, ItemType.STRING, False),
        ("exists", ("a",), True, ItemType.STRING, True),
        ("=", (), 1, ItemType.INTEGER, False),
        ("!=", (), 1, ItemType.INTEGER, False),
        ("=", (1, 2), 2, ItemType.INTEGER, True),
        ("!=", (1, 2), 2, ItemType.INTEGER, False),
        ("!=", (1, 3), 2, ItemType.INTEGER, True),
        (">", (1, 3), 2, ItemType.INTEGER, True),
        ("=", (True,), True, ItemType.BOOLEAN, True),
        ("=", (1,), True, ItemType.BOOLEAN, False),
        ("=", (Coding("", "a"),), Coding("urn:s", "a"), ItemType.CHOICE, True),
        ("=", (Coding("urn:t", "a"),), Coding("urn:s", "a"), ItemType.CHOICE, False),
        ("=", ("own",), Coding("urn:s", "a"), ItemType.OPEN_CHOICE, False),
        ("!=", ("own",), Coding("urn:s", "a"), ItemType.OPEN_CHOICE, True),
        ("=", (KG,), G, ItemType.QUANTITY, True),
        (">=", (KG,), G, ItemType.QUANTITY, True),
        (">", (KG,), UNKNOWN, ItemType.QUANTITY, False),
        ("=", (KG,), Quantity(Decimal(2)), ItemType.QUANTITY, True),
        ("<", (KG,), Decimal(3), ItemType.QUANTITY, True),
        ("<", ("2026-05",), "2026-06-01", ItemType.DATE, True),
        ("=", ("2026",), "2026-06-01", ItemType.DATE, True),
        ("=", ("2026",), "2026-06-01", ItemType.STRING, False),
        ("=", ("2026-11-22T09:00:00Z",), "2026-11-22T18:00:00+09:00", ItemType.DATE_TIME, True),
        (">", ("2026-11-22T09:00:00Z",), "2026-11-21", ItemType.DATE_TIME, True),
        ("<", ("08:00:00",), "09:30:00", ItemType.TIME, True),
        (">", (True,), Coding("", "a"), ItemType.CHOICE, False),
    ],
)
def test_it_holds_as_fhir_r4_has_it(
    operator: Operator, answers: tuple[Value, ...], expected: Value, kind: ItemType, held: bool
) -> None:
    assert holds(operator, answers, expected, kind) is held


def test_a_temperature_is_converted_to_the_other_scale() -> None:
    fahrenheit = Quantity(Decimal(100), "°F", "", "[degF]")
    assert holds(">", (fahrenheit,), Quantity(Decimal("37.7"), "", "", "Cel"), ItemType.QUANTITY)
    assert not holds(
        ">", (fahrenheit,), Quantity(Decimal("37.8"), "", "", "Cel"), ItemType.QUANTITY
    )
