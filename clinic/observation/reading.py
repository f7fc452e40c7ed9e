"""Readings as patients type them: "120/80 пульс 70", "血圧135の85", "37度8分". Pure.

Nothing is guessed that could be something else: what is not certain is a doubt, to be asked about.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from clinic.observation import words
from clinic.observation.rules import possible, possible_units
from clinic.observation.types import KINDS, Doubt, Heard, Kind, Occasion, Reading, Unit

LONGEST = 160  # signs; what is longer tells a story
LAST_DAY = 31  # of a month
_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "两": 2,
    "兩": 2,
}
_HAN = re.compile(
    r"百分之|[〇零一二三四五六七八九两兩十百]{2,}|[十百]"
    r"|[〇零一二三四五六七八九两兩](?=[度点點分時时个個小])|(?<=[度点點])[〇零一二三四五六七八九]"
)
_DEGREES = re.compile(r"(\d+) ?度 ?(?:(\d)(?!\d) ?分?|(半))")
_WIDE_COMMA = re.compile(r"，(?!\d(?!\d))")
_POINT = re.compile(r"(\d+) ?(?:[点點]| point )(\d)(?![\d分])")
_AND_TENTHS = re.compile(r"(?<![\d.,/])(3[4-9]|4[0-2]) и (\d)(?!\d)")
_PERCENT_OF = re.compile(r"百分之 ?(\d+)")
_NUMBER = r"(?<![\d.])(?<!\d,)\d{1,4}(?:[.,]\d{1,2})?(?![\d]|[.,]\d)"
_WHOLE = r"(?<![\d.])(?<!\d,)\d{2,3}(?![\d])"
# "¦" stands where a moment or an occasion was.
_GAP = rf"(?:[\s:=,、。.¦-]|{words.FILLER}){{0,24}}?"
_pressure = re.compile("|".join((words.PRESSURE, words.UPPER, words.LOWER)))
_ANY_LABEL = re.compile("|".join((words.PRESSURE, *words.LABELS.values())))
_occasions = tuple((code, re.compile(said)) for code, said in words.OCCASIONS)
_parts = tuple((hour, ago, re.compile(said)) for hour, ago, said in words.PARTS)
_clock = re.compile(words.CLOCK)
_filler = re.compile(words.FILLER)
_PAIR = rf"(?P<a>{_WHOLE})(?: ?{words.MMHG})?(?:%s)(?P<b>{_WHOLE})(?: ?{words.MMHG})?"
_sure_pair = re.compile(
    rf"(?:(?:{words.PRESSURE}){_GAP})?{_PAIR % words.SURE_BETWEEN}(?:{_GAP}(?:{words.PRESSURE}))?"
)
_labelled_pair = re.compile(
    rf"(?:{words.PRESSURE}){_GAP}{_PAIR % words.MAYBE_BETWEEN}"
    rf"|(?P<a2>{_WHOLE})(?:{words.MAYBE_BETWEEN})(?P<b2>{_WHOLE}) ?(?:{words.PRESSURE})"
)
_named_pair = re.compile(
    rf"(?:(?:{words.PRESSURE}){_GAP})?(?:{words.UPPER}){_GAP}(?P<a>{_WHOLE})(?: ?{words.MMHG})?"
    rf"{_GAP}(?:{words.LOWER}){_GAP}(?P<b>{_WHOLE})(?: ?{words.MMHG})?"
    rf"|(?:(?:{words.PRESSURE}){_GAP})?(?:{words.LOWER}){_GAP}(?P<b2>{_WHOLE})(?: ?{words.MMHG})?"
    rf"{_GAP}(?:{words.UPPER}){_GAP}(?P<a2>{_WHOLE})(?: ?{words.MMHG})?"
)
_bare_pair = re.compile(_PAIR % words.MAYBE_BETWEEN)  # where a pressure was asked for
_half = re.compile(
    rf"(?:{words.PRESSURE}|{words.UPPER}|{words.LOWER}){_GAP}(?P<a>{_NUMBER})(?: ?{words.MMHG})?"
    rf"|(?P<a2>{_NUMBER}) ?(?:{words.MMHG})"
)
_UNITS = "|".join(f"(?P<u{n}>{said})" for n, (_, _, said) in enumerate(words.UNIT_OF))
_labelled = {
    kind: re.compile(rf"(?:{said}){_GAP}(?P<number>{_NUMBER})(?: ?(?:{_UNITS}))?")
    for kind, said in words.LABELS.items()
}
_label_after = {
    kind: re.compile(rf"(?P<number>{_NUMBER})(?: ?(?:{_UNITS}))?[ :-]*(?:{said})")
    for kind, said in words.LABELS.items()
}
_with_unit = re.compile(rf"(?P<number>{_NUMBER}) ?(?:{_UNITS})")
_bare = re.compile(_NUMBER)


@dataclass(slots=True)
class _Text:
    """What is left of a text, and what was found in it, by where it stood."""

    left: str
    found: list[tuple[int, Reading | Doubt]] = field(default_factory=list)
    occasion: Occasion | None = None

    def blank(self, match: re.Match[str], sign: str = "|") -> None:
        """Take out what was understood; everything else keeps its place."""
        start, end = match.span()
        self.left = f"{self.left[:start]}{sign * (end - start)}{self.left[end:]}"

    def has(self, kind: Kind) -> bool:
        """Whether there is one of a kind already."""
        return any(isinstance(it, Reading) and it.kind == kind for _, it in self.found)


def read(text: str, now: datetime, asked: Kind | None = None) -> Heard:
    """The readings that a text tells. `now`: aware, in the clinic's zone.

    `asked`: what the patient was just asked for, so that a bare number is that.
    """
    folded = _folded(text)
    if not folded or len(folded) > LONGEST:
        return Heard()
    here = _Text(folded)
    here.occasion = _occasion(here)
    at = _moment(here, now)
    _pressures(here, asked)
    _named(here)
    _numbers(here, asked)
    said = [it for _, it in sorted(here.found, key=lambda one: one[0])]
    rest = _filler.sub(" ", _ANY_LABEL.sub(" ", here.left))
    whole = bool(said) and not any(sign.isalnum() for sign in rest)
    return Heard(
        tuple(it for it in said if isinstance(it, Reading)),
        tuple(it for it in said if isinstance(it, Doubt)),
        at,
        whole,
    )


def certain(heard: Heard) -> bool:
    """Whether a text that nobody asked for is a reading, and nothing else.

    A number that could be anything is none.
    """
    return heard.whole and all(it.why != "which" for it in heard.doubts)


# Signs ------------------------------------------------------------------------------------------


def _folded(text: str) -> str:
    # A wide comma parts numbers, but where one digit follows: ３７，８.
    text = _WIDE_COMMA.sub(", ", text)
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("⁄", "/")
    plain = plain.replace("º", "°").replace("℃", "°c").replace("−", "-")
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    plain = " ".join(plain.split())
    plain = _HAN.sub(_digits, plain)
    plain = _PERCENT_OF.sub(r"\1%", plain)
    plain = _DEGREES.sub(lambda it: f"{it[1]}.{it[2] or 5}度", plain)
    plain = _POINT.sub(r"\1.\2", plain)
    return _AND_TENTHS.sub(r"\1.\2", plain)


def _digits(match: re.Match[str]) -> str:
    """A number in Han signs: 百三十五, 一二〇, and 一百三, which is 130."""
    signs = match[0]
    if signs == "百分之":
        return signs
    if "百" not in signs and "十" not in signs:
        return "".join(str(_DIGITS[sign]) for sign in signs)
    hundreds, _, rest = signs.rpartition("百")
    total = _DIGITS.get(hundreds[-1:], 1) * 100 if "百" in signs else 0
    if "十" in rest:
        tens, _, ones = rest.partition("十")
        return str(total + _DIGITS.get(tens[-1:], 1) * 10 + _DIGITS.get(ones[:1], 0))
    if len(rest) == 1:
        return str(total + _DIGITS[rest] * 10)
    return str(total + _DIGITS.get(rest[-1:], 0))


# Occasion and moment ----------------------------------------------------------------------------


def _occasion(here: _Text) -> Occasion | None:
    found: list[Occasion] = []
    for code, pattern in _occasions:
        if match := pattern.search(here.left):
            here.blank(match, "¦")
            found.append(code)
    return found[0] if found else None


def _moment(here: _Text, now: datetime) -> datetime | None:
    """When it was measured: by the clock, or by a part of the day; never in the time to come."""
    clock = _clock.search(here.left)
    if clock:
        here.blank(clock, "¦")
    hour, ago, named = None, 0, False
    for part_hour, days, pattern in _parts:
        if match := pattern.search(here.left):
            here.blank(match, "¦")
            hour, ago, named = hour if hour is not None else part_hour, max(ago, days), True
    if clock is None and not named:
        return None
    at = now - timedelta(days=ago)
    if clock is not None:
        at = datetime.combine(at.date(), _time(clock, hour), now.tzinfo)
        return at if at <= now else at - timedelta(days=1)
    if hour is not None:
        at = datetime.combine(at.date(), time(hour), now.tzinfo)
    return min(at, now)


def _time(clock: re.Match[str], part: int | None) -> time:
    hour = int(clock["hour"])
    minute = next((clock[name] for name in ("minute", "minute2", "minute3") if clock[name]), None)
    half = (clock["half_day"] or "").replace(".", "")
    late = clock["late"] or half in ("pm", "вечера", "дня") or (part is not None and part > 12)
    if half in ("am", "утра") and hour == 12:
        hour = 0
    elif late and hour < 12:
        hour += 12
    return time(hour, int(minute) if minute else 30 if clock["half"] or clock["half2"] else 0)


# Numbers ----------------------------------------------------------------------------------------


def _pressures(here: _Text, asked: Kind | None) -> None:
    bare = asked == "blood_pressure"
    told = bare or _pressure.search(here.left) is not None
    patterns = (_named_pair, _sure_pair, _labelled_pair, *((_bare_pair,) if bare else ()))
    for pattern in patterns:
        for match in pattern.finditer(here.left):
            groups = match.groupdict()
            upper, lower = (Decimal(groups[one] or groups[f"{one}2"]) for one in "ab")
            if not told and max(upper, lower) <= LAST_DAY:
                continue  # 10/11 is a date
            here.blank(match)
            _add(here, match.start(), Reading("blood_pressure", upper, "mmHg", lower))


def _named(here: _Text) -> None:
    """Numbers with a word or a unit of their own."""
    for patterns in (_labelled, _label_after):
        for kind, pattern in patterns.items():
            while match := pattern.search(here.left):
                here.blank(match)
                _of_kind(here, match, kind, _unit(match, kind))
    while match := _half.search(here.left):
        here.blank(match)
        number = _decimal(match["a"] or match["a2"])
        here.found.append((match.start(), Doubt("half", (number,), ("blood_pressure",))))
    while match := _with_unit.search(here.left):
        here.blank(match)
        n = next(n for n in range(len(words.UNIT_OF)) if match[f"u{n}"])
        unit, kind, _ = words.UNIT_OF[n]
        _of_kind(here, match, kind, unit)


def _unit(match: re.Match[str], kind: Kind) -> Unit | None:
    """The unit that stands behind a number of a kind, if it is one of the kind's."""
    units = (unit for n, (unit, of, _) in enumerate(words.UNIT_OF) if match[f"u{n}"] and of == kind)
    return next(units, None)


