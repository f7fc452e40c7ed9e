"""When a trigger is due for a patient. Pure: clinic.campaign.due_sql finds the same in the base.

Days and hours are of the clinic's wall clock. A time that the clock leaves out is moved forward by
as much, one that it shows twice is the first (clinic.booking.hours.instant).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zlib import crc32
from zoneinfo import ZoneInfo

from clinic.booking import hours
from clinic.campaign.trigger import (
    Act,
    Birthday,
    Day,
    Every,
    LapseState,
    Lapsing,
    Leap,
    Occasion,
    Once,
    Relative,
    Score,
    Season,
    Trigger,
    Visit,
    VisitEvent,
    Weekly,
    Yearly,
)
from clinic.lapse.rules import add_months, month_end
from clinic.occasion.rules import day_of, on

# What a visit has to be for each event, in FHIR's words.
STATUSES: Mapping[VisitEvent, tuple[str, ...]] = {
    "visit_booked": ("booked",),
    "visit_coming": ("booked",),
    "visit_completed": ("arrived", "fulfilled"),
    "visit_missed": ("noshow",),
    "visit_cancelled": ("cancelled",),
}
# What is entered a little late, such as a visit that is marked in the evening, is found by one look
# an hour. What comes with an import is found by one look a night, and by the first look of all.
# Each trigger has a minute of its own for that, so that not all are looked for at once.
JUST_OVER = timedelta(2)
NIGHT = 8 * 60  # minutes of the clinic's wall clock, from midnight
_HOUR = timedelta(hours=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Due:
    """A point at which a trigger concerns a patient, once for each `occurrence`.

    `late`: it was over before the time that was asked about; the trigger says what becomes of it.
    """

    occurrence: str
    at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit of ours. `status` in FHIR's words, `service` its code."""

    id: int
    status: str
    service: str
    starts_at: datetime
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class Stayed:
    """A day in hospital. `monthly`: told by a receipt, which knows nothing of the next month."""

    on: date
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers to a questionnaire (its name), with totals by linkId."""

    id: int
    form: str
    scores: Mapping[str, Decimal]
    at: datetime


@dataclass(frozen=True, slots=True)
class Lapsed:
    """How the patient stands in a group (its code), and since when this is known."""

    group: str
    state: str
    last_visit_on: date | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What triggers ask of a patient. `merged`: into another, who has these facts now."""

    merged: bool = False
    birth_on: date | None = None
    last_visit_on: date | None = None
    supply_until: date | None = None
    newest_month: date | None = None  # of which a receipt tells
    plans: tuple[date, ...] = ()
    stays: tuple[Stayed, ...] = ()
    acts: tuple[tuple[str, date], ...] = ()  # code and day
    visits: tuple[Visited, ...] = ()
    answers: tuple[Answered, ...] = ()
    lapses: tuple[Lapsed, ...] = field(default=())


def occurrences(
    trigger: Trigger,
    facts: Facts,
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    back: datetime | None = None,
) -> tuple[Due, ...]:
    """When the trigger is due for somebody from `since` up to, not including, `until`; in order.

    `back`: points from there on that are over are told too, as late (see looks_back).
    """
    if facts.merged:
        return ()
    window = Window(since, until, zone, since if back is None else back)
    if isinstance(trigger, Birthday):
        found = (
            due
            for birthday, due in birthdays(trigger, window)
            if (birth := facts.birth_on) is not None
            and birth < birthday
            and born_on(birth.month, birth.day, birthday.year, trigger.leap) == birthday
        )
    elif isinstance(trigger, Relative):
        found = (
            Due(occurrence, at, at < since)
            for occurrence, base in _bases(trigger, facts, zone)
            if (at := window.at(due_on(trigger, base), trigger.at)) is not None
        )
    else:
        found = (due for due in points(trigger, window))
    return tuple(sorted(found, key=lambda due: (due.at, due.occurrence)))


