"""Why a doctor is called, in words: never a failure, and no words lacking that there are."""

import logging

import pytest

from clinic.triage.load import catalogue
from flows import reasons, texts
from flows.reasons import OWN, reason
from nlu.red_flags.lexicon import rules


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_rule_and_presentation_has_its_words(language):
    unnamed = texts.text("on_call.reason_other", {"rule": ""}, language).partition("(")[0]
    for rule in (*rules(), *catalogue()):
        assert unnamed.strip("（） ") not in reason(rule, (), language), rule


def test_what_was_answered_yes_to_is_told_as_well():
    presentation = catalogue()["chest_pain"]
    first = presentation.questions[0]
    said = reason("chest_pain", (first.id, "no_such"), "en")
    assert said == f"{presentation.title['en']}: {first.reason['en']}"


def test_a_rule_without_words_is_told_by_its_code():
    assert reason("brand_new", (), "en") == "Alarm sign (brand_new)"


def test_a_fault_of_the_catalogue_keeps_no_doctor_from_being_called(monkeypatch, caplog):
    monkeypatch.setattr(reasons, "catalogue", lambda: 1 / 0)
    with caplog.at_level(logging.ERROR):
        assert reason("chest_pain", (), "en") == "Alarm sign (chest_pain)"
    assert "ZeroDivisionError" in caplog.text


def test_the_rules_of_no_presentation_have_words_of_their_own():
    assert {rule for rule, it in rules().items() if not it.presentation} <= OWN.keys()
