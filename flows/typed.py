"""Numbers as patients type them: 38,5 / ３８．５ / 38度5分 / 三十八度二分 / 1,500. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

LONGEST = 60  # signs of an answer; a longer one is a story, of which no number is taken
_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "兩": 2,
    "两": 2,
}
_TENS = {"十": 10, "百": 100, "千": 1000}
_HAN = re.compile(f"[{''.join(_DIGITS)}{''.join(_TENS)}]+(?:[点點][{''.join(_DIGITS)}]+)?")
# Japanese and Chinese tell tenths of a degree as parts: 38度5分; a half degree is 半.
_DEGREES = re.compile(r"(?P<whole>\d+)\s*度\s*(?:(?P<tenth>\d)\s*(?:分)?|(?P<half>半))")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,])")
_SPACED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.,])")
_NUMBER = re.compile(
    r"(?<![A-Za-zА-яё\d.,])(?P<sign>[-+]?)(?P<whole>\d+)(?:[.,](?P<part>\d+))?(?![\d]|[.,]\d)"
)


def read_number(text: str, language: str) -> Decimal | None:
    """The one number that a short answer holds; None if there is none, or more than one.

    A comma is the decimal sign, but in front of three digits it parts the thousands, except in
    Russian. What stands around the number (a unit, "about") is not looked at.
    """
    words = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("、", ",")
    if not words or len(words) > LONGEST:
        return None
    words = _HAN.sub(_written, words)
    words = _DEGREES.sub(_degrees, words)
    if language != "ru":
        words = _THOUSANDS.sub(lambda match: match[0].replace(",", ""), words)
    words = _SPACED.sub(lambda match: match[0].replace(" ", ""), words)
    found = [*_NUMBER.finditer(words)]
    if len(found) != 1 or sum(sign.isdigit() for sign in words) != _digits(found[0]):
        return None
    match = found[0]
    return Decimal(f"{match['sign']}{match['whole']}.{match['part'] or 0}").normalize() + 0


def read_unit(text: str, units: Iterable[str]) -> str | None:
    """The unit that a text names; None if it names none of them, or several."""
    words = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    folded = {
        unit: "".join(unicodedata.normalize("NFKC", unit).casefold().split()) for unit in units
    }
    named = [unit for unit, form in folded.items() if form and form in words]
    # "kg" stands in "kg/m2": the longest that is named counts.
    longest = [
        unit for unit in named if not any(_within(folded[unit], folded[other]) for other in named)
    ]
    return longest[0] if len(longest) == 1 else None


def _within(form: str, other: str) -> bool:
    return form != other and form in other


def _digits(match: re.Match[str]) -> int:
    return len(match["whole"]) + len(match["part"] or "")


def _degrees(match: re.Match[str]) -> str:
    return f"{match['whole']}.{5 if match['half'] else match['tenth']}"


def _written(match: re.Match[str]) -> str:
    """A number in Han signs as digits: 三十八, 百二十, 一二〇, 三十八点五."""
    whole, _, part = match[0].replace("點", "点").partition("点")
    if not any(sign in _TENS for sign in whole):
        digits = "".join(str(_DIGITS[sign]) for sign in whole)
    else:
        total = pending = 0
        for sign in whole:
            if sign in _TENS:
                total += (pending or 1) * _TENS[sign]
                pending = 0
            else:
                pending = _DIGITS[sign]
        digits = str(total + pending)
    decimals = "".join(str(_DIGITS[sign]) for sign in part)
    return f"{digits}.{decimals}" if decimals else digits
