"""When a campaign speaks, as data: what JSON means, or the first thing that is wrong with it. Pure.

    {"kind": "once", "at": "2026-12-01T09:00", "late": "ask"}
    {"kind": "birthday", "at": "09:00", "late": "skip"}
    {"kind": "yearly", "on": "03-08", "at": "10:00", "late": "skip"}
    {"kind": "occasion", "name": "mid_autumn", "days": -3, "at": "10:00", "late": "skip"}
    {"kind": "season", "from": "02-01", "to": "04-30", "name": "pollen_spring", "at": "10:00",
     "late": "skip"}
    {"kind": "relative", "base": "discharge", "days": 1, "at": "10:00", "late": "send"}
    {"kind": "weekly", "weekdays": [0, 3], "at": "19:00", "late": "skip"}
    {"kind": "every", "days": 14, "from": "2026-12-01", "at": "19:00", "late": "skip"}

All times are of the wall clock of the clinic. `late` has no default: what becomes of somebody whose
time was over when they came in is to be decided, not to be forgotten.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal, TypeAlias, get_args

from clinic.campaign import trigger_reader as reading
from clinic.campaign.trigger_reader import Reader, Wrong
from clinic.campaign.types import Fault
from clinic.occasion.data import OCCASIONS, SEASON_NAMES

Late = Literal["send", "skip", "ask"]
Leap = Literal["02-28", "03-01"]
# visit_booked: the day of booking. visit_coming: the day of a visit that is booked.
# visit_completed, visit_missed, visit_cancelled: the day of the visit that became so.
VisitEvent = Literal[
    "visit_booked", "visit_coming", "visit_completed", "visit_missed", "visit_cancelled"
]
# birth: of a child, or of anybody. discharge: the last day of a stay (due.discharges). plan: the
# newest treatment plan. supply_end: the last visit's medicine ends.
DayName = Literal["last_visit", "discharge", "birth", "plan", "supply_end"]
LapseState = Literal["due", "at_risk", "lapsed", "dormant"]
LATES: tuple[Late, ...] = get_args(Late)
LEAPS: tuple[Leap, ...] = get_args(Leap)
DAY_NAMES: tuple[DayName, ...] = get_args(DayName)
VISIT_EVENTS: tuple[VisitEvent, ...] = get_args(VisitEvent)
LAPSE_STATES: tuple[LapseState, ...] = get_args(LapseState)
KINDS = ("once", "birthday", "yearly", "occasion", "season", "relative", "weekly", "every")
BASES = (*DAY_NAMES, *VISIT_EVENTS, "procedure", "score", "lapse")

FURTHEST_DAYS = 3_660  # of an offset, and of "every so many days"
FURTHEST_MONTHS = 240
AROUND = 60  # days before or after a yearly day
LATE_DAYS = 30  # a relative point is looked for so long after it was over, unless told otherwise
MOST_LATE_DAYS = 366


@dataclass(frozen=True, slots=True)
class Once:
    """At one moment, for all whom the campaign concerns."""

    at: datetime  # naive: of the clinic's wall clock
    late: Late


@dataclass(frozen=True, slots=True)
class Birthday:
    """Every birthday, or so many days around it. `leap`: the day of those born on 29 February."""

    at: time
    late: Late
    days: int = 0
    leap: Leap = "02-28"


@dataclass(frozen=True, slots=True)
class Yearly:
    """Every year on a day; 29 February is the 28th in other years."""

    month: int
    day: int
    at: time
    late: Late


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day of clinic.occasion, such as Mid-Autumn, or so many days around it."""

    name: str
    at: time
    late: Late
    days: int = 0


