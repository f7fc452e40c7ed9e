"""A run that was kept leads to the same outcome again."""

import json
from pathlib import Path

import pytest

from clinic.triage.load import catalogue
from clinic.triage.replay import from_json, to_json
from clinic.triage.rules import outcome
from clinic.triage.steps import replayed
from clinic.triage.types import Answers, Facts, Run
from tests.unit.clinic.triage.rulebook import MAN, presentation
from tests.unit.clinic.triage.walk import ways


@pytest.mark.parametrize("name", catalogue())
def test_every_kept_run_is_replayed_to_the_same_outcome(name: str) -> None:
    for path in ways(name):
        run = Run(name, path.facts, path.answers, 1, path.outcome)
        again = replayed(catalogue()[name], run, path.answers)
        assert again.outcome == path.outcome
        assert [step.name for step in again.steps] == list(path.answers)


@pytest.mark.parametrize("name", catalogue())
def test_a_run_is_kept_whole_as_json(name: str) -> None:
    for path in ways(name)[::50]:
        run = Run(name, path.facts, path.answers, 1, path.outcome)
        kept = json.dumps(to_json(run))
        assert from_json(json.loads(kept)) == run


def test_a_run_keeps_what_was_known_before_it(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    answers: Answers = {"modifiers": ("diabetes", "smoker"), "severity": 2.5}
    run = Run("ache", Facts(4, "female"), answers, 3, outcome(one, MAN, answers, at_least=3))
    again = from_json(json.loads(json.dumps(to_json(run))))
    assert again == run
    found = replayed(one, again, ()).outcome
    assert found.reasons[0] != "before"  # what nobody answered is as grave by itself
    assert found.level == 3


@pytest.mark.parametrize("against", [None, (), ("child_alone", "needs_hands")])
def test_a_run_keeps_what_forbade_a_remote_consultation(
    tmp_path: Path, against: tuple[str, ...] | None
) -> None:
    run = Run("ache", MAN, {}, 1, outcome(presentation(tmp_path), MAN, {}), against)
    assert from_json(json.loads(json.dumps(to_json(run)))) == run


def test_a_run_that_was_kept_before_remote_consultations_were_judged_is_still_read(
    tmp_path: Path,
) -> None:
    run = Run("ache", MAN, {}, 1, outcome(presentation(tmp_path), MAN, {}))
    kept = to_json(run)
    del kept["against_remote"]
    assert from_json(json.loads(json.dumps(kept))) == run
