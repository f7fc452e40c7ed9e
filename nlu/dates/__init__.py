"""Reads the days and hours that patients write, in five languages."""

import re
from datetime import datetime

from nlu.dates import chinese, english, japanese, russian
from nlu.dates.joining import joined
from nlu.dates.phrases import phrases
from nlu.dates.reader import Place, dates_of, dates_of_number, doubtful
from nlu.dates.types import DateReading, Dates
from nlu.folding import fold, has_kana

__all__ = ["DateReading", "Dates", "load", "read"]

LONGEST = 1000  # signs that are read
_TOKENS = {
    "en": english.tokens,
    "ja": japanese.tokens,
    "ru": russian.tokens,
    "zh-Hant": chinese.tokens,
    "zh-Hans": chinese.tokens,
}

_CYRILLIC = re.compile("[а-я]")
_HAN = re.compile("[㐀-鿿]")
_NUMBER = re.compile(
    r"\W*(?:for |the |на )?(\d{1,2})(?:please|пожалуйста|でお願いします|です|で|\W)*"
)
_LATIN_WORD = re.compile("[a-z]{3}")  # not the am of 10am, nor the r of R8.12.3


def load() -> None:
    """Make the readers ready: for a process to call at its start, or the first patient waits."""
    for tokens in _TOKENS.values():
        tokens("")


def read(text: str, language: str, now: datetime, *, opens: int = 8, closes: int = 20) -> Dates:
    """The days and hours in a patient's words; nothing if there are none.

    `now` is aware and in the clinic's zone. `opens` and `closes` are the clinic's hours, which
    decide between 3 and 15 o'clock. What has several meanings is told with all of them, and
    marked; so is what stands in a text of more than 1,000 signs, which is a story and no answer.
    Raises ValueError for a language that is none of the five.
    """
    if language not in _TOKENS:
        raise ValueError(f"no reader for {language!r}")
    place = Place(now, opens, closes)
    words = fold(text)
    if (number := _NUMBER.fullmatch(words)) and int(number[1]) <= 31:
        return dates_of_number(int(number[1]), place)
    tokens = _TOKENS[_spoken(words, language)](words[:LONGEST])
    found = dates_of(phrases(joined(tokens)), place)
    return found if len(words) <= LONGEST else doubtful(found)


def _spoken(text: str, language: str) -> str:
    """The language of the words: a Japanese patient may write "tomorrow 10am"."""
    if _CYRILLIC.search(text):
        return "ru"
    if has_kana(text):
        return "ja"
    if _HAN.search(text):
        return language if language in ("ja", "zh-Hant", "zh-Hans") else "zh-Hans"
    return "en" if _LATIN_WORD.search(text) else language
