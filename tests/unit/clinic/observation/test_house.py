"""The limits of one clinic: what it may change, and that nothing grave can be loosened."""

from decimal import Decimal

import pytest

from clinic.config import Readings
from clinic.observation import rules
from clinic.observation.house import (
    SHIPPED,
    SHIPPED_AT,
    house,
    name_of,
    tidied,
    value,
    wrong,
)
from clinic.observation.limits import BOUNDS, LIMITS, POSSIBLE
from clinic.observation.types import Taken
from tests.unit.clinic.observation.test_rules import NOW


def test_every_limit_has_a_name_of_its_own_and_bounds_with_what_is_shipped_inside() -> None:
    assert len({name_of(one) for one in LIMITS}) == len(LIMITS)
    assert set(BOUNDS) == set(SHIPPED_AT)
    for name, (least, most) in BOUNDS.items():
        assert least <= SHIPPED_AT[name] <= most, name
        assert least < most, name
    assert wrong({name: str(at) for name, at in SHIPPED_AT.items()}) == {}


@pytest.mark.parametrize("limit", [one for one in LIMITS if one.level >= rules.GRAVE], ids=name_of)
def test_what_is_of_today_or_of_now_is_only_ever_made_stricter(limit) -> None:
    least, most = BOUNDS[name_of(limit)]
    assert limit.at == (most if limit.side == "from" else least)
    looser = limit.at + (Decimal("0.1") if limit.side == "from" else Decimal("-0.1"))
    assert wrong({name_of(limit): str(looser)}) == {name_of(limit): "bounds"}


def test_no_limit_can_be_set_where_no_living_body_is() -> None:
    for limit in LIMITS:
        low, high = POSSIBLE[limit.measure]
        least, most = BOUNDS[name_of(limit)]
        assert low < least
        assert most < high


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("175", "175"),
        (" 37,5 ", "37.5"),
        ("１７５", "175"),
        ("2e2", "200"),
        ("37.55", "37.6"),
        ("", None),
        ("many", None),
        ("NaN", None),
        ("Infinity", None),
        ("9" * 400, None),
        ("1e999999", None),
    ],
)
def test_a_limit_is_a_number_to_the_tenth(typed: str, at: str | None) -> None:
    assert value(typed) == (None if at is None else Decimal(at))


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({"systolic.from.3.0": "170"}, {}),
        ({"systolic.from.3.0": "181"}, {"systolic.from.3.0": "bounds"}),
        ({"systolic.from.3.0": "139"}, {"systolic.from.3.0": "bounds"}),
        ({"systolic.from.3.0": "x"}, {"systolic.from.3.0": "number"}),
        ({"height.from.3.0": "170"}, {"height.from.3.0": "unknown"}),
        # A nurse would look later than a doctor is called.
        ({"systolic.from.3.0": "140", "systolic.mean": "145"}, dict.fromkeys(
            ("systolic.mean", "systolic.from.3.0"), "order")),
        ({"glucose.from.3.0": "200"}, {"glucose.from.3.0": "order"}),
        ({"glucose.from.3.0": "200", "glucose.from.2.0": "180", "glucose.repeated": "190"}, {}),
        ({"glucose.below.3.0": "75"}, {"glucose.below.3.0": "order"}),
        ({"spo2.below.3.0": "95,0", "spo2.below.4.0": "96,0"}, {"spo2.below.4.0": "order"}),
        # Of infants and of others: no patient has both.
        ({"temperature.from.4.0": "37.5"}, {}),
        ({"temperature.from.3.91": "37.5"}, {"temperature.from.3.91": "order"}),
        ({"temperature.from.3.91": "38", "temperature.from.3.182": "38"}, {}),
    ],
)  # fmt: skip
def test_what_a_clinic_may_set(changed: dict[str, str], faults: dict[str, str]) -> None:
    assert wrong(changed) == faults


def test_what_is_as_shipped_is_not_kept_and_numbers_are_written_in_one_way() -> None:
    assert tidied({"systolic.from.3.0": "180.0", "spo2.below.3.0": "96,0"}) == {
        "spo2.below.3.0": "96"
    }
    assert tidied({"weight.rise": "x"}) == {"weight.rise": "x"}
    assert Readings(limits={"weight.rise": 1.5, "pulse.from.2.6574": 131}).limits == {  # type: ignore[dict-item]  # as YAML has it
        "weight.rise": "1.5"
    }
    for nonsense in ({"spo2.below.4.0": "80"}, ["spo2"], {"spo2.below.4.0": None}):
        with pytest.raises(ValueError, match="limits"):
            Readings(limits=nonsense)  # type: ignore[arg-type]  # on purpose


def test_readings_are_judged_by_what_the_clinic_set() -> None:
    here = house(
        {
            "systolic.from.3.0": "160",
            "systolic.mean": "125",
            "glucose.repeated": "200",
            "weight.rise": "1",
        }
    )
    assert here != SHIPPED
    limits = rules.limits_for(here, (), 20_000)

    def judged(*new: Taken) -> list[tuple[int, str]]:
        return [(it.level, it.why) for it in rules.findings(here, new, (), limits)]

    def took(kind, at, second=None):
        return Taken(kind, Decimal(at), None if second is None else Decimal(second), NOW)

    assert judged(took("blood_pressure", 165, 80)) == [(3, "from")]
    assert judged(took("blood_pressure", 126, 80)) == [(2, "mean")]
    assert judged(took("glucose", 210), took("glucose", 205)) == [(3, "repeated")]
    assert judged(took("weight", 70), took("weight", "71.5")) == [(2, "rise")]
    assert judged(took("pulse", 49)) == [(4, "below")], "as shipped"
