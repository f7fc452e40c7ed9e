"""What is asked and what follows, on presentations made for the purpose."""

from pathlib import Path
from typing import Any

import pytest

from clinic.triage.load import catalogue
from clinic.triage.rules import (
    after_medicine,
    known,
    level_so_far,
    next_question,
    offered,
    outcome,
    question,
    read_answer,
    reason,
    unknown_presentation,
)
from clinic.triage.types import LANGUAGES, Answer, Facts, Outcome
from tests.unit.clinic.triage.rulebook import (
    DENIED,
    MAN,
    WELL,
    asked,
    base,
    presentation,
    text,
    walked,
)


def test_all_denied_is_self_care(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    end = outcome(one, MAN, DENIED)
    assert (end.level, end.disposition, end.reasons) == (1, "self_care", ())
    assert (end.unknown, end.in_person) == ((), False)
    assert next_question(one, MAN, DENIED) == end


def test_all_denied_is_a_visit_where_there_is_no_self_care(tmp_path: Path) -> None:
    one = presentation(tmp_path, otherwise=2, care=None)
    end = outcome(one, MAN, DENIED)
    assert (end.level, end.disposition, end.reasons) == (2, "within_days", ("otherwise",))


def test_what_decided_the_level_is_among_the_reasons(tmp_path: Path) -> None:
    one = presentation(tmp_path, otherwise=3, care=None)
    assert outcome(one, MAN, DENIED | {"long": "yes"}).reasons == ("long", "otherwise")
    assert outcome(one, MAN, DENIED | {"serious": "yes"}).reasons == ("serious",)


def test_what_is_always_an_emergency_asks_nothing(tmp_path: Path) -> None:
    one = presentation(tmp_path, always=4, questions=None, otherwise=None, care=None)
    end = next_question(one, Facts(), {})
    assert isinstance(end, Outcome)
    assert (end.level, end.disposition, end.reasons) == (4, "emergency_now", ("ache",))


@pytest.mark.parametrize(
    ("answers", "level", "disposition"),
    [
        ({"grave": "yes"}, 4, "emergency_now"),
        ({"grave": "unsure"}, 3, "same_day"),
        ({"serious": "yes"}, 3, "same_day"),
        ({"serious": "unsure"}, 3, "same_day"),
        ({"long": "yes"}, 2, "within_days"),
        ({"long": "unsure"}, 2, "within_days"),
        ({"function": "yes"}, 3, "same_day"),
        ({"function": "unsure"}, 3, "same_day"),
        ({"getting_worse": "yes"}, 3, "same_day"),
        ({"getting_worse": "unsure"}, 2, "within_days"),
        ({"severity": 4}, 1, "self_care"),
        ({"severity": 5}, 2, "within_days"),
        ({"severity": 7.5}, 2, "within_days"),
        ({"severity": 8}, 3, "same_day"),
        ({"severity": 10}, 3, "same_day"),
        ({"severity": "unsure"}, 2, "within_days"),
    ],
)
def test_each_answer_has_its_level(
    tmp_path: Path, answers: dict[str, Answer], level: int, disposition: str
) -> None:
    end = outcome(presentation(tmp_path), MAN, DENIED | answers)
    assert (end.level, end.disposition) == (level, disposition)
    assert end.reasons == (tuple(answers) if level > 1 else ())
    assert end.unknown == (tuple(answers) if "unsure" in answers.values() else ())


def test_the_gravest_reason_is_told_first(tmp_path: Path) -> None:
    answers = DENIED | {"long": "yes", "grave": "yes", "serious": "unsure"}
    assert outcome(presentation(tmp_path), MAN, answers).reasons == ("grave", "serious", "long")


def test_the_order_of_the_questions(tmp_path: Path) -> None:
    assert walked(presentation(tmp_path, fever=True), MAN, {}) == [
        "first_check",
        "grave",
        "serious",
        "function",
        "getting_worse",
        "severity",
        "temperature",
        "long",
        "medicine",
    ]


def test_the_age_is_asked_where_nobody_knows_it(tmp_path: Path) -> None:
    assert walked(presentation(tmp_path), Facts(), {"age": 40})[:3] == [
        "first_check",
        "age",
        "grave",
    ]


def test_once_a_doctor_is_needed_today_only_what_could_be_an_emergency_is_asked(
    tmp_path: Path,
) -> None:
    one = presentation(tmp_path, questions=[asked("a", 4), asked("b", 4), asked("c", 3)])
    assert walked(one, MAN, {"a": "unsure"}) == ["first_check", "a", "b"]
    assert walked(one, MAN, {}, at_least=3) == ["first_check", "a", "b"]


def test_what_could_not_raise_the_level_is_not_asked(tmp_path: Path) -> None:
    assert "long" not in walked(presentation(tmp_path), MAN, {"getting_worse": "unsure"})


# --- whom a question is for ---------------------------------------------------------------------


def for_women(**only: Any) -> list[dict[str, Any]]:
    return [asked("grave", 4, only=only), asked("serious", 3)]


@pytest.mark.parametrize(
    ("only", "facts", "is_asked"),
    [
        ({"sex": "female"}, Facts(30, "female"), True),
        ({"sex": "female"}, Facts(30, "male"), False),
        ({"sex": "female"}, Facts(30, "other"), True),
        ({"age_min": 50}, Facts(49.9, "male"), False),
        ({"age_min": 50}, Facts(50, "male"), True),
        ({"age_max": 55}, Facts(55.9, "male"), True),
        ({"age_max": 55}, Facts(56, "male"), False),
        ({"age_max": 0.5}, Facts(0.5, "male"), True),
        ({"age_max": 0.5}, Facts(0.6, "male"), False),
        ({"pregnant": True}, Facts(30, "female", True), True),
        ({"pregnant": True}, Facts(30, "female", False), False),
        ({"pregnant": True}, Facts(70, "female"), False),
        ({"pregnant": True}, Facts(30, "male"), False),
        ({"pregnant": False}, Facts(30, "female", False), True),
        ({"pregnant": False}, Facts(30, "female", True), False),
    ],
)
def test_a_question_is_asked_of_whom_it_is_for(
    tmp_path: Path, only: dict[str, Any], facts: Facts, is_asked: bool
) -> None:
    one = presentation(tmp_path, questions=for_women(**only))
    assert ("grave" in walked(one, facts, {})) is is_asked


def test_a_question_is_asked_where_nobody_knows_whom_it_is_for(tmp_path: Path) -> None:
    one = presentation(tmp_path, questions=for_women(sex="female", age_min=50, pregnant=True))
    unsure: dict[str, Answer] = {"age": "unsure", "sex": "unsure", "pregnancy": "unsure"}
    assert walked(one, Facts(), unsure)[:6] == [
        "first_check",
        "age",
        "sex",
        "pregnancy",
        "pregnancy_signs",
        "grave",
    ]


def test_the_sex_is_asked_only_where_it_matters(tmp_path: Path) -> None:
    one = presentation(tmp_path, questions=for_women(sex="female", age_min=50))
    assert "sex" not in walked(one, Facts(30), {})
    assert "sex" in walked(one, Facts(60), {})
    assert "grave" not in walked(one, Facts(60), {"sex": "male"})


def test_what_a_presentation_is_for_is_known(tmp_path: Path) -> None:
    one = presentation(tmp_path, only={"sex": "female", "pregnant": True})
    assert known(one, Facts(30), {}) == Facts(30, "female", True)
    assert known(one, Facts(30, "male", False), {}) == Facts(30, "male", False)


def test_a_presentation_is_offered_to_whom_it_is_for(tmp_path: Path) -> None:
    one = presentation(tmp_path, only={"sex": "male", "age_min": 12})
    assert offered(one, Facts())
    assert offered(one, Facts(40, "male"))
    assert not offered(one, Facts(40, "female"))
    assert not offered(one, Facts(4, "male"))


# --- the temperature ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "temperature", "level"),
    [
        (0.1, 37.9, 2),
        (0.1, 38, 4),
        (0.1, "unsure", 3),
        (0.3, 38.9, 1),
        (0.3, 39, 3),
        (4, 39.9, 1),
        (4, 40, 3),
        (40, 38.9, 1),
        (40, 39, 3),
        (40, 35.9, 3),
        (40, 36, 1),
        (40, "unsure", 2),
        (None, 38, 3),
        (None, "unsure", 3),
    ],
)
def test_a_temperature_counts_by_age(
    tmp_path: Path, age: float | None, temperature: Answer, level: int
) -> None:
    one = presentation(tmp_path, fever=True)
    answers = DENIED | {"infant_not_right": "no", "temperature": temperature, "age": 40}
    if age is None:
        answers["age"] = "unsure"
        assert level_so_far(one, Facts(), answers) == level
    else:
        assert outcome(one, Facts(age, "male"), answers).level == level