def looks_back(
    trigger: Trigger, since: datetime, until: datetime, zone: ZoneInfo, first: bool
) -> datetime:
    """From when on a look at [since, until) has to look for points that are over.

    `first`: nobody was looked at before, such as when a campaign starts.
    """
    if isinstance(trigger, Once):
        return min(since, _BEGINNING) if first else since
    if not isinstance(trigger, Relative | Birthday):
        return since - _DAY if first else since
    furthest = timedelta(trigger.late_days) if isinstance(trigger, Relative) else _DAY
    minute = crc32(repr(trigger).encode()) % NIGHT
    look, window = time(minute // 60, minute % 60), Window(since, until, zone, since)
    if first or any(window.at(day, look) is not None for day in window.days()):
        return since - furthest
    # How many such minutes were before each end of the time.
    mark = _BEGINNING + timedelta(minutes=minute % 60) + timedelta.resolution
    if (since - mark) // _HOUR < (until - mark) // _HOUR:
        return since - min(furthest, JUST_OVER)
    return since


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked about: from `since` up to `until`, and what was over from `back`."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    back: datetime

    def at(self, day: date, wall: time) -> datetime | None:
        """The instant of a time of a day; None if it is not in the window."""
        found = instant(day, wall, self.zone)
        return found if self.back <= found < self.until else None

    def days(self) -> Iterator[date]:
        """Every day of the window, and one before and after it."""
        day = min(self.back, self.since).astimezone(self.zone).date() - _DAY
        last = self.until.astimezone(self.zone).date() + _DAY
        while day <= last:
            yield day
            day += _DAY

    def due(self, occurrence: str, day: date, wall: time) -> Iterator[Due]:
        """The point, if it is in the window."""
        if (found := self.at(day, wall)) is not None:
            yield Due(occurrence, found, found < self.since)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clock of a zone shows a time of a day."""
    return hours.moment(hours.instant(zone, day, wall.hour * 60 + wall.minute), zone).astimezone(
        UTC
    )


# Days that are the same for all -------------------------------------------------------------------


def points(trigger: Trigger, window: Window) -> Iterator[Due]:
    """The points of a trigger that is the same for everybody."""
    match trigger:
        case Once():
            yield from window.due("once", trigger.at.date(), trigger.at.time())
        case Season():
            yield from _seasons(trigger, window)
        case Yearly():
            for day in window.days():
                if day == day_of(day.year, trigger.month, trigger.day):
                    yield from window.due(str(day.year), day, trigger.at)
        case Occasion():
            for day in window.days():
                named = day - timedelta(trigger.days)
                if on(trigger.name, named.year) == named:
                    yield from window.due(named.isoformat(), day, trigger.at)
        case Weekly():
            for day in window.days():
                if day.weekday() in trigger.weekdays and trigger.first <= day <= trigger.last:
                    yield from window.due(day.isoformat(), day, trigger.at)
        case Every():
            for day in window.days():
                on_time = trigger.first <= day <= trigger.last
                if on_time and (day - trigger.first).days % trigger.days == 0:
                    yield from window.due(day.isoformat(), day, trigger.at)


def _seasons(trigger: Season, window: Window) -> Iterator[Due]:
    """The first point of each season. It is late only if no day of its season is left."""
    days = tuple(window.days())
    for year in range(days[0].year - 1, days[-1].year + 1):
        first = day_of(year, *trigger.first)
        last = day_of(year + (trigger.last < trigger.first), *trigger.last)
        over = instant(last, trigger.at, window.zone) < window.since
        for day in (last,) if over else days:
            found = window.at(day, trigger.at) if first <= day <= last else None
            if found is not None and (over or found >= window.since):
                yield Due(str(year), found, over)
                break


# Days of each patient ----------------------------------------------------------------------------


def born_on(month: int, day: int, year: int, leap: Leap) -> date:
    """The birthday in a year of somebody born on a day of the year."""
    if leap == "03-01" and day_of(year, month, day).day != day:
        return date(year, 3, 1)
    return day_of(year, month, day)


def birthdays(trigger: Birthday, window: Window) -> Iterator[tuple[date, Due]]:
    """The points of a window, each with the birthday it is about."""
    for day in window.days():
        birthday = day - timedelta(trigger.days)
        for due in window.due(str(birthday.year), day, trigger.at):
            yield birthday, due


def due_on(trigger: Relative, base: date) -> date:
    """The day on which it is due: months first, then days."""
    return add_months(base, trigger.months) + timedelta(trigger.days)


def bases(trigger: Relative, window: Window) -> Iterator[tuple[date, Due]]:
    """Every base day with a point in the window; the points name no occurrence."""
    for day in window.days():
        latest = add_months(day - timedelta(trigger.days), -trigger.months)
        # The last days of a month may all lead to one day, and then the latest is not found back.
        for base in (latest + timedelta(n) for n in range(-3, 4)):
            if due_on(trigger, base) == day:
                for due in window.due("", day, trigger.at):
                    yield base, due


def _follows(trigger: Relative) -> bool:
    """Whether it is due at the next such time after what happened, and not before that."""
    coming = isinstance(trigger.base, Visit) and trigger.base.event == "visit_coming"
    return not (coming or trigger.months or trigger.days)


def base_day(trigger: Relative, happened: datetime, zone: ZoneInfo) -> date:
    """The day that an instant counts for: its own, or the next one (see _follows)."""
    day = happened.astimezone(zone).date()
    over = _follows(trigger) and happened >= instant(day, trigger.at, zone)
    return day + _DAY if over else day


def stretch(trigger: Relative, base: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants that count for a day: from the first up to, not including, the second."""
    if _follows(trigger):
        return instant(base - _DAY, trigger.at, zone), instant(base, trigger.at, zone)
    return instant(base, time(), zone), instant(base + _DAY, time(), zone)


def discharges(facts: Facts) -> Iterator[date]:
    """The days on which a stay ended.

    A single day is no stay: an admission is told before anybody knows its end. Neither does the
    last day of a month end one, if all that is known is the receipt of that month.
    """
    days = {one.on for one in facts.stays}
    for one in facts.stays:
        if one.on - _DAY not in days or one.on + _DAY in days:
            continue
        known = facts.newest_month is not None and facts.newest_month > one.on
        if known or not one.monthly or one.on != month_end(one.on):
            yield one.on


def _bases(trigger: Relative, facts: Facts, zone: ZoneInfo) -> Iterator[tuple[str, date]]:
    """The base days of a patient, each once, with the occurrence it stands for."""
    base = trigger.base
    match base:
        case Day("birth"):
            if facts.birth_on is not None:
                yield "birth", facts.birth_on
        case Day():
            yield from ((day.isoformat(), day) for day in _days(base, facts))
        case Act():
            days = {day for code, day in facts.acts if code in base.codes}
            yield from ((day.isoformat(), day) for day in days)
        case Visit():
            for visit in facts.visits:
                of_service = base.service is None or base.service == visit.service
                if of_service and visit.status in STATUSES[base.event]:
                    booked = base.event == "visit_booked"
                    at = visit.booked_at if booked else visit.starts_at
                    yield f"visit:{visit.id}", base_day(trigger, at, zone)
        case Score():
            for answer in facts.answers:
                if answer.form == base.form and _holds(base, answer.scores.get(base.item)):
                    yield f"response:{answer.id}", base_day(trigger, answer.at, zone)
        case Lapsing():
            for one in facts.lapses:
                if (one.group, one.state) == (base.group, base.state):
                    away = absence(base.state, one.last_visit_on)
                    yield away, base_day(trigger, one.since, zone)


def _days(base: Day, facts: Facts) -> Iterable[date]:
    if base.name == "discharge":
        return set(discharges(facts))
    if base.name == "plan":
        return (max(facts.plans),) if facts.plans else ()
    day = facts.last_visit_on if base.name == "last_visit" else facts.supply_until
    return () if day is None else (day,)


def absence(state: LapseState, last_visit_on: date | None) -> str:
    """The occurrence of a state: once for each time that somebody stayed away."""
    return f"{state}:{'never' if last_visit_on is None else last_visit_on.isoformat()}"


def _holds(asked: Score, score: Decimal | None) -> bool:
    if score is None or (asked.at_least is not None and score < asked.at_least):
        return False
    return asked.at_most is None or score <= asked.at_most
