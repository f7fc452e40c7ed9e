"""When steps are due, what becomes of past ones, how silence climbs, what an answer calls for."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from clinic.plan import rules
from clinic.plan.presets import presets
from clinic.plan.types import (
    After,
    Coming,
    Given,
    Kept,
    PatientFacts,
    Rung,
    Threshold,
)
from tests.unit.clinic.plan.written import WORDS, plan, step

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
DAY = date(2026, 1, 31)
CLIMB = (Rung(2, "again"), Rung(4, "channel"), Rung(6, "call"))


@pytest.mark.parametrize(
    ("after", "day"),
    [
        (After(0), date(2026, 1, 31)),
        (After(1), date(2026, 2, 1)),
        (After(2, "weeks"), date(2026, 2, 14)),
        (After(1, "months"), date(2026, 2, 28)),
        (After(2, "months"), date(2026, 3, 31)),
        (After(25, "months"), date(2028, 2, 29)),
        (After(11, "months"), date(2026, 12, 31)),
    ],
)
def test_a_month_after_the_31st_is_the_last_of_a_shorter_month(after: After, day: date) -> None:
    assert rules.due_on(after, DAY, DAY) == day


def test_a_year_of_high_blood_pressure_day_by_day() -> None:
    definition = next(one for one in presets() if one.code == "hypertension")
    points = rules.schedule(definition.steps, date(2026, 1, 31), TOKYO)
    days = [point.at.astimezone(TOKYO).strftime("%m-%d %H:%M") for point in points]
    assert days == [
        *("02-07 09:00", "02-14 09:00", "02-21 09:00", "02-28 09:00"),
        *("03-31 09:00", "04-30 09:00", "05-30 09:00", "06-29 09:00", "07-29 09:00"),
        *("08-28 09:00", "09-27 09:00", "10-27 09:00", "11-26 09:00", "12-26 09:00"),
        "01-31 09:00",
    ]
    assert [point.key for point in points][:5] == [
        *(("weekly", n) for n in (1, 2, 3, 4)),
        ("monthly", 1),
    ]


def test_a_step_can_count_from_the_one_before_and_from_its_last_repetition() -> None:
    daily = step("daily", After(1), times=14, every=1)
    later = step("later", After(1, "weeks", "previous"))
    points = rules.schedule((daily, later), DAY, TOKYO)
    assert points[-1].at.astimezone(TOKYO).date() == DAY + timedelta(14 + 7)


def test_the_hour_is_the_clocks_over_a_change_of_it() -> None:
    daily = step("daily", After(0), at=time(2, 30), times=3, every=1)
    spring = rules.schedule((daily,), date(2026, 3, 28), BERLIN)
    assert [point.at.hour for point in spring] == [1, 1, 0]
    assert spring[1].at.astimezone(BERLIN).time() == time(3, 30)  # 02:30 does not exist that day
    autumn = rules.schedule((daily,), date(2026, 10, 24), BERLIN)
    assert [point.at.hour for point in autumn] == [0, 0, 1]  # the first 02:30 of two


@pytest.mark.parametrize(
    ("past", "own", "state", "reason"),
    [
        ("skip", None, "skipped", "past_at_start"),
        ("skip", "ask", "to_decide", "past_at_start"),
        ("ask", None, "to_decide", "past_at_start"),
        ("ask", "send", "waiting", None),
    ],
)
def test_a_past_point_is_a_decision(past: str, own: str, state: str, reason: str) -> None:
    definition = plan(step(past=own, useful_days=9), past=past)
    (one,) = rules.enrol(definition, DAY, at("2026-02-03 12:00"), TOKYO)
    assert (one.state, one.reason) == (state, reason)


def test_of_past_repetitions_the_last_is_sent_if_it_is_of_use() -> None:
    definition = plan(step(times=5, every=1, useful_days=2), past="send")
    found = rules.enrol(definition, DAY, at("2026-02-04 12:00"), TOKYO)
    assert [(one.state, one.reason) for one in found] == [
        ("skipped", "too_late"),
        ("skipped", "repeated_later"),
        ("skipped", "repeated_later"),
        ("waiting", None),
        ("waiting", None),
    ]


def test_a_moved_anchor_moves_what_waits_and_leaves_what_happened() -> None:
    definition = plan(*(step(f"s{n}", After(n)) for n in (1, 2, 3, 4)))
    kept = [
        Kept(("s1", 1), "completed"),
        Kept(("s2", 1), "asked"),
        Kept(("s3", 1), "waiting"),
        Kept(("s4", 1), "to_decide"),
    ]
    change = rules.rearranged(definition, kept, DAY + timedelta(10), at("2026-02-02 12:00"), TOKYO)
    assert change.add == ()
    assert change.cancel == ()
    assert [one.point.step for one in change.move] == ["s3", "s4"]
    assert [one.point.at.astimezone(TOKYO).day for one in change.move] == [13, 14]


def test_an_edit_adds_moves_and_drops_only_what_has_not_begun() -> None:
    before = plan(step("a"), step("b", After(2)), step("c", After(3)))
    kept = [
        Kept(("a", 1), "completed"),
        Kept(("b", 1), "waiting"),
        Kept(("c", 1), "waiting"),
    ]
    edited = rules.with_moved(before, "b", After(9))
    assert edited
    edited = rules.without_step(edited, "c")
    assert edited
    edited = rules.without_step(edited, "a")
    assert edited
    edited = rules.with_step(edited, step("d", After(5)))
    assert edited
    change = rules.rearranged(edited, kept, DAY, at("2026-02-01 12:00"), TOKYO)
    assert [one.point.step for one in change.add] == ["d"]
    assert [one.point.step for one in change.move] == ["b"]
    assert change.cancel == (("c", 1),)


def test_an_edit_that_cannot_be_is_refused() -> None:
    only = plan(step("a"))
    assert rules.with_step(only, step("a")) is None
    assert rules.with_moved(only, "x", After(1)) is None
    assert rules.without_step(only, "a") is None
    assert rules.without_step(plan(step("a"), step("b")), "x") is None


def test_silence_climbs_by_days_at_the_same_hour_and_then_ends() -> None:
    asked = at("2026-02-01 10:00")
    one = step(climb=CLIMB, asks=True, useful_days=3)
    days = [rules.looks_at(one, done, asked, TOKYO) - asked for done in range(4)]
    assert [span.days for span in days] == [2, 4, 6, 9]
    assert rules.next_rung(one, 3) is None
    assert rules.answer_days(step()) == 3
    assert rules.looks_at(one, 0, datetime(2026, 3, 28, 9, tzinfo=UTC), BERLIN).hour == 8


def test_without_another_channel_the_same_is_tried_again() -> None:
    assert rules.rung_now(Rung(4, "channel"), another=False) == "again"
    assert rules.rung_now(Rung(4, "channel"), another=True) == "channel"
    assert rules.rung_now(Rung(4, "call"), another=False) == "call"


@pytest.mark.parametrize(
    ("threshold", "crossed"),
    [
        (Threshold("doctor", score="total", at_least=Decimal(10)), True),
        (Threshold("doctor", score="total", at_least=Decimal(11)), False),
        (Threshold("doctor", score="total", below=Decimal(11)), True),
        (Threshold("doctor", score="total", below=Decimal(10)), False),
        (Threshold("doctor", score="total"), False),
        (Threshold("doctor", score="other", at_least=Decimal(0)), False),
        (Threshold("nurse", answer="pain", any_of=("4", "5")), True),
        (Threshold("nurse", answer="pain", at_least=Decimal(5)), False),
        (Threshold("nurse", answer="pain", at_least=Decimal(4)), True),
        (Threshold("nurse", answer="where", any_of=("eye",)), True),
        (Threshold("nurse", answer="where", any_of=("ear",)), False),
        (Threshold("nurse", answer="worse", any_of=("true",)), True),
        (Threshold("nurse", answer="none", any_of=("true",)), False),
        (Threshold("slot", alert=3), True),
        (Threshold("slot", alert=4), False),
    ],
)
def test_an_answer_crosses_a_threshold(threshold: Threshold, crossed: bool) -> None:
    given = Given(
        {"total": Decimal(10)},
        {"pain": (Decimal("4.0"),), "where": ("eye",), "worse": (True,)},
        alert=3,
    )
    assert rules.crossed((threshold,), given) == ((threshold,) if crossed else ())


def test_each_thing_is_called_for_once_at_the_gravest_level() -> None:
    found = (Threshold("doctor", level=2), Threshold("doctor", level=4), Threshold("nurse"))
    assert rules.deeds(found) == {"doctor": 4, "nurse": 3}
    assert rules.deeds(()) == {}


@pytest.mark.parametrize(
    ("facts", "stop", "reason"),
    [
        (PatientFacts(), ("visit",), None),
        (PatientFacts(gone=True, deceased=True), (), "erased"),
        (PatientFacts(deceased=True, moved=True), (), "deceased"),
        (PatientFacts(moved=True), (), "moved"),
        (PatientFacts(came_on=DAY), ("visit",), "came"),
        (PatientFacts(came_on=DAY), (), None),
    ],
)
def test_why_a_plan_stops(facts: PatientFacts, stop: tuple[str, ...], reason: str) -> None:
    assert rules.stop_reason(stop, facts) == reason  # type: ignore[arg-type]  # words of a table


def test_a_text_is_filled_once_in_the_language_or_in_english() -> None:
    values = {"name": "{clinic}", "clinic": "Hana", "phone": "03"}
    assert rules.filled(WORDS, "ja", values) == "Hello {clinic}, Hana here, 03."
    assert rules.filled({"en": "Hi"}, "ru", values) == "Hi"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


# What comes next --------------------------------------------------------------------------------


def test_what_comes_next_is_told_by_time_and_repetitions_once() -> None:
    steps = (
        step("later", kind="form", form="https://a.example/f"),
        step("daily", kind="readings", readings=("weight",), times=3),
    )
    first = datetime(2026, 3, 1, 0, tzinfo=UTC)
    waiting = [("later", first + timedelta(days=1))]
    waiting += [("daily", first + timedelta(days=n)) for n in (2, 0, 1)]
    daily, later = rules.ahead(steps, waiting, TOKYO)
    assert later == Coming("form", datetime(2026, 3, 2, 9, tzinfo=TOKYO))
    assert daily == Coming(
        "readings",
        datetime(2026, 3, 1, 9, tzinfo=TOKYO),
        ("weight",),
        2,
        datetime(2026, 3, 3, 9, tzinfo=TOKYO),
    )
    assert daily.at.tzinfo is TOKYO


def test_nothing_is_told_of_what_staff_do_or_of_a_step_that_was_dropped() -> None:
    steps = (step("ring", kind="call"), step("paper", kind="document"))
    at = datetime(2026, 3, 1, tzinfo=UTC)
    assert rules.ahead(steps, [("ring", at), ("paper", at), ("gone", at)], TOKYO) == ()