def test_an_infant_is_asked_the_temperature_in_every_presentation(tmp_path: Path) -> None:
    assert walked(presentation(tmp_path), Facts(0.1, "male"), {"temperature": 37})[:3] == [
        "first_check",
        "temperature",
        "infant_not_right",
    ]


def test_an_infant_is_never_left_to_self_care(tmp_path: Path) -> None:
    answers = DENIED | {"infant_not_right": "no", "temperature": 36.8}
    end = outcome(presentation(tmp_path), Facts(0.1, "male"), answers)
    assert (end.level, end.reasons) == (2, ("infant",))


def test_who_does_not_tell_the_age_is_not_left_to_self_care(tmp_path: Path) -> None:
    end = outcome(presentation(tmp_path), Facts(), DENIED | {"age": "unsure"})
    assert (end.level, end.reasons, end.unknown) == (2, ("age",), ("age",))


# --- medicines, unclear complaints --------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_side_effects_of_a_medicine_are_seen_in_person_within_days(
    tmp_path: Path, answer: str
) -> None:
    end = outcome(presentation(tmp_path), MAN, DENIED | {"medicine": answer})
    assert (end.level, end.disposition) == (2, "within_days")
    assert end.in_person
    assert end.reasons == ("medicine",)


def test_a_side_effect_told_elsewhere_raises_an_outcome_and_never_lowers_one(
    tmp_path: Path,
) -> None:
    one = presentation(tmp_path)
    mild = after_medicine(outcome(one, MAN, DENIED))
    assert (mild.level, mild.disposition, mild.in_person) == (2, "within_days", True)
    assert mild.reasons == ("medicine",)
    grave = after_medicine(outcome(one, MAN, DENIED | {"serious": "yes"}))
    assert (grave.level, grave.disposition, grave.in_person) == (3, "same_day", True)
    assert grave.reasons == ("serious", "medicine")


