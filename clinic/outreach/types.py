"""Sendings to lists, and what came of them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sending as recorded. `send`: who gets the message; `held_out`: who is only watched."""

    id: int
    send: tuple[int, ...]
    held_out: tuple[int, ...]
    left_out: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many were written to and held out, and how many of them came."""

    sent: int
    sent_returned: int
    held: int
    held_returned: int


@dataclass(frozen=True, slots=True)
class Effect:
    """How many more came than would have come by themselves.

    `more`: against the share of the hold-out that came; `low` and `high`: a 95 % interval. All are
    None without a hold-out. `too_small`: the numbers say nothing yet.
    """

    counts: Counts
    more: float | None
    low: float | None
    high: float | None
    too_small: bool


@dataclass(frozen=True, slots=True)
class SendingReport:
    """What a sending brought. `complete`: the time in which a visit counts is over."""

    outreach: int
    label: str
    sent_on: date
    complete: bool
    effect: Effect


@dataclass(frozen=True, slots=True)
class MonthReport:
    """The sendings of a month, and all together."""

    month: date
    sendings: tuple[SendingReport, ...]
    together: Effect


@dataclass(frozen=True, slots=True)
class GroupReturns:
    """What the sendings of a month to one group's lapse list brought. `complete`: of all of them
    the time in which a visit counts is over."""

    group: int
    month: date
    complete: bool
    effect: Effect


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody of a sending who came back, as an import told."""

    outreach: int
    label: str
    patient: int
    held_out: bool
    sent_on: date
    returned_on: date
