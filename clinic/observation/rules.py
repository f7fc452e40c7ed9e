"""What a reading is worth: units, what is possible, what stands out, and trends. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from clinic.observation.house import House
from clinic.observation.limits import MEAN_DAYS, POSSIBLE, RISE_DAYS
from clinic.observation.types import (
    KINDS,
    UNITS,
    Finding,
    Kind,
    Level,
    Limit,
    Measure,
    OwnLimit,
    Point,
    Reading,
    Taken,
    Trend,
    Unit,
)

LAST = 7  # readings of a trend
GRAVE = 3  # the level from which on a doctor is called
MMOL = Decimal(18)  # mg/dL of glucose in one mmol/L, as triage rules reckon
POUND = Decimal("0.45359237")  # kg
_DECIMALS: dict[Unit, int] = {"mmol/L": 1, "°C": 1, "°F": 1, "kg": 1, "lb": 1}  # else whole


# Values and units -------------------------------------------------------------------------------


def kept(value: Decimal, unit: Unit) -> Decimal:
    """A value in the unit in which its kind is kept, to the hundredth."""
    if unit == "mmol/L":
        value *= MMOL
    elif unit == "°F":
        value = (value - 32) * 5 / 9
    elif unit == "lb":
        value *= POUND
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def told(value: Decimal, unit: Unit) -> Decimal:
    """A kept value in a unit, as a meter of that unit shows it."""
    if unit == "mmol/L":
        value /= MMOL
    elif unit == "°F":
        value = value * 9 / 5 + 32
    elif unit == "lb":
        value /= POUND
    return value.quantize(Decimal(1).scaleb(-_DECIMALS.get(unit, 0)), ROUND_HALF_UP)


def shown(value: Decimal, second: Decimal | None, unit: Unit, *, comma: bool = False) -> str:
    """A kept value as it is written, with its unit: 128/76 mmHg, 37.8 °C; `comma`: 37,8 °C."""
    words = f"{told(value, unit)}" + ("" if second is None else f"/{told(second, unit)}")
    return f"{words.replace('.', ',') if comma else words} {unit}"


def of_reading(reading: Reading, *, comma: bool = False) -> str:
    """A reading as it was told, with its unit."""
    return shown(
        kept(reading.value, reading.unit),
        None if reading.second is None else kept(reading.second, reading.unit),
        reading.unit,
        comma=comma,
    )


def taken(reading: Reading, at: datetime) -> Taken:
    """A reading as it is kept."""
    second = None if reading.second is None else kept(reading.second, reading.unit)
    return Taken(reading.kind, kept(reading.value, reading.unit), second, at)


def measures(kind: Kind, value: Decimal, second: Decimal | None) -> dict[Measure, Decimal]:
    """The values of a reading by measure."""
    if kind != "blood_pressure":
        return {kind: value}
    found: dict[Measure, Decimal] = {"systolic": value}
    return found if second is None else {**found, "diastolic": second}


def kind_of(measure: Measure) -> Kind:
    """The kind of reading in which a measure stands."""
    return next((kind for kind in KINDS if kind == measure), "blood_pressure")


def possible(reading: Reading) -> bool:
    """Whether a living body may have it, and a meter show it."""
    second = None if reading.second is None else kept(reading.second, reading.unit)
    values = measures(reading.kind, kept(reading.value, reading.unit), second)
    inside = all(POSSIBLE[one][0] <= value <= POSSIBLE[one][1] for one, value in values.items())
    return inside and (reading.second is None or reading.second < reading.value)


def possible_units(kind: Kind, value: Decimal) -> tuple[Unit, ...]:
    """The units in which a bare number may be a reading of a kind."""
    return tuple(unit for unit in UNITS[kind] if possible(Reading(kind, value, unit)))


# Judging ----------------------------------------------------------------------------------------


def limits_for(house: House, own: Iterable[OwnLimit], age_days: int | None) -> tuple[Limit, ...]:
    """The limits that hold for a patient: the house's for the age, unless staff set others.

    Whose age nobody knows is taken for a grown-up.
    """
    known = {(one.measure, one.side, one.level): one.at for one in own}
    of_house = [
        one
        for one in house.limits
        if (one.measure, one.side, one.level) not in known and _of_age(one, age_days)
    ]
    set_by_staff = [
        Limit(measure, side, level, at)
        for (measure, side, level), at in known.items()
        if at is not None
    ]
    return (*of_house, *set_by_staff)


def _of_age(limit: Limit, age_days: int | None) -> bool:
    if age_days is None:
        return limit.until is None
    return limit.since <= age_days and (limit.until is None or age_days < limit.until)


def findings(
    house: House, new: Sequence[Taken], earlier: Sequence[Taken], limits: Sequence[Limit]
) -> tuple[Finding, ...]:
    """What stands out in new readings, of each kind the gravest; the gravest first.

    `earlier`: readings of the last days, in any order, without the new ones.
    """
    found: list[Finding] = []
    for one in new:
        found += _beyond(one, limits)
        found += _over_days(house, one, [*earlier, *new])
    worst: dict[Kind, Finding] = {}
    for finding in sorted(found, key=lambda it: -it.level):
        worst.setdefault(finding.kind, finding)
    return tuple(worst.values())


def _beyond(one: Taken, limits: Sequence[Limit]) -> list[Finding]:
    values = measures(one.kind, one.value, one.second)
    return [
        Finding(one.kind, limit.level, limit.measure, limit.side)
        for limit in limits
        if (value := values.get(limit.measure)) is not None
        and (value < limit.at if limit.side == "below" else value >= limit.at)
    ]


def _over_days(house: House, one: Taken, all_of_them: Sequence[Taken]) -> list[Finding]:
    """What only several readings show: a mean, twice on a day, a rise.

    An earlier reading may be told after a later one.
    """
    of_kind = [it for it in all_of_them if it.kind == one.kind]
    same = [it for it in of_kind if it.measured_at <= one.measured_at]
    if one.kind == "blood_pressure":
        return [
            Finding(one.kind, 2, measure, "mean")
            for measure, value in _week(one, same).items()
            if value >= house.mean[measure]
        ]
    if one.kind == "glucose" and one.value >= house.repeated:
        on = one.measured_at.date()
        high = [it for it in of_kind if it.value >= house.repeated and it.measured_at.date() == on]
        return [Finding(one.kind, 3, "glucose", "repeated")] if len(high) > 1 else []
    if one.kind == "weight":
        days = timedelta(days=RISE_DAYS)
        before = [it.value for it in same if it.measured_at >= one.measured_at - days]
        after = [
            it.value
            for it in of_kind
            if one.measured_at <= it.measured_at <= one.measured_at + days
        ]
        rose = max(one.value - min(before), max(after) - one.value) > house.rise
        return [Finding(one.kind, 2, "weight", "rise")] if rose else []
    return []


def _week(one: Taken, same: Sequence[Taken]) -> dict[Measure, Decimal]:
    """The means of the week up to a pressure. The first day does not count where there are more."""
    since = one.measured_at.date() - timedelta(days=MEAN_DAYS - 1)
    week = [it for it in same if it.measured_at.date() >= since]
    days = sorted({it.measured_at.date() for it in week})
    counted = [it for it in week if len(days) == 1 or it.measured_at.date() > days[0]]
    found: dict[Measure, list[Decimal]] = {}
    for it in counted:
        for measure, value in measures(it.kind, it.value, it.second).items():
            found.setdefault(measure, []).append(value)
    return {measure: sum(values, Decimal(0)) / len(values) for measure, values in found.items()}


def level(found: Iterable[Finding]) -> Level:
    """The gravest level of what stands out; 1 if nothing does."""
    return max((one.level for one in found), default=1)


def rule(kind: Kind) -> str:
    """The name under which a doctor is called."""
    return f"reading_{kind}"


# Trends -----------------------------------------------------------------------------------------


def trend(kind: Kind, unit: Unit, readings: Iterable[Taken]) -> Trend | None:
    """The last readings of a kind, oldest first, in a unit; None if there is none."""
    same = sorted((it for it in readings if it.kind == kind), key=lambda it: it.measured_at)[-LAST:]
    if not same:
        return None
    points: list[Point] = []
    for one in same:
        point = Point(
            one.measured_at.date(),
            told(one.value, unit),
            None if one.second is None else told(one.second, unit),
        )
        points.append(replace(point, way=_way(points[-1], point)) if points else point)
    seconds = [one.second for one in same if one.second is not None]
    return Trend(
        kind,
        unit,
        tuple(points),
        told(_mean([one.value for one in same]), unit),
        told(_mean(seconds), unit) if seconds else None,
    )


def _way(before: Point, now: Point) -> Literal["up", "down", "same"]:
    if now.value == before.value:
        return "same"
    return "up" if now.value > before.value else "down"


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def age_days(today: date, birth_on: date | None) -> int | None:
    """The age in days; None if nobody knows it."""
    return None if birth_on is None or birth_on > today else (today - birth_on).days
