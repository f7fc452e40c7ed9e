"""FHIRPath over a questionnaire's answers: what conditions and calculations say.

The language is in `fhirpath`, the functions are in `functions`. A stranger's expression can
neither hang nor break us: steps, sizes of texts and of numbers are bounded, and what goes wrong is
a Fault.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import DecimalException
from functools import partial
from typing import Any, Protocol

from clinic.questionnaire.fhirpath import Expression, Moment, Node
from clinic.questionnaire.functions import FUNCTIONS
from clinic.questionnaire.values import (
    Items,
    Wrong,
    arithmetic,
    boolean,
    bounded,
    children,
    equal,
    equivalent,
    is_of,
    member,
    ordered,
    single,
    unique,
)

MOST_STEPS = 200_000  # of all expressions of one look at the answers: about 0.05 s
# What compares every item with every other.
_THOROUGH = {"distinct", "isDistinct", "union", "intersect", "exclude", "|", "~", "!~"}
_A_MATCH = 2_000  # steps that a regular expression is counted for


@dataclass(frozen=True, slots=True)
class Fault:
    """The expression could not be evaluated, and why."""

    reason: str


@dataclass(slots=True)
class Budget:
    """Steps that are left."""

    left: int = MOST_STEPS

    def spend(self, steps: int) -> None:
        """Raises Wrong if there are not so many."""
        self.left -= steps
        if self.left < 0:
            raise Wrong("it takes too many steps")


class Names(Protocol):
    """What the variables of an expression stand for."""

    def value_of(self, name: str) -> Sequence[Any]:
        """The items of `%name`; raises KeyError if there is no such variable."""


def evaluate(
    expression: Expression, focus: Sequence[Any], names: Names, on: date, budget: Budget
) -> tuple[Any, ...] | Fault:
    """The items that it comes to, in FHIR's JSON with Decimal; dates and times are Moment.

    `focus` is what a path begins at, `on` is today.
    """
    run = _Run(names, on, budget)
    try:
        return tuple(run.node(expression.root, list(focus)))
    except Wrong as error:
        return Fault(str(error))
    except (DecimalException, OverflowError):
        return Fault("a number is too large")


@dataclass(slots=True)
class _Run:
    names: Names
    on: date
    budget: Budget
    special: dict[str, Items] = field(default_factory=dict)

    def node(self, node: Node, focus: Items) -> Items:
        """What the operation comes to where `focus` is in focus."""
        found = _OPERATIONS.get(node.op, _binary)(self, node, focus)
        self.budget.spend(1 + len(found))
        return found

    def input(self, node: Node, focus: Items) -> Items:
        """What a path has come to so far."""
        target = node.parts[0]
        return focus if target is None else self.node(target, focus)

    def each(self, node: Node, items: Items) -> list[Items]:
        """What an argument comes to for each item, as `$this` with its `$index`."""
        outer = dict(self.special)
        found = []
        for index, item in enumerate(items):
            self.special["$this"] = [item]
            self.special["$index"] = [index]
            found.append(self.node(node, [item]))
        self.special = outer
        return found


Operation = Callable[[_Run, Node, Items], Items]


def _literal(_run: _Run, node: Node, _focus: Items) -> Items:
    return [] if node.value is None else [node.value]


def _variable(run: _Run, node: Node, _focus: Items) -> Items:
    try:
        return list(run.names.value_of(node.name))
    except KeyError:
        raise Wrong(f"%{node.name} is not known") from None


def _special(run: _Run, node: Node, focus: Items) -> Items:
    return run.special.get(node.name, focus if node.name == "$this" else [])


def _member(run: _Run, node: Node, focus: Items) -> Items:
    items = run.input(node, focus)
    if node.parts[0] is None and node.name == "QuestionnaireResponse":
        return items
    return [found for item in items for found in member(item, node.name)]


def _index(run: _Run, node: Node, focus: Items) -> Items:
    items = run.input(node, focus)
    assert node.parts[1] is not None
    index = single(run.node(node.parts[1], focus))
    return items[index : index + 1] if isinstance(index, int) and index >= 0 else []


def _type(run: _Run, node: Node, focus: Items) -> Items:
    items = run.input(node, focus)
    if node.name == "is":
        return [is_of(items[0], str(node.value))] if len(items) == 1 else []
    return [item for item in items if is_of(item, str(node.value))]


def _negate(run: _Run, node: Node, focus: Items) -> Items:
    return arithmetic("-", [0], run.input(node, focus))


def _call(run: _Run, node: Node, focus: Items) -> Items:
    items = run.input(node, focus)
    arguments = [part for part in node.parts[1:] if part is not None]
    special = _MACROS.get(node.name)
    if special is not None:
        return special(run, arguments, items, focus)
    if node.name in ("today", "now"):  # the hour is not known to rules
        return [Moment("date" if node.name == "today" else "dateTime", run.on.isoformat())]
    given = [run.node(argument, focus) for argument in arguments]
    if node.name in _THOROUGH:
        run.budget.spend(sum(map(len, (items, *given))) ** 2 // 4)
    elif node.name == "matches":
        run.budget.spend(_A_MATCH)
    return FUNCTIONS[node.name](items, *given)


def _binary(run: _Run, node: Node, focus: Items) -> Items:
    first, second = node.parts
    assert first is not None
    assert second is not None
    left = run.node(first, focus)
    if node.op in _LOGIC:
        return _logic(node.op, boolean(left), lambda: boolean(run.node(second, focus)))
    right = run.node(second, focus)
    if node.op in _THOROUGH:
        run.budget.spend((len(left) + len(right)) ** 2 // 4)
    return _BINARY[node.op](left, right)


def _logic(op: str, left: bool | None, right: Callable[[], bool | None]) -> Items:
    """Of three values: what is empty decides nothing."""
    if op == "xor":
        other = right()
        return [] if left is None or other is None else [left != other]
    if op == "implies":
        op, left = "or", None if left is None else not left
    decides = op == "or"
    if left is decides:
        return [decides]
    other = right()
    if other is decides:
        return [decides]
    return [] if left is None or other is None else [not decides]


_LOGIC = {"and", "or", "xor", "implies"}
_BINARY: dict[str, Callable[[Items, Items], Items]] = {
    "=": equal,
    "!=": lambda left, right: [not found for found in equal(left, right)],
    "~": lambda left, right: [equivalent(left, right)],
    "!~": lambda left, right: [not equivalent(left, right)],
    "|": lambda left, right: unique([*left, *right]),
    "in": lambda left, right: _within(left, right),
    "contains": lambda left, right: _within(right, left),
    "&": lambda left, right: [bounded(_text(left) + _text(right))],
    **{op: partial(ordered, op) for op in ("<", ">", "<=", ">=")},
    **{op: partial(arithmetic, op) for op in ("+", "-", "*", "/", "div", "mod")},
}


def _text(items: Items) -> str:
    return "".join(FUNCTIONS["toString"](items))


def _within(items: Items, all_of: Items) -> Items:
    if not items:
        return []
    if len(items) > 1:
        raise Wrong("several items where one is expected")
    return [any(equal(items, [other]) == [True] for other in all_of)]


# Functions whose argument is evaluated for every item ---------------------------------------------

Macro = Callable[[_Run, list[Node], Items, Items], Items]


def _true(found: Items) -> bool:
    return boolean(found) is True


def _where(run: _Run, arguments: list[Node], items: Items, _focus: Items) -> Items:
    kept = run.each(arguments[0], items)
    return [item for item, found in zip(items, kept, strict=True) if _true(found)]


def _select(run: _Run, arguments: list[Node], items: Items, _focus: Items) -> Items:
    return [one for found in run.each(arguments[0], items) for one in found]


def _exists(run: _Run, arguments: list[Node], items: Items, focus: Items) -> Items:
    return [bool(_where(run, arguments, items, focus) if arguments else items)]


def _all(run: _Run, arguments: list[Node], items: Items, _focus: Items) -> Items:
    return [all(_true(found) for found in run.each(arguments[0], items))]


def _repeat(run: _Run, arguments: list[Node], items: Items, _focus: Items) -> Items:
    found: Items = []
    seen: set[int] = set()
    while items:
        fresh = [one for each in run.each(arguments[0], items) for one in each]
        items = [one for one in fresh if id(one) not in seen]
        seen.update(map(id, items))
        found += items
    return found


def _descendants(run: _Run, _arguments: list[Node], items: Items, _focus: Items) -> Items:
    found: Items = []
    while items := [child for item in items for child in children(item)]:
        found += items
        run.budget.spend(len(items))
    return found


def _iif(run: _Run, arguments: list[Node], items: Items, _focus: Items) -> Items:
    if _true(run.node(arguments[0], items)):
        return run.node(arguments[1], items)
    return run.node(arguments[2], items) if len(arguments) == 3 else []


def _aggregate(run: _Run, arguments: list[Node], items: Items, focus: Items) -> Items:
    outer = dict(run.special)
    total = run.node(arguments[1], focus) if len(arguments) == 2 else []
    for item in items:
        run.special = {**outer, "$this": [item], "$total": total}
        total = run.node(arguments[0], [item])
    run.special = outer
    return total


_MACROS: dict[str, Macro] = {
    "where": _where,
    "select": _select,
    "exists": _exists,
    "all": _all,
    "repeat": _repeat,
    "descendants": _descendants,
    "iif": _iif,
    "aggregate": _aggregate,
}
_OPERATIONS: Mapping[str, Operation] = {
    "literal": _literal,
    "variable": _variable,
    "special": _special,
    "member": _member,
    "index": _index,
    "type": _type,
    "negate": _negate,
    "call": _call,
}
