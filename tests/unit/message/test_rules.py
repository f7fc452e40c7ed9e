"""The gate before every sending, and what follows a sending that failed."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.message.rules import (
    RESEND_AFTER,
    RETRY_KEY_LIFE,
    UNTIL_RESUMED,
    Facts,
    Pass,
    Skip,
    Verdict,
    Wait,
    after_unknown,
    backoff,
    gate,
)
from clinic.message.types import DeliveryClass
from clinic.policy.rules import UNTIL_CLEARED
from clinic.policy.types import Limits, Past

TOKYO = ZoneInfo("Asia/Tokyo")
LIMITS = Limits(quiet=(time(21), time(8)), per_day=2, per_week={"marketing": 2})


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


REMINDER = Facts(
    purpose="reminder",
    now=at(10),
    useful_until=at(12),
    opted_out=False,
    unreachable=False,
    link_version=3,
    account_link_version=3,
    appointment_version=2,
    current_version=2,
    appointment_status="booked",
    starts_at=at(12),
)


@pytest.mark.parametrize(
    ("now_it_is", "verdict"),
    [
        ({"deceased": True}, Skip("deceased")),
        ({"deceased": True, "appointment_version": None}, Skip("deceased")),
        ({"moved": True}, Pass()),
        ({"muted": True, "unreachable": True}, Wait(at(10) + UNTIL_RESUMED, "muted")),
        ({"moved": True, "appointment_version": None, "purpose": "plan"}, Skip("moved")),
        ({"escalated": True}, Wait(at(10) + UNTIL_CLEARED, "escalated")),
        ({}, Pass()),
        ({"unreachable": True}, Skip("unreachable")),
        ({"now": at(12)}, Skip("too_late")),
        ({"account_link_version": 4}, Skip("link_changed")),
        ({"link_version": None, "account_link_version": 4}, Pass()),
        ({"current_version": 3}, Skip("visit_changed")),
        ({"current_version": None}, Skip("visit_changed")),
        ({"appointment_status": "cancelled"}, Skip("visit_not_booked")),
        ({"starts_at": at(10)}, Skip("visit_over")),
        ({"starts_at": None}, Pass()),
        ({"appointment_version": None, "current_version": None, "starts_at": at(9)}, Pass()),
        ({"opted_out": True}, Skip("opted_out")),
        ({"now": at(7)}, Wait(at(8), "quiet_hours")),
        ({"now": at(7), "opted_out": True}, Skip("opted_out")),
    ],
)
def test_a_reminder_goes_out_only_while_all_it_says_holds(
    now_it_is: dict[str, Any], verdict: Verdict
) -> None:
    assert gate(replace(REMINDER, **now_it_is), LIMITS) == verdict


@pytest.mark.parametrize("purpose", ["dialogue", "emergency", "staff"])
def test_what_the_patient_waits_for_passes_at_night_and_after_stop(purpose: str) -> None:
    asked = replace(REMINDER, purpose=purpose, now=at(3), opted_out=True)
    assert gate(asked, LIMITS) == Pass()
    assert gate(replace(asked, unreachable=True), LIMITS) == Skip("unreachable")
    assert gate(replace(asked, account_link_version=4), LIMITS) == Skip("link_changed")


def test_each_try_waits_longer_than_the_one_before_up_to_five_minutes() -> None:
    waits = [backoff(attempts).total_seconds() for attempts in range(1, 11)]
    assert waits == [1, 2, 5, 10, 30, 60, 120, 300, 300, 300]


def test_a_reply_is_tried_again_and_again_while_its_token_lives() -> None:
    waits = [backoff(attempts, replying=True).total_seconds() for attempts in range(1, 9)]
    assert waits == [1, 2, 3, 3, 3, 3, 3, 3]
    again = after_unknown(MUST, resends_safely=True, tries=4, age=YOUNG, replying=True)
    assert again == timedelta(seconds=3)


YOUNG, OLD = RETRY_KEY_LIFE - timedelta(seconds=1), RETRY_KEY_LIFE
MUST, CAMPAIGN = DeliveryClass.MUST_ARRIVE, DeliveryClass.CAMPAIGN


@pytest.mark.parametrize(
    ("delivery_class", "resends_safely", "tries", "age", "what"),
    [
        (MUST, True, 1, YOUNG, backoff(2)),
        (CAMPAIGN, True, 7, YOUNG, backoff(8)),
        (MUST, True, 1, OLD, "leave"),
        (MUST, False, 1, YOUNG, RESEND_AFTER),
        (MUST, False, 2, YOUNG, "leave"),
        (CAMPAIGN, False, 1, YOUNG, "leave"),
    ],
)
def test_what_may_have_arrived_is_sent_again_only_where_that_hurts_less(
    delivery_class: DeliveryClass,
    resends_safely: bool,
    tries: int,
    age: timedelta,
    what: timedelta | str,
) -> None:
    found = after_unknown(delivery_class, resends_safely=resends_safely, tries=tries, age=age)
    assert found == what


ALERT = replace(
    REMINDER, purpose="alert", appointment_version=None, opted_out=True, escalation_state="open"
)


@pytest.mark.parametrize(
    ("now_it_is", "verdict"),
    [
        ({}, Pass()),
        ({"now": at(3), "useful_until": at(4), "escalated": True}, Pass()),  # at any hour
        ({"escalation_state": "acknowledged"}, Skip("escalation_acknowledged")),
        ({"escalation_state": "closed"}, Skip("escalation_closed")),
        ({"purpose": "on_call", "escalation_state": "closed"}, Pass()),
        ({"staffs_own": False}, Skip("not_staff")),
        ({"account_link_version": 4}, Skip("link_changed")),
        ({"unreachable": True}, Skip("unreachable")),
    ],
)
def test_alerts_go_to_staff_while_nobody_has_answered(
    now_it_is: dict[str, Any], verdict: Verdict
) -> None:
    assert gate(replace(ALERT, **now_it_is), LIMITS) == verdict


@pytest.mark.parametrize("purpose", ["dialogue", "emergency", "staff"])
def test_an_escalation_keeps_no_answer_from_the_patient(purpose: str) -> None:
    assert gate(replace(REMINDER, purpose=purpose, escalated=True), LIMITS) == Pass()


MARKETING = Facts(
    purpose="marketing",
    now=at(10),
    useful_until=at(20),
    opted_out=False,
    unreachable=False,
    link_version=3,
    account_link_version=3,
    consent_purpose="marketing",
    said=True,
)
TWICE = (Past("marketing", 5, at(12, day=18)), Past("marketing", 5, at(9, day=20)))


@pytest.mark.parametrize(
    ("now_it_is", "verdict"),
    [
        ({}, Pass()),
        ({"said": False}, Skip("no_consent")),
        ({"said": None}, Skip("no_consent")),
        ({"agreed": False}, Skip("no_consent")),
        ({"opted_out": True}, Skip("opted_out")),
        ({"call_only": True}, Skip("call_only")),
        ({"no_greetings": True}, Pass()),
        ({"no_greetings": True, "purpose": "greeting"}, Skip("no_greetings")),
        ({"recent": TWICE[:1]}, Pass()),
        ({"recent": TWICE}, Skip("too_often")),
        ({"recent": TWICE, "useful_until": at(12, 1, day=25)}, Wait(at(12, day=25), "too_often")),
        ({"recent": (Past("care", 3, at(8)),) * 2}, Skip("too_often")),
        ({"now": at(22, day=23)}, Wait(at(8), "quiet_hours")),
        ({"now": at(17), "zone": "America/New_York"}, Wait(at(22), "quiet_hours")),  # 3:00 there
        ({"now": at(22), "useful_until": at(23), "zone": "America/New_York"}, Pass()),
        ({"now": at(22, day=23), "zone": "Nowhere"}, Wait(at(8), "quiet_hours")),
        ({"campaign_state": "running"}, Pass()),
        ({"campaign_state": "paused"}, Wait(at(10) + UNTIL_RESUMED, "campaign_paused")),
        ({"campaign_state": "cancelled", "opted_out": True}, Skip("campaign_cancelled")),
    ],
)
def test_what_was_chosen_for_a_patient_is_judged_anew_when_it_goes_out(
    now_it_is: dict[str, Any], verdict: Verdict
) -> None:
    assert gate(replace(MARKETING, **now_it_is), LIMITS) == verdict