@dataclass(frozen=True, slots=True)
class Season:
    """From a day of the year to another, both included, maybe over New Year. Once a season.

    It is asked every day at that time, so that who comes in later is not forgotten. `name`: the
    season of clinic.occasion that its days were taken from; "": none. They stay as they are here.
    """

    first: tuple[int, int]  # month, day
    last: tuple[int, int]
    at: time
    late: Late
    name: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is known of a patient."""

    name: DayName


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of ours, of any service or of one (its code)."""

    event: VisitEvent
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A procedure by whole codes, whoever told of it."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Answers to a questionnaire (its name) with a total (its linkId) in a range."""

    form: str
    item: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Came into a state in a group (its code), once for each absence."""

    group: str
    state: LapseState


Base: TypeAlias = Day | Visit | Act | Score | Lapsing


@dataclass(frozen=True, slots=True)
class Relative:
    """So many months and then days after a base, or before it. 31 October + 4 months: 28 February.

    `late_days`: points that were over are looked for so far back.
    """

    base: Base
    at: time
    late: Late
    months: int = 0
    days: int = 0
    late_days: int = LATE_DAYS


@dataclass(frozen=True, slots=True)
class Weekly:
    """On weekdays (0 is Monday), from and until a day, both included."""

    weekdays: tuple[int, ...]
    at: time
    late: Late
    first: date = date.min
    last: date = date.max


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many days from the first one on, until a day."""

    days: int
    first: date
    at: time
    late: Late
    last: date = date.max


Trigger: TypeAlias = Once | Birthday | Yearly | Occasion | Season | Relative | Weekly | Every


def read_trigger(said: object) -> Trigger | Fault:
    """The trigger that parsed JSON tells, or the first thing that is wrong with it."""
    try:
        if not isinstance(said, dict) or not all(isinstance(key, str) for key in said):
            raise Wrong("", "no_object")
        reader = Reader(said)
        kind = reader.choice("kind", KINDS)
        late = reader.choice("late", LATES)
        found = _READERS[kind](reader, late)
        reader.end()
    except Wrong as wrong:
        return wrong.fault
    return found


def _at(reader: Reader) -> time:
    return reader.take("at", reading.clock_time, "no_time")


def _once(reader: Reader, late: Late) -> Trigger:
    return Once(reader.take("at", reading.moment, "no_time"), late)


def _birthday(reader: Reader, late: Late) -> Trigger:
    leap = reader.choice("leap", LEAPS) if reader.has("leap") else LEAPS[0]
    return Birthday(_at(reader), late, reader.number("days", -AROUND, AROUND, 0), leap)


def _yearly(reader: Reader, late: Late) -> Trigger:
    return Yearly(*reader.take("on", reading.month_day, "no_day"), _at(reader), late)


def _occasion(reader: Reader, late: Late) -> Trigger:
    name = reader.choice("name", tuple(OCCASIONS))
    return Occasion(name, _at(reader), late, reader.number("days", -AROUND, AROUND, 0))


def _season(reader: Reader, late: Late) -> Trigger:
    first, last = (reader.take(key, reading.month_day, "no_day") for key in ("from", "to"))
    name = reader.choice("name", SEASON_NAMES) if reader.has("name") else ""
    return Season(first, last, _at(reader), late, name)


