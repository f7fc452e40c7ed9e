"""Whether a message may go out now, and what to do after each way a sending can end. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from clinic.message.types import DeliveryClass
from clinic.policy.hours import by_clock_of
from clinic.policy.rules import account_barred, hold, person_barred
from clinic.policy.types import Account, Limits, Past, Person, Purpose, Wanted

RESEND_AFTER = timedelta(seconds=30)  # an unknown delivery without a retry key, once
RETRY_KEY_LIFE = timedelta(hours=23)  # LINE forgets the key after 24 h
UNTIL_RESUMED = timedelta(minutes=1)  # between looks at a paused campaign or a muted copy
BACKOFF = (1, 2, 5, 10, 30, 60, 120, 300)  # s, between tries that surely did not go out
REPLY_AGAIN = timedelta(seconds=3)  # at most, while a reply token may live


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
    zone: str | None = None  # in which the patient lives; None: in the clinic's
    escalation_state: str | None = None  # of the escalation that an alert is about
    staffs_own: bool = True  # the account is still a staff member's own
    escalated: bool = False  # a grave escalation of this patient or chat is not closed
    campaign_state: str | None = None  # of the campaign that it belongs to
    consent_purpose: Purpose | None = None  # what must be agreed to; None: it was asked for
    agreed: bool = True  # to the privacy notice; only of interest where consent is needed
    said: bool | None = None  # the newest yes or no to the purpose
    call_only: bool = False
    no_greetings: bool = False
    recent: tuple[Past, ...] = ()  # what really went to the patient, unasked
    muted: bool = False  # this is a copy that nobody has released


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


def gate(facts: Facts, limits: Limits) -> Verdict:
    """Judge one message by everything that must hold at the moment it is sent.

    Answers, emergencies and staff's own words pass at any hour and after "stop": the patient asked.
    What nobody asked for is judged by the rules that chose to send it, once more.
    """
    if facts.muted:
        return Wait(facts.now + UNTIL_RESUMED, "muted")
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
            return Skip("deceased")
    if facts.purpose in FOR_STAFF:
        return _gate_of_staff(facts)
    if facts.purpose in ASKED_FOR:
        return Pass()
    return _gate_of_unasked(facts, limits)


def _gate_of_unasked(facts: Facts, limits: Limits) -> Verdict:
    if facts.campaign_state == "cancelled":
        return Skip("campaign_cancelled")
    wanted = Wanted(facts.consent_purpose or "care", facts.purpose)
    person = Person(
        deceased=facts.deceased,
        moved=facts.moved and facts.appointment_version is None,  # a visit booked all the same
        call_only=facts.call_only,
        no_greetings=facts.no_greetings,
    )
    account = Account(
        id=0,
        channel="",
        link_version=facts.account_link_version,
        agreed=facts.agreed,
        said=facts.said,
        opted_out=facts.opted_out,
    )
    if reason := person_barred(person, wanted) or account_barred(account, wanted):
        return Skip(reason)
    if facts.campaign_state == "paused":
        return Wait(facts.now + UNTIL_RESUMED, "campaign_paused")
    now = by_clock_of(facts.zone, facts.now)
    later = hold(facts.escalated, facts.recent, wanted, now, limits)
    if later is None:
        return Pass()
    if later.reason == "too_often" and later.until >= facts.useful_until:
        return Skip(later.reason)
    return Wait(later.until, later.reason)


def again(verdict: Verdict, age: timedelta) -> Verdict:
    """What a retry key allows of a message that may have gone out: while it lives a second try is
    recognised, after that it would be a second message. `age`: since it was written."""
    if isinstance(verdict, Pass) and age >= RETRY_KEY_LIFE:
        return Skip("retry_key_dead")
    return verdict


def _gate_of_staff(facts: Facts) -> Verdict:
    if not facts.staffs_own:
        return Skip("not_staff")
    if facts.purpose == "alert" and facts.escalation_state != "open":
        return Skip(f"escalation_{facts.escalation_state}")
    return Pass()


def backoff(attempts: int, *, replying: bool = False) -> timedelta:
    """How long to wait before trying again what surely did not go out.

    `replying`: by a reply token that may still live. It lives for a minute, and only as long as it
    does another try can tell whether one that nobody heard of arrived.
    """
    delay = timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1])
    return min(delay, REPLY_AGAIN) if replying else delay


def after_unknown(
    delivery_class: DeliveryClass,
    *,
    resends_safely: bool,
    tries: int,
    age: timedelta,
    replying: bool = False,
) -> timedelta | Literal["leave"]:
    """When to try again what may or may not have arrived, or to leave it as it is.

    A channel with retry keys recognises the second try, so it is free to try until the key dies.
    Without one only a message that must arrive is sent once more: two copies hurt less than none.
    `replying` as for `backoff`.
    """
    if resends_safely:
        return backoff(tries + 1, replying=replying) if age < RETRY_KEY_LIFE else "leave"
    if delivery_class is DeliveryClass.MUST_ARRIVE and tries < 2:
        return RESEND_AFTER
    return "leave"
