"""The syntax of FHIRPath (N1), as far as questionnaires use it; `expressions` evaluates it.

Written here because no library would do: fhirpathpy 2.2.4 takes 1 to 4 ms for one expression over
30 answers where a whole turn has 1 ms, reads the machine's clock for today(), and fails in sum(),
avg(), max(), repeat() and comparisons of quantities. The tests compare both where it is right.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from clinic.questionnaire.reasons import Refused

LONGEST = 4_000  # characters
DEEPEST = 120  # operations within each other


def _named(names: str, *arguments: int) -> dict[str, tuple[int, ...]]:
    return dict.fromkeys(names.split(), arguments)


# By name: how many arguments each may have.
FUNCTIONS: dict[str, tuple[int, ...]] = {
    **_named(
        "empty allTrue anyTrue allFalse anyFalse count distinct isDistinct hasValue first last tail"
        " single children descendants not toInteger toDecimal toString toBoolean toDate toDateTime"
        " toQuantity length upper lower trim toChars abs ceiling floor sqrt exp ln truncate"
        " sum min max avg today now answers ordinal weight",
        0,
    ),
    **_named(
        "where select repeat all ofType is as skip take intersect exclude union combine extension"
        " startsWith endsWith contains indexOf split matches power log",
        1,
    ),
    **_named("exists join round", 0, 1),
    **_named("substring aggregate", 1, 2),
    **_named("replace", 2),
    **_named("iif", 2, 3),
}
_TYPES = {"ofType", "is", "as"}


class Unsupported(Refused):
    """The expression is wrong, or has something outside the subset; says what."""


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.

    op: literal (value), variable (name), special ($this, $index, $total), member (name), call
    (name), index, type (name: the operators `is` and `as`), negate, or a binary operator itself.
    `parts` are what it works on; of member, call and type the first is the input, None: the focus.
    """

    op: str
    name: str = ""
    value: object = None
    parts: tuple["Node | None", ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, dateTime or time literal as written, without `@` and `T`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with a unit: a UCUM code, or a calendar word such as `year`."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Expression:
    """Equal if the source is. `names` are the variables used, `strings` all that stand in it."""

    source: str
    root: Node = field(compare=False, repr=False)
    names: frozenset[str] = field(compare=False, repr=False)
    strings: frozenset[str] = field(compare=False, repr=False)


def parse(source: str, names: Collection[str] = ()) -> Expression:
    """Raises Unsupported, with what is wrong.

    `names` are the variables that are declared: `%has-fever` is one only if it is among them, and
    else a difference, as the grammar has it.
    """
    if len(source) > LONGEST:
        raise Unsupported("long_expression", most=LONGEST)
    parser = _Parser(source, names)
    root = parser.whole()
    nodes = list(_all_of(root))
    return Expression(
        source,
        root,
        frozenset(node.name for node in nodes if node.op == "variable"),
        frozenset(
            node.value for node in nodes if node.op == "literal" and isinstance(node.value, str)
        ),
    )


def _all_of(root: Node) -> Iterator[Node]:
    waiting: list[tuple[Node, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise Unsupported("deep_expression")
        yield node
        waiting.extend((part, depth + 1) for part in node.parts if part is not None)


_TOKEN = re.compile(
    r"(?P<space>\s+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<moment>@T?\d[\d:.TZ+-]*)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<string>'(?:\\.|[^'\\])*')"
    r"|(?P<variable>%(?:[A-Za-z_][\w-]*|'(?:\\.|[^'\\])*'|`[^`]*`))"
    r"|(?P<special>\$(?:this|index|total)\b)"
    r"|(?P<name>[A-Za-z_]\w*|`[^`]*`)"
    r"|(?P<sign><=|>=|!=|!~|[-+*/&|=~<>.()\[\]{},])",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond"]
_CALENDAR = {unit: unit for unit in _UNITS} | {f"{unit}s": unit for unit in _UNITS}
# Loosest first.
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("in", "contains"),
    ("=", "~", "!=", "!~"),
    ("<=", "<", ">", ">="),
    ("|",),
    ("is", "as"),
    ("+", "-", "&"),
    ("*", "/", "div", "mod"),
)


class _Parser:
    def __init__(self, source: str, names: Collection[str]) -> None:
        self.tokens = list(_tokens(source, names))
        self.at = 0
        self.depth = 0

    def whole(self) -> Node:
        """The tree of the whole text; raises Unsupported."""
        node = self._level(0)
        if self.at < len(self.tokens):
            raise Unsupported("unexpected", sign=self.tokens[self.at][1])
        return node

    def _level(self, level: int) -> Node:
        if level == 0:
            self.depth += 1
            if self.depth > 25:  # parentheses; each takes a dozen frames
                raise Unsupported("deep_expression")
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while operator := self._take(*_LEVELS[level]):
            if operator in ("is", "as"):
                node = Node("type", operator, self._type(), (node,))
            else:
                node = Node(operator, parts=(node, self._level(level + 1)))
        if level == 0:
            self.depth -= 1
        return node

    def _unary(self) -> Node:
        negate = False
        while sign := self._take("-", "+"):
            negate ^= sign == "-"
        node = self._term()
        while True:
            if self._take("."):
                node = self._invocation(node)
            elif self._take("["):
                node = Node("index", parts=(node, self._level(0)))
                self._need("]")
            else:
                return Node("negate", parts=(node,)) if negate else node

    def _term(self) -> Node:
        kind, text = self._next()
        if kind in _LITERALS:
            value = _LITERALS[kind](text)
            if kind == "number" and (unit := self._unit()) is not None:
                assert isinstance(value, int | Decimal)
                value = Amount(Decimal(value), unit)
            return Node("literal", value=value)
        if kind == "variable":
            return Node("variable", _unquoted(text[1:]))
        if kind == "special":
            return Node("special", text)
        if text in ("true", "false"):
            return Node("literal", value=text == "true")
        if kind == "name":
            self.at -= 1
            return self._invocation(None)
        if text == "(":
            node = self._level(0)
            self._need(")")
            return node
        if text == "{":
            self._need("}")
            return Node("literal")
        raise Unsupported("unexpected", sign=text)

    def _unit(self) -> str | None:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        unit = _CALENDAR.get(text) if kind == "name" else None
        if kind == "string":
            unit = _unquoted(text)
        self.at += unit is not None
        return unit

    def _invocation(self, target: Node | None) -> Node:
        kind, text = self._next()
        if kind == "special":
            return Node("special", text)
        if kind != "name":
            raise Unsupported("unexpected", sign=text)
        name = _unquoted(text)
        if not self._take("("):
            return Node("member", name, parts=(target,))
        if name not in FUNCTIONS:
            raise Unsupported("no_function", name=name)
        if name in _TYPES:
            node = Node("type", name, self._type(), (target,))
            self._need(")")
            return node
        arguments: list[Node | None] = []
        while not self._take(")"):
            if arguments:
                self._need(",")
            arguments.append(self._level(0))
        if len(arguments) not in FUNCTIONS[name]:
            raise Unsupported("arguments", name=name, count=len(arguments))
        return Node("call", name, parts=(target, *arguments))

    def _type(self) -> str:
        """The last part of FHIR.Quantity, System.String; small: boolean is Boolean."""
        _, text = self._next()
        while self._take("."):
            _, text = self._next()
        return _unquoted(text).lower()

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise Unsupported("ends_early")
        self.at += 1
        return self.tokens[self.at - 1]

    def _take(self, *texts: str) -> str | None:
        if self.at >= len(self.tokens):
            return None
        kind, text = self.tokens[self.at]
        if text not in texts or kind not in ("sign", "name"):
            return None
        self.at += 1
        return text

    def _need(self, text: str) -> None:
        if self._take(text) is None:
            raise Unsupported("missing_sign", sign=text)


def _tokens(source: str, names: Collection[str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise Unsupported("unexpected", sign=source[at])
        text = found[0]
        if found.lastgroup == "variable" and "-" in text and text[1:] not in names:
            text = text if text[1] in "'`" else text.partition("-")[0]
        at += len(text)
        if found.lastgroup != "space":
            yield found.lastgroup or "", text


def _unquoted(text: str) -> str:
    if text[:1] not in ("'", "`"):
        return text
    return re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda found: (
            chr(int(found[1][1:], 16)) if len(found[1]) > 1 else _ESCAPES.get(found[1], found[1])
        ),
        text[1:-1],
        flags=re.DOTALL,
    )


def _number(text: str) -> int | Decimal:
    if len(text) > 30:
        raise Unsupported("long_number", most=30)
    return Decimal(text) if "." in text else int(text)


_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_CLOCK = r"\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?"
_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"


def _moment(text: str) -> Moment:
    if re.fullmatch(f"@{_DATE}", text):
        return Moment("date", text[1:])
    if re.fullmatch(f"@T{_CLOCK}", text):
        return Moment("time", text[2:])
    if re.fullmatch(f"@{_DATE}T(?:{_CLOCK}{_ZONE})?", text):
        return Moment("dateTime", text[1:].removesuffix("T"))
    raise Unsupported("no_moment", text=text)


_LITERALS: dict[str, Callable[[str], object]] = {
    "number": _number,
    "string": _unquoted,
    "moment": _moment,
}
