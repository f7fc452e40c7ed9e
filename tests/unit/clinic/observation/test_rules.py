"""What a reading is worth: units, limits by age and by patient, means, and trends."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clinic.observation import rules
from clinic.observation.house import SHIPPED
from clinic.observation.limits import LIMITS, POSSIBLE
from clinic.observation.types import KINDS, MEASURES, UNITS, OwnLimit, Reading, Taken

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
GROWN = rules.limits_for(SHIPPED, (), 20_000)


def took(kind, value, second=None, days=0, hours=0):
    at = NOW - timedelta(days=days, hours=hours)
    return Taken(kind, Decimal(str(value)), None if second is None else Decimal(second), at)


def judged(*new, earlier=(), limits=GROWN):
    return [(it.kind, it.level, it.why) for it in rules.findings(SHIPPED, new, earlier, limits)]


@pytest.mark.parametrize(
    ("value", "unit", "kept"),
    [
        ("7.2", "mmol/L", "129.60"),
        ("98.6", "°F", "37.00"),
        ("160", "lb", "72.57"),
        ("37.8", "°C", "37.80"),
    ],
)
def test_a_reading_is_kept_in_one_unit_and_told_in_its_own(value, unit, kept):
    assert rules.kept(Decimal(value), unit) == Decimal(kept)
    assert rules.told(Decimal(kept), unit) == Decimal(value)


def test_a_pressure_is_written_with_both_numbers():
    assert rules.shown(Decimal(128), Decimal(76), "mmHg") == "128/76 mmHg"
    assert rules.of_reading(Reading("blood_pressure", Decimal(128), "mmHg", Decimal(76))) == (
        "128/76 mmHg"
    )


def test_russians_write_a_comma():
    assert rules.of_reading(Reading("temperature", Decimal("37.8"), "°C"), comma=True) == "37,8 °C"


@pytest.mark.parametrize(
    ("kind", "value", "unit", "second", "can_be"),
    [
        ("blood_pressure", 120, "mmHg", 80, True),
        ("blood_pressure", 35, "mmHg", 80, False),
        ("blood_pressure", 80, "mmHg", 120, False),
        ("temperature", 420, "°C", None, False),
        ("temperature", 100, "°F", None, True),
        ("spo2", 101, "%", None, False),
        ("weight", 72, "kg", None, True),
    ],
)
def test_what_no_body_has_is_impossible(kind, value, unit, second, can_be):
    second = None if second is None else Decimal(second)
    assert rules.possible(Reading(kind, Decimal(value), unit, second)) is can_be


def test_the_units_that_a_bare_number_may_have():
    assert rules.possible_units("temperature", Decimal(38)) == ("°C",)
    assert rules.possible_units("temperature", Decimal(100)) == ("°F",)
    assert rules.possible_units("glucose", Decimal(25)) == ("mg/dL", "mmol/L")
    assert rules.possible_units("spo2", Decimal(400)) == ()


def test_every_measure_has_what_is_possible_and_a_kind():
    assert set(POSSIBLE) == set(MEASURES)
    assert {rules.kind_of(measure) for measure in MEASURES} == set(KINDS)
    assert {limit.measure for limit in LIMITS} <= set(MEASURES)
    assert set(UNITS) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "value", "level"),
    [
        ("glucose", 70, 1),
        ("glucose", "69.9", 2),
        ("glucose", "53.9", 3),
        ("glucose", 250, 1),
        ("glucose", "250.2", 2),
        ("glucose", 301, 3),
        ("spo2", 95, 1),
        ("spo2", 94, 3),
        ("spo2", 92, 4),
        ("temperature", "37.9", 1),
        ("temperature", 38, 2),
        ("temperature", 39, 2),
        ("temperature", "39.1", 3),
        ("temperature", "35.9", 2),
        ("pulse", 60, 1),
        ("pulse", 59, 2),
        ("pulse", 49, 4),
        ("pulse", 130, 1),
        ("pulse", 131, 2),
        ("pulse", 151, 4),
    ],
)
def test_the_limits_of_the_house(kind, value, level):
    found = rules.findings(SHIPPED, [took(kind, value)], (), GROWN)
    assert rules.level(found) == level


@pytest.mark.parametrize(
    ("upper", "lower", "level"),
    [(134, 84, 1), (135, 80, 2), (120, 85, 2), (180, 80, 3), (150, 120, 3), (89, 60, 2)],
)
def test_a_pressure_is_judged_by_both_numbers(upper, lower, level):
    found = rules.findings(SHIPPED, [took("blood_pressure", upper, lower)], (), GROWN)
    assert rules.level(found) == level


@pytest.mark.parametrize(
    ("age_days", "value", "level"),
    [(60, 38, 4), (91, 38, 2), (120, 39, 3), (181, 39, 3), (182, 39, 2), (None, "39.1", 3)],
)
def test_fever_is_judged_by_age(age_days, value, level):
    limits = rules.limits_for(SHIPPED, (), age_days)
    assert rules.level(rules.findings(SHIPPED, [took("temperature", value)], (), limits)) == level


def test_the_pulse_of_a_child_is_not_judged_by_that_of_a_grown_up():
    assert judged(took("pulse", 135), limits=rules.limits_for(SHIPPED, (), 400)) == []


def test_staff_set_a_limit_of_one_patients_own():
    own = (
        OwnLimit("spo2", "below", 3, Decimal(88)),
        OwnLimit("spo2", "below", 4, Decimal(85)),
        OwnLimit("pulse", "below", 2, None),
    )
    limits = rules.limits_for(SHIPPED, own, 20_000)
    assert judged(took("spo2", 90), limits=limits) == []
    assert judged(took("spo2", 87), limits=limits) == [("spo2", 3, "below")]
    assert judged(took("pulse", 55), limits=limits) == []
    assert judged(took("pulse", 45), limits=limits) == [("pulse", 4, "below")]


def test_the_mean_of_a_week_counts_without_its_first_day():
    week = [took("blood_pressure", 180 - 1, 90, days=6)]
    week += [took("blood_pressure", 120, 80, days=n) for n in range(1, 6)]
    assert judged(took("blood_pressure", 140, 80), earlier=week) == []


def test_the_mean_of_a_week_may_be_high_though_today_is_not():
    week = [took("blood_pressure", 150, 95, days=n) for n in range(1, 7)]
    assert judged(took("blood_pressure", 125, 80), earlier=week) == [("blood_pressure", 2, "mean")]


def test_what_is_older_than_a_week_is_of_no_account():
    old = [took("blood_pressure", 170, 100, days=n) for n in range(7, 12)]
    assert judged(took("blood_pressure", 120, 80), earlier=old) == []


def test_a_mean_of_upper_numbers_alone():
    assert judged(took("blood_pressure", 140)) == [("blood_pressure", 2, "mean")]


def test_a_high_sugar_is_seen_twice_though_the_earlier_one_is_told_later():
    assert judged(took("glucose", 255, hours=4), earlier=[took("glucose", 260)]) == [
        ("glucose", 3, "repeated")
    ]


def test_a_weight_that_rose_is_seen_though_the_earlier_one_is_told_later():
    assert judged(took("weight", "70", hours=40), earlier=[took("weight", "72.1")]) == [
        ("weight", 2, "rise")
    ]


def test_a_high_sugar_twice_on_a_day_is_seen_to_the_same_day():
    assert judged(took("glucose", 260), earlier=[took("glucose", 270, hours=4)]) == [
        ("glucose", 3, "repeated")
    ]
    assert judged(took("glucose", 260), earlier=[took("glucose", 270, days=1)]) == [
        ("glucose", 2, "from")
    ]


def test_more_than_two_kilograms_in_three_days_are_seen_by_a_nurse():
    before = [took("weight", 70, days=3), took("weight", 71, days=1), took("weight", 60, days=4)]
    assert judged(took("weight", "72.1"), earlier=before) == [("weight", 2, "rise")]
    assert judged(took("weight", 72), earlier=before) == []


def test_the_gravest_comes_first_and_each_kind_once():
    found = judged(took("glucose", 50), took("spo2", 90), took("pulse", 70))
    assert found == [("spo2", 4, "below"), ("glucose", 3, "below")]


def test_a_rule_is_named_after_its_kind():
    assert rules.rule("glucose") == "reading_glucose"


def test_a_trend_has_the_last_seven_with_their_ways_and_the_mean():
    taken = [took("pulse", 60 + n % 3, days=20 - n) for n in range(9)]
    trend = rules.trend("pulse", "/min", [*taken, took("weight", 70)])
    assert [int(it.value) for it in trend.points] == [62, 60, 61, 62, 60, 61, 62]
    assert [it.way for it in trend.points][:3] == ["", "down", "up"]
    assert trend.mean == Decimal(61)
    assert trend.second_mean is None


def test_a_trend_of_pressures_has_two_means():
    taken = [took("blood_pressure", 120, 80, days=2), took("blood_pressure", 120, 90)]
    trend = rules.trend("blood_pressure", "mmHg", taken)
    assert (trend.mean, trend.second_mean) == (120, 85)
    assert trend.points[1].way == "same"


def test_of_nothing_there_is_no_trend():
    assert rules.trend("pulse", "/min", []) is None


def test_the_age_in_days():
    today = date(2026, 11, 20)
    assert rules.age_days(today, date(2026, 11, 19)) == 1
    assert rules.age_days(today, None) is None
    assert rules.age_days(today, date(2026, 11, 21)) is None


def test_a_reading_is_kept_at_its_time():
    reading = Reading("blood_pressure", Decimal(128), "mmHg", Decimal(76))
    assert rules.taken(reading, NOW) == took("blood_pressure", 128, 76)
    assert rules.taken(Reading("pulse", Decimal(70), "/min"), NOW) == took("pulse", 70)
