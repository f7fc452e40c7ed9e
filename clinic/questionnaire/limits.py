"""What an uploaded item demands of its answers, and in which units."""

from collections.abc import Collection

from clinic.questionnaire import patterns
from clinic.questionnaire.extensions import Extensions
from clinic.questionnaire.source import Misread, Source, whole
from clinic.questionnaire.types import Coding, ItemType, Limits, Quantity, Value
from clinic.questionnaire.units import converted
from clinic.questionnaire.value_sets import ValueSets

_SIZED = {ItemType.STRING, ItemType.TEXT, ItemType.URL, ItemType.OPEN_CHOICE}
_COUNTED = _SIZED | {ItemType.INTEGER, ItemType.DECIMAL}
_NUMBERS = ("Integer", "Decimal")
_BOUNDS: dict[ItemType, tuple[str, ...]] = {
    ItemType.INTEGER: _NUMBERS,
    ItemType.DECIMAL: _NUMBERS,
    ItemType.QUANTITY: ("Quantity", *_NUMBERS),
    ItemType.DATE: ("Date",),
    ItemType.DATE_TIME: ("DateTime", "Date"),
    ItemType.TIME: ("Time",),
}


def read_limits(
    source: Source, extensions: Extensions, kind: ItemType, units: tuple[Coding, ...]
) -> Limits:
    """All limits of an item; what they cannot apply to is a problem."""
    longest = _length(source, kind)
    shortest = extensions.whole("minLength")
    for name in ("minLength", "regex"):
        if name in extensions and kind not in _SIZED:
            source.problem("for_type", part=name, type=kind.value)
    for name in ("mimeType", "maxSize"):
        if name in extensions and kind is not ItemType.ATTACHMENT:
            source.problem("for_type", part=name, type=kind.value)
    if shortest is not None and longest is not None and shortest > longest:
        source.problem("length_order")
    least = extensions.whole("questionnaire-minOccurs")
    most = extensions.whole("questionnaire-maxOccurs")
    if max(least or 0, most or 0) > 1 and source.data.get("repeats") is not True:
        source.problem("occurs_once")
    if most is not None and most < max(least or 0, 1):
        source.problem("occurs_small")
    limits = Limits(
        min_length=shortest,
        max_length=longest,
        pattern=_pattern(source, extensions),
        format=str(extensions.value("entryFormat", "String") or ""),
        min_value=_bound(source, extensions, kind, "min"),
        max_value=_bound(source, extensions, kind, "max"),
        decimal_places=extensions.whole("maxDecimalPlaces"),
        min_occurs=least,
        max_occurs=most,
        mime_types=tuple(_codes(extensions)),
        max_size=extensions.whole("maxSize"),
    )
    for value in (limits.min_value, limits.max_value):
        if isinstance(value, Quantity):
            comparable(source, (value,), units)
    return limits


def comparable(source: Source, values: Collection[Quantity], units: tuple[Coding, ...]) -> None:
    """A problem unless an answer in each of the units can be compared with one of the values."""
    for unit in units:
        if not any(
            not value.code or converted(value.value, value.code, unit.code) is not None
            for value in values
        ):
            known = " / ".join(value.code for value in values)
            source.problem("not_comparable", unit=unit.code, units=known)


def _length(source: Source, kind: ItemType) -> int | None:
    if "maxLength" not in source.data:
        return None
    try:
        longest = whole(source.data["maxLength"])
        if longest < 1 or kind not in _COUNTED:
            raise Misread("for_type", part=str(longest), type=kind.value)
    except Misread as error:
        source.problem("within", part="maxLength", why=error.reason)
        return None
    return longest


def _pattern(source: Source, extensions: Extensions) -> patterns.Pattern | None:
    regex = extensions.value("regex", "String")
    if regex is None:
        return None
    try:
        return patterns.Pattern.compile(str(regex))
    except patterns.Unsupported as error:
        source.problem("within", part="regex", why=error.reason)
        return None


def _bound(source: Source, extensions: Extensions, kind: ItemType, end: str) -> Value | None:
    """minValue or maxValue; of a quantity, SDC's minQuantity and maxQuantity too."""
    for name in (f"{end}Value", f"sdc-questionnaire-{end}Quantity"):
        if name not in extensions:
            continue
        if kind not in _BOUNDS:
            source.problem("for_type", part=name, type=kind.value)
            return None
        return extensions.value(name, *_BOUNDS[kind])
    return None


def _codes(extensions: Extensions) -> list[str]:
    found = []
    for extension in extensions.all("mimeType"):
        code = extension.string("valueCode") or extension.string("valueString")
        if "/" not in code:
            extension.problem("no_mime_type")
        found.append(code.lower())
    return found


def read_units(
    source: Source, extensions: Extensions, value_sets: ValueSets, kind: ItemType
) -> tuple[Coding, ...]:
    """Of a number the one to show, of a quantity those to choose from."""
    found: list[Coding] = []
    for name in ("questionnaire-unit", "questionnaire-unitOption"):
        for extension in extensions.all(name):
            try:
                _, value = extension.value()
                if not isinstance(value, Coding):
                    raise Misread("coding_expected")
                found.append(value)
            except Misread as error:
                source.problem("within", part=name, why=error.reason)
    for extension in extensions.all("questionnaire-unitValueSet"):
        reference = extension.string("valueCanonical") or extension.string("valueUri")
        try:
            options = value_sets.options(reference, source)
        except Misread as error:
            source.problem("within", part="questionnaire-unitValueSet", why=error.reason)
            continue
        found += [option.value for option in options if isinstance(option.value, Coding)]
    units = tuple(dict.fromkeys(found))
    if units and kind not in (ItemType.INTEGER, ItemType.DECIMAL, ItemType.QUANTITY):
        source.problem("unit_for_type", type=kind.value)
    if len(units) > 1 and kind is not ItemType.QUANTITY:
        source.problem("several_units")
    return units
