"""What Japanese and Chinese have in common: numerals, eras, and the order year, month, day."""

import re

from nlu.dates.tokens import Clock, Day, Mark, Number, Part, Rule

_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_TENS = {"十": 10, "百": 100}
_JOINED = {"廿": "二十", "卅": "三十"}
_RUN = "[〇零一二三四五六七八九十百廿卅两]"

# First years less one: https://www.ndl.go.jp names the eras; 民國 1 is 1912.
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "民国": 1911, "": 1911}


def with_digits(text: str, counters: str, kept: str) -> str:
    """The text with numbers in digits where one of the counters follows, but not what is kept.

    Both are patterns.
    """
    minutes = rf"(?<=[点時时]){_RUN}{{2,3}}(?![月日号天])"  # 三点十五
    pattern = re.compile(rf"({kept})|({_RUN}{{1,6}}(?={counters})|{minutes})")
    return pattern.sub(lambda match: match[1] or _in_digits(match[2]), text)


def _in_digits(run: str) -> str:
    """The number of a run of signs; the run itself where it is none, as 二三 in 二三日."""
    value, plain = 0, ""
    digit: int | None = None
    for sign in "".join(_JOINED.get(sign, sign) for sign in run):
        if sign in _TENS:
            value += _TENS[sign] * (1 if digit is None else digit)
            digit = None
            continue
        plain += str(_DIGITS[sign])
        if digit:
            value = -1000
        digit = _DIGITS[sign]
    if len(plain) == len(run) and (len(run) == 4 or (len(run) == 2 and run[-1] in "〇零")):
        return plain  # a year, or 二〇
    value += digit or 0
    return run if value < 0 else str(value)


def _era_date(match: re.Match[str]) -> Day:
    groups = match.groupdict()
    year = 1 if groups["count"] == "元" else int(groups["count"])
    day = groups.get("day")
    return Day(
        year=_ERAS[groups.get("era") or ""] + year,
        month=int(groups["month"]),
        day=int(day) if day else None,
    )


def _date(match: re.Match[str]) -> Day | Mark:
    groups = match.groupdict()
    month, day, year = int(groups["month"]), groups.get("day"), groups.get("year")
    number = int(day) if day else None
    unsure = False
    if month > 12:  # 25/12 can only be read the other way
        if number is None or number > 12 or year:
            return Mark.SKIP
        month, number, unsure = number, month, True
    return Day(year=int(year) if year else None, month=month, day=number, unsure=unsure)


def _dotted(match: re.Match[str]) -> Day | Mark:
    """12.3 may be a day or a measure."""
    month, day = int(match["month"]), int(match["day"])
    return Day(month=month, day=day, unsure=True) if month <= 12 and day <= 31 else Mark.SKIP


def day_of_month(match: re.Match[str]) -> Day:
    """The day of some month by its number."""
    return Day(day=int(match["day"]))


def ahead(match: re.Match[str]) -> Day:
    """So many days or weeks from today."""
    groups = match.groupdict()
    if groups.get("days"):
        return Day(ahead=int(groups["days"]))
    if groups.get("weeks"):
        return Day(ahead=7 * int(groups["weeks"]))
    return Day(months=int(groups["months"]), same_day=True, unsure=True)


def within(match: re.Match[str]) -> Day:
    """So many days or weeks from today at most."""
    days = match["days"]
    return Day(within=int(days) if days else 7 * int(match["weeks"]))


def clock(match: re.Match[str]) -> Clock:
    """A time of day, with its half hour, its minutes, or minutes less."""
    groups = match.groupdict()
    hour, minute = int(groups["hour"]), int(groups.get("minute") or 0)
    if groups.get("half"):
        minute = 30
    if groups.get("quarters"):
        minute = 15 * int(groups["quarters"])
    if groups.get("before") and minute:
        hour, minute = (hour - 1, 60 - minute) if hour > 1 else (12, 60 - minute)
    west = groups.get("west")
    if west and 0 < hour <= 12:
        return Clock(hour % 12 + (12 if west.startswith("p") else 0), minute, settled=True)
    padded = groups["hour"].startswith("0") and hour >= 7
    return Clock(hour, minute, settled=hour > 12 or hour == 0 or padded)


def number(match: re.Match[str]) -> Number | Mark:
    """A bare number if it can be a day or an hour."""
    return Number(int(match[0])) if len(match[0]) < 3 and int(match[0]) <= 31 else Mark.SKIP


_M = r"(?P<month>\d{1,2})"
_D = r"(?P<day>\d{1,2})"
_NO_DIGIT = r"(?<![\d.:/-])"

PHONE: Rule = (r"(?<!\d)\+?\d(?:[ ()-]{0,2}\d){8,14}(?!\d)", Mark.SKIP)
DATES: list[Rule] = [
    (
        rf"(?P<era>令和|平成|民国)\s?(?P<count>\d{{1,3}}|元)\s?[年./-]\s?{_M}\s?[月./-](?:\s?{_D})?[日号]?",
        _era_date,
    ),
    (rf"(?<![a-z])(?P<era>[rh])\.?(?P<count>\d{{1,2}}|元)[年./-]{_M}[月./-]{_D}日?", _era_date),
    (rf"(?<!\d)(?P<year>20\d\d)\s?[年/.-]\s?{_M}\s?[月/.-]\s?{_D}[日号]?(?:t(?=\d))?", _date),
    (r"(?<!\d)(?P<year>20\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)(?!\d)", _date),
    (rf"(?<!\d)(?P<year>20\d\d)年\s?{_M}月(?:份)?(?!曜)", _date),
]
MONTH_AND_DAY: list[Rule] = [
    (rf"{_NO_DIGIT}{_M}\s?月\s?(?:の)?{_D}\s?[日号]?(?![\d:点时時])", _date),
    (rf"{_NO_DIGIT}{_M}/{_D}(?!\d|[/.]\d)", _date),
    (rf"{_NO_DIGIT}{_M}-(?P<day>1[3-9]|2\d|3[01])(?![\d:-])[日号]?", _date),
    (rf"{_NO_DIGIT}{_M}\.{_D}(?!\d|[.:]\d)", _dotted),
    (rf"{_NO_DIGIT}{_M}月(?:份)?(?!曜)", _date),
]
HOURS: list[Rule] = [
    (r"(?P<west>am|pm)\s?(?P<hour>\d{1,2})(?:[:時时](?P<minute>[0-5]\d)?分?)?(?![\d:])", clock),
    (r"(?<![\d:])(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))?\s?(?P<west>am|pm)(?![a-z])", clock),
    (r"(?<![a-z])am(?![a-z])", Part("morning")),
    (r"(?<![a-z])pm(?![a-z])", Part("afternoon")),
    (r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::00)?(?!\d)", clock),
]

# In Taiwan the years of the republic are also written without its name.
REPUBLICAN_DATE: Rule = (
    r"(?<!\d)(?P<count>1[0-4]\d)\s?[年./-]\s?(?P<month>\d{1,2})\s?[月./-]\s?(?P<day>\d{1,2})[日号]?",
    _era_date,
)
