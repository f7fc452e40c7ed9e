"""The shipped questionnaires as a patient walks through them: what is asked, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from clinic.questionnaire import rules
from clinic.questionnaire.read import read
from clinic.questionnaire.scoring import Assessment, assess, forms, plain
from clinic.questionnaire.types import Answers, Coding, Quantity, Questionnaire, Value
from tests.unit.clinic.questionnaire.test_forms import (
    LANGUAGES,
    NAMES,
    codes,
    items,
    resource,
    scored,
)

TODAY = date(2026, 11, 25)
HIGHEST = {
    "audit_c": 12,
    "copd_check": 18,
    "gad_7": 21,
    "phq_9": 27,
    "quality_of_life": 24,
    "teleconsultation": 15,
}
# What has to be answered besides the scores, as by somebody who has nothing to report.
WELL: dict[str, dict[str, Any]] = {
    "copd_check": {"worse": "same", "phlegm_change": "none"},
    "teleconsultation": {"since": "same"},
}


@dataclass(frozen=True)
class Played:
    asked: tuple[str, ...]
    answers: Answers
    totals: Mapping[str, Decimal]
    meaning: Assessment

    @property
    def alerts(self) -> set[tuple[str, int]]:
        return {(alert.rule, alert.level) for alert in self.meaning.alerts}


@cache
def known(name: str) -> Questionnaire:
    found = read(resource(name), sorted(LANGUAGES))
    assert isinstance(found, Questionnaire), found
    return found


def play(name: str, chosen: Mapping[str, Any]) -> Played:
    """Walk to the end. A question with no answer given is skipped, and must be one that may be."""
    questionnaire = known(name)
    answers = rules.begin(TODAY)
    asked: list[str] = []
    while (question := rules.next_question(questionnaire, answers)) is not None:
        link = question.item.link_id
        asked.append(link)
        if link in chosen:
            given = chosen[link] if isinstance(chosen[link], tuple) else (chosen[link],)
            values = [value(name, link, one) for one in given]
            after = rules.answer(questionnaire, answers, question, values)
        else:
            after = rules.skip(questionnaire, answers, question)
        assert isinstance(after, Answers), (link, after)
        answers = after
    totals = rules.scores(questionnaire, answers)
    return Played(tuple(asked), answers, totals, assess(name, plain(answers), totals))


def value(name: str, link: str, given: Any) -> Value:
    if "answerOption" in items(name)[link]:
        return Coding("", given)
    if isinstance(given, str) and items(name)[link]["type"] == "quantity":
        number, unit = given.split()
        return Quantity(Decimal(number), unit, "http://unitsofmeasure.org", unit)
    found: Value = given
    return found


def adding_up_to(name: str, total: int) -> dict[str, str]:
    """Options whose scores are this in sum."""
    chosen = {}
    for link, item in items(name).items():
        if scored(item):
            by_score = {score: code for code, score in codes(item).items()}
            score = max(score for score in by_score if score <= total)
            chosen[link] = by_score[score]
            total -= score
    assert total == 0
    return chosen


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_read_without_problems_in_every_language(name: str) -> None:
    questionnaire = known(name)
    assert questionnaire.notes == ()
    assert set(questionnaire.languages) == LANGUAGES


@pytest.mark.parametrize("name", sorted(HIGHEST))
def test_every_total_is_reached_and_falls_into_its_band(name: str) -> None:
    starts = [band.begins("female", "JP") for band in forms()[name].bands]
    for total in range(HIGHEST[name] + 1):
        played = play(name, {**WELL.get(name, {}), **adding_up_to(name, total)})
        assert played.totals["total"] == total
        meaning = assess(name, plain(played.answers), played.totals, sex="female")
        band = forms()[name].bands[max(n for n, start in enumerate(starts) if total >= start)]
        assert (meaning.total, meaning.band) == (total, band)


def test_no_score_is_above_the_highest() -> None:
    for name, highest in HIGHEST.items():
        best = [max(codes(item).values()) for item in items(name).values() if scored(item)]
        assert sum(best) == highest


def test_who_has_no_trouble_is_not_asked_how_hard_it_is() -> None:
    for name in ("phq_9", "gad_7"):
        assert "difficulty" not in play(name, adding_up_to(name, 0)).asked
        assert "difficulty" in play(name, adding_up_to(name, 1)).asked


def test_a_thought_of_death_alone_is_told_though_the_total_is_low() -> None:
    chosen = {**adding_up_to("phq_9", 0), "self_harm": "several_days"}
    played = play("phq_9", chosen)
    assert played.totals["total"] == 1
    assert played.alerts == {("self_harm_thoughts", 3)}


def test_who_never_drinks_is_asked_once() -> None:
    played = play("audit_c", {"frequency": "never"})
    assert (played.asked, played.totals["total"]) == (("frequency",), 0)


PRESSURE = {"time_of_day": "morning", "systolic": 134, "diastolic": 82}
SUGAR = {"time_of_day": "bedtime"}
HEALTHY = {"feverish": "no", "symptoms": "none", "contact": "no", "travel": False}
MEDICINE = {"medicine": "Amlodipine", "grave": "none", "effects": "none", "taking": "as_told"}
LOW = {**SUGAR, "glucose": "60 mg/dL", "low_grave": "no", "low_often": "no"}
HIGH = {**SUGAR, "glucose": "14.0 mmol/L", "high_grave": "no", "high_before": "no"}
VERY_HIGH = {**PRESSURE, "systolic": 182, "pregnant": "no"}
CHECK_UP = {"reason": "Yearly check", "since": "no_trouble", "medicines": False, "allergies": "no"}


@pytest.mark.parametrize(
    ("name", "chosen", "extra", "alerts"),
    [
        ("blood_pressure_diary", PRESSURE, "", set()),
        (
            "blood_pressure_diary",
            {**PRESSURE, "diastolic": 110, "pregnant": "yes"},
            "pregnant",
            {("pregnancy", 4)},
        ),
        (
            "blood_pressure_diary",
            {**VERY_HIGH, "symptoms": ("breath", "sight")},
            "symptoms pregnant",
            {("pressure_grave", 4), ("pressure_high", 3)},
        ),
        (
            "blood_pressure_diary",
            {**VERY_HIGH, "symptoms": "none", "again": "cannot"},
            "symptoms pregnant again",
            {("pressure_high", 3)},
        ),
        (
            "blood_pressure_diary",
            {
                **VERY_HIGH,
                "symptoms": "none",
                "again": "measured",
                "systolic_2": 160,
                "diastolic_2": 90,
            },
            "symptoms pregnant again systolic_2 diastolic_2",
            set(),
        ),
        ("glucose_diary", {**SUGAR, "glucose": "95 mg/dL"}, "", set()),
        ("glucose_diary", {**SUGAR, "glucose": "5.4 mmol/L"}, "", set()),
        (
            "glucose_diary",
            {**LOW, "again": "measured", "glucose_2": "88 mg/dL"},
            "low_grave again glucose_2 low_often",
            set(),
        ),
        (
            "glucose_diary",
            {**LOW, "glucose": "3.8 mmol/L", "again": "cannot"},
            "low_grave again low_often",
            {("sugar", 2)},
        ),
        (
            "glucose_diary",
            {**LOW, "glucose": "2.9 mmol/L", "low_grave": "yes"},
            "low_grave low_often",
            {("sugar_grave", 4), ("sugar", 3), ("sugar", 2)},
        ),
        ("glucose_diary", HIGH, "high_grave high_before ketones", set()),
        (
            "glucose_diary",
            {**HIGH, "glucose": "251 mg/dL", "high_grave": "yes"},
            "high_grave high_before ketones",
            {("sugar_grave", 4)},
        ),
        ("infection_screening", HEALTHY, "", set()),
        (
            "infection_screening",
            {
                **HEALTHY,
                "feverish": "yes",
                "temperature": Decimal("38.4"),
                "baby": False,
                "weak_immunity": "no",
            },
            "temperature baby weak_immunity test",
            {("infection_risk", 2)},
        ),
        (
            "infection_screening",
            {**HEALTHY, "symptoms": ("breathless", "cough"), "breathless_grave": "yes"},
            "breathless_grave test",
            {("breathing", 4), ("breathing_worse", 3), ("infection_risk", 2)},
        ),
        (
            "infection_screening",
            {**HEALTHY, "contact": "yes", "travel": True},
            "contact_what test travel_where",
            {("infection_risk", 2)},
        ),
        ("medicine_side_effects", MEDICINE, "", set()),
        (
            "medicine_side_effects",
            {**MEDICINE, "effects": ("rash", "dizzy"), "trouble": "some"},
            "trouble photo",
            {("side_effect", 2)},
        ),
        ("pre_visit_intake", CHECK_UP, "", set()),
        (
            "pre_visit_intake",
            {**CHECK_UP, "since": "days_6", "medicines": True, "allergies": "yes"},
            "trend severity medicine_list medicine_photo allergy_what",
            set(),
        ),
        ("visit_satisfaction", {"overall": "fair"}, "", set()),
        (
            "visit_satisfaction",
            {"overall": "bad", "call_back": True},
            "wrong call_back",
            {("call_back", 2)},
        ),
        ("staff_conduct", {"mistreated": "no"}, "", set()),
        (
            "staff_conduct",
            {"mistreated": "yes"},
            "what contact",
            {("conduct_complaint", 2)},
        ),
    ],
)
def test_only_what_is_of_use_is_asked(
    name: str, chosen: dict[str, Any], extra: str, alerts: set[tuple[str, int]]
) -> None:
    always = {
        link
        for link, item in items(name).items()
        if item["type"] != "display" and "enableWhen" not in item and not item.get("readOnly")
    }
    played = play(name, chosen)
    assert set(played.asked) - always == set(extra.split())
    assert played.alerts == alerts


def test_a_first_reading_that_is_taken_back_takes_its_questions_along() -> None:
    questionnaire = known("blood_pressure_diary")
    played = play(
        "blood_pressure_diary",
        {
            **VERY_HIGH,
            "symptoms": "none",
            "again": "measured",
            "systolic_2": 190,
            "diastolic_2": 90,
        },
    )
    assert played.alerts == {("pressure_high", 3)}
    changed = rules.change(questionnaire, played.answers, (("systolic", 0),))
    assert isinstance(changed, Answers)
    question = rules.next_question(questionnaire, changed)
    assert question is not None
    mended = rules.answer(questionnaire, changed, question, [128])
    assert isinstance(mended, Answers)
    assert set(plain(mended)) == {"time_of_day", "systolic", "diastolic"}
    assert assess("blood_pressure_diary", plain(mended), {}).alerts == ()
