"""Every way through every shipped presentation, for patients of several kinds."""

from statistics import median

import pytest

from clinic.triage.load import catalogue
from clinic.triage.rules import level_so_far, outcome, reason
from clinic.triage.types import LANGUAGES, Answer
from tests.unit.clinic.triage.walk import PATIENTS, Path, ways

NAMES = tuple(catalogue())
MOST_TO_AN_EMERGENCY = 12
MOST_AT_ALL = 20
LONGEST_MEDIAN = 10


def red_flags(path: Path, answer: Answer) -> list[str]:
    """The questions of level 4 that were answered so."""
    return [q.id for q in path.asked if q.level == 4 and path.answers[q.id] == answer]


@pytest.mark.parametrize("name", NAMES)
def test_no_way_leads_from_a_red_flag_to_less_than_an_emergency(name: str) -> None:
    assert [path for path in ways(name) if red_flags(path, "yes") and path.outcome.level < 4] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_way_leads_to_self_care_with_an_unknown_red_flag(name: str) -> None:
    for path in ways(name):
        unknown = red_flags(path, "unsure")
        assert not unknown or path.outcome.level >= 2
        # That an adult has no thermometer is no red flag.
        assert not set(unknown) - {"temperature"} or path.outcome.level >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_way_ends(name: str) -> None:
    assert max(len(path.asked) for path in ways(name)) <= MOST_AT_ALL


@pytest.mark.parametrize("name", NAMES)
def test_an_emergency_is_known_after_twelve_questions_at_most(name: str) -> None:
    long = [len(path.asked) for path in ways(name) if path.outcome.level == 4]
    assert max(long, default=0) <= MOST_TO_AN_EMERGENCY


def test_the_median_way_has_ten_questions_at_most() -> None:
    assert median(len(path.asked) for name in NAMES for path in ways(name)) <= LONGEST_MEDIAN


@pytest.mark.parametrize("name", NAMES)
def test_levels_only_rise_and_nothing_is_asked_after_an_emergency(name: str) -> None:
    for path in ways(name):
        assert list(path.levels) == sorted(path.levels)
        assert 4 not in path.levels[:-1]
        assert path.outcome.level == (path.levels[-1] if path.levels else path.outcome.level)


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_left_unanswered_an_outcome_is_no_lower(name: str) -> None:
    """Each answer, and each pair of answers, taken out of the way of a well patient."""
    one = catalogue()[name]
    for facts in PATIENTS.values():
        of_one = (path for path in ways(name) if path.facts == facts)
        way = min(of_one, key=lambda path: (path.outcome.level, -len(path.asked)))
        for first in way.answers:
            for second in way.answers:
                said = {k: v for k, v in way.answers.items() if k not in (first, second)}
                end = outcome(one, facts, said)
                assert end.level >= max(way.outcome.level, level_so_far(one, facts, said))
                levels = {q.id: q.level for q in way.asked}
                own = {q.id for q in one.questions} | {"first_check"}
                if {x for x in (first, second) if x in own and levels[x] >= 3}:
                    assert end.level >= 3


@pytest.mark.parametrize("name", NAMES)
def test_one_red_flag_is_enough_whatever_else_is_said(name: str) -> None:
    """Each red flag alone, with nothing else answered, and with everything else denied."""
    one = catalogue()[name]
    for flag in (q for q in one.questions if q.level == 4):
        for facts in PATIENTS.values():
            denied: dict[str, Answer] = {q.id: "no" for q in one.questions}
            assert outcome(one, facts, {flag.id: "yes"}).level == 4
            assert outcome(one, facts, denied | {flag.id: "yes"}).level == 4
            assert outcome(one, facts, denied | {flag.id: "unsure"}).level >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_has_reasons_that_can_be_told(name: str) -> None:
    one = catalogue()[name]
    for path in ways(name):
        assert path.outcome.reasons or path.outcome.level == 1
        for its in path.outcome.reasons:
            assert set(reason(one, its)) == set(LANGUAGES)


@pytest.mark.parametrize("name", NAMES)
def test_self_care_has_its_text(name: str) -> None:
    if any(path.outcome.disposition == "self_care" for path in ways(name)):
        assert catalogue()[name].care is not None
