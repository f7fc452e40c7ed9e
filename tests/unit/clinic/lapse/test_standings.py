"""Who is drifting away: the definition, window by window, and the state of each day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from clinic.lapse import rules
from clinic.lapse.types import Evidence, Group, State, Window
from tests.unit.clinic.lapse.cases import CPAP, FACTS, HYPERTENSION, SEEN, group, seen

# Windows --------------------------------------------------------------------------------------


def window(one: Group, **values: Any) -> Window:
    return rules.window(one, seen(FACTS, **values))


def test_the_medicine_says_when_somebody_is_expected() -> None:
    found = window(group(), supply_until=date(2026, 4, 7), refill=True, median_gap=20)
    assert (found.basis, found.expected_on) == ("supply", date(2026, 4, 7))
    assert found.at_risk_on == date(2026, 4, 21)
    assert found.lapsed_on == date(2026, 7, 10)
    assert found.numbers == {"on": "2026-04-07"}


def test_more_than_half_a_year_of_medicine_is_taken_for_a_slip() -> None:
    found = window(group(), supply_until=date(2028, 1, 1))
    assert found.expected_on == SEEN + timedelta(180)
    assert found.at_risk_on == found.lapsed_on == SEEN + timedelta(194)


def test_a_refill_prescription_lasts_for_its_days() -> None:
    found = window(group(refill_days=60), refill=True, visit_count=9, median_gap=20)
    assert (found.basis, found.expected_on) == ("refill", SEEN + timedelta(60))


@pytest.mark.parametrize(("gap", "days"), [(3, 14), (33, 33), (400, 180)])
def test_a_habit_of_at_least_three_intervals_counts(gap: int, days: int) -> None:
    found = window(group(), visit_count=4, median_gap=gap)
    assert (found.basis, found.expected_on) == ("usual", SEEN + timedelta(days))
    assert window(group(), visit_count=3, median_gap=gap).basis == "months"


def test_then_the_groups_own_interval_counts_and_then_its_months() -> None:
    found = window(group(interval_days=30, grace_days=7))
    assert (found.basis, found.expected_on) == ("interval", SEEN + timedelta(30))
    assert found.at_risk_on == SEEN + timedelta(37)
    found = window(group())
    assert (found.basis, found.expected_on) == ("months", date(2026, 5, 10))
    assert found.at_risk_on == date(2026, 5, 10)


def test_a_prescription_for_four_weeks_or_more_waits_at_least_so_long() -> None:
    found = window(group(), median_gap=14, visit_count=6, long_supply=True)
    assert (found.basis, found.expected_on) == ("long", SEEN + timedelta(28))
    assert window(group(), supply_until=date(2026, 5, 1), long_supply=True).basis == "supply"
    assert window(group(), long_supply=True).basis == "months"


def test_a_fixed_group_counts_months_whatever_the_medicine_says() -> None:
    found = window(group(mode="fixed"), supply_until=date(2026, 8, 1))
    assert found.expected_on == found.at_risk_on == date(2026, 5, 10)
    assert found.lapsed_on == date(2026, 7, 10)
    early = window(group(mode="fixed", interval_days=30))
    assert (early.expected_on, early.at_risk_on) == (date(2026, 4, 9), date(2026, 5, 10))
    assert window(group(mode="fixed", interval_days=90)).expected_on == date(2026, 5, 10)


def test_lapsed_is_twice_the_months_at_risk_unless_told() -> None:
    assert window(group(lapsed_months=None)).lapsed_on == date(2026, 7, 10)


def test_cpap_names_the_day_on_which_insurance_stops() -> None:
    said = {"any": [{"acts": ["114040710"]}], "insurance_months": 3}
    found = rules.window(
        group(said=said, mode="fixed"), seen(FACTS, last_visit_on=date(2026, 2, 20))
    )
    assert (found.basis, found.numbers) == ("insurance", {"on": "2026-05-31"})


def test_a_check_up_counts_from_the_act_and_not_from_the_last_visit() -> None:
    said = {"any": [{"acts": ["160093810"], "months": 36}], "since": "act"}
    one = group(said=said, mode="fixed", at_risk_months=12, lapsed_months=18)
    acts = tuple(Evidence("act", "160093810", on=date(year, 6, 1)) for year in (2024, 2025))
    found = window(one, evidence=(*acts, HYPERTENSION))
    assert (found.basis, found.numbers) == ("act", {"on": "2025-06-01"})
    assert (found.at_risk_on, found.lapsed_on) == (date(2026, 6, 1), date(2026, 12, 1))
    assert window(one, evidence=()).at_risk_on == rules.add_months(SEEN, 12)


def test_nobody_lapses_from_a_seasonal_group_or_without_a_visit() -> None:
    season = group(said={"any": [{"conditions": ["J30"]}], "seasonal": [2]}, at_risk_months=None)
    assert window(season) == Window("seasonal", None, None, None)
    unseen = window(group(), last_visit_on=None, newest_month=None)
    assert unseen == Window("months", None, None, None)


def test_a_month_without_a_day_counts_to_its_end() -> None:
    assert rules.seen_on(seen(FACTS, last_visit_on=None)) == date(2026, 3, 31)


# Several groups -------------------------------------------------------------------------------

BOTH = seen(FACTS, evidence=(HYPERTENSION, CPAP))
STRICT = group("cpap", {"any": [{"acts": ["114040710"]}]}, mode="fixed", strict=True)
LONG = group("refill", mode="fixed", at_risk_months=4, lapsed_months=7)
SEASON = group("season", {"any": [{"conditions": ["I10"]}], "seasonal": [2]}, at_risk_months=None)


def test_the_longest_window_of_several_groups_holds_for_all() -> None:
    found = rules.windows([group(), LONG, SEASON], BOTH)
    assert found["lifestyle"].at_risk_on == found["refill"].at_risk_on == date(2026, 7, 10)
    assert found["lifestyle"].lapsed_on == found["refill"].lapsed_on == date(2026, 10, 10)
    assert found["season"].at_risk_on is None


def test_a_strict_group_keeps_its_window_and_lends_it_to_nobody() -> None:
    found = rules.windows([group(), LONG, STRICT], BOTH)
    assert found["cpap"].at_risk_on == date(2026, 5, 10)
    yearly = replace(STRICT, at_risk_months=12, lapsed_months=18)
    assert rules.windows([group(), yearly], BOTH)["lifestyle"].at_risk_on == date(2026, 5, 10)


def test_groups_that_are_off_or_not_the_patients_do_not_count() -> None:
    assert rules.windows([replace(LONG, active=False), STRICT], FACTS) == {}


# State and reason -----------------------------------------------------------------------------


def state(horizon: date, one: Group | None = None, **values: Any) -> State:
    found = rules.standings(
        [one or group(interval_days=30)], seen(FACTS, **values), horizon, horizon
    )
    (standing,) = found.values()
    return standing.state


@pytest.mark.parametrize(
    ("horizon", "now"),
    [
        (date(2026, 4, 8), "active"),
        (date(2026, 4, 9), "due"),
        (date(2026, 4, 22), "due"),
        (date(2026, 4, 23), "at_risk"),
        (date(2026, 7, 9), "at_risk"),
        (date(2026, 7, 10), "lapsed"),
        (date(2028, 3, 10), "lapsed"),
        (date(2028, 3, 11), "dormant"),
    ],
)
def test_states_follow_each_other_day_by_day(horizon: date, now: State) -> None:
    assert state(horizon) == now


def test_somebody_is_not_dormant_before_being_lapsed() -> None:
    years = group(mode="fixed", at_risk_months=36, lapsed_months=48)
    assert state(date(2029, 3, 10), years) == "at_risk"
    assert state(date(2030, 3, 10), years) == "lapsed"
    assert state(date(2030, 3, 11), years) == "dormant"


def test_a_seasonal_group_is_active_until_dormant() -> None:
    assert state(date(2027, 3, 10), SEASON) == "active"
    assert state(date(2028, 3, 11), SEASON) == "dormant"


def why(horizon: date = date(2026, 5, 30), one: Group | None = None, **values: Any) -> Any:
    found = rules.standings([one or group()], seen(FACTS, **values), horizon, date(2026, 6, 10))
    (standing,) = found.values()
    return standing.state, standing.reason.get("excluded")


def test_the_dead_the_gone_and_the_merged_are_never_listed() -> None:
    assert why(deceased=True, booked_on=date(2026, 7, 1)) == ("excluded", "deceased")
    assert why(merged=True, deceased=True) == ("excluded", "merged")
    assert why(moved_on=SEEN) == ("excluded", "moved")
    unseen = {"last_visit_on": None, "newest_month": None}
    assert why(moved_on=SEEN, **unseen) == ("excluded", "moved")


def test_who_is_seen_after_moving_away_is_back() -> None:
    assert why(moved_on=SEEN - timedelta(1)) == ("at_risk", None)


def test_a_booking_is_told_and_never_listed() -> None:
    booked = date(2026, 6, 20)
    facts = seen(FACTS, booked_on=booked, opted_out=True)
    (found,) = rules.standings([group()], facts, date(2026, 5, 30), date(2026, 6, 10)).values()
    assert (found.state, found.expected_on) == ("booked", booked)


def test_who_said_stop_or_was_never_seen_is_not_listed() -> None:
    assert why(opted_out=True) == ("excluded", "opted_out")
    assert why(last_visit_on=None, newest_month=None) == ("excluded", "never_seen")


def test_a_hospital_stay_lasts_for_the_month_after_its_receipt() -> None:
    assert why(date(2026, 4, 30), inpatient=True) == ("excluded", "inpatient")
    assert why(date(2026, 5, 1), inpatient=True)[1] is None
    assert why(inpatient=True, newest_month=None)[1] is None


def test_only_acute_ended_or_suspected_diseases_are_not_missed() -> None:
    vip = group(said={"any": [{"tags": ["vip"]}]})
    tag = Evidence("tag", "vip")
    cold = replace(HYPERTENSION, icd10="J069")
    maybe = replace(HYPERTENSION, suspected=True)
    over = replace(HYPERTENSION, ended=True)
    assert why(one=vip, evidence=(tag,)) == ("at_risk", None)
    assert why(one=vip, evidence=(tag, cold, over, maybe)) == ("excluded", "acute_only")
    assert why(one=vip, evidence=(tag, maybe)) == ("excluded", "suspected_only")
    assert why(one=vip, evidence=(tag, cold, HYPERTENSION)) == ("at_risk", None)
    older = replace(HYPERTENSION, month=date(2026, 1, 1))
    assert why(one=vip, evidence=(tag, cold, older)) == ("excluded", "acute_only")


def test_a_check_up_group_keeps_who_has_only_suspected_diseases() -> None:
    said = {"any": [{"tags": ["vip"]}], "any_disease": True}
    maybe = replace(HYPERTENSION, suspected=True)
    assert why(one=group(said=said), evidence=(Evidence("tag", "vip"), maybe))[1] is None


def test_nobody_is_on_two_lists_within_a_month() -> None:
    assert why(messaged_on=date(2026, 5, 11)) == ("excluded", "messaged")
    assert why(messaged_on=date(2026, 5, 10))[1] is None
    assert why(date(2026, 7, 1), messaged_on=date(2026, 5, 11))[1] is None


@pytest.mark.parametrize(
    ("now", "reason", "words"),
    [
        ("booked", {"key": "supply", "on": "2026-04-07"}, ("booked", None, date(2026, 6, 1))),
        ("excluded", {"key": "months", "excluded": "moved"}, ("excluded_moved", None, None)),
        ("dormant", {"key": "months"}, ("dormant", 2, None)),
        ("due", {"key": "supply", "on": "2026-04-07"}, ("supply", None, date(2026, 4, 7))),
        ("due", {"key": "usual", "days": 30}, ("usual", 30, None)),
        ("at_risk", {"key": "months", "months": 2}, ("months", 2, None)),
        ("at_risk", {"key": "act", "on": "2025-05-30"}, ("act", 12, date(2025, 5, 30))),
        (
            "at_risk",
            {"key": "insurance", "on": "2026-05-30"},
            ("insurance", 2, date(2026, 5, 30)),
        ),
        (
            "lapsed",
            {"key": "insurance", "on": "2026-05-29"},
            ("insurance_over", 2, date(2026, 5, 29)),
        ),
    ],
)
def test_a_reason_is_told_by_key_and_numbers(now: State, reason: Any, words: Any) -> None:
    found = rules.told(now, reason, SEEN, date(2026, 6, 1), date(2026, 5, 30))
    assert (found.key, found.n, found.on) == words


def test_a_reason_needs_no_visit() -> None:
    found = rules.told("active", {"key": "months"}, None, None, date(2026, 5, 30))
    assert (found.key, found.n) == ("months", 0)


def test_the_next_treatment_plan_is_due_in_the_fourth_month() -> None:
    assert rules.plan_due_on(date(2026, 6, 30)) == date(2026, 10, 1)