# Words by which a text would change a medicine; the texts may tell not to.
_CHANGES = {
    "en": ("stop taking", "stop your medic", "change the dose", "reduce the dose"),
    "ja": ("服用を中止", "薬をやめ", "薬を減ら", "薬を増や", "量を変え"),
    "zh-Hant": ("停藥", "停止服", "減藥", "加藥", "改變劑量"),
    "zh-Hans": ("停药", "停止服", "减药", "加药", "改变剂量"),
    "ru": ("прекратите при", "отмените", "измените дозу", "уменьшите дозу", "увеличьте дозу"),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_changes_a_medicine(language: str) -> None:
    found = [
        (one.id, word)
        for one in catalogue().values()
        for told in (one.care, one.come_back)
        if told is not None
        for word in _CHANGES[language]
        if word in told[language].lower()
    ]
    assert found == []


def test_an_unclear_complaint_is_never_left_to_self_care(tmp_path: Path) -> None:
    one = presentation(tmp_path, "unclear", questions=[asked("grave", 4)])
    end = outcome(one, MAN, WELL | {"grave": "no"})
    assert (end.level, end.disposition, end.reasons) == (3, "ask_a_person", ("person",))
    assert outcome(one, MAN, WELL | {"grave": "yes"}).disposition == "emergency_now"
    assert outcome(one, MAN, WELL | {"grave": "unsure"}).disposition == "same_day"
    assert outcome(one, MAN, WELL | {"grave": "no"}, at_least=3).disposition == "same_day"


def test_an_unknown_presentation_asks_a_person() -> None:
    end = unknown_presentation(base())
    assert (end.level, end.disposition) == (3, "ask_a_person")


def test_thoughts_of_suicide_are_never_left_to_a_later_day() -> None:
    one = catalogue()["self_harm"]
    answers: dict[str, Answer] = {q.id: "no" for q in one.questions}
    assert outcome(one, MAN, WELL | answers).level >= 3


# --- answers and words --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("grave", True, "yes"),
        ("grave", False, "no"),
        ("grave", "unsure", "unsure"),
        ("grave", "maybe", None),
        ("grave", 1, None),
        ("grave", None, None),
        ("grave", ["yes"], None),
        ("severity", 10, 10),
        ("severity", 2.5, 2.5),
        ("severity", 10.1, None),
        ("severity", -1, None),
        ("severity", float("nan"), None),
        ("severity", True, None),
        ("severity", "7", None),
        ("severity", "unsure", "unsure"),
        ("sex", "female", "female"),
        ("sex", "yes", None),
        ("sex", "unsure", "unsure"),
        ("modifiers", ["diabetes", "smoker"], ("diabetes", "smoker")),
        ("modifiers", [], ()),
        ("modifiers", ["fame"], None),
        ("modifiers", [{}], None),
        ("modifiers", "no", "no"),
        ("modifiers", True, "yes"),
        ("modifiers", "unsure", "unsure"),
    ],
)
def test_an_answer_is_read_or_refused(
    tmp_path: Path, name: str, value: object, read: Answer | None
) -> None:
    found = question(presentation(tmp_path), name)
    assert found is not None
    assert read_answer(found, value) == read


def test_there_is_no_question_of_another_name(tmp_path: Path) -> None:
    assert question(presentation(tmp_path), "weather") is None


def test_every_reason_has_words_in_all_languages(tmp_path: Path) -> None:
    one = presentation(tmp_path)
    for name in ("ache", "grave", "first_check", "age_65", "diabetes", "unknown_presentation"):
        assert set(reason(one, name)) == set(LANGUAGES)
    assert reason(one, "grave") == text("grave")
    with pytest.raises(KeyError):
        reason(one, "weather")
