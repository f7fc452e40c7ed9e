"""Every questionnaire is walked by a random answerer, and judged by a second opinion."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from clinic.questionnaire import response, rules
from clinic.questionnaire.read import parse, read
from clinic.questionnaire.types import Answers, Questionnaire
from tests.unit.clinic.questionnaire.answerer import ON, play
from tests.unit.clinic.questionnaire.oracle import Oracle

OURS = Path(__file__).with_name("fixtures")
SHIPPED = Path(response.__file__).with_name("forms")
# Questionnaires of other people, where they are.
OTHERS = Path(__file__).parents[5] / "shared" / "fixtures" / "questionnaires"
SEEDS = range(6)


def resource(file: Path) -> Mapping[str, Any]:
    found = parse(file.read_bytes())
    assert isinstance(found, Mapping)
    return found


def whole(file: Path) -> Questionnaire:
    found = read(resource(file))
    assert isinstance(found, Questionnaire), found
    return found


def files(folder: Path) -> list[Any]:
    return [pytest.param(file, id=file.stem) for file in sorted(folder.glob("*.json"))]


def walk_and_judge(file: Path, seed: int, *, wander: bool) -> None:
    questionnaire = whole(file)
    played = play(questionnaire, seed, wander=wander)
    if not wander:
        assert len(set(played.asked)) == len(played.asked), "a question came twice"
    found = response.to_fhir(questionnaire, played.answers, status="completed")
    QuestionnaireResponse.model_validate(found)
    assert Oracle(resource(file), found).wrong == []
    again = response.from_fhir(questionnaire, found, ON)
    assert isinstance(again, Answers), again
    assert response.to_fhir(questionnaire, again, status="completed") == found
    assert rules.next_question(questionnaire, again) is None


@pytest.mark.parametrize("file", files(OURS) + files(SHIPPED))
def test_a_random_answerer_is_asked_what_is_enabled_and_nothing_else(file: Path) -> None:
    for seed in SEEDS:
        walk_and_judge(file, seed, wander=False)


@pytest.mark.parametrize("file", files(OURS) + files(SHIPPED))
def test_going_back_and_changing_answers_leaves_no_dead_answers(file: Path) -> None:
    for seed in SEEDS:
        walk_and_judge(file, seed, wander=True)


def test_there_are_enough_questionnaires() -> None:
    assert len(files(OURS)) >= 25


# Of others -----------------------------------------------------------------------------------

# Why some cannot be played; part of each reason has to be these words.
REFUSED = {
    "hl7sdc__questionnaire-sdc-test-all-data-types": {"is not contained"},
    "hl7sdc__questionnaire-sdc-test-enablewhen": {"is not contained", "compared with"},
    "hl7sdc__questionnaire-sdc-test-initial-value-multiple": {"is not contained", "initial: a "},
    "hl7sdc__questionnaire-sdc-test-repeatable-nested-groups": {"is not contained"},
    "hl7sdc__questionnaire-sdc-test-required-field": {"is not contained"},
    "smartforms__715.R4": {"is not contained", "initialExpression", "without options"},
}
OTHER_FILES = files(OTHERS) if OTHERS.is_dir() else []


@pytest.mark.skipif(not OTHER_FILES, reason="others' questionnaires are not here")
@pytest.mark.parametrize("file", OTHER_FILES)
def test_a_questionnaire_of_others_is_played_or_refused_with_the_reason(file: Path) -> None:
    found = read(resource(file))
    if file.stem in REFUSED:
        assert isinstance(found, tuple)
        reasons = [problem.reason for problem in found]
        for words in REFUSED[file.stem]:
            assert any(words in reason for reason in reasons), reasons
        return
    assert isinstance(found, Questionnaire), found
    for seed in SEEDS:
        walk_and_judge(file, seed, wander=False)
        walk_and_judge(file, seed, wander=True)
