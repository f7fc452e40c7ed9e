"""Every way through a presentation: each answer of each question, for patients of several kinds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from clinic.triage.load import catalogue
from clinic.triage.rules import level_so_far, next_question
from clinic.triage.types import Answer, Facts, Outcome, Presentation, Question

# What is known beforehand, as for a patient of the clinic; the last is a stranger.
PATIENTS = {
    "man of 40": Facts(40, "male"),
    "woman of 30": Facts(30, "female"),
    "woman of 30, pregnant": Facts(30, "female", True),
    "man of 78": Facts(78, "male"),
    "girl of 4": Facts(4, "female"),
    "baby of one month": Facts(0.08, "male"),
    "stranger": Facts(),
}
# One of each band, at each of its ages, and one outside.
NUMBERS: dict[str, tuple[Answer, ...]] = {
    "age": (0.08, 30, "unsure"),
    "severity": (2, 6, 9, "unsure"),
    "temperature": (35, 36.8, 38.2, 39.4, 40.2, "unsure"),
}
CHOICES: dict[str, tuple[Answer, ...]] = {
    "sex": ("female", "unsure"),
    "modifiers": ((), ("diabetes",), "unsure"),
}


@dataclass(frozen=True)
class Path:
    """One way to an outcome: what was asked and answered, and the level after each answer."""

    facts: Facts
    asked: tuple[Question, ...]
    answers: dict[str, Answer]
    levels: tuple[int, ...]
    outcome: Outcome


@cache
def ways(name: str) -> tuple[Path, ...]:
    """Every way through a shipped presentation, of all patients."""
    one = catalogue()[name]
    return tuple(path for facts in PATIENTS.values() for path in paths(one, facts))


def answers_to(asked: Question) -> tuple[Answer, ...]:
    """What the walk answers to a question."""
    return {**NUMBERS, **CHOICES}.get(asked.id, ("yes", "no", "unsure"))


def paths(presentation: Presentation, facts: Facts) -> Iterator[Path]:
    """Every way through a presentation for one patient."""
    waiting = [Path(facts, (), {}, (), outcome=None)]  # type: ignore[arg-type]  # is set at the end
    while waiting:
        path = waiting.pop()
        then = next_question(presentation, facts, path.answers)
        if isinstance(then, Outcome):
            yield replace(path, outcome=then)
            continue
        assert then not in path.asked, f"{then.id} is asked again"
        for answer in answers_to(then):
            answers = {**path.answers, then.id: answer}
            level = level_so_far(presentation, facts, answers)
            waiting.append(
                replace(
                    path, asked=(*path.asked, then), answers=answers, levels=(*path.levels, level)
                )
            )
