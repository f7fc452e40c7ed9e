"""The seven stop points: where a triage ends at once, or may not fall below a level."""

from pathlib import Path

import pytest

from clinic.triage.load import catalogue
from clinic.triage.rules import alert_if_silent, level_so_far, next_question, outcome
from clinic.triage.types import Answer, Facts, Outcome, Question
from tests.unit.clinic.triage.rulebook import DENIED, MAN, WELL, presentation, walked


def test_stop_point_1_the_first_check_comes_before_everything(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    first = next_question(one, Facts(), {})
    assert isinstance(first, Question)
    assert first.id == "first_check"
    assert walked(one, Facts(), {"first_check": "yes"}) == ["first_check"]
    assert outcome(one, Facts(), {"first_check": "yes"}).disposition == "emergency_now"


def test_stop_point_2_nothing_is_asked_after_an_answer_of_level_4(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    assert walked(one, MAN, {"grave": "yes"}) == ["first_check", "grave"]


def test_stop_point_3_a_red_flag_of_any_message_is_never_lowered(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    end = next_question(one, MAN, {}, at_least=4)
    assert isinstance(end, Outcome)
    assert (end.level, end.disposition, end.reasons[0]) == (4, "emergency_now", "before")
    denied = outcome(one, MAN, DENIED, at_least=3)
    assert (denied.level, denied.disposition, denied.reasons) == (3, "same_day", ("before",))


@pytest.mark.parametrize("name", ["ache", "rash"])
def test_stop_point_4_infants_with_38_degrees_or_not_right(tmp_path: Path, name: str) -> None:
    one, infant = presentation(tmp_path, name), Facts(0.2, "female")
    assert outcome(one, infant, {"temperature": 38}).level == 4
    assert outcome(one, infant, {"infant_not_right": "yes"}).level == 4
    assert walked(one, infant, {"temperature": 38.0}) == ["first_check", "temperature"]


def test_stop_point_4_danger_signs_of_pregnancy(tmp_path: Path) -> None:
    one, pregnant = presentation(tmp_path), Facts(30, "female", True)
    assert walked(one, pregnant, {"pregnancy_signs": "yes"}) == ["first_check", "pregnancy_signs"]
    assert outcome(one, pregnant, {"pregnancy_signs": "yes"}).level == 4
    assert outcome(one, pregnant, DENIED | {"pregnancy_signs": "unsure"}).level == 3
    # Where it matters, who could be pregnant is asked.
    headache, woman = presentation(tmp_path, "headache"), Facts(30, "female")
    assert walked(headache, woman, {"pregnancy": "yes"})[1:3] == ["pregnancy", "pregnancy_signs"]
    assert "pregnancy_signs" not in walked(headache, woman, {"pregnancy": "no"})
    assert "pregnancy" not in walked(one, woman, {})


def test_stop_point_5_unknown_counts_at_least_as_same_day(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    assert outcome(one, MAN, {}).level == 3
    for left_out in ("first_check", "grave", "serious"):
        answers = {name: value for name, value in DENIED.items() if name != left_out}
        end = outcome(one, MAN, answers)
        assert (end.level, end.unknown) == (3, (left_out,))


def test_stop_point_5_levels_only_rise(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    said: dict[str, Answer] = {}
    before = level_so_far(one, MAN, said)
    for name, value in (DENIED | {"severity": 6, "getting_worse": "yes"}).items():
        said[name] = value
        now = level_so_far(one, MAN, said)
        assert now >= before
        before = now
    assert before == 3


MODIFIERS = [
    "pregnancy",
    "cannot_walk",
    "diabetes",
    "kidney",
    "smoker",
    "hypertension",
    "weak_immunity",
    "anticoagulants",
    "recent_surgery",
]


@pytest.mark.parametrize("modifier", MODIFIERS)
def test_stop_point_6_a_modifier_makes_an_emergency_of_a_same_day_chest_pain(modifier: str) -> None:
    one = catalogue()["chest_pain"]
    serious = next(q.id for q in one.questions if q.level == 3)
    answers = WELL | {q.id: "no" for q in one.questions} | {serious: "yes"}
    assert outcome(one, MAN, answers | {"modifiers": ()}).level == 3
    raised = outcome(one, MAN, answers | {"modifiers": (modifier,)})
    assert raised.level == 4
    assert set(raised.reasons) == {serious, modifier}


@pytest.mark.parametrize(
    ("facts", "answers", "level", "reasons"),
    [
        (Facts(64.9, "male"), {"modifiers": ()}, 3, ("serious",)),
        (Facts(65, "male"), {}, 4, ("serious", "age_65")),
        (Facts(30, "female", True), {"pregnancy_signs": "no"}, 4, ("serious", "pregnancy")),
        (MAN, {"modifiers": "yes"}, 4, ("serious", "modifiers")),
        (MAN, {"modifiers": "unsure"}, 3, ("serious",)),
        (MAN, {"severity": 8}, 4, ("severity", "serious")),
        (
            Facts(0.1, "male"),
            {"temperature": 37, "infant_not_right": "no"},
            4,
            ("serious", "infant"),
        ),
    ],
)
def test_stop_point_6_what_raises_a_same_day(
    tmp_path: Path, facts: Facts, answers: dict[str, Answer], level: int, reasons: tuple[str, ...]
) -> None:
    one = presentation(tmp_path, modifiers="3-4")
    end = outcome(one, facts, DENIED | {"serious": "yes"} | answers)
    assert (end.level, end.reasons) == (level, reasons)


def test_stop_point_6_modifiers_are_asked_only_where_they_could_raise(tmp_path: Path) -> None:
    one = presentation(tmp_path, modifiers="3-4")
    assert "modifiers" not in walked(one, MAN, {})
    assert walked(one, MAN, {"serious": "yes"})[-1] == "modifiers"
    assert walked(one, Facts(70, "male"), {"serious": "yes"})[-1] == "serious"
    # A level of another complaint is not raised by this one's modifiers.
    assert outcome(one, Facts(70, "male"), DENIED, at_least=3).level == 3


def test_stop_point_7_silence_after_a_positive_answer_alerts_staff(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    assert not alert_if_silent(one, MAN, {})
    assert not alert_if_silent(one, MAN, {"first_check": "no", "grave": "unsure"})
    assert alert_if_silent(one, MAN, {"first_check": "no", "grave": "no", "serious": "yes"})
    assert alert_if_silent(one, MAN, {"severity": 9})
    assert not alert_if_silent(one, MAN, {"long": "yes"})
