"""Filters in the staff's language. Pure."""

from dataclasses import dataclass
from datetime import date

from admin.i18n import Speech
from clinic.segment import rules
from clinic.segment.types import Fault, Filter, Value, Words


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a filter in plain words. `depth`: what it belongs to, at most 5."""

    depth: int
    words: str


def described(speech: Speech, tree: Filter) -> list[Line]:
    """A filter in plain words, a line for each part."""
    return [Line(min(one.depth, 5), _line(speech, one)) for one in rules.described(tree)]


def fault(speech: Speech, one: Fault) -> str:
    """What is wrong with a filter, and where."""
    words = speech.code("segments.fault", one.reason)
    return f"{one.where}: {words}" if one.where else words


def _line(speech: Speech, one: Words) -> str:
    if not one.field:
        return speech(one.key)
    between = one.key == "segment_op_between"
    value = ("–" if between else ", ").join(_value(speech, it) for it in one.values)
    words = speech(one.key, field=speech(one.field), value=value)
    options = ", ".join(f"{speech(name)}: {_value(speech, said)}" for name, said in one.options)
    return f"{words} ({options})" if options else words


def _value(speech: Speech, value: Value) -> str:
    if isinstance(value, date):
        return speech.day(value)
    words = str(value)
    return speech(words) if words.startswith("segment_") and words in speech else words
