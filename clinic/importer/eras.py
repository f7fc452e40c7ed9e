"""Japanese dates, as receipts and patient lists write them: by era or by the western calendar.

Length decides the form of a row of digits, not the month of the file. Nothing is guessed: a date
that does not exist (month 13, 30 February, era year 0) is None.
"""

import re
import unicodedata
from datetime import date

# What is added to an era's year to get the western one: 昭和35 = 1960.
_BASE = {"1": 1867, "2": 1911, "3": 1925, "4": 1988, "5": 2018}
_ERA = {
    "明治": "1", "大正": "2", "昭和": "3", "平成": "4", "令和": "5",
    "明": "1", "大": "2", "昭": "3", "平": "4", "令": "5",
    "M": "1", "T": "2", "S": "3", "H": "4", "R": "5",
}  # fmt: skip
_NAMED = "(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])([0-9]{1,2}|元)"
_NAMED_DATE = re.compile(
    _NAMED + r"(?:年([0-9]{1,2})月([0-9]{1,2})日?|([./-])([0-9]{1,2})\5([0-9]{1,2}))"
)
_NAMED_MONTH = re.compile(_NAMED + r"(?:年([0-9]{1,2})月|[./-]([0-9]{1,2}))")


def era_date(text: str) -> date | None:
    """The day that `text` names, or None.

    Takes YYYYMMDD, GYYMMDD (G: 1 明治 2 大正 3 昭和 4 平成 5 令和) and era dates in words:
    昭和35年1月15日, S35.1.15, 令和元年5月1日; in full or half width, with spaces. An era's year
    may run past the era's end (平成31年5月1日 is 2019-05-01): people go on writing it.
    """
    digits = _folded(text)
    if _is_digits(digits):
        if len(digits) == 8:
            return _day(int(digits[:4]), digits[4:6], digits[6:])
        if not _is_era(7, digits):
            return None
        return _day(_year(digits[0], digits[1:3]), digits[3:5], digits[5:])
    found = _NAMED_DATE.fullmatch(digits)
    if found is None:
        return None
    era, year, month, day, _, dotted_month, dotted_day = found.groups()
    return _day(_year(_ERA[era], year), month or dotted_month, day or dotted_day)


def era_month(text: str) -> date | None:
    """The first day of the month that `text` names, or None.

    Takes YYYYMM, GYYMM, 令和8年7月 and R8.7, as `era_date` does days.
    """
    digits = _folded(text)
    if _is_digits(digits):
        if len(digits) == 6:
            return _day(int(digits[:4]), digits[4:], "1")
        if not _is_era(5, digits):
            return None
        return _day(_year(digits[0], digits[1:3]), digits[3:], "1")
    found = _NAMED_MONTH.fullmatch(digits)
    if found is None:
        return None
    era, year, month, dotted_month = found.groups()
    return _day(_year(_ERA[era], year), month or dotted_month, "1")


def _folded(text: str) -> str:
    # Digits of half width are the common case, and folding is slow.
    if text.isascii() and text.isdigit():
        return text
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_era(length: int, digits: str) -> bool:
    return len(digits) == length and digits[0] in _BASE


def _year(era: str, year: str) -> int | None:
    number = 1 if year == "元" else int(year)
    return _BASE[era] + number if number else None


def _day(year: int | None, month: str, day: str) -> date | None:
    if year is None:
        return None
    try:
        return date(year, int(month), int(day))
    except ValueError:  # there is no such day
        return None
