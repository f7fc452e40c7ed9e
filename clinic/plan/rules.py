"""When the steps of a plan are due, what becomes of those that are past, what follows where nobody
answers, what an answer calls for, and what an edit changes. Pure.

All days are of the clinic's calendar and all hours of its clock; instants are aware, in UTC.
"""

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from clinic.plan.types import (
    SEEN,
    After,
    Change,
    Climb,
    Coming,
    Deed,
    Definition,
    Given,
    Kept,
    Past,
    PatientFacts,
    Planned,
    Point,
    Rung,
    Step,
    Stop,
    Threshold,
    Words,
)

_FIELD = re.compile(r"\{(\w+)\}")


def add_months(day: date, months: int) -> date:
    """So many months on; the last day of a month that is too short."""
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_on(after: After, anchor: date, previous: date) -> date:
    """The day of a step; `previous` is that of the step before it (the anchor, for the first)."""
    base = anchor if after.since == "anchor" else previous
    if after.unit == "months":
        return add_months(base, after.amount)
    return base + timedelta(after.amount * (7 if after.unit == "weeks" else 1))


def instant(day: date, step: Step, zone: ZoneInfo) -> datetime:
    """When the clinic's clock shows the step's hour on that day.

    An hour that a change of the clock leaves out is the one after it; of one that comes twice the
    first is meant.
    """
    return datetime.combine(day, step.at, zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """When that day is over by the clinic's clock."""
    return datetime.combine(day + timedelta(1), time.min, zone).astimezone(UTC)


def schedule(steps: Sequence[Step], anchor: date, zone: ZoneInfo) -> tuple[Point, ...]:
    """All due points of a plan, in the order of its steps.

    A step after one that repeats counts from its last repetition.
    """
    points = []
    previous = anchor
    for step in steps:
        first = due_on(step.after, anchor, previous)
        for n in range(step.times):
            previous = first + timedelta(n * step.every)
            points.append(
                Point(
                    step.id,
                    n + 1,
                    instant(previous, step, zone),
                    day_end(previous + timedelta(step.useful_days), zone),
                )
            )
    return tuple(points)


def enrol(
    definition: Definition, anchor: date, now: datetime, zone: ZoneInfo
) -> tuple[Planned, ...]:
    """The rows of a new plan; what is past by `now` is decided as the definition says."""
    return decided(definition, schedule(definition.steps, anchor, zone), now)


def decided(definition: Definition, points: Iterable[Point], now: datetime) -> tuple[Planned, ...]:
    """How due points begin. Of those past of one step that would be sent the last one is."""
    steps = {step.id: step for step in definition.steps}
    found = list(points)
    last = {point.step: point for point in found if point.at < now}
    return tuple(
        Planned(point, "waiting")
        if point.at >= now
        else _past(point, steps[point.step].past or definition.past, last[point.step], now)
        for point in found
    )


def _past(point: Point, past: Past, last: Point, now: datetime) -> Planned:
    if past == "ask":
        return Planned(point, "to_decide", "past_at_start")
    if past == "skip":
        return Planned(point, "skipped", "past_at_start")
    if point.useful_until <= now:
        return Planned(point, "skipped", "too_late")
    if point is not last:
        return Planned(point, "skipped", "repeated_later")
    return Planned(point, "waiting")


def rearranged(
    definition: Definition, kept: Sequence[Kept], anchor: date, now: datetime, zone: ZoneInfo
) -> Change:
    """What other steps, or another anchor, make of a plan's rows.

    What was asked or has ended stays as it is. What waits moves, or goes if its step is dropped;
    what is new and past by then is decided as at the start.
    """
    states = {row.key: row.state for row in kept}
    wanted = decided(definition, schedule(definition.steps, anchor, zone), now)
    keys = {one.point.key for one in wanted}
    free = ("waiting", "to_decide")
    return Change(
        add=tuple(one for one in wanted if one.point.key not in states),
        move=tuple(one for one in wanted if states.get(one.point.key) in free),
        cancel=tuple(key for key, state in states.items() if key not in keys and state in free),
    )


# Editing for one patient ------------------------------------------------------------------------


def with_step(definition: Definition, step: Step) -> Definition | None:
    """The definition with one more step at its end; None if there is one of this name."""
    if any(one.id == step.id for one in definition.steps):
        return None
    return replace(definition, steps=(*definition.steps, step))


def with_moved(definition: Definition, step_id: str, after: After) -> Definition | None:
    """The definition with a step at another time; None if there is no such step."""
    if all(one.id != step_id for one in definition.steps):
        return None
    steps = (replace(one, after=after) if one.id == step_id else one for one in definition.steps)
    return replace(definition, steps=tuple(steps))


def without_step(definition: Definition, step_id: str) -> Definition | None:
    """The definition without a step; None if there is no such step, or no other."""
    left = tuple(one for one in definition.steps if one.id != step_id)
    if not left or len(left) == len(definition.steps):
        return None
    return replace(definition, steps=left)


# Nobody answers ---------------------------------------------------------------------------------


def next_rung(step: Step, done: int) -> Rung | None:
    """The rung after so many; None: none is left, the step ends unanswered."""
    return step.climb[done] if done < len(step.climb) else None


def looks_at(step: Step, done: int, asked_at: datetime, zone: ZoneInfo) -> datetime:
    """When it is looked whether an answer came: at the next rung, or when it is pointless.

    Days from when it was first sent, at the same hour of the clock.
    """
    rung = next_rung(step, done)
    days = rung.days if rung is not None else answer_days(step)
    local = asked_at.astimezone(zone)
    return datetime.combine(local.date() + timedelta(days), local.time(), zone).astimezone(UTC)


def answer_days(step: Step) -> int:
    """How many days after a step was sent an answer still counts: all rungs, and some more."""
    last = max((rung.days for rung in step.climb), default=0)
    return last + max(step.useful_days, 1)


def rung_now(rung: Rung, *, another: bool) -> Climb:
    """What is done on a rung: without another channel the same one is tried once more."""
    return "again" if rung.do == "channel" and not another else rung.do


# Answers ----------------------------------------------------------------------------------------


def crossed(thresholds: Iterable[Threshold], given: Given) -> tuple[Threshold, ...]:
    """The thresholds that what was answered crosses."""
    return tuple(one for one in thresholds if _crosses(one, given))


def _crosses(one: Threshold, given: Given) -> bool:
    if one.alert:
        return given.alert >= one.alert
    if one.score:
        return one.score in given.scores and _amount(one, given.scores[one.score])
    return any(_value(one, value) for value in given.answers.get(one.answer, ()))


def _value(one: Threshold, value: Decimal | str | bool) -> bool:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" in one.any_of or _amount(one, value)
    return (str(value).lower() if isinstance(value, bool) else value) in one.any_of


def _amount(one: Threshold, value: Decimal) -> bool:
    if one.at_least is not None:
        return value >= one.at_least
    return one.below is not None and value < one.below


def deeds(found: Iterable[Threshold]) -> Mapping[Deed, int]:
    """What is called for, each once, at the highest level that any threshold gives it."""
    called: dict[Deed, int] = {}
    for one in found:
        called[one.do] = max(one.level, called.get(one.do, 0))
    return called


# Ends -------------------------------------------------------------------------------------------


def stop_reason(stop: Sequence[Stop], facts: PatientFacts) -> str | None:
    """Why a plan is over, the gravest first; None: it goes on."""
    if facts.gone:
        return "erased"
    if facts.deceased:
        return "deceased"
    if facts.moved:
        return "moved"
    if "visit" in stop and facts.came_on is not None:
        return "came"
    return None


# What comes next --------------------------------------------------------------------------------


def ahead(
    steps: Sequence[Step], waiting: Iterable[tuple[str, datetime]], zone: ZoneInfo
) -> tuple[Coming, ...]:
    """What the patient may expect of steps that wait, by name and instant: the soonest first, those
    that repeat once, and nothing of what staff do by themselves."""
    times: dict[str, list[datetime]] = {}
    for step_id, at in sorted(waiting, key=lambda one: one[1]):
        times.setdefault(step_id, []).append(at.astimezone(zone))
    known = {step.id: step for step in steps if step.kind in SEEN}
    return tuple(_coming(known[name], at) for name, at in times.items() if name in known)


def _coming(step: Step, at: Sequence[datetime]) -> Coming:
    kind = next(one for one in SEEN if one == step.kind)
    until = at[-1] if len(at) > 1 else None
    return Coming(kind, at[0], step.readings, len(at) - 1, until)


# Words ------------------------------------------------------------------------------------------


def filled(words: Words, language: str, values: Mapping[str, str]) -> str:
    """A text in a language, or in English, with its placeholders filled, each once."""
    text = words.get(language) or words["en"]
    return _FIELD.sub(lambda field: values[field[1]], text)
