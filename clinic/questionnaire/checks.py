"""Whether values are an answer to an item: the type, the options, and every limit."""

import re
from collections.abc import Sequence
from decimal import Decimal

from clinic.questionnaire.comparison import compares
from clinic.questionnaire.source import Misread, clock, day, instant
from clinic.questionnaire.types import (
    Attachment,
    Coding,
    Item,
    ItemType,
    Quantity,
    Reference,
    Refusal,
    Value,
)

MOST_ANSWERS = 100  # to a repeating question
LONGEST_TEXT = 4_000
MOST_DIGITS = 15
_URL = re.compile(r"(?:https?://|mailto:|tel:|urn:)[^\s<>\"']{1,2000}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
_SPACES = re.compile(r"[^\S\r\n]")
Checked = Value | Refusal


def check(item: Item, values: Sequence[Value]) -> tuple[Value, ...] | Refusal:
    """The values as they are kept: with system, display, unit; or why they are no answer."""
    if not values:
        return Refusal("empty")
    most = item.most or MOST_ANSWERS
    if len(values) > most:
        return Refusal("too_many", {"most": most})
    if len(values) < item.least:
        return Refusal("too_few", {"least": item.least})
    found: list[Value] = []
    for value in values:
        checked = _limited(item, _typed(item, value))
        if isinstance(checked, Refusal):
            return checked
        found.append(checked)
    if item.options and len(set(found)) < len(found):
        return Refusal("duplicate")
    for option in item.options:
        if option.exclusive and len(found) > 1 and option.value in found:
            return Refusal("exclusive", {"option": option.label})
    return tuple(found)


def _typed(item: Item, value: Value) -> Checked:
    """Of the item's type, and complete."""
    kind = item.type
    if kind in (ItemType.CHOICE, ItemType.OPEN_CHOICE):
        return _chosen(item, value)
    if kind is ItemType.BOOLEAN:
        return value if isinstance(value, bool) else Refusal("type")
    if kind in (ItemType.INTEGER, ItemType.DECIMAL):
        return _number(kind, value)
    if kind is ItemType.QUANTITY:
        return _quantity(item, value)
    if kind is ItemType.ATTACHMENT:
        return value if isinstance(value, Attachment) else Refusal("type")
    if kind is ItemType.REFERENCE:
        return _reference(value)
    if not isinstance(value, str):
        return Refusal("type")
    if kind in (ItemType.DATE, ItemType.DATE_TIME, ItemType.TIME):
        return _moment(kind, value)
    return _words(kind, value)


def _moment(kind: ItemType, text: str) -> Checked:
    """A date, also of a year or month alone; a dateTime with zone or a date; a time of day."""
    try:
        if kind is ItemType.TIME:
            return clock(text if text.count(":") != 1 else f"{text}:00")
        if kind is ItemType.DATE:
            return day(text)
        return instant(_SHORT.sub(r"\1:00\2", text))
    except Misread:
        if kind is ItemType.DATE_TIME and _ZONELESS.fullmatch(text):
            return Refusal("zone")
        return Refusal("time" if kind is ItemType.TIME else "date")


_SHORT = re.compile(r"(T\d\d:\d\d)(Z|[+-]\d\d:\d\d)$")
_ZONELESS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")


def _number(kind: ItemType, value: Value) -> Checked:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return Refusal("type")
    number = Decimal(value)
    if not number.is_finite() or not _few_digits(number):
        return Refusal("number")
    if kind is ItemType.DECIMAL:
        return number
    if not isinstance(value, int) or abs(value) >= 2**31:
        return Refusal("number")
    return value


def _few_digits(number: Decimal) -> bool:
    return len(number.as_tuple().digits) <= MOST_DIGITS and abs(number.adjusted()) <= MOST_DIGITS


def _quantity(item: Item, value: Value) -> Checked:
    """With the unit's system and code; a plain number where only one unit is possible."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        value = Quantity(Decimal(value))
    if not isinstance(value, Quantity):
        return Refusal("type")
    if not value.value.is_finite() or not _few_digits(value.value):
        return Refusal("number")
    if not item.units:
        return value
    named = {value.unit, value.code} - {""}
    for unit in item.units:
        names = {
            unit.code,
            unit.display.default,
            *(words for _, words in unit.display.translations),
        }
        if named & names if named else len(item.units) == 1:
            return Quantity(value.value, unit.display.default, unit.system, unit.code)
    return Refusal("unit", {"units": tuple(unit.display for unit in item.units)})


def _reference(value: Value) -> Checked:
    if isinstance(value, str):
        value = Reference(display=value)
    if not isinstance(value, Reference):
        return Refusal("type")
    display = _cleaned(value.display)
    if not (value.reference or display):
        return Refusal("empty")
    if value.reference and not _REFERENCE.fullmatch(value.reference):
        return Refusal("reference")
    return Reference(value.reference, display[:LONGEST_TEXT])


_REFERENCE = re.compile(r"[A-Z][A-Za-z]{2,40}/[A-Za-z0-9.-]{1,64}|(?:https?://|urn:)\S{1,500}")


def _chosen(item: Item, value: Value) -> Checked:
    for option in item.options:
        if _is_option(option.value, value):
            return option.value
    if item.type is ItemType.OPEN_CHOICE and isinstance(value, str):
        return _words(ItemType.STRING, value)
    return Refusal("not_an_option")


def _is_option(option: Value, value: Value) -> bool:
    """By code alone, if the value names no system."""
    if isinstance(value, bool):
        return False
    if isinstance(option, Coding) and isinstance(value, Coding) and not value.system:
        return option.code == value.code
    return option == value


def _words(kind: ItemType, value: str) -> Checked:
    if kind is ItemType.URL:
        text = value.strip()
        return text if _URL.fullmatch(text) else Refusal("url")
    text = _cleaned(value)
    if kind is not ItemType.TEXT:
        text = " ".join(text.split())
    if not text:
        return Refusal("empty")
    return text if len(text) <= LONGEST_TEXT else Refusal("too_long", {"most": LONGEST_TEXT})


def _cleaned(text: str) -> str:
    """Without control signs; only spaces and line ends as white space, as FHIR's string has it."""
    return _SPACES.sub(" ", _CONTROL.sub("", text.replace("\r\n", "\n"))).strip()


def _limited(item: Item, value: Checked) -> Checked:
    """The value, if it keeps to the item's limits."""
    limits = item.limits
    if isinstance(value, Refusal):
        return value
    if isinstance(value, Attachment):
        return _file(item, value)
    if isinstance(value, str) and item.type in _SIZED and not _listed(item, value):
        if limits.min_length is not None and len(value) < limits.min_length:
            return Refusal("too_short", {"least": limits.min_length})
        if limits.max_length is not None and len(value) > limits.max_length:
            return Refusal("too_long", {"most": limits.max_length})
        if limits.pattern is not None and not limits.pattern.matches(value):
            return Refusal("pattern", {"format": limits.format})
    number = value.value if isinstance(value, Quantity) else value
    if isinstance(number, int | Decimal) and not isinstance(number, bool):
        if limits.max_length is not None and len(str(number)) > limits.max_length:
            return Refusal("too_long", {"most": limits.max_length})
        places = -int(Decimal(number).as_tuple().exponent)
        if limits.decimal_places is not None and places > limits.decimal_places:
            return Refusal("decimals", {"most": limits.decimal_places})
    if limits.min_value is not None and compares("<", value, limits.min_value, item.type):
        return Refusal("too_small", {"least": limits.min_value})
    if limits.max_value is not None and compares(">", value, limits.max_value, item.type):
        return Refusal("too_large", {"most": limits.max_value})
    return value


_SIZED = (ItemType.STRING, ItemType.TEXT, ItemType.URL, ItemType.OPEN_CHOICE)


def _listed(item: Item, value: str) -> bool:
    return any(option.value == value for option in item.options)


def _file(item: Item, value: Attachment) -> Checked:
    kinds = item.limits.mime_types
    content = value.content_type.lower().partition(";")[0].strip()
    if kinds and not any(_is_of(content, kind) for kind in kinds):
        return Refusal("mime_type", {"types": kinds})
    most = item.limits.max_size
    if most is not None and value.size > most:
        return Refusal("too_big", {"most": most, "bytes": value.size})
    return value


def _is_of(content: str, kind: str) -> bool:
    return (
        kind == "*/*" or content == kind or (kind.endswith("/*") and content.startswith(kind[:-1]))
    )