def _relative(reader: Reader, late: Late) -> Trigger:
    months = reader.number("months", -FURTHEST_MONTHS, FURTHEST_MONTHS, 0)
    weeks = reader.number("weeks", -(FURTHEST_DAYS // 7), FURTHEST_DAYS // 7, 0)
    days = reader.number("days", -FURTHEST_DAYS, FURTHEST_DAYS, 0)
    late_days = reader.number("late_days", 0, MOST_LATE_DAYS, LATE_DAYS)
    return Relative(_base(reader), _at(reader), late, months, 7 * weeks + days, late_days)


def _base(reader: Reader) -> Base:
    name = reader.choice("base", BASES)
    if (day := next((one for one in DAY_NAMES if one == name), None)) is not None:
        return Day(day)
    if (event := next((one for one in VISIT_EVENTS if one == name), None)) is not None:
        return Visit(event, reader.word("service", 32) if reader.has("service") else None)
    if name == "procedure":
        return Act(reader.take("codes", reading.codes, "no_list"))
    if name == "lapse":
        return Lapsing(reader.word("group", 32), reader.choice("state", LAPSE_STATES))
    form, item = reader.word("form", 80), reader.word("item", 80)
    low = reader.maybe("at_least", reading.amount, "no_number")
    high = reader.maybe("at_most", reading.amount, "no_number")
    if low is None and high is None:
        raise Wrong("at_least", "needed")
    if low is not None and high is not None and low > high:
        raise Wrong("at_most", "empty_range")
    return Score(form, item, low, high)


def _weekly(reader: Reader, late: Late) -> Trigger:
    weekdays = reader.take("weekdays", reading.weekdays, "no_list")
    first = reader.maybe("from", reading.day, "no_day") or date.min
    return Weekly(weekdays, _at(reader), late, first, _until(reader, first))


def _every(reader: Reader, late: Late) -> Trigger:
    days = reader.number("days", 1, FURTHEST_DAYS)
    first = reader.take("from", reading.day, "no_day")
    return Every(days, first, _at(reader), late, _until(reader, first))


def _until(reader: Reader, first: date) -> date:
    last = reader.maybe("until", reading.day, "no_day") or date.max
    if last < first:
        raise Wrong("until", "empty_range")
    return last


_READERS: Mapping[str, Callable[[Reader, Late], Trigger]] = {
    "once": _once,
    "birthday": _birthday,
    "yearly": _yearly,
    "occasion": _occasion,
    "season": _season,
    "relative": _relative,
    "weekly": _weekly,
    "every": _every,
}


def dump(trigger: Trigger) -> dict[str, Any]:
    """The trigger as JSON that `read_trigger` reads; the same for triggers that are equal."""
    if isinstance(trigger, Once):
        return {"kind": "once", "at": f"{trigger.at:%Y-%m-%dT%H:%M}", "late": trigger.late}
    said: dict[str, Any] = {"at": f"{trigger.at:%H:%M}", "late": trigger.late}
    match trigger:
        case Birthday():
            return said | {"kind": "birthday", "days": trigger.days, "leap": trigger.leap}
        case Yearly():
            return said | {"kind": "yearly", "on": _of_year(trigger.month, trigger.day)}
        case Occasion():
            return said | {"kind": "occasion", "name": trigger.name, "days": trigger.days}
        case Season():
            limits = {"from": _of_year(*trigger.first), "to": _of_year(*trigger.last)}
            return said | {"kind": "season"} | limits | ({"name": n} if (n := trigger.name) else {})
        case Relative():
            offset = {"months": trigger.months, "days": trigger.days}
            said |= {"kind": "relative", **offset, "late_days": trigger.late_days}
            return said | _dump_base(trigger.base)
        case Weekly():
            said |= {"kind": "weekly", "weekdays": list(trigger.weekdays)}
        case Every():
            said |= {"kind": "every", "days": trigger.days}
    if trigger.first != date.min:
        said["from"] = trigger.first.isoformat()
    if trigger.last != date.max:
        said["until"] = trigger.last.isoformat()
    return said


def _dump_base(base: Base) -> dict[str, Any]:
    match base:
        case Day():
            return {"base": base.name}
        case Visit():
            return {"base": base.event} | ({"service": base.service} if base.service else {})
        case Act():
            return {"base": "procedure", "codes": list(base.codes)}
        case Lapsing():
            return {"base": "lapse", "group": base.group, "state": base.state}
        case Score():
            limits = {"at_least": base.at_least, "at_most": base.at_most}
            told = {key: _plain(one) for key, one in limits.items() if one is not None}
            return {"base": "score", "form": base.form, "item": base.item} | told


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _of_year(month: int, day: int) -> str:
    return f"{month:02}-{day:02}"
