"""A run that was kept leads to the same outcome again."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clinic.triage.load import catalogue
from clinic.triage.replay import from_json, replay, to_json
from clinic.triage.rules import outcome, versions
from clinic.triage.types import Answers, Facts, OtherRules, Run
from tests.unit.clinic.triage.rulebook import MAN, presentation
from tests.unit.clinic.triage.walk import ways


@pytest.mark.parametrize("name", catalogue())
def test_every_kept_run_is_replayed_to_the_same_outcome(name: str) -> None:
    for path in ways(name):
        run = Run(name, path.facts, path.answers, 1, path.outcome)
        assert replay(run, catalogue()) == path.outcome


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
    found = replay(again, {"ache": one})
    assert not isinstance(found, OtherRules)
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


def test_a_run_of_another_version_says_so(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    run = Run("ache", MAN, {}, 1, outcome(one, MAN, {}))
    newer = replace(one, version=one.version + 1)
    assert replay(run, {"ache": newer}) == OtherRules(versions(one), versions(newer))
    base = replace(one, base=replace(one.base, version=one.base.version + 1))
    assert replay(run, {"ache": base}) == OtherRules(versions(one), versions(base))


def test_a_run_of_a_presentation_that_is_gone_says_so(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    run = Run("ache", MAN, {}, 1, outcome(one, MAN, {}))
    assert replay(run, {}) == OtherRules(versions(one), None)
