"""A kept run step by step, and what other rules would make of its answers. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from clinic.triage import rules
from clinic.triage.types import Answer, Answers, Level, Outcome, Presentation, Question, Run

Part = Literal["level", "disposition", "reasons", "unknown", "in_person"]
PARTS: tuple[Part, ...] = ("level", "disposition", "reasons", "unknown", "in_person")


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a run. `asked` None: these rules have no such question.

    `counts`: the level that the answer means by itself, 1 where it raises nothing; `level`: the one
    of the whole run after it; `by`: what else raised it there (the modifiers that hold). `new`: the
    patient was not asked this, and it counts as not known.
    """

    name: str
    asked: Question | None
    answer: Answer
    counts: Level
    level: Level
    by: tuple[str, ...] = ()
    new: bool = False


@dataclass(frozen=True, slots=True)
class Walked:
    """What rules make of a run: its steps by them, and what follows."""

    steps: tuple[Step, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of the outcome that is another now: what was `then` and is not now, and what is `now`
    and was not then."""

    part: Part
    then: tuple[str, ...]
    now: tuple[str, ...]


def replayed(presentation: Presentation, run: Run, asked: Iterable[str]) -> Walked:
    """The run by the rules that it went by: its questions in their order (`asked`)."""
    names = dict.fromkeys((*(name for name in asked if name in run.answers), *run.answers))
    given = {name: run.answers[name] for name in names}
    found = rules.outcome(presentation, run.facts, run.answers, at_least=run.at_least)
    return Walked(_steps(presentation, run, given, frozenset()), found)


def renewed(presentation: Presentation, run: Run) -> Walked:
    """The run as these rules would ask it today, with the answers that the patient gave.

    What was answered and would not be asked now counts as well: nothing that was said is lost.
    """
    kept: dict[str, Answer] = {}
    for name, answer in run.answers.items():
        question = rules.question(presentation, name)
        value = None if question is None else rules.read_answer(question, answer)
        if value is not None:
            kept[name] = value
    said: dict[str, Answer] = {}
    new: set[str] = set()
    while isinstance(
        asked := rules.next_question(presentation, run.facts, said, at_least=run.at_least), Question
    ):
        if asked.id not in kept:
            new.add(asked.id)
        said[asked.id] = kept.get(asked.id, "unsure")
    found = rules.outcome(presentation, run.facts, kept | said, at_least=run.at_least)
    return Walked(_steps(presentation, run, said, frozenset(new)), found)


def differences(then: Outcome, now: Outcome) -> tuple[Difference, ...]:
    """What is not as it was; the versions of the rules are left aside."""
    found = []
    for part in PARTS:
        before, after = _words(getattr(then, part)), _words(getattr(now, part))
        if set(before) != set(after):
            gone = tuple(one for one in before if one not in after)
            found.append(Difference(part, gone, tuple(one for one in after if one not in before)))
    return tuple(found)


def same(then: Outcome, now: Outcome) -> bool:
    """Whether it is the same result, whatever the versions are called."""
    return replace(now, rules=then.rules) == then


def _words(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


def _steps(
    presentation: Presentation, run: Run, given: Answers, new: frozenset[str]
) -> tuple[Step, ...]:
    said: dict[str, Answer] = {}
    found = []
    level: Level = run.at_least
    for name, answer in given.items():
        said[name] = answer
        who = rules.known(presentation, run.facts, said)
        counts = rules.counted(presentation, who, said).get(name, 1)
        after = rules.level_so_far(presentation, run.facts, said, at_least=run.at_least)
        raised = after == 4 and after > max(level, counts)
        found.append(
            Step(
                name=name,
                asked=rules.question(presentation, name),
                answer=answer,
                counts=counts,
                level=after,
                by=rules.raising(presentation, who, said) if raised else (),
                new=name in new,
            )
        )
        level = after
    return tuple(found)
