"""Reads days and times that a patient types, as far as no two readings are possible."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

_DAYS_AHEAD = {
    **dict.fromkeys(("今日", "本日", "きょう", "today", "今天", "сегодня"), 0),
    **dict.fromkeys(("明日", "あした", "あす", "tomorrow", "明天", "завтра"), 1),
    **dict.fromkeys(("明後日", "あさって", "day after tomorrow", "後天", "后天", "послезавтра"), 2),
}
_DAY = re.compile(r"(\d{1,2})(?:日|号|號|-?го|th|st|nd|rd)?")
_MONTH_AND_DAY = re.compile(r"(\d{1,2})[月/.-](\d{1,2})[日号號]?")
_TIME = re.compile(
    r"(?P<late>午後|下午|pm)?(?P<hour>\d{1,2})"
    r"(?:[:.時时点點h](?:(?P<minute>\d{2})分?|(?P<half>半))?)?(?P<pm>pm)?"
)
# First years less one: https://www.ndl.go.jp names the eras; 民國 1 is 1912.
_ERAS = {
    **dict.fromkeys(("明治", "m"), 1867),
    **dict.fromkeys(("大正", "t"), 1911),
    **dict.fromkeys(("昭和", "s"), 1925),
    **dict.fromkeys(("平成", "h"), 1988),
    **dict.fromkeys(("令和", "r"), 2018),
    **dict.fromkeys(("民國", "民国"), 1911),
}
_IN_ERA = re.compile(rf"({'|'.join(_ERAS)})(\d{{1,3}}|元)[年./-](\d{{1,2}})[月./-](\d{{1,2}})日?")
_YEAR_FIRST = re.compile(r"(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
OLDEST = 120  # years


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def read_day(text: str, today: date, offered: Sequence[date]) -> date | None:
    """The day meant by "tomorrow", or by a number that fits exactly one offered day."""
    words = _folded(text)
    if words in _DAYS_AHEAD:
        return date.fromordinal(today.toordinal() + _DAYS_AHEAD[words])
    fitting: list[date] = []
    if match := _DAY.fullmatch(words):
        fitting = [day for day in offered if day.day == int(match[1])]
    elif match := _MONTH_AND_DAY.fullmatch(words):
        pair = (int(match[1]), int(match[2]))  # Russians write the day first
        fitting = [day for day in offered if pair in ((day.month, day.day), (day.day, day.month))]
    return fitting[0] if len(fitting) == 1 else None


def read_time(text: str, offered: Sequence[datetime]) -> datetime | None:
    """The offered start meant by "10:30" or "10時半"; "10" means 10:00 or the only one from ten."""
    match = _TIME.fullmatch(_folded(text).replace(" ", ""))
    if match is None:
        return None
    hour = int(match["hour"])
    if (match["late"] or match["pm"]) and hour < 12:
        hour += 12
    fitting = [at for at in offered if at.hour == hour]
    if match["minute"] or match["half"] or len(fitting) != 1:
        minute = 30 if match["half"] else int(match["minute"] or 0)
        fitting = [at for at in fitting if at.minute == minute]
    return fitting[0] if fitting else None


def read_birth_date(text: str, today: date) -> date | None:
    """A date of birth: year first, in a Japanese era, in Taiwan's years or as 05.03.1948.

    Day/month/year with slashes is left unread, since it means two things.
    """
    words = _folded(text).replace(" ", "")
    if match := _IN_ERA.fullmatch(words):
        year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        parts = year, int(match[3]), int(match[4])
    elif match := _YEAR_FIRST.fullmatch(words) or _DIGITS.fullmatch(words):
        parts = int(match[1]), int(match[2]), int(match[3])
    elif match := _DAY_FIRST.fullmatch(words):
        parts = int(match[3]), int(match[2]), int(match[1])
    else:
        return None
    try:
        day = date(*parts)
    except ValueError:
        return None
    return day if day <= today and today.year - day.year <= OLDEST else None
