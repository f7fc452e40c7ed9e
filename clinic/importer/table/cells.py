"""What a single cell of a patient list says. Each function gives None for what it cannot read."""

import re
import unicodedata
from datetime import date, datetime, time

from clinic.importer import normal
from clinic.importer.eras import era_date
from clinic.importer.table.types import Cell
from clinic.importer.types import Sex

# What staff write into a cell to empty a field; an empty cell says nothing. In brackets, because a
# spreadsheet takes anything that begins with a dash or an equals sign for a formula.
CLEAR = "[clear]"

_WESTERN = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?)"
)
_RUSSIAN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_WEEKDAY = re.compile(r"\((?:[月火水木金土日]|[^()\d]{1,3})\)")
_TIME = re.compile(r"(?:T|\s|(?<=[日)]))\s*([0-9]{1,2})(?::|時)([0-9]{1,2})?(?:分|:[0-9.]+)?Z?$")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_QUOTED_MARK = re.compile(r"\A'(?=[=+\-@＝＋－＠])")
_WIDEST = 500  # characters of a cell that are kept
_DAYS = re.compile(r"([0-9]{1,3})\s*(?:日分?|days?|天|дней|дня|день)?", re.IGNORECASE)
_MOST_DAYS = 400

_SEX_WORDS: dict[Sex, str] = {
    "male": "1 男 男性 m male man м муж мужской мужчина",
    "female": "2 女 女性 f female woman ж жен женский женщина",
    "other": "3 他 その他 other 其他 другой иной",
}
_SEXES = {word: sex for sex, words in _SEX_WORDS.items() for word in words.split()}
_NO_SEX = frozenset({"0", "9", "不明", "未知", "unknown", "u", "неизвестно", "-"})
_ANSWER_WORDS = {
    True: "1 ○ 〇 ◯ ✓ ✔ はい 可 有 あり 同意 同意する 希望 希望する 許可 y yes true ok agree "
    "agreed 是 同意接收 да согласен согласна",
    False: "0 × ✕ ✗ いいえ 不可 無 なし 同意しない 希望しない 拒否 n no false ng refused disagree "
    "否 不同意 拒绝 拒絕 нет несогласен несогласна отказ",
}
_ANSWERS = {
    normal.name_key(word): answer
    for answer, words in _ANSWER_WORDS.items()
    for word in words.split()
}
_LANGUAGE_WORDS = {
    "ja": "ja jp jpn 日本語 日语 日語 japanese японский",
    "en": "en eng 英語 英语 english английский",
    "ru": "ru rus ロシア語 俄语 俄語 russian русский",
    "zh-Hans": "zh zho chi zhhans zhcn 中国語 簡体字 中文 简体中文 汉语 chinese китайский",
    "zh-Hant": "zhhant zhtw zhhk 繁体字 繁體字 繁體中文 台湾語",
}
_LANGUAGES = {
    normal.name_key(word): language
    for language, words in _LANGUAGE_WORDS.items()
    for word in words.split()
}


def text(cell: Cell) -> str:
    """The cell's words as they may be stored, without what spreadsheets are tricked with.

    `="00042"` keeps zeros from a spreadsheet, and `'+81` is what our own export writes for `+81`.
    """
    if isinstance(cell, date):
        return cell.isoformat()
    written = cell[: 2 * _WIDEST].strip()
    formula = _FORMULA.fullmatch(written)
    if formula:
        written = formula[1]
    return normal.shown(_QUOTED_MARK.sub("", written))[:_WIDEST].strip()


def is_clear(words: str) -> bool:
    """Whether the cell asks to empty its field."""
    return unicodedata.normalize("NFKC", words).lower() == CLEAR


def day(cell: Cell) -> date | None:
    """The day a cell names; of a moment, its day as written.

    Takes real date cells, 1960-01-15, 1960/1/15, 1960.1.15, 1960年1月15日, 19600115, 15.01.1960,
    and era dates (3350115, S35.1.15, 昭和35年1月15日). Never a bare serial number, nor 1/15/1960,
    whose day and month no one can tell.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _day(_TIME.sub("", _folded(cell)))


def moment(cell: Cell) -> tuple[date, time | None] | None:
    """The day and, if it is written too, the time of day (by the clinic's clock)."""
    if isinstance(cell, datetime):
        return cell.date(), cell.time()
    if isinstance(cell, date):
        return cell, None
    written = _folded(cell)
    clock = _TIME.search(written)
    on = _day(_TIME.sub("", written))
    if on is None:
        return None
    if clock is None:
        return on, None
    hour, minute = int(clock[1]), int(clock[2] or 0)
    return (on, time(hour, minute)) if hour < 24 and minute < 60 else None


def sex(words: str) -> Sex | None:
    """1, 男, M, м and their like."""
    return _SEXES.get(normal.name_key(words).strip("."))


def says_no_sex(words: str) -> bool:
    """Whether the cell says that the sex is not known."""
    return normal.name_key(words) in _NO_SEX


def language(words: str) -> str | None:
    """A language (BCP 47) of those that the chat speaks, from its code or name."""
    return _LANGUAGES.get(normal.name_key(words).replace("-", "").replace("_", ""))


def agrees(words: str) -> bool | None:
    """Whether a cell says yes or no; None if it says neither."""
    return _ANSWERS.get(normal.name_key(words).strip("."))


def days(words: str) -> int | None:
    """A number of days: 14, 14日分."""
    found = _DAYS.fullmatch(_folded(words))
    return int(found[1]) if found and 0 < int(found[1]) <= _MOST_DAYS else None


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words[:_WIDEST]).strip()


def _day(written: str) -> date | None:
    plain = _WEEKDAY.sub("", written).strip()
    if found := _WESTERN.fullmatch("".join(plain.split())):
        year, _, month, number, kanji_month, kanji_number = found.groups()
        return _exists(year, month or kanji_month, number or kanji_number)
    if found := _RUSSIAN.fullmatch(plain):
        return _exists(found[3], found[2], found[1])
    return era_date(plain)


def _exists(year: str, month: str, number: str) -> date | None:
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None