def _numbers(here: _Text, asked: Kind | None) -> None:
    """Bare numbers: of what was asked, or what alone they can be beside what was told."""
    while match := _bare.search(here.left):
        here.blank(match)
        number = _decimal(match[0])
        if asked == "blood_pressure" and not here.has(asked):
            here.found.append((match.start(), Doubt("half", (number,), (asked,))))
        elif asked is not None and not here.has(asked):
            _of_kind(here, match, asked, None)
        elif _is_temperature(match[0], number):
            _add(here, match.start(), Reading("temperature", number, "°C"))
        elif here.has("blood_pressure") and not here.has("pulse") and number == int(number):
            _add(here, match.start(), Reading("pulse", number, "/min"))
        else:
            kinds = tuple(kind for kind in KINDS if _could_be(kind, number))
            doubt = Doubt("which", (number,), kinds, (), here.occasion)
            here.found.append((match.start(), doubt))


def _is_temperature(written: str, number: Decimal) -> bool:
    _, _, tenths = written.replace(",", ".").partition(".")
    return len(tenths) == 1 and 34 <= number < 43


def _could_be(kind: Kind, number: Decimal) -> bool:
    if kind == "blood_pressure":
        return 60 <= number <= 260 and number == int(number)
    return bool(possible_units(kind, number))


