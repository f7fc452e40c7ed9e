"""What Russian words for days and hours mean, one by one."""

import re
from dataclasses import replace

from nlu.dates.hours import in_part
from nlu.dates.russian_names import (
    month_number,
    weekday_number,
    weekdays_number,
)
from nlu.dates.tokens import (
    END,
    FIRST_HALF,
    MIDDLE,
    SECOND_HALF,
    START,
    Clock,
    Day,
    Mark,
    Number,
)
from nlu.dates.types import PartName

_PARTS: dict[str, PartName] = {
    "утра": "morning",
    "дня": "afternoon",
    "вечера": "evening",
    "ночи": "night",
}


def ahead(match: re.Match[str]) -> Day:
    """So many days, weeks or months from today."""
    said, unit = match["amount"], match["unit"]
    amount = said if said and said.isdigit() else "1"
    if unit.startswith("мес"):
        return Day(months=int(amount), same_day=True, unsure=True)
    return Day(ahead=int(amount) * (7 if unit.startswith("нед") else 1))


def within(match: re.Match[str]) -> Day:
    """So many days, weeks or a month from today at most."""
    amount, unit = match["amount"] or "1", match["unit"]
    return Day(within=int(amount) * (7 if unit.startswith("нед") else 30 if unit[0] == "м" else 1))


def weekday(match: re.Match[str]) -> Day:
    """A weekday, or with "каждый" any such day."""
    which = match["which"] or ""
    number = weekday_number(match["weekday"])
    if which.startswith(("кажд", "люб")):
        return Day(every=frozenset({number}))
    week = 0 if which.startswith(("эт", "тек", "нын")) else None
    return Day(weekday=number, week=week, loose=which.startswith(("след", "буд")))


def weekdays(match: re.Match[str]) -> Day:
    """Any such weekday: "по средам"."""
    return Day(every=frozenset({weekdays_number(match["weekdays"])}))


def nth(match: re.Match[str]) -> Day:
    """The first or the last such weekday of a month."""
    return Day(weekday=weekday_number(match["weekday"]), nth=int(match["nth"] or -1))


def date(match: re.Match[str]) -> Day:
    """A day and its month."""
    year = match["year"]
    return Day(
        year=int(year) if year else None,
        month=month_number(match["month"]),
        day=int(match["day"]),
        trailing=True,
    )


def dotted(match: re.Match[str]) -> Day | Clock | Mark:
    """12.03 is a day before it is a time; 38.5 is neither."""
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if 0 < month <= 12 and 0 < day <= 31:
        return Day(year=int(year) % 100 + 2000 if year else None, month=month, day=day)
    timed = day < 24 and month < 60 and len(match["month"]) == 2 and not year
    return Clock(day, month) if timed else Mark.SKIP


def iso(match: re.Match[str]) -> Day:
    """Year, month and day."""
    return Day(year=int(match["year"]), month=int(match["month"]), day=int(match["day"]))


def month(match: re.Match[str]) -> Day:
    """A month."""
    year = match["year"]
    number = month_number(match["month"])
    return Day(year=int(year) if year else None, month=number, loose=bool(match["next"]))


def month_part(match: re.Match[str]) -> Day:
    """Beginning, middle or end of a month."""
    name = match["part"]
    if "половин" in name:
        return Day(stretch=FIRST_HALF if name.startswith(("1", "перв")) else SECOND_HALF)
    if name.startswith(("нач", "перв")):
        return Day(stretch=START)
    return Day(stretch=MIDDLE) if name.startswith("сер") else Day(stretch=END, unsure=True)


def clock(match: re.Match[str]) -> Clock:
    """A time in figures, with its part of the day if that is told."""
    groups = match.groupdict()
    hour, minute = int(groups["hour"]), groups.get("minute")
    padded = groups["hour"].startswith("0") and minute is not None and hour >= 7
    at = Clock(hour, int(minute or 0), settled=hour > 12 or hour == 0 or padded)
    part = groups.get("part")
    return at if part is None else in_part(at, _PARTS[part]) or replace(at, unsure=True)


def clock_for(match: re.Match[str]) -> Clock | Day:
    """ "На 10" may be an hour or a day."""
    if int(match["hour"]) > 24:
        return Day(day=int(match["hour"]), unsure=True)
    return clock(match) if match["part"] else Clock(int(match["hour"]), bare=True)


def past_hour(match: re.Match[str]) -> Clock | Mark:
    """ "Без четверти три", "четверть третьего", "половина третьего"."""
    groups = match.groupdict()
    said = next(groups[name] for name in ("less", "more", "half") if groups.get(name))
    minutes = {"пол": 30, "четверти": 15, "четверть": 15}.get(said) or int(said)
    hour = int(match["hour"])
    if hour > 12 or minutes >= 60:
        return Mark.VAGUE
    part = groups.get("part")
    full = Clock(hour)
    if part is not None and (told := in_part(full, _PARTS[part])) is not None:
        full = told
    before = full.hour - 1 if full.hour > (0 if full.settled else 1) else 12
    return Clock(before, 60 - minutes if groups.get("less") else minutes, full.settled)


def number(match: re.Match[str]) -> Number | Mark:
    """A bare number if it can be a day or an hour."""
    return Number(int(match[0])) if int(match[0]) <= 31 else Mark.SKIP


def day_of_month(match: re.Match[str]) -> Day:
    """ "5-го" or "5 числа"."""
    return Day(day=int(match["day"]))


def one(match: re.Match[str]) -> Clock | Mark:
    """ "В час": one o'clock is told without a number."""
    return Mark.VAGUE if match["part"] == "ночи" else Clock(1)
