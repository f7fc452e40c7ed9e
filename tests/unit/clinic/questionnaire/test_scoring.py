"""What the answers of the shipped forms mean: bands at their edges, and every alert."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from clinic.questionnaire import scoring
from clinic.questionnaire.scoring import Alert, Condition, Form, Words, assess, forms, plain
from clinic.questionnaire.types import Attachment, Coding, Quantity, Reference

WORDS = {"en": "a", "ja": "b", "zh-Hant": "c", "zh-Hans": "d", "ru": "e"}


def raised(form: str, **answers: Any) -> set[tuple[str, int]]:
    """The alerts of answers: one a keyword, several as a tuple."""
    given = {
        item: tuple(
            Decimal(str(value))
            if isinstance(value, int | float) and not isinstance(value, bool)
            else value
            for value in (values if isinstance(values, tuple) else (values,))
        )
        for item, values in answers.items()
    }
    return {(alert.rule, alert.level) for alert in assess(form, given, {}).alerts}


@pytest.mark.parametrize(
    ("form", "edges"),
    [
        ("phq_9", {0: 0, 4: 0, 5: 1, 9: 1, 10: 2, 14: 2, 15: 3, 19: 3, 20: 4, 27: 4}),
        ("gad_7", {0: 0, 4: 0, 5: 1, 9: 1, 10: 2, 14: 2, 15: 3, 21: 3}),
        ("copd_check", {0: 0, 4: 0, 5: 1, 9: 1, 10: 2, 14: 2, 15: 3, 18: 3}),
        ("quality_of_life", {0: 0, 8: 0, 9: 1, 16: 1, 17: 2, 24: 2}),
        ("teleconsultation", {0: 0, 7: 0, 8: 1, 11: 1, 12: 2, 15: 2}),
    ],
)
def test_a_band_begins_at_its_edge(form: str, edges: dict[int, int]) -> None:
    bands = forms()[form].bands
    for total, band in edges.items():
        found = assess(form, {}, {"total": Decimal(total)})
        assert (found.total, found.band) == (total, bands[band]), total


@pytest.mark.parametrize(
    ("country", "sex", "threshold"),
    [
        ("JP", "female", 3),
        ("JP", "male", 4),
        ("JP", "other", 3),
        ("JP", "unknown", 3),
        ("JP", None, 3),
        ("GB", "female", 5),
        ("GB", "male", 5),
        ("GB", None, 5),
    ],
)
def test_the_alcohol_threshold_goes_by_sex_and_country(
    country: str, sex: str | None, threshold: int
) -> None:
    low, risky = forms()["audit_c"].bands
    for total in range(13):
        found = assess("audit_c", {}, {"total": Decimal(total)}, sex=sex, country=country)
        assert found.band == (low if total < threshold else risky)


def test_moderate_scores_of_mood_and_worry_ask_for_a_visit_within_days() -> None:
    for form in ("phq_9", "gad_7"):
        for total, level in ((9, 1), (10, 2)):
            band = assess(form, {}, {"total": Decimal(total)}).band
            assert band is not None
            assert band.level == level


@pytest.mark.parametrize("score", [1, 2, 3])
def test_any_thought_of_death_is_a_same_day_alert_whatever_the_total(score: int) -> None:
    answers = {"self_harm": (Decimal(score),)}
    (alert,) = assess("phq_9", answers, {"total": Decimal(score)}).alerts
    assert (alert.rule, alert.level, alert.may_settle) == ("self_harm_thoughts", 3, False)
    assert assess("phq_9", {"self_harm": (Decimal(0),)}, {"total": Decimal(24)}).alerts == ()


ALERTS = [
    ("audit_c", {"talk": True}, {("call_back", 2)}),
    ("audit_c", {"talk": False}, set()),
    ("copd_check", {"grave": "yes"}, {("breathing", 4)}),
    ("copd_check", {"grave": "not_sure"}, {("breathing_worse", 3)}),
    ("copd_check", {"grave": "no", "worse": "little"}, set()),
    ("copd_check", {"worse": "much"}, {("breathing_worse", 3)}),
    ("copd_check", {"worse": "not_sure"}, {("breathing_worse", 3)}),
    ("copd_check", {"phlegm_change": "blood"}, {("coughing_blood", 3)}),
    ("copd_check", {"phlegm_change": "not_sure"}, {("coughing_blood", 3)}),
    ("copd_check", {"phlegm_change": ("colour", "more")}, {("phlegm_changed", 2)}),
    ("copd_check", {"phlegm_change": "none"}, set()),
    ("blood_pressure_diary", {"systolic": 179, "diastolic": 119}, set()),
    ("blood_pressure_diary", {"systolic": 180, "diastolic": 80}, {("pressure_high", 3)}),
    ("blood_pressure_diary", {"systolic": 130, "diastolic": 120}, {("pressure_high", 3)}),
    (
        "blood_pressure_diary",
        {"systolic": 180, "diastolic": 80, "symptoms": ("headache", "chest")},
        {("pressure_high", 3), ("pressure_grave", 4)},
    ),
    ("blood_pressure_diary", {"systolic": 180, "symptoms": "not_sure"}, {("pressure_high", 3)}),
    (
        "blood_pressure_diary",
        {"systolic": 190, "symptoms": "none", "again": "cannot"},
        {("pressure_high", 3)},
    ),
    (
        "blood_pressure_diary",
        {"systolic": 190, "symptoms": "none", "systolic_2": 179, "diastolic_2": 119},
        set(),
    ),
    (
        "blood_pressure_diary",
        {"systolic": 190, "symptoms": "none", "systolic_2": 179, "diastolic_2": 120},
        {("pressure_high", 3)},
    ),
    (
        "blood_pressure_diary",
        {"diastolic": 120, "symptoms": "none", "systolic_2": 180, "diastolic_2": 80},
        {("pressure_high", 3)},
    ),
    ("blood_pressure_diary", {"systolic": 160, "pregnant": "yes"}, {("pregnancy", 4)}),
    ("blood_pressure_diary", {"systolic": 160, "pregnant": "not_sure"}, {("pregnancy_call", 3)}),
    ("blood_pressure_diary", {"systolic": 160, "pregnant": "no"}, set()),
    ("glucose_diary", {"glucose_mg": 70}, set()),
    ("glucose_diary", {"glucose_mg": 69}, {("sugar", 2)}),
    ("glucose_diary", {"glucose_mg": 54, "glucose_2_mg": 69}, {("sugar", 2)}),
    ("glucose_diary", {"glucose_mg": 54, "glucose_2_mg": 70}, set()),
    ("glucose_diary", {"glucose_mg": 53, "glucose_2_mg": 90}, {("sugar", 3)}),
    ("glucose_diary", {"glucose_mg": 53.9, "glucose_2_mg": 90}, {("sugar", 3)}),
    (
        "glucose_diary",
        {"glucose_mg": 60, "glucose_2_mg": 50},
        {("sugar", 3), ("sugar", 2)},
    ),
    ("glucose_diary", {"low_grave": "yes"}, {("sugar_grave", 4)}),
    ("glucose_diary", {"low_grave": "not_sure"}, {("sugar", 3)}),
    ("glucose_diary", {"low_often": "yes"}, {("sugar", 2)}),
    ("glucose_diary", {"glucose_mg": 320, "high_grave": "yes"}, {("sugar_grave", 4)}),
    ("glucose_diary", {"high_grave": "not_sure"}, {("sugar", 3)}),
    ("glucose_diary", {"glucose_mg": 260, "high_grave": "no", "high_before": "no"}, set()),
    ("glucose_diary", {"high_before": "yes"}, {("sugar", 3)}),
    ("glucose_diary", {"ketones": "positive"}, {("sugar", 3)}),
    ("infection_screening", {"feverish": "no", "symptoms": "none", "contact": "no"}, set()),
    ("infection_screening", {"feverish": "yes"}, {("infection_risk", 2)}),
    ("infection_screening", {"temperature": 37.4}, set()),
    ("infection_screening", {"temperature": 37.5}, {("infection_risk", 2)}),
    ("infection_screening", {"temperature": 38.9}, {("infection_risk", 2)}),
    ("infection_screening", {"temperature": 39}, {("infection_risk", 2), ("fever_high", 3)}),
    (
        "infection_screening",
        {"feverish": "yes", "temperature": 35.9},
        {("infection_risk", 2), ("fever_high", 3)},
    ),
    ("infection_screening", {"feverish": "not_sure", "temperature": 35.9}, set()),
    (
        "infection_screening",
        {"feverish": "not_sure", "baby": True, "temperature": 37.2},
        {("fever_child", 3)},
    ),
    (
        "infection_screening",
        {"feverish": "not_sure", "baby": True, "temperature": 38},
        {("fever_infant", 4), ("fever_child", 3), ("infection_risk", 2)},
    ),
    (
        "infection_screening",
        {"feverish": "yes", "baby": True},
        {("fever_infant", 4), ("infection_risk", 2)},
    ),
    (
        "infection_screening",
        {"feverish": "yes", "weak_immunity": "not_sure"},
        {("fever_high", 3), ("infection_risk", 2)},
    ),
    ("infection_screening", {"feverish": "no", "travel": True}, set()),
    ("infection_screening", {"feverish": "not_sure", "travel": True}, {("fever_high", 3)}),
    ("infection_screening", {"symptoms": "breathless"}, {("breathing_worse", 3)}),
    ("infection_screening", {"breathless_grave": "yes"}, {("breathing", 4)}),
    ("infection_screening", {"contact": "not_sure"}, {("infection_risk", 2)}),
    ("infection_screening", {"test": "positive"}, {("infection_risk", 2)}),
    ("infection_screening", {"symptoms": ("nose", "rash")}, {("infection_risk", 2)}),
    ("infection_screening", {"symptoms": "nose"}, set()),
    ("medicine_side_effects", {"grave": "none", "taking": "as_told"}, set()),
    ("medicine_side_effects", {"grave": "swelling"}, {("anaphylaxis", 4)}),
    ("medicine_side_effects", {"grave": "breath"}, {("anaphylaxis", 4)}),
    ("medicine_side_effects", {"grave": "faint"}, {("anaphylaxis", 4)}),
    ("medicine_side_effects", {"grave": "blisters"}, {("rash_grave", 4)}),
    ("medicine_side_effects", {"grave": "vomit_blood"}, {("vomiting_grave", 4)}),
    ("medicine_side_effects", {"grave": "stool"}, {("rectal_bleeding", 3)}),
    ("medicine_side_effects", {"grave": "yellow"}, {("side_effect", 3)}),
    ("medicine_side_effects", {"grave": "not_sure"}, {("side_effect", 3)}),
    ("medicine_side_effects", {"trouble": "much"}, {("side_effect", 3)}),
    ("medicine_side_effects", {"trouble": "little"}, {("side_effect", 2)}),
    ("medicine_side_effects", {"taking": "stopped"}, {("medicine_changed", 2)}),
    ("teleconsultation", {"since": "worse"}, {("worse_since_visit", 2)}),
    ("teleconsultation", {"since": "same"}, set()),
    ("visit_satisfaction", {"call_back": True}, {("call_back", 2)}),
    ("staff_conduct", {"mistreated": "yes"}, {("conduct_complaint", 2)}),
    ("staff_conduct", {"mistreated": "unsaid"}, set()),
]


@pytest.mark.parametrize(("form", "answers", "expected"), ALERTS)
def test_answers_raise_these_alerts(
    form: str, answers: dict[str, Any], expected: set[tuple[str, int]]
) -> None:
    assert raised(form, **answers) == expected


def test_the_gravest_alert_comes_first() -> None:
    answers: dict[str, tuple[scoring.Plain, ...]] = {
        "feverish": ("yes",),
        "temperature": (Decimal("39.5"),),
        "breathless_grave": ("yes",),
    }
    levels = [alert.level for alert in assess("infection_screening", answers, {}).alerts]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == 4


def test_only_an_alert_that_a_second_reading_takes_back_may_wait() -> None:
    waiting = {
        (name, alert.rule, alert.level)
        for name, form in forms().items()
        for alert in form.alerts
        if alert.may_settle
    }
    assert waiting == {
        ("blood_pressure_diary", "pressure_high", 3),
        ("glucose_diary", "sugar", 2),
    }


def test_a_form_that_is_not_in_the_file_means_nothing() -> None:
    found = assess("somebody_elses", {"x": ("yes",)}, {"total": Decimal(5)})
    assert (found.total, found.band, found.alerts) == (None, None, ())


def test_without_a_total_there_is_no_band() -> None:
    assert assess("phq_9", {}, {}).band is None
    assert assess("staff_conduct", {}, {"total": Decimal(5)}).band is None


def test_what_is_calculated_is_looked_at_like_an_answer() -> None:
    (alert,) = assess("glucose_diary", {}, {"glucose_mg": Decimal("68.4")}).alerts
    assert (alert.rule, alert.level) == ("sugar", 2)


def test_values_of_another_kind_do_not_meet_a_condition() -> None:
    assert not Condition(item="x", equals="yes").holds({"x": (True, Decimal(1))})
    assert not Condition(item="x", equals=True).holds({"x": ("yes", False)})
    assert not Condition(item="x", at_least=Decimal(1)).holds({"x": ("yes", True)})
    assert Condition(item="x", at_least=Decimal(1)).holds({"x": (Decimal(0), Decimal(1))})


def test_answers_become_plain_and_those_of_repetitions_stand_together() -> None:
    answers = [
        ((("mood", 0),), (Coding("s", "not_at_all", score=Decimal(0)),)),
        ((("group", 0), ("symptoms", 0)), (Coding("s", "cough"), "something else")),
        ((("group", 1), ("symptoms", 0)), (Coding("s", "rash"),)),
        ((("pulse", 0),), (72,)),
        ((("travel", 0),), (True,)),
        ((("temperature", 0),), (Decimal("36.5"),)),
        ((("glucose", 0),), (Quantity(Decimal(90), "mg/dL"),)),
        ((("photo", 0),), (Attachment("image/png", 3, "kayoi:1"), Reference("Patient/1"))),
    ]
    found = plain(answers)
    assert found == {
        "mood": (Decimal(0),),
        "symptoms": ("cough", "something else", "rash"),
        "pulse": (Decimal(72),),
        "travel": (True,),
        "temperature": (Decimal("36.5"),),
        "glucose": (),
        "photo": (),
    }
    assert [type(found[item][0]) for item in ("pulse", "travel")] == [Decimal, bool]


def test_words_are_given_in_the_language_or_in_english() -> None:
    words = Words.model_validate(WORDS)
    assert [words.get(language) for language in (*WORDS, "fr")] == ["a", "b", "c", "d", "e", "a"]


@pytest.mark.parametrize(
    "condition",
    [{"item": "x"}, {"item": "x", "equals": "a", "at_least": 1}, {"item": "x", "more_than": 1}],
)
def test_a_condition_has_exactly_one_known_comparison(condition: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(condition)


def test_an_alert_has_a_condition() -> None:
    with pytest.raises(ValidationError):
        Alert.model_validate({"rule": "x", "level": 3, "when": [], "reason": WORDS})


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "total"},
        {"bands": [{"from": 0, "level": 1, "text": WORDS}]},
        {"total": "total", "bands": [{"from": 1, "level": 1, "text": WORDS}]},
    ],
)
def test_every_total_has_a_band(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Form.model_validate({"source": "S", "signed_by": None, **wrong})
