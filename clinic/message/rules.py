"""Whether a message may go out now, and what to do after each way a sending can end. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from clinic.message.types import DeliveryClass

RESEND_AFTER = timedelta(seconds=30)  # an unknown delivery without a retry key, once
RETRY_KEY_LIFE = timedelta(hours=23)  # LINE forgets the key after 24 h
UNTIL_CLEARED = timedelta(minutes=15)  # between looks whether an emergency is over
BACKOFF = (1, 2, 5, 10, 30, 60, 120, 300)  # s, between tries that surely did not go out


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate looks at, read in the sending transaction."""

    purpose: str  # dialogue, emergency, staff, reminder, alert, on_call
    now: datetime  # aware, in the clinic's zone
    useful_until: datetime
    opted_out: bool
    unreachable: bool
    link_version: int | None  # the message's; None: concerns no record
    account_link_version: int
    appointment_version: int | None = None  # the message's; None: concerns no appointment
    current_version: int | None = None
    appointment_status: str | None = None
    starts_at: datetime | None = None
    deceased: bool = False  # the patient whom it is about
    moved: bool = False  # to another clinic for good, and not seen here since
    escalation_state: str | None = None  # of the escalation that an alert is about
    staffs_own: bool = True  # the account is still a staff member's own
    escalated: bool = False  # a grave escalation of this patient or chat is not closed


@dataclass(frozen=True, slots=True)
class Pass:
    """The message may go out."""


@dataclass(frozen=True, slots=True)
class Skip:
    """The message will never go out; staff see the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The message must not go out before `until`."""

    until: datetime
    reason: str


Verdict = Pass | Skip | Wait
ASKED_FOR = frozenset({"dialogue", "emergency", "staff"})  # the patient is waiting for these
FOR_STAFF = frozenset({"alert", "on_call"})  # go to staff's own chats, at any hour


def gate(facts: Facts, quiet: tuple[time, time]) -> Verdict:
    """Judge one message by everything that must hold at the moment it is sent.

    Answers, emergencies and staff's own words pass at any hour and after "stop": the patient asked.
    """
    if facts.unreachable:
        return Skip("unreachable")
    if facts.now >= facts.useful_until:
        return Skip("too_late")
    if facts.link_version is not None and facts.link_version != facts.account_link_version:
        return Skip("link_changed")
    if facts.appointment_version is not None:
        if facts.appointment_version != facts.current_version:
            return Skip("visit_changed")
        if facts.appointment_status != "booked":
            return Skip("visit_not_booked")
        if facts.starts_at is not None and facts.now >= facts.starts_at:
            return Skip("visit_over")
        if facts.deceased:
            return Skip("patient_deceased")
    if facts.purpose in FOR_STAFF:
        return _gate_of_staff(facts)
    if facts.purpose in ASKED_FOR:
        return Pass()
    if facts.deceased:
        return Skip("patient_deceased")
    if facts.moved and facts.appointment_version is None:  # a visit that is booked all the same
        return Skip("patient_moved")
    if facts.escalated:
        return Wait(facts.now + UNTIL_CLEARED, "escalated")
    if facts.opted_out:
        return Skip("opted_out")
    if is_quiet(facts.now, quiet):
        return Wait(quiet_end(facts.now, quiet), "quiet_hours")
    return Pass()


def _gate_of_staff(facts: Facts) -> Verdict:
    if not facts.staffs_own:
        return Skip("not_staff")
    if facts.purpose == "alert" and facts.escalation_state != "open":
        return Skip(f"escalation_{facts.escalation_state}")
    return Pass()


def is_quiet(at: datetime, quiet: tuple[time, time]) -> bool:
    """Whether a local time lies in the quiet hours, which may pass midnight."""
    begins, ends = quiet
    clock = at.time()
    return begins <= clock or clock < ends if begins > ends else begins <= clock < ends


def quiet_end(at: datetime, quiet: tuple[time, time]) -> datetime:
    """When the quiet hours that `at` lies in are over, in the zone of `at`."""
    end = at.replace(hour=quiet[1].hour, minute=quiet[1].minute, second=0, microsecond=0)
    return end if end > at else end + timedelta(days=1)


def backoff(attempts: int) -> timedelta:
    """How long to wait before trying again what surely did not go out."""
    return timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1])


def after_unknown(
    delivery_class: DeliveryClass, *, resends_safely: bool, tries: int, age: timedelta
) -> timedelta | Literal["leave"]:
    """When to try again what may or may not have arrived, or to leave it as it is.

    A channel with retry keys recognises the second try, so it is free to try until the key dies.
    Without one only a message that must arrive is sent once more: two copies hurt less than none.
    """
    if resends_safely:
        return backoff(tries + 1) if age < RETRY_KEY_LIFE else "leave"
    if delivery_class is DeliveryClass.MUST_ARRIVE and tries < 2:
        return RESEND_AFTER
    return "leave"
