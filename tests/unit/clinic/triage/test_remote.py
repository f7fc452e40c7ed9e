"""Who may be offered a remote consultation after a run."""

from pathlib import Path

import pytest

from clinic.triage.rules import against_remote, outcome
from clinic.triage.types import Answer, Answers, Facts
from tests.unit.clinic.triage.rulebook import MAN, WELL, presentation

DENIED: dict[str, Answer] = WELL | {
    "grave": "no",
    "serious": "no",
    "long": "no",
    "infant_not_right": "no",
    "temperature": 36.6,
    "pregnancy_signs": "no",
}


def against(
    folder: Path,
    facts: Facts,
    name: str = "rash",
    *,
    guardian: bool = False,
    first_time: bool = True,
    answers: Answers | None = None,
) -> list[str]:
    """The ids of the rules that forbid it."""
    one = presentation(folder, name)
    end = outcome(one, facts, {**DENIED, **(answers or {})})
    rules = against_remote(one, end, facts, guardian=guardian, first_time=first_time)
    return [rule.id for rule in rules]


def test_an_adult_with_something_mild_may_be_seen_remotely(tmp_path: Path) -> None:
    assert against(tmp_path, MAN) == []
    assert against(tmp_path, MAN, answers={"long": "yes"}) == []


@pytest.mark.parametrize("answers", [{"serious": "yes"}, {"grave": "yes"}, {"grave": "unsure"}])
def test_what_cannot_wait_is_not_seen_remotely(tmp_path: Path, answers: dict[str, Answer]) -> None:
    assert against(tmp_path, MAN, answers=answers) == ["too_grave"]


def test_a_child_needs_a_guardian(tmp_path: Path) -> None:
    assert against(tmp_path, Facts(9, "female")) == ["child_alone"]
    assert against(tmp_path, Facts(9, "female"), guardian=True) == []


def test_a_baby_is_seen_in_person(tmp_path: Path) -> None:
    assert against(tmp_path, Facts(0.9, "female"), guardian=True) == ["infant"]


def test_nobody_of_unknown_age_is_seen_remotely(tmp_path: Path) -> None:
    assert against(tmp_path, Facts(None, "male"), answers={"age": "unsure"}) == ["age_unknown"]


def test_a_first_crisis_of_the_mind_is_met_in_person(tmp_path: Path) -> None:
    assert against(tmp_path, MAN, "low_mood") == ["mind_first"]
    assert against(tmp_path, MAN, "low_mood", first_time=False) == []
    assert "self_harm" in against(tmp_path, MAN, "self_harm", first_time=False)


def test_bleeding_in_pregnancy_is_seen_in_person(tmp_path: Path) -> None:
    pregnant = Facts(30, "female", True)
    assert against(tmp_path, pregnant, "vaginal_bleeding") == ["pregnancy"]
    assert against(tmp_path, Facts(30, "female", False), "vaginal_bleeding") == []
    # Whoever might be pregnant counts as such.
    assert "pregnancy" in against(tmp_path, Facts(30, "female"), "vaginal_bleeding")
    assert against(tmp_path, pregnant) == []


def test_side_effects_of_a_medicine_are_not_seen_remotely(tmp_path: Path) -> None:
    assert against(tmp_path, MAN, answers={"medicine": "yes"}) == ["medicine"]


def test_what_needs_an_examination_is_not_seen_remotely(tmp_path: Path) -> None:
    assert "needs_hands" in against(tmp_path, MAN, "head_injury")


def test_an_unclear_complaint_is_heard_by_a_person_first(tmp_path: Path) -> None:
    assert "person" in against(tmp_path, MAN, "unclear")
