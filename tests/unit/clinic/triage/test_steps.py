"""A kept run is shown step by step, and beside what other rules would make of it."""

from pathlib import Path
from typing import Any

from clinic.triage.rules import outcome
from clinic.triage.steps import Difference, differences, renewed, replayed, same
from clinic.triage.types import Answer, Facts, Presentation, Run
from tests.unit.clinic.triage.rulebook import DENIED, MAN, WELL, asked, presentation


def run_of(one: Presentation, answers: dict[str, Answer], who: Facts = MAN) -> Run:
    return Run("ache", who, answers, 1, outcome(one, who, answers))


def levels(walked: Any) -> list[tuple[str, int, int]]:
    return [(step.name, step.counts, step.level) for step in walked.steps]


def test_each_step_tells_what_its_answer_counts_and_the_level_after_it(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    run = run_of(one, {"first_check": "no", "grave": "no", "serious": "unsure"})
    walked = replayed(one, run, ["first_check", "grave", "serious"])
    assert levels(walked) == [("first_check", 1, 1), ("grave", 1, 1), ("serious", 3, 3)]
    assert walked.outcome == run.outcome
    assert [step.asked.id for step in walked.steps if step.asked] == [
        "first_check",
        "grave",
        "serious",
    ]


def test_the_steps_stand_in_the_order_in_which_they_were_asked(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    run = run_of(one, {"grave": "no", "first_check": "no", "told_before": "x"})
    walked = replayed(one, run, ["first_check", "grave", "forgotten"])
    assert [step.name for step in walked.steps] == ["first_check", "grave", "told_before"]
    assert walked.steps[-1].asked is None  # a question that these rules do not have


def test_a_modifier_that_raises_the_level_is_named_in_its_step(tmp_path: Path) -> None:
    one = presentation(tmp_path, modifiers="3-4")
    run = run_of(one, {"serious": "yes", "modifiers": ("diabetes",)})
    raised = replayed(one, run, run.answers).steps[-1]
    assert (raised.name, raised.level, raised.by) == ("modifiers", 4, ("diabetes",))


def test_rules_of_today_ask_what_was_not_asked_then(tmp_path: Path) -> None:
    then = presentation(tmp_path)
    run = run_of(then, DENIED)
    questions = [asked("grave", 4), asked("sudden", 4), asked("serious", 3), asked("long", 2)]
    now = presentation(tmp_path, version=4, questions=questions)
    walked = renewed(now, run)
    assert [step.name for step in walked.steps if step.new] == ["sudden"]
    assert walked.outcome.level == 3  # nobody knows what would have been said to it
    assert differences(run.outcome, walked.outcome) == (
        Difference("level", ("1",), ("3",)),
        Difference("disposition", ("self_care",), ("same_day",)),
        Difference("reasons", (), ("sudden",)),
        Difference("unknown", (), ("sudden",)),
    )


def test_the_same_rules_of_another_version_lead_to_the_same_result(tmp_path: Path) -> None:
    run = run_of(presentation(tmp_path), DENIED)
    now = renewed(presentation(tmp_path, version=4), run).outcome
    assert now != run.outcome
    assert same(run.outcome, now)
    assert differences(run.outcome, now) == ()


def test_an_answer_that_is_none_today_is_asked_again(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    walked = renewed(one, run_of(one, {**WELL, "severity": 1, "grave": "perhaps", "gone": "yes"}))
    assert "grave" in [step.name for step in walked.steps if step.new]
    assert "gone" not in [step.name for step in walked.steps]


def test_what_was_said_and_is_not_asked_today_counts_as_well(tmp_path: Path) -> None:
    then = presentation(tmp_path)
    run = run_of(then, {"first_check": "no", "long": "yes", "grave": "yes"})
    walked = renewed(then, run)
    assert [step.name for step in walked.steps] == ["first_check", "grave"]
    assert set(walked.outcome.reasons) == {"grave", "long"}
