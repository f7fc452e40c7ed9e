"""How a questionnaire is played: what comes next, what an answer does, what it adds up to.

Pure: a questionnaire and answers in, answers or a question out.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from clinic.questionnaire.checks import check
from clinic.questionnaire.types import (
    Answers,
    Coding,
    Given,
    Item,
    ItemType,
    Lead,
    Path,
    Quantity,
    Question,
    Questionnaire,
    Refusal,
    Repetitions,
    Value,
)
from clinic.questionnaire.walk import Node, walk

Values = dict[Path, tuple[Value, ...]]


def begin(on: date) -> Answers:
    """Nothing answered yet. `on` is the day in the clinic's zone: `today()` of expressions."""
    return Answers(on)


def next_question(questionnaire: Questionnaire, answers: Answers) -> Question | None:
    """What to ask now: the question gone back to, else the first open one; None: no more."""
    nodes = walk(questionnaire, answers, calculate=False).nodes
    place = _current(nodes, answers)
    return None if place is None else _question(nodes, place)


def closing(questionnaire: Questionnaire, answers: Answers) -> tuple[Lead, ...]:
    """Words that stand after the last question, to be shown once there is no next one."""
    return _leads(walk(questionnaire, answers, calculate=False).nodes, None)


def answer(
    questionnaire: Questionnaire, answers: Answers, question: Question, values: Sequence[Value]
) -> Answers | Refusal:
    """Take an answer, all values of it at once; drops what it made pointless.

    Values of a choice may come without system and display; a number stands for a quantity where
    only one unit is possible. A question `another` takes one bool.
    """
    node = _asked_at(questionnaire, answers, question.path)
    if node is None:
        return Refusal("not_asked")
    if node.kind == "another":
        return _another(questionnaire, answers, node, values)
    checked = check(node.item, values)
    if isinstance(checked, Refusal):
        return checked
    stored = _rehung(dict(answers.values), node, checked)
    stored[node.path] = checked
    skipped = answers.skipped - {node.path}
    return settled(questionnaire, replace(_kept(answers, stored), skipped=skipped, at=None))


def skip(questionnaire: Questionnaire, answers: Answers, question: Question) -> Answers | Refusal:
    """Leave a question open that need not be answered; refuses `required`."""
    node = _asked_at(questionnaire, answers, question.path)
    if node is None:
        return Refusal("not_asked")
    if node.kind == "another":
        return _another(questionnaire, answers, node, (False,))
    if node.item.least:
        return Refusal("required")
    stored = _rehung(dict(answers.values), node, ())
    stored.pop(node.path, None)
    skipped = answers.skipped | {node.path}
    found = settled(questionnaire, replace(_kept(answers, stored), skipped=skipped, at=None))
    nodes = walk(questionnaire, found, calculate=False).nodes
    return Refusal("required") if any(node.needed for node in nodes) else found


def back(questionnaire: Questionnaire, answers: Answers) -> Answers | None:
    """Go to the question before the one being asked; None: it is the first."""
    nodes = walk(questionnaire, answers, calculate=False).nodes
    place = _current(nodes, answers)
    before = [node for node in nodes[:place] if node.asks]
    return replace(answers, at=before[-1].path) if before else None


def change(questionnaire: Questionnaire, answers: Answers, path: Path) -> Answers | Refusal:
    """Go to a question of the summary; its answer stands until another one is given."""
    if _asked_at(questionnaire, answers, path) is None:
        return Refusal("not_asked")
    return replace(answers, at=path)


def asked(questionnaire: Questionnaire, answers: Answers) -> tuple[Given, ...]:
    """All that was answered, and what was calculated for the patient to see, in order."""
    return tuple(
        Given(node.path, node.item, node.values, node.asks, node.about, node.number)
        for node in walk(questionnaire, answers, calculate=True).nodes
        if node.values and not node.item.hidden
    )


def progress(questionnaire: Questionnaire, answers: Answers) -> tuple[int, int]:
    """Which question this is, of how many as far as is known now; both the same at the end."""
    nodes = walk(questionnaire, answers, calculate=False).nodes
    place = _current(nodes, answers)
    total = _count(nodes)
    return (total if place is None else max(1, _count(nodes[: place + 1]))), total


def count_is_sure(questionnaire: Questionnaire, answers: Answers) -> bool:
    """Whether no answer to come can make more or fewer questions: only then is a total true."""
    nodes = walk(questionnaire, answers, calculate=False).nodes
    place = _current(nodes, answers)
    if place is None:
        return True
    order = list(_in_order(questionnaire.items))
    here = next(n for n, it in enumerate(order) if it.link_id == nodes[place].item.link_id)
    passed, ahead = {it.link_id for it in order[:here]}, order[here:]
    return not any(
        it.enable_expression is not None
        or any(one.question not in passed for one in it.conditions)
        or (it.items and (it.repeats or it.type is not ItemType.GROUP))
        for it in ahead
    ) and not _repeating(questionnaire, nodes[place])


