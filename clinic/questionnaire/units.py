"""Conversion between the few units in which patients and questionnaires measure.

UCUM codes (unitsofmeasure.org); factors are exact by definition.
"""

from decimal import Decimal

# Dimension, factor to its first unit, and what is added before the factor is applied.
_UNITS: dict[str, tuple[str, Decimal, Decimal]] = {
    code: (dimension, Decimal(factor), Decimal(offset))
    for dimension, code, factor, offset in (
        ("length", "m", "1", "0"),
        ("length", "cm", "0.01", "0"),
        ("length", "mm", "0.001", "0"),
        ("length", "km", "1000", "0"),
        ("length", "[in_i]", "0.0254", "0"),
        ("length", "[ft_i]", "0.3048", "0"),
        ("length", "[mi_i]", "1609.344", "0"),
        ("mass", "kg", "1", "0"),
        ("mass", "g", "0.001", "0"),
        ("mass", "mg", "0.000001", "0"),
        ("mass", "ug", "0.000000001", "0"),
        ("mass", "[lb_av]", "0.45359237", "0"),
        ("mass", "[oz_av]", "0.028349523125", "0"),
        ("mass", "[stone_av]", "6.35029318", "0"),
        ("volume", "L", "1", "0"),
        ("volume", "l", "1", "0"),
        ("volume", "dL", "0.1", "0"),
        ("volume", "mL", "0.001", "0"),
        ("volume", "ml", "0.001", "0"),
        ("time", "s", "1", "0"),
        ("time", "min", "60", "0"),
        ("time", "h", "3600", "0"),
        ("time", "d", "86400", "0"),
        ("time", "wk", "604800", "0"),
        ("months", "mo", "1", "0"),
        ("months", "a", "12", "0"),
        ("pressure", "mm[Hg]", "1", "0"),
        ("pressure", "kPa", "7.500615758456564", "0"),
        ("temperature", "Cel", "1", "0"),
    )
}
_UNITS["[degF]"] = ("temperature", Decimal(5) / 9, Decimal(-32))


def converted(value: Decimal, unit: str, to: str) -> Decimal | None:
    """The same measure in another unit; None if nobody knows how."""
    if unit == to:
        return value
    known, wanted = _UNITS.get(unit), _UNITS.get(to)
    if known is None or wanted is None or known[0] != wanted[0]:
        return None
    _, factor, offset = known
    return (value + offset) * factor / wanted[1] - wanted[2]
