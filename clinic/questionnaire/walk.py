"""Which items of a questionnaire are there for these answers, and how each of them stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from clinic.questionnaire.calculation import Calculation
from clinic.questionnaire.comparison import holds
from clinic.questionnaire.expressions import Budget
from clinic.questionnaire.tree import Values
from clinic.questionnaire.types import (
    Answers,
    Condition,
    Item,
    ItemType,
    Path,
    Questionnaire,
    Repetitions,
    Value,
)

MOST_REPETITIONS = 50  # of a group without a maximum
# A condition may look at a calculated value that looks at another: so often it is looked again.
MOST_ROUNDS = 20

Kind = Literal["group", "display", "question", "another"]
State = Literal["shown", "open", "answered", "skipped", "automatic"]


@dataclass(slots=True)
class Node:
    """One enabled item. `needed`: it was skipped, but the group that holds it needs an answer."""

    kind: Kind
    item: Item
    path: Path
    state: State
    values: tuple[Value, ...] = ()
    about: Value | None = None
    number: int | None = None
    needed: bool = False

    @property
    def asks(self) -> bool:
        """Whether the patient is asked."""
        return self.state in ("open", "answered", "skipped")


@dataclass(frozen=True, slots=True)
class Walked:
    """All enabled nodes in order, and the values of all that have one."""

    nodes: tuple[Node, ...]
    values: Values


def walk(questionnaire: Questionnaire, answers: Answers, *, calculate: bool) -> Walked:
    """Look at every item; `calculate` also works out calculated values that nothing waits for."""
    calculate = calculate or questionnaire.calculates_conditions
    stored = dict(answers.values)
    values: Values = stored
    budget = Budget()
    rounds = MOST_ROUNDS if calculate else len(questionnaire.every)
    while True:
        calculation = Calculation(questionnaire, values, answers.on, budget) if calculate else None
        found = _Round(questionnaire, answers, stored, values, calculation)
        live = {node.path: node.values for node in found.nodes if node.values}
        settled, values = live == values, live
        rounds -= 1
        if settled or rounds <= 0:
            break
    _hold_open(found.nodes)
    return Walked(tuple(found.nodes), values)


class _Round:
    """One pass, with conditions as the values of the pass before have them."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        answers: Answers,
        stored: Values,
        values: Values,
        calculation: Calculation | None,
    ) -> None:
        self.nodes: list[Node] = []
        self._every = questionnaire.every
        self._skipped = answers.skipped
        self._groups = dict(answers.groups)
        self._stored = stored
        self._calculation = calculation
        self._by_link: dict[str, list[tuple[Path, tuple[Value, ...]]]] = {}
        for path, given in values.items():
            self._by_link.setdefault(path[-1][0], []).append((path, given))
        self._under(questionnaire.items, (), None, None)

    def _under(
        self, items: tuple[Item, ...], parent: Path, about: Value | None, number: int | None
    ) -> None:
        for item in items:
            path = (*parent, (item.link_id, 0))
            if not self._enabled(item, path):
                continue
            if item.type is ItemType.DISPLAY:
                self.nodes.append(Node("display", item, path, "shown", number=number))
            elif item.type is ItemType.GROUP:
                self._group(item, parent, about, number)
            else:
                self._question(item, path, about, number)

    def _group(self, item: Item, parent: Path, about: Value | None, number: int | None) -> None:
        entered = self._groups.get((*parent, (item.link_id, 0)), Repetitions(0))
        count = max(entered.count, item.least) if item.repeats else 1
        for index in range(count):
            path = (*parent, (item.link_id, index))
            place = index + 1 if item.repeats else number
            self.nodes.append(Node("group", item, path, "shown", about=about, number=place))
            self._under(item.items, path, about, place)
        if item.repeats and not item.hidden and count < (item.most or MOST_REPETITIONS):
            path = (*parent, (item.link_id, count))
            state: State = "answered" if entered.closed else "open"
            self.nodes.append(Node("another", item, path, state, (), about, number))

    def _question(self, item: Item, path: Path, about: Value | None, number: int | None) -> None:
        state: State = "automatic"
        if item.calculated is not None:
            values = self._calculation.value(item, path) if self._calculation else ()
        elif item.automatic:
            values = item.initial
        else:
            values = self._stored.get(path, ())
            if item.known and values:  # with the words that JSON left out
                values = tuple(item.known.get(value, value) for value in values)
            state = "answered" if values else "skipped" if path in self._skipped else "open"
        self.nodes.append(Node("question", item, path, state, values, about, number))
        for index, value in enumerate(values if item.items else ()):
            below = (*path[:-1], (item.link_id, index))
            self._under(item.items, below, value if item.repeats else None, number)

    def _enabled(self, item: Item, path: Path) -> bool:
        if item.enable_expression is not None:
            assert self._calculation is not None
            return self._calculation.enabled(item, path)
        if not item.conditions:
            return True
        found = (self._holds(condition, path) for condition in item.conditions)
        return any(found) if item.any_condition else all(found)

    def _holds(self, condition: Condition, path: Path) -> bool:
        answers = tuple(self._answers(condition.question, path))
        kind = self._every[condition.question].type
        return holds(condition.operator, answers, condition.answer, kind)

    def _answers(self, link_id: str, path: Path) -> Iterator[Value]:
        """The answers to a question that stand nearest: in the same repetitions as the path."""
        for place, values in self._by_link.get(link_id, ()):
            own = dict(path).get(link_id)
            if own is not None:  # a question above, in the answer that the path is under
                if place[:-1] == path[: len(place) - 1]:
                    yield from values[own : own + 1]
            elif _together(place, path):
                yield from values


def _together(place: Path, path: Path) -> bool:
    """Whether two places lie in the same repetitions of all that holds both."""
    for (one, index), (other, number) in zip(place, path, strict=False):
        if one != other:
            return True
        if index != number:
            return False
    return True


def _hold_open(nodes: list[Node]) -> None:
    """A required group without any answer: what was skipped in it first is asked again."""
    for position, group in enumerate(nodes):
        if group.kind != "group" or not group.item.required:
            continue
        depth = len(group.path)
        inside = [node for node in nodes[position + 1 :] if node.path[:depth] == group.path]
        if any(node.values or node.state == "open" for node in inside):
            continue
        skipped = next((node for node in inside if node.state == "skipped"), None)
        if skipped is not None:
            skipped.state, skipped.needed = "open", True