def _in_order(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _in_order(item.items)


def _repeating(questionnaire: Questionnaire, node: Node) -> bool:
    """Whether a question stands in a group that may be entered once more."""
    above = (questionnaire.every[name] for name, _ in node.path[:-1])
    return any(it.repeats for it in above)


def scores(questionnaire: Questionnaire, answers: Answers) -> dict[str, Decimal]:
    """Calculated numbers by linkId; where there are none but options have scores, their `total`.

    The first repetition counts of an item that is calculated in several.
    """
    nodes = walk(questionnaire, answers, calculate=True).nodes
    found: dict[str, Decimal] = {}
    total: list[Decimal] = []
    for node in nodes:
        for value in node.values:
            if node.item.calculated is not None and (number := _number(value)) is not None:
                found.setdefault(node.item.link_id, number)
            if isinstance(value, Coding) and value.score is not None:
                total.append(value.score)
    calculates = any(item.calculated for item in questionnaire.every.values())
    return {"total": sum(total, Decimal())} if total and not calculates else found


def _number(value: Value) -> Decimal | None:
    if isinstance(value, Quantity):
        return value.value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    return None


# Where the patient is -----------------------------------------------------------------------------


def _current(nodes: Sequence[Node], answers: Answers) -> int | None:
    """The place of the question that is being asked."""
    first = None
    for place, node in enumerate(nodes):
        if node.asks and node.path == answers.at:
            return place
        if first is None and node.state == "open":
            first = place
    return first


def _asked_at(questionnaire: Questionnaire, answers: Answers, path: Path) -> Node | None:
    nodes = walk(questionnaire, answers, calculate=False).nodes
    return next((node for node in nodes if node.asks and node.path == path), None)


def _count(nodes: Sequence[Node]) -> int:
    return sum(node.asks and node.kind == "question" for node in nodes)


def _question(nodes: Sequence[Node], place: int) -> Question:
    node = nodes[place]
    return Question(
        path=node.path,
        item=node.item,
        another=node.kind == "another",
        given=node.values or (() if node.state == "skipped" else node.item.initial),
        before=_leads(nodes, place),
        about=node.about,
        number=node.number,
    )


def _leads(nodes: Sequence[Node], place: int | None) -> tuple[Lead, ...]:
    """The titles and words between the question before a place and that place."""
    found: list[Lead] = []
    for node in reversed(nodes[:place]):
        if node.asks:
            break
        if node.state == "shown" and node.item.text and not node.item.hidden:
            number = node.number if node.item.repeats else None
            found.append(Lead(node.item, number))
    return tuple(reversed(found))


# What an answer changes ---------------------------------------------------------------------------


def _kept(answers: Answers, stored: Values) -> Answers:
    return replace(answers, values=tuple(stored.items()))


def _another(
    questionnaire: Questionnaire, answers: Answers, node: Node, values: Sequence[Value]
) -> Answers | Refusal:
    """Enter a repeating group once more, or be through with it."""
    if len(values) != 1 or not isinstance(values[0], bool):
        return Refusal("type")
    *above, (link_id, count) = node.path
    groups = dict(answers.groups)
    groups[(*above, (link_id, 0))] = Repetitions(count + values[0], closed=not values[0])
    changed = replace(answers, groups=tuple(groups.items()), at=None)
    return settled(questionnaire, changed)


def _rehung(stored: Values, node: Node, values: Sequence[Value]) -> Values:
    """What hangs under the answers of a repeating question goes with the answer it belongs to."""
    if not node.item.repeats or not node.item.items:
        return stored
    *above, (link_id, _) = node.path
    left = list(enumerate(node.values))
    moves: dict[int, int] = {}
    for index, value in enumerate(values):
        old = next((pair for pair in left if pair[1] == value), None)
        if old is not None:
            left.remove(old)
            moves[old[0]] = index
    depth = len(above)
    found: Values = {}
    for path, given in stored.items():
        if len(path) == depth + 1 or path[:depth] != tuple(above) or path[depth][0] != link_id:
            found[path] = given
        elif path[depth][1] in moves:
            found[(*above, (link_id, moves[path[depth][1]]), *path[depth + 1 :])] = given
    return found


def settled(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Without the answers to what is not asked (any more), in the questionnaire's order."""
    nodes = walk(questionnaire, answers, calculate=False).nodes
    groups = dict(answers.groups)
    return replace(
        answers,
        values=tuple(
            (node.path, node.values) for node in nodes if node.state == "answered" and node.values
        ),
        skipped=frozenset(node.path for node in nodes if _is_skipped(node, answers)),
        groups=tuple(_entered(nodes, groups)),
    )


def _is_skipped(node: Node, answers: Answers) -> bool:
    return node.kind == "question" and not node.values and node.path in answers.skipped


def _entered(
    nodes: Sequence[Node], groups: dict[Path, Repetitions]
) -> Iterator[tuple[Path, Repetitions]]:
    for node in nodes:
        if node.kind in ("group", "another") and node.path in groups:
            yield node.path, groups[node.path]
