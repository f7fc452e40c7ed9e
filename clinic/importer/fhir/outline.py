"""JSON from outside: where its parts lie, and one part at a time as values.

A bundle may be as large as a whole practice, and JSON can be made to fill any memory or to end any
recursion. So a file is first only scanned for where its entries begin and end; each is then read
alone, and one that cannot be read leaves the others.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, TypeAlias

LARGEST = 10_000_000  # characters of one resource
DEEPEST = 64  # brackets within brackets; FHIR's own resources stay under 20
MOST_BRACKETS = 200_000  # of one resource
MOST_ENTRIES = 500_000  # of one bundle

# The reasons a person is told: not JSON; ends too early; too deep; too large; a name twice.
Fault: TypeAlias = Literal["json", "json_cut", "json_deep", "json_large", "json_twice"]
Span: TypeAlias = tuple[int, int]

_BLANK = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
# The lone quote comes last: a string that never ends is met once, not at each quote in it.
_MARK = re.compile(_STRING.pattern + r'|[\[\]{}]|"', re.DOTALL)
_LITERAL = re.compile(r"[-+.\w]+")


@dataclass(slots=True)
class Outline:
    """A file's outermost object. `entries` are where the elements of its `entry` lie, if it has."""

    members: dict[str, Span] = field(default_factory=dict)
    entries: list[Span] = field(default_factory=list)


def outline(text: str) -> Outline | Fault:
    """Where the members of the outermost object lie. What they hold is not looked at."""
    found = Outline()
    at = _blank(text, 0)
    if text[at : at + 1] != "{":
        return "json" if text[at:] else "json_cut"
    at = _blank(text, at + 1)
    while text[at : at + 1] != "}":
        if found.members:
            if text[at : at + 1] != ",":
                return _unexpected(text, at)
            at = _blank(text, at + 1)
        after = _member(text, at, found)
        if isinstance(after, str):
            return after
        at = _blank(text, after)
    return "json" if text[_blank(text, at + 1) :] else found


def _member(text: str, at: int, found: Outline) -> int | Fault:
    """Take one member in; where it ends."""
    name = _STRING.match(text, at)
    if name is None:
        return _unexpected(text, at) if text[at : at + 1] != '"' else "json_cut"
    colon = _blank(text, name.end())
    if text[colon : colon + 1] != ":":
        return _unexpected(text, colon)
    begin = _blank(text, colon + 1)
    if name.group()[1:-1] in found.members:
        return "json_twice"
    is_list = name.group() == '"entry"' and text[begin : begin + 1] == "["
    end = _elements(text, begin, found.entries) if is_list else _end(text, begin)
    if isinstance(end, int):
        found.members[name.group()[1:-1]] = (begin, end)
        if len(found.members) > MOST_BRACKETS:
            return "json_large"
    return end


def _elements(text: str, at: int, entries: list[Span]) -> int | Fault:
    at = _blank(text, at + 1)
    while text[at : at + 1] != "]":
        if entries:
            if text[at : at + 1] != ",":
                return _unexpected(text, at)
            at = _blank(text, at + 1)
        end = _end(text, at)
        if isinstance(end, str):
            return end
        entries.append((at, end))
        if len(entries) > MOST_ENTRIES:
            return "json_large"
        at = _blank(text, end)
    return at + 1


def _end(text: str, begin: int) -> int | Fault:
    """Where the value ends that begins here."""
    first = text[begin : begin + 1]
    if first == '"':
        string = _STRING.match(text, begin)
        return string.end() if string else "json_cut"
    if first not in ("{", "["):
        literal = _LITERAL.match(text, begin)
        return literal.end() if literal else _unexpected(text, begin)
    depth = opened = 0
    for mark in _MARK.finditer(text, begin):
        at = mark.start()
        if text[at] in "{[":
            depth, opened = depth + 1, opened + 1
            if depth > DEEPEST:
                return "json_deep"
            if opened > MOST_BRACKETS:
                return "json_large"
        elif text[at] in "}]":
            depth -= 1
            if not depth:
                return mark.end()
        elif mark.end() == at + 1:
            return "json_cut"
    return "json_cut"


def _blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    assert blank is not None
    return blank.end()


def _unexpected(text: str, at: int) -> Fault:
    return "json" if at < len(text) else "json_cut"


class _TwiceError(ValueError):
    """A member's name stands twice in one object: one of the two would be lost."""


def parse(text: str, span: Span) -> dict[str, Any] | Fault:
    """The object that lies there. Numbers that JSON does not know (NaN) are faults."""
    begin, end = span
    if end - begin > LARGEST:
        return "json_large"
    try:
        value = json.loads(
            text[begin:end], object_pairs_hook=_object, parse_constant=_refuse, parse_int=_whole
        )
    except _TwiceError:
        return "json_twice"
    except ValueError:
        return "json"
    return value if isinstance(value, dict) else "json"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _TwiceError
    return members


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _whole(digits: str) -> int:
    # Turning very long rows of digits into a number takes time that grows with their square.
    if len(digits) > 20:
        raise ValueError
    return int(digits)
