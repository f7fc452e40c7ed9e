"""Who gets a message, through which account, and when."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.message.types import PRIORITIES
from clinic.policy.rules import UNTIL_CLEARED, decide
from clinic.policy.types import (
    CAPPED,
    CHAIN,
    LEFT_OUT,
    PURPOSES,
    Account,
    Candidate,
    Decision,
    Go,
    Later,
    LeftOut,
    Limits,
    Past,
    Person,
    Wanted,
)

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 24, 10, tzinfo=TOKYO)
LIMITS = Limits(quiet=(time(21), time(8)), per_day=2, per_week={"care": 3, "marketing": 2})
LINE = Account(1, "line", link_version=4)
MAIL = Account(2, "email", link_version=5, language="en")
SMS = Account(3, "sms", link_version=6)
PLAN, GREETING = Wanted("care", "plan"), Wanted("education", "greeting")
OFFER = Wanted("marketing", "marketing")
REMINDER = Wanted("reminders", "reminder")
QUESTION = Wanted("care", "question")  # of a plan


def somebody(*accounts: Account, **facts: Any) -> Candidate:
    return Candidate(7, facts.pop("person", Person()), accounts or (LINE,), "ja", **facts)


def judge(candidate: Candidate, wanted: Wanted = PLAN, now: datetime = NOW) -> Decision:
    return decide(candidate, wanted, now, LIMITS)


def goes_by(candidate: Candidate, wanted: Wanted = PLAN) -> str:
    decision = judge(candidate, wanted)
    assert isinstance(decision, Go)
    return decision.channel


def test_it_goes_in_the_language_of_the_chat_else_of_the_patient() -> None:
    assert judge(somebody()) == Go(1, "line", "ja", 4)
    assert judge(somebody(MAIL)) == Go(2, "email", "en", 5)


@pytest.mark.parametrize(
    ("holds", "wanted", "reason"),
    [
        ({"erased": True, "deceased": True}, PLAN, "erased"),
        ({"deceased": True, "moved": True}, REMINDER, "deceased"),
        ({"moved": True, "call_only": True}, PLAN, "moved"),
        ({"moved": True}, REMINDER, None),
        ({"moved": True}, QUESTION, "moved"),
        ({"call_only": True}, REMINDER, "call_only"),
        ({"no_greetings": True}, GREETING, "no_greetings"),
        ({"no_greetings": True}, PLAN, None),
        ({"has_visit": True}, replace(PLAN, unless_visit=True), "has_visit"),
        ({"has_visit": True}, PLAN, None),
    ],
)
def test_what_holds_for_the_patient_holds_for_every_account(
    holds: dict[str, bool], wanted: Wanted, reason: str | None
) -> None:
    decision = judge(somebody(LINE, MAIL, person=Person(**holds)), wanted)
    assert decision == (Go(1, "line", "ja", 4) if reason is None else LeftOut(reason))
    assert reason is None or reason in LEFT_OUT


@pytest.mark.parametrize(
    ("account", "reason"),
    [
        ({"unreachable": True, "opted_out": True}, "unreachable"),
        ({"opted_out": True, "agreed": False}, "opted_out"),
        ({"agreed": False}, "no_consent"),
        ({"said": False}, "no_consent"),
    ],
)
def test_an_account_that_may_not_be_written_to_is_left_for_the_next(
    account: dict[str, bool], reason: str
) -> None:
    barred = replace(LINE, **account)
    assert judge(somebody(barred)) == LeftOut(reason)
    assert goes_by(somebody(barred, SMS)) == "sms"


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("said", [None, True, False])
@pytest.mark.parametrize("agreed", [True, False])
def test_the_notice_covers_care_reminders_and_education_and_the_rest_needs_a_yes(
    purpose: Any, said: bool | None, agreed: bool
) -> None:
    decision = judge(somebody(replace(LINE, agreed=agreed, said=said)), Wanted(purpose, "form"))
    needs_a_yes = purpose in ("marketing", "research")
    may = agreed and (said is True or (said is None and not needs_a_yes))
    assert (decision == LeftOut("no_consent")) is not may


def test_of_several_barred_accounts_the_nearest_to_a_yes_tells_why() -> None:
    gone, stopped = replace(LINE, unreachable=True), replace(MAIL, opted_out=True)
    assert judge(somebody(gone, stopped)) == LeftOut("opted_out")
    assert judge(somebody(gone, stopped, replace(SMS, agreed=False))) == LeftOut("no_consent")
    assert judge(replace(somebody(), accounts=())) == LeftOut("no_chat")


def test_channels_are_tried_in_the_order_of_the_chain() -> None:
    accounts = [Account(9 - n, channel, 0) for n, channel in enumerate(CHAIN)]
    for n, channel in enumerate(CHAIN):
        assert goes_by(somebody(*reversed(accounts[n:]))) == channel
    assert goes_by(somebody(Account(1, "pigeon", 0), SMS)) == "sms"


def test_an_account_that_did_not_take_it_is_not_tried_again() -> None:
    once = replace(PLAN, tried={7: (LINE.id,), 8: (MAIL.id,)})
    assert goes_by(somebody(LINE, MAIL), once) == "email"
    both = replace(PLAN, tried={7: (LINE.id, MAIL.id)})
    assert judge(somebody(LINE, MAIL), both) == LeftOut("unreachable")


def test_only_the_wanted_channels_are_used() -> None:
    assert goes_by(somebody(LINE, SMS), replace(PLAN, channels=("sms", "email"))) == "sms"
    assert judge(somebody(LINE), replace(PLAN, channels=("sms",))) == LeftOut("no_chat")


def test_the_channel_that_is_preferred_comes_first_whoever_holds_it() -> None:
    daughter = Account(8, "telegram", 0, own=False)
    assert goes_by(somebody(LINE, SMS, prefers="sms")) == "sms"
    assert goes_by(somebody(LINE, daughter, prefers="telegram")) == "telegram"
    assert goes_by(somebody(LINE, SMS, prefers="email")) == "line"


def test_patients_themselves_come_before_helpers_and_who_booked_before_both() -> None:
    helper = Account(8, "line", 0, own=False)
    mine = Account(9, "sms", 0)
    assert goes_by(somebody(helper, mine)) == "sms"
    assert goes_by(somebody(helper, mine), replace(REMINDER, first={7: 8})) == "line"


@pytest.mark.parametrize(
    ("age", "channel"), [(9, "sms"), (15, "sms"), (16, "line"), (None, "line")]
)
def test_a_childs_messages_go_to_the_parent(age: int | None, channel: str) -> None:
    parent = Account(8, "sms", 0, own=False)
    assert goes_by(somebody(LINE, parent, age=age)) == channel
    assert goes_by(somebody(LINE, age=age)) == "line"


@pytest.mark.parametrize(
    ("age", "accounts", "channel"),
    [
        (74, (MAIL, SMS), "email"),
        (75, (MAIL, SMS), "sms"),
        (75, (MAIL,), "email"),
        (75, (LINE, MAIL, SMS), "line"),
        (75, (replace(LINE, unreachable=True), MAIL, SMS), "email"),
        (75, (replace(LINE, own=False, unreachable=True), MAIL, SMS), "sms"),
        (None, (MAIL, SMS), "email"),
    ],
)
def test_the_old_without_a_chat_of_their_own_get_an_sms_rather_than_an_email(
    age: int | None, accounts: tuple[Account, ...], channel: str
) -> None:
    assert goes_by(somebody(*accounts, age=age)) == channel


def test_in_an_emergency_everything_waits_that_is_not_part_of_it() -> None:
    later = Later(NOW + UNTIL_CLEARED, "escalated")
    assert judge(somebody(person=Person(escalated=True))) == later
    assert judge(somebody(replace(LINE, escalated=True)), REMINDER) == later
    assert goes_by(somebody(replace(LINE, unreachable=True, escalated=True), SMS)) == "sms"


def test_at_night_it_waits_for_the_morning_or_is_too_late() -> None:
    night = NOW.replace(hour=22)
    morning = datetime(2026, 11, 25, 8, tzinfo=TOKYO)
    assert judge(somebody(), REMINDER, night) == Later(morning, "quiet_hours")
    useful = replace(REMINDER, useful_until={7: morning})
    assert judge(somebody(), useful, night) == LeftOut("too_late")
    assert judge(somebody(), replace(useful, useful_until={7: night}), night) == LeftOut("too_late")
    longer = replace(useful, useful_until={7: morning + timedelta(seconds=1)})
    assert judge(somebody(), longer, night) == Later(morning, "quiet_hours")


def test_a_place_in_the_queue_was_once_told_to_the_waiting_room_in_the_morning_only() -> None:
    night = NOW.replace(hour=22)
    assert isinstance(judge(somebody(), Wanted("reminders", "queue"), night), Go)
    said = somebody(replace(LINE, opted_out=True))
    assert judge(said, Wanted("reminders", "queue"), night) == LeftOut("opted_out")


def days_ago(days: float, purpose: str = "care", priority: int = 3) -> Past:
    return Past(purpose, priority, NOW - timedelta(days=days))


def test_a_week_holds_so_many_messages_of_a_purpose_and_no_more() -> None:
    two = (days_ago(6), days_ago(2))
    assert goes_by(somebody(recent=two)) == "line"
    three = (days_ago(1), *two)
    free = Later(NOW + timedelta(days=1), "too_often")
    assert judge(somebody(recent=three)) == free
    assert judge(somebody(recent=(*three, days_ago(5)))) == Later(
        NOW + timedelta(days=2), "too_often"
    )
    assert goes_by(somebody(recent=(*two, days_ago(7)))) == "line"
    assert goes_by(somebody(recent=(*two, days_ago(1, "marketing")))) == "line"
    assert goes_by(somebody(recent=(*two, days_ago(-1)))) == "line"
    assert judge(somebody(recent=three), OFFER) == LeftOut("no_consent")
    soon = replace(PLAN, useful_until={7: NOW + timedelta(hours=24)})
    assert judge(somebody(recent=three), soon) == LeftOut("too_often")


def test_a_week_is_seven_times_24_hours_also_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 27, 10, tzinfo=berlin)
    at = [datetime(2026, 10, day, 10, tzinfo=berlin) for day in (21, 22, 23)]
    recent = tuple(Past("care", 3, one) for one in at)
    later = judge(somebody(recent=recent), PLAN, now)
    assert later == Later(datetime(2026, 10, 28, 9, tzinfo=berlin), "too_often")


def test_a_day_holds_two_messages_and_the_rest_waits_for_the_next_morning() -> None:
    morning = datetime(2026, 11, 25, 8, tzinfo=TOKYO)
    today = (Past("reminders", 2, NOW), Past("education", 4, NOW.replace(hour=8)))
    assert judge(somebody(recent=today)) == Later(morning, "too_often")
    assert goes_by(somebody(recent=today[:1])) == "line"
    yesterday = (today[0], replace(today[1], at=NOW.replace(day=23, hour=20)))
    assert goes_by(somebody(recent=yesterday)) == "line"
    useful = replace(PLAN, useful_until={7: NOW.replace(hour=20)})
    assert judge(somebody(recent=today), useful) == LeftOut("too_often")


def test_what_matters_more_does_not_wait_for_what_has_not_left_yet() -> None:
    waiting = tuple(Past("education", 4, NOW.replace(hour=hour), sent=False) for hour in (11, 12))
    assert goes_by(somebody(recent=waiting)) == "line"
    assert isinstance(judge(somebody(recent=waiting), GREETING), Later)


def test_what_visits_and_patients_bring_about_is_never_held_back_by_caps() -> None:
    much = tuple(days_ago(n / 10) for n in range(20))
    for kind in PRIORITIES:
        held = isinstance(judge(somebody(recent=much), Wanted("care", kind)), Later)
        assert held is (kind in CAPPED)
