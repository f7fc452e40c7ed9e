"""A campaign as values: whom it is for, what is said, and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, TypeAlias
from uuid import UUID

from clinic.picture.types import Described, Stored
from clinic.policy.types import PURPOSES, Purpose

State = Literal["draft", "waiting", "running", "paused", "cancelled", "finished"]
STATES: tuple[State, ...] = ("draft", "waiting", "running", "paused", "cancelled", "finished")
Act = Literal["change", "ask", "start", "undo", "pause", "resume", "cancel", "finish"]
# Kind of a campaign and the purpose of its messages in the outbox, which orders them.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "birthday": "greeting",
        "holiday": "greeting",
        "season": "education",
        "lapse": "plan",
        "follow_up": "plan",
        "event": "marketing",
        "notice": "plan",
        "survey": "plan",
        "readings": "plan",
    }
)
RETURNING = frozenset({"season", "lapse", "follow_up", "event"})  # ask patients to come
RECALLING = frozenset({"lapse", "follow_up"})  # of no use to who has a visit booked
# What a patient agrees to for each kind, unless the campaign says another purpose.
CONSENTS: Mapping[str, Purpose] = MappingProxyType(
    {
        "birthday": "education",
        "holiday": "education",
        "season": "education",
        "lapse": "care",
        "follow_up": "care",
        "event": "marketing",
        "notice": "care",
        "survey": "care",
        "readings": "care",
    }
)
# How a recipient may end; pending and queued are on the way.
ENDS = ("sent", "refused", "unknown", "expired", "skipped", "held_out", "cancelled")

Does = Literal["book", "questionnaire", "check_in", "call_me", "readings", "stop"]
DOES: tuple[Does, ...] = ("book", "questionnaire", "check_in", "call_me", "readings", "stop")
MOST_BUTTONS = 3
PLACEHOLDERS = (
    *("name", "family_name", "clinic", "phone", "last_visit", "next_visit", "service"),
    "birthday",
)
Value: TypeAlias = str | date | datetime


@dataclass(frozen=True, slots=True)
class OfSegment:
    """Whom a version of a saved segment finds, at each look anew."""

    key: UUID
    version: int


@dataclass(frozen=True, slots=True)
class OfFilter:
    """Whom a filter finds. `tree` as `clinic.segment.rules.dump` writes it."""

    tree: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OfLapse:
    """Who stands so in a group of the lapse lists."""

    group: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfPatients:
    """These patients; one, for what is meant for one. `group`: of whose lapse list they are."""

    ids: tuple[int, ...]
    group: str | None = None


Audience: TypeAlias = OfSegment | OfFilter | OfLapse | OfPatients


@dataclass(frozen=True, slots=True)
class Text:
    """What is said in one language. A `title` makes a card with `rows` of label and value."""

    text: str
    title: str = ""
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the ways to say it; `share` in per cent of the recipients.

    `texts` by language; `channels` has other texts by channel and language.
    """

    name: str  # a, b, c or d
    share: int
    texts: Mapping[str, Text]
    channels: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ButtonSpec:
    """A button that starts a flow. `form`: the address (url) of the questionnaire it opens."""

    does: Does
    form: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What is said, in one variant or several, with at most three buttons and one picture."""

    variants: tuple[Variant, ...]
    buttons: tuple[ButtonSpec, ...] = ()
    picture: Described | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A text for one patient, placeholders filled in. `language`: that of the text.

    `alt`: what the picture shows, in that language; "" without a picture.
    """

    text: str
    language: str
    title: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    picture: Stored | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a campaign from being saved or started.

    `where` is a path in it, `reason` a key (`campaign_fault_<reason>`).
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What staff write of a campaign. The JSON parts are read by `clinic.campaign.read`."""

    name: str
    kind: str
    audience: Mapping[str, Any]
    trigger: Mapping[str, Any]
    content: Mapping[str, Any]
    purpose: str = ""  # of consent; "": that of the kind
    hold_out: int = 0  # per mille
    useful_hours: int = 24


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it stands. `key` is its name for scripts, `id` for pages."""

    id: int
    key: UUID
    state: State
    version: int
    draft: Draft
    reason: str | None
    made_until: datetime | None
    starts_at: datetime | None
    created_by: int | None
    changed_by: int | None
    approved_by: int | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def purpose(self) -> Purpose:
        """What a patient must have agreed to."""
        said = (one for one in PURPOSES if one == self.draft.purpose)
        return next(said, CONSENTS[self.draft.kind])


@dataclass(frozen=True, slots=True)
class Counts:
    """How many recipients stand how: `states` by state, `reasons` by state and reason."""

    states: Mapping[str, int]
    reasons: Mapping[str, Mapping[str, int]]
    answered: int
    booked: int

    @property
    def recipients(self) -> int:
        """All of them."""
        return sum(self.states.values())


@dataclass(frozen=True, slots=True)
class Sample:
    """What one patient would get. `buttons` are codes of `DOES`."""

    patient_id: int
    name: str
    occurrence: str
    due_at: datetime
    channel: str
    variant: str
    composed: Composed
    buttons: tuple[Does, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go out from now on, if it were running: found by the code that sends.

    `people`: whom the audience finds. `due`: turns of theirs in the days looked at. `judged`: how
    many of those were judged, and what `go`, `later` and `left_out` (by reason) are of; fewer than
    `due` if there are too many. `lacks`: those left out for want of a text, by the placeholder that
    has no value of theirs, or "language". `by_telephone`: those whom staff will call instead, left
    out as well. `by_channel`, `by_language` and `by_variant` are of `go`.
    `cost`: of `go`, in the currency of the policy.
    """

    people: int
    due: int
    judged: int
    go: int
    later: Mapping[str, int]
    later_until: Mapping[str, datetime]  # the latest instant, by the reason of `later`
    left_out: Mapping[str, int]
    by_channel: Mapping[str, int]
    by_language: Mapping[str, int]
    by_variant: Mapping[str, int]
    by_day: Mapping[str, Mapping[date, int]]  # by channel; of all that is due, reckoned from `go`
    cost: float
    samples: tuple[Sample, ...]
    faults: tuple[Fault, ...]  # what keeps it from being started
    needs_second: bool  # more people than one person may start
    needs_number: bool  # so many people that how many has to be typed
    lacks: Mapping[str, int] = field(default_factory=dict)
    by_telephone: int = 0


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """What a campaign does on a day: how many messages go out, and how many not, by reason.

    `estimated`: too many to judge one by one; a part was judged and the rest reckoned from it.
    """

    on: date
    campaign_id: int
    go: int
    left_out: Mapping[str, int]
    estimated: bool = False
