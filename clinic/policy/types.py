"""What a message to a patient is for, and what decides whether, how and when it may go out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from types import MappingProxyType
from typing import Literal

from clinic.message.types import PRIORITIES

# What a patient can agree to or refuse (FHIR Consent.provision.purpose, in our words).
# care: what treatment needs, such as recalls and follow-ups. reminders: of visits that are booked.
# education: health education, seasonal warnings, greetings. marketing: news and offers of the
# clinic. research: rounds of a study.
Purpose = Literal["care", "reminders", "education", "marketing", "research"]
PURPOSES: tuple[Purpose, ...] = ("care", "reminders", "education", "marketing", "research")
# Agreeing to the privacy notice does not cover these: they need a yes of their own.
EXPLICIT: frozenset[Purpose] = frozenset({"marketing", "research"})
# What the clinic sends by itself to many. It is held back by caps; what visits and patients bring
# about (reminders, offers, forms, check-ins), and a plan's questions, are counted, but go out.
CAPPED = frozenset({"plan", "greeting", "education", "marketing"})
# What patients brought about themselves, and want though they go to another clinic otherwise: a
# visit was booked, a waitlist joined, a triage gone through.
BROUGHT_ABOUT = frozenset({"queue", "reminder", "offer", "check_in"})
# Who gets these is awake and at the clinic: quiet hours do not hold them.
AT_ANY_HOUR = frozenset({"queue"})
# Where nothing is preferred. Email and SMS addresses are chat accounts like all others.
CHAIN = ("line", "telegram", "webchat", "email", "sms")
CHATS = frozenset({"line", "telegram", "webchat"})

# Why a message does not go to a patient, in the order in which it is told.
LEFT_OUT = (
    "erased",  # or joined into another record
    "deceased",
    "moved",
    "call_only",
    "no_greetings",
    "has_visit",
    "no_chat",
    "unreachable",
    "opted_out",
    "no_consent",
    "escalated",
    "too_late",
    "too_often",
    "quota",
    "no_text",
    "held_out",
    "not_relevant",
)


@dataclass(frozen=True, slots=True)
class Person:
    """What holds for the patient, whichever way is taken to them."""

    erased: bool = False  # or joined into another record
    deceased: bool = False
    moved: bool = False  # to another clinic for good, and not seen here since
    call_only: bool = False
    no_greetings: bool = False
    has_visit: bool = False  # one is booked, here or elsewhere
    escalated: bool = False  # a grave escalation about them is not closed


@dataclass(frozen=True, slots=True)
class Account:
    """A chat account that speaks for a patient, and what its holder agreed to.

    `said`: the newest yes or no to the purpose in question; None: never said.
    """

    id: int
    channel: str
    link_version: int
    own: bool = True  # the patient's; False: of a parent, a partner or a helper
    language: str | None = None
    # To the privacy notice, to whichever version: one to an older notice goes on holding for what
    # it covered, until it is taken back (docs/operations.md).
    agreed: bool = True
    said: bool | None = None
    opted_out: bool = False
    unreachable: bool = False
    escalated: bool = False  # a grave escalation of this chat, not known of whom, is not closed


@dataclass(frozen=True, slots=True)
class Past:
    """A message that nobody asked for. `sent`: it left already; else it waits to be sent."""

    purpose: str
    priority: int
    at: datetime
    sent: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A patient as the policy looks at them. `recent`: of the last 7 days."""

    patient_id: int
    person: Person
    accounts: tuple[Account, ...]
    language: str  # theirs, or the clinic's first
    age: int | None = None
    prefers: str | None = None  # a channel
    zone: str | None = None  # IANA, in which they live; None: in the clinic's
    recent: tuple[Past, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sent. `kind` is the outbox's purpose (clinic.message.types.PRIORITIES).

    By patient: `tried`, the accounts that did not take it, `useful_until`, and `first`, the account
    that brought it about, such as who booked. `channels`: only through these; None: any.
    """

    purpose: Purpose
    kind: str
    channels: tuple[str, ...] | None = None
    tried: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    useful_until: Mapping[int, datetime] = field(default_factory=dict)
    first: Mapping[int, int] = field(default_factory=dict)
    unless_visit: bool = False  # not to somebody who has a visit coming

    @property
    def priority(self) -> int:
        """What goes out first when not everything can: 0 is first."""
        return PRIORITIES[self.kind]


@dataclass(frozen=True, slots=True)
class Limits:
    """What an installation sets. Messages of a purpose in 7 days, and of all on one local day.

    Quiet hours and days are those of the patient's clock.
    """

    quiet: tuple[time, time]
    per_day: int = 2
    per_week: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    elderly_age: int = 75


@dataclass(frozen=True, slots=True)
class Go:
    """It goes to this account, in this language."""

    account_id: int
    channel: str
    language: str
    link_version: int


@dataclass(frozen=True, slots=True)
class Later:
    """Not before `until`; then it is judged anew."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """It does not go to this patient: one of LEFT_OUT."""

    reason: str


Decision = Go | Later | LeftOut