def _of_kind(here: _Text, match: re.Match[str], kind: Kind, unit: Unit | None) -> None:
    number = _decimal(match["number"] if "number" in match.re.groupindex else match[0])
    units = (unit,) if unit else _meant(kind, number)
    if len(units) == 1:
        occasion = here.occasion if kind == "glucose" else None
        _add(here, match.start(), Reading(kind, number, units[0], occasion=occasion))
    else:
        why: Literal["unit", "impossible"] = "unit" if units else "impossible"
        doubt = Doubt(why, (number,), (kind,), units, here.occasion)
        here.found.append((match.start(), doubt))


def _meant(kind: Kind, number: Decimal) -> tuple[Unit, ...]:
    """The units that a number without one may have."""
    if kind == "weight":
        return possible_units(kind, number)[:1]
    if kind != "glucose":
        return possible_units(kind, number)
    units: tuple[Unit, ...] = ("mg/dL",)
    if number < 20 or number != int(number):
        units = ("mmol/L",)
    elif number < 40:
        units = ("mg/dL", "mmol/L")
    return tuple(unit for unit in units if unit in possible_units(kind, number))


def _add(here: _Text, where: int, reading: Reading) -> None:
    if possible(reading):
        here.found.append((where, reading))
        return
    numbers = (reading.value,) if reading.second is None else (reading.value, reading.second)
    here.found.append((where, Doubt("impossible", numbers, (reading.kind,))))


def _decimal(written: str) -> Decimal:
    return Decimal(written.replace(",", "."))
