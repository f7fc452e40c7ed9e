"""What a patient types about days and times, as an answer to what is offered or as a wish."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flows.engine import Context
from nlu import dates
from nlu.dates.eastern import with_digits
from nlu.dates.types import DateReading, PartName

_DAYS_AHEAD = {
    **dict.fromkeys(("今日", "本日", "きょう", "today", "今天", "сегодня"), 0),
    **dict.fromkeys(("明日", "あした", "あす", "tomorrow", "明天", "завтра"), 1),
    **dict.fromkeys(("明後日", "あさって", "day after tomorrow", "後天", "后天", "послезавтра"), 2),
}
_WEEKDAYS = tuple(
    frozenset(names.split())
    for names in (
        "月曜日 月曜 monday mon 星期一 週一 周一 禮拜一 понедельник пн",
        "火曜日 火曜 tuesday tue 星期二 週二 周二 禮拜二 вторник вт",
        "水曜日 水曜 wednesday wed 星期三 週三 周三 禮拜三 среда среду ср",
        "木曜日 木曜 thursday thu 星期四 週四 周四 禮拜四 четверг чт",
        "金曜日 金曜 friday fri 星期五 週五 周五 禮拜五 пятница пятницу пт",
        "土曜日 土曜 saturday sat 星期六 週六 周六 禮拜六 суббота субботу сб",
        "日曜日 日曜 sunday sun 星期日 星期天 週日 周日 禮拜天 воскресенье вс",
    )
)
# What stands around a day or a time: "в среду", "明日でお願いします", "tomorrow, please".
_BEFORE = re.compile(r"^(?:в|во|на|on|at|the|to|請|请|我要|想)\s+|^(?:請|请|我要|我想)")
_AFTER = re.compile(
    r"[\s,、.!。]*(?:please|пожалуйста|(?:が|で|に|を)?(?:いいです|お願いします|おねがいします|"
    r"希望です|ください)|です|謝謝|谢谢|可以嗎|可以吗)?[\s,、.!。?？]*$"
)
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
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4}|\d{2})")
_MONTHS = (
    "jan|янв",
    "feb|фев",
    "mar|март",
    "apr|апр",
    "may|ма[йя]",
    "jun|июн",
    "jul|июл",
    "aug|авг",
    "sep|сен",
    "oct|окт",
    "nov|ноя",
    "dec|дек",
)
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_IN_DATES = frozenset(("of", "the", "st", "nd", "rd", "th", "г", "год", "года", "го", "е", "числа"))
# What stands around a date of birth: "born on", "生まれです".
_AROUND_BIRTH = re.compile(
    r"^(?:i was born on|i was born|born on|born|my birthday is|date of birth|生年月日は|誕生日は"
    r"|我的生日是|生日是|出生日期|生日|родился|родилась|дата рождения)[\s:：]*"
    r"|(?:生まれです|生まれ|です|出生|г\.?\s*р\.?)?[\s.。!！]*$"
)
OLDEST = 120  # years
# From when until when a part of the day is, so that no start lies in none of them.
_PARTS: dict[PartName, tuple[time, time]] = {
    "morning": (time(0), time(12)),
    "noon": (time(11, 30), time(14)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), time.max),
    "night": (time(17), time.max),
}


@dataclass(frozen=True, slots=True)
class When:
    """When the patient would come, as far as their words say it. At least one of both is said."""

    readings: tuple[DateReading, ...]
    certain: bool  # one reading, which nobody could take for another

    @property
    def names_day(self) -> bool:
        """Whether any day is meant or ruled out."""
        return any(map(_names_day, self.readings))

    @property
    def names_time(self) -> bool:
        """Whether any time of the day is meant."""
        return any(map(_names_time, self.readings))

    @property
    def day(self) -> date | None:
        """The one day that is meant beyond doubt."""
        return self.readings[0].date if self.certain else None

    @property
    def time(self) -> time | None:
        """The one time that is meant beyond doubt."""
        return self.readings[0].time if self.certain else None

    def earliest(self, today: date) -> date:
        """The first day that may fit."""
        firsts = [one.date or one.from_on or today for one in self.readings]
        return max(min(firsts), today)

    def only(self, day: date) -> bool:
        """Whether no other day can be meant."""
        return all(one.date == day for one in self.readings)

    def fits_day(self, day: date) -> bool:
        """Whether a day is one of those meant."""
        return any(_fits_day(one, day) for one in self.readings)

    def fits(self, at: datetime) -> bool:
        """Whether a start on a fitting day is at a time that is meant; with no time said, any."""
        return any(
            _fits_day(one, at.date()) and _fits_time(one, at.time()) for one in self.readings
        )

    def fits_time(self, at: datetime) -> bool:
        """Whether a start is at a time that is meant, whatever its day."""
        return any(_fits_time(one, at.time()) for one in self.readings)


def read_when(text: str, ctx: Context) -> When | None:
    """When the patient would come; None if the text says nothing of it that can be known."""
    found = dates.read(text, ctx.language, ctx.now)
    if not found.readings:
        return None
    return When(found.readings, len(found.readings) == 1 and not found.ambiguous)


def _names_day(reading: DateReading) -> bool:
    return bool(
        reading.date
        or reading.from_on
        or reading.to_on
        or reading.weekdays
        or reading.except_weekdays
        or reading.except_dates
    )


def _names_time(reading: DateReading) -> bool:
    return bool(reading.time or reading.time_from or reading.time_to or reading.part)


def _fits_day(reading: DateReading, day: date) -> bool:
    return (
        (reading.date is None or reading.date == day)
        and (reading.from_on or day) <= day <= (reading.to_on or day)
        and (not reading.weekdays or day.weekday() in reading.weekdays)
        and day.weekday() not in reading.except_weekdays
        and day not in reading.except_dates
    )


def _fits_time(reading: DateReading, at: time) -> bool:
    if reading.time is not None:
        return at == reading.time
    begins, ends = _PARTS[reading.part] if reading.part else (time.min, time.max)
    return max(begins, reading.time_from or begins) <= at < ends and at <= (
        reading.time_to or time.max
    )


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _bare(text: str) -> str:
    return _BEFORE.sub("", _AFTER.sub("", _folded(text), count=1))


def _on_weekday(weekday: int, today: date, offered: Sequence[date]) -> date | None:
    """The one offered day of a weekday; the next there is if none is offered."""
    fitting = [day for day in offered if day.weekday() == weekday]
    if fitting:
        return fitting[0] if len(fitting) == 1 else None
    return date.fromordinal(today.toordinal() + ((weekday - today.weekday() - 1) % 7 + 1))


def read_day(text: str, today: date, offered: Sequence[date]) -> date | None:
    """The day meant by "tomorrow", a weekday, or a number that fits exactly one offered day."""
    words = _bare(text)
    if words in _DAYS_AHEAD:
        return date.fromordinal(today.toordinal() + _DAYS_AHEAD[words])
    for weekday, names in enumerate(_WEEKDAYS):
        if words in names:
            return _on_weekday(weekday, today, offered)
    fitting: list[date] = []
    if match := _DAY.fullmatch(words):
        fitting = [day for day in offered if day.day == int(match[1])]
    elif match := _MONTH_AND_DAY.fullmatch(words):
        pair = (int(match[1]), int(match[2]))  # Russians write the day first
        fitting = [day for day in offered if pair in ((day.month, day.day), (day.day, day.month))]
    return fitting[0] if len(fitting) == 1 else None


def read_time(text: str, offered: Sequence[datetime]) -> datetime | None:
    """The offered start meant by "10:30" or "10時半"; "10" means 10:00 or the only one from ten."""
    match = _TIME.fullmatch(_bare(text).replace(" ", ""))
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
    """The one date of birth that a text means; None if it means none, or several."""
    found = read_birth_dates(text, today)
    return found[0] if len(found) == 1 else None


def read_birth_dates(text: str, today: date) -> tuple[date, ...]:
    """The dates of birth that a text may mean: in digits, in words, in an era, in Taiwan's years.

    3/5/1961 means two days. A year of two digits is taken where it can be of one century only.
    """
    words = _AROUND_BIRTH.sub("", _folded(text)).strip()
    spoken = _spoken_date(words, today)
    words = with_digits(words.replace(" ", ""), "[年月日号號]", "(?!)")
    parts: list[tuple[int, int, int]] = []
    if spoken:
        parts = [spoken]
    elif match := _IN_ERA.fullmatch(words):
        count = 1 if match[2] == "元" else int(match[2])
        parts = [(_ERAS[match[1]] + count, int(match[3]), int(match[4]))]
    elif match := _YEAR_FIRST.fullmatch(words) or _DIGITS.fullmatch(words):
        parts = [(int(match[1]), int(match[2]), int(match[3]))]
    elif match := _YEAR_LAST.fullmatch(words):
        one, other, year = int(match[1]), int(match[3]), _year(match[4], today)
        parts = [(year, other, one)] + ([(year, one, other)] if match[2] != "." else [])
    days = (_day_of(*it) for it in parts)
    fitting = (day for day in days if day and day <= today and today.year - day.year <= OLDEST)
    return tuple(dict.fromkeys(fitting))


def _spoken_date(words: str, today: date) -> tuple[int, int, int] | None:
    """Year, month and day of "5 March 1961", "March 5th, 1961", "5 марта 1961 года"."""
    tokens = [it for it in _TOKEN.findall(words) if it not in _IN_DATES]
    months = [it for it in tokens if not it.isdecimal()]
    numbers = [it for it in tokens if it.isdecimal()]
    if len(months) != 1 or len(numbers) != 2 or tokens[2] in months:
        return None
    month = next((n for n, name in enumerate(_MONTHS, 1) if re.match(name, months[0])), 0)
    day, year = reversed(numbers) if len(numbers[0]) == 4 else numbers
    return _year(year, today), month, int(day)


def _year(digits: str, today: date) -> int:
    """A year of two digits as the last century's; 0 where it may be of this one as well."""
    if len(digits) != 2:
        return int(digits)
    return 1900 + int(digits) if int(digits) > today.year % 100 else 0


def _day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
