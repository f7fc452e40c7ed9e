"""What English words for days and hours mean, one by one."""

import re

from nlu.dates.english_names import (
    MONTHS,
    WEEKDAYS,
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


def count(words: str) -> int:
    """A number that may be told as "a" or "a couple of"."""
    return int(words) if words.isdigit() else 1 if words in ("a", "an", "one") else 2


_UNIT_DAYS = {"d": 1, "w": 7, "f": 14, "m": 30}


def ahead(match: re.Match[str]) -> Day | Mark:
    """ "In two weeks"."""
    if match["amount"] == "a few":
        return Mark.VAGUE
    amount, unit = count(match["amount"]), match["unit"][0]
    if unit == "m":
        return Day(months=amount, same_day=True, unsure=True)
    from_tomorrow = match.groupdict().get("since") == "tomorrow"
    return Day(ahead=_UNIT_DAYS[unit] * amount + from_tomorrow)


def within(match: re.Match[str]) -> Day | Mark:
    """ "Within a week", "the next two weeks"."""
    amount = match["amount"] or "a"
    if amount == "a few":
        return Mark.VAGUE
    return Day(within=_UNIT_DAYS[match["unit"][0]] * count(amount))


def weekday(match: re.Match[str]) -> Day:
    """A weekday, or with "every" any such day."""
    weekday, which = WEEKDAYS[match["weekday"]], match["which"]
    if match["plural"] or which in ("every", "each", "any", "all"):
        return Day(every=frozenset({weekday}))
    return Day(weekday=weekday, week=0 if which == "this" else None, loose=which == "next")


def week_later(match: re.Match[str]) -> Day:
    """ "Friday week", "two weeks on Friday"."""
    return Day(weekday=WEEKDAYS[match["weekday"]], later=7 * count(match["amount"] or "a"))


def fortnight_later(match: re.Match[str]) -> Day:
    """ "Friday fortnight"."""
    return Day(weekday=WEEKDAYS[match["weekday"]], later=14)


def nth(match: re.Match[str]) -> Day:
    """ "The first Monday" of a month."""
    which = -1 if match["nth"] == "last" else int(match["nth"][0])
    return Day(weekday=WEEKDAYS[match["weekday"]], nth=which)


def date(match: re.Match[str]) -> Day:
    """A day and its month, in either order."""
    year, month = match["year"], match["month"]
    return Day(
        year=int(year) + (2000 if len(year) == 2 else 0) if year else None,
        month=int(month) if month.isdigit() else MONTHS[month],
        day=int(match["day"]),
        trailing=match.start("day") < match.start("month"),
    )


def slashed(match: re.Match[str]) -> Day | Mark:
    """3/5 is the third of May or the fifth of March; 25/12 and 12/25 are one day."""
    day, month = int(match["day"]), int(match["month"])
    if month > 12:
        day, month = month, day
    year = match["year"] and int(match["year"]) % 100 + 2000
    if month > 12:
        return Mark.SKIP
    return Day(year=year or None, month=month, day=day, swapped=day <= 12 and day != month)


def dotted(match: re.Match[str]) -> Clock | Mark:
    """10.30 is a time; 3.12 may be a day, a time or a measure."""
    minute = int(match["minute"])
    return Clock(int(match["hour"]), minute) if minute > 12 or minute == 0 else Mark.SKIP


def month(match: re.Match[str]) -> Day | None:
    """A month; without a word that places it, it may be a person or a verb."""
    name, said = match["month"], match["said"]
    if name in ("may", "mar") and not said:
        return None
    unsure = not said and not match["year"] and name in ("april", "june", "august", "jan", "march")
    year = int(match["year"]) if match["year"] else None
    return Day(year=year, month=MONTHS[name], loose=said == "next", unsure=unsure)


def month_part(match: re.Match[str]) -> Day:
    """Beginning, middle or end of a month."""
    name = match["part"]
    if "half" in name:
        return Day(stretch=FIRST_HALF if "first" in name or "1th" in name else SECOND_HALF)
    early = name.startswith(("early", "beg", "start"))
    if early or name.startswith("mid"):
        return Day(stretch=START if early else MIDDLE)
    return Day(stretch=END, unsure=True)


def clock(match: re.Match[str]) -> Clock:
    """A time in figures."""
    groups = match.groupdict()
    hour, minute, half = int(groups["hour"]), groups.get("minute"), groups.get("half")
    if half and 0 < hour <= 12:
        return Clock(hour % 12 + (12 if half == "p" else 0), int(minute or 0), settled=True)
    padded = groups["hour"].startswith("0") and minute is not None and hour >= 7
    return Clock(hour, int(minute or 0), settled=hour > 12 or hour == 0 or padded)


def past_hour(match: re.Match[str]) -> Clock:
    """ "Quarter to three", "twenty past two"; "ten to four" may be two hours of a stretch.

    That it was "ten" and not "ten minutes" is left in the text as "or so".
    """
    said, before = match["minutes"], match["side"] in ("to", "till", "of", "before")
    at = clock(match)
    minutes = {"half": 30, "quarter": 15}.get(said) or int(said)
    if not before:
        return Clock(at.hour, minutes, at.settled)
    hour = at.hour - 1 if at.hour > (0 if at.settled else 1) else 12
    unsure = match["counted"] == "or so"
    return Clock(hour, 60 - minutes, at.settled, unsure)


def after_next(match: re.Match[str]) -> Day:
    """The week or the month after next."""
    return Day(week=2) if "week" in match[0] else Day(months=2)


def span(match: re.Match[str]) -> Mark:
    """How long something takes; its end if that hangs on what is not known."""
    return Mark.VAGUE if match[0].endswith(("later", "after", "from")) else Mark.SKIP


def number(match: re.Match[str]) -> Number | Mark:
    """A bare number if it can be a day or an hour."""
    return Number(int(match[0])) if int(match[0]) <= 31 else Mark.SKIP


def day_of_month(match: re.Match[str]) -> Day:
    """ "The fifth"."""
    return Day(day=int(match["day"]))
