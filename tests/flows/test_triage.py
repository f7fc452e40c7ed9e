"""The triage conversation: whom it is about, what the matter is, and its questions."""

from dataclasses import replace

import pytest

from clinic.triage.load import catalogue
from flows import triage, triage_menu
from flows.effects import Alarm
from flows.events import Chose, Said, TimedOut
from flows.triage_effects import KeepTriage
from tests.flows.talk import Talk
from tests.flows.triages import MAN, PEOPLE, asking, deeds, denies
from tests.flows.walk import assert_safe
from tests.flows.world import CTX, KEN
from tests.flows.worlds import WALKS

# Who, and what the matter is ----------------------------------------------------------------------


def test_every_state_says_something_and_has_its_ways_out():
    for passed in WALKS["triage"]():
        assert_safe(passed)


def test_somebody_else_is_asked_for_the_age_but_who_is_known_is_not():
    talk = Talk(triage.flow, ctx=PEOPLE)
    assert talk.choices == ["31", "32", "other", "back", "menu"]
    assert talk.do(Chose("99")).keys == ["nav.choose", "triage.ask_who"]
    assert talk.do("31", "no").at == "WhatIsIt"
    talk = Talk(triage.flow, ctx=PEOPLE).do("other", "no")
    assert talk.session.step.case.next().id == "age"
    assert talk.do(Said("4")).at == "WhatIsIt"


def test_who_speaks_for_nobody_is_asked_for_themselves_or_somebody_else():
    talk = Talk(triage.flow, ctx=replace(CTX, patients=()))
    assert talk.choices == ["me", "other", "back", "menu"]
    assert talk.do("me").at == "Asking"


def test_ten_people_are_shown_in_pages():
    ten = tuple(replace(KEN, id=100 + n, name=f"Ken {n}") for n in range(10))
    talk = Talk(triage.flow, ctx=replace(CTX, patients=ten)).do("page:1")
    assert talk.choices == ["me", "108", "109", "page:0", "other", "back", "menu"]
    assert talk.do("109").session.step.case.name == "Ken 9"


def test_the_first_check_comes_before_what_the_matter_is_and_is_an_emergency():
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "yes")
    assert talk.over
    (alarm,) = deeds(talk, Alarm)
    assert alarm == Alarm("triage_unclear", 4, "triage", MAN.id, ("first_check",))
    (kept,) = deeds(talk, KeepTriage)
    assert (kept.run.presentation, kept.asked) == ("unclear", ("first_check",))


def test_own_words_are_confirmed_among_the_best_three():
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "no", Said("I have a headache and a cough"))
    assert talk.at == "WhichOne"
    assert {"headache", "cough"} <= set(talk.choices)
    assert len(talk.choices) <= 3 + 3
    talk.do(Said("no, it is a sore throat"))
    assert "sore_throat" in talk.choices
    assert talk.do(Said("??")).keys == ["nav.choose", "triage.ask_which"]
    assert talk.do("elsewhere").at == "WhatIsIt"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "my head hurts"),
        ("ja", "頭がすごく痛いです"),
        ("zh-Hant", "我頭很痛"),
        ("zh-Hans", "我头很疼"),
        ("ru", "у меня болит голова"),
    ],
)
def test_own_words_are_understood_in_every_language(language, words):
    talk = Talk(triage.flow, ctx=replace(PEOPLE, language=language)).do("31", "no", Said(words))
    assert talk.choices[0] == "headache"
    assert talk.do("headache").at == "Asking"


def test_words_that_name_nothing_lead_to_the_parts_of_the_body_and_to_hard_to_say():
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "no", Said("qwxz"))
    assert talk.keys == ["triage.ask_where"]
    assert "unclear" in talk.choices
    talk.do("belly")
    assert "abdominal_pain" in talk.choices
    assert talk.do(Said("??")).keys == ["nav.choose", "triage.ask_region"]
    assert talk.do(Said("rather a headache")).at == "WhichOne"
    assert talk.do("back").at == "Region"
    assert talk.do("elsewhere", "unclear").at == "Asking"


def test_every_presentation_stands_under_a_part_of_the_body():
    listed = {name for names in triage_menu.REGIONS.values() for name in names}
    assert listed == set(catalogue())
    assert triage_menu.LABELS.keys() == triage_menu.REGIONS.keys()


def test_only_what_there_is_for_the_patient_is_offered():
    man = Talk(triage.flow, ctx=PEOPLE).do("31", "no", "urine")
    assert "testicle_pain" in man.choices
    assert "pregnancy" not in man.choices
    baby = Talk(triage.flow, ctx=PEOPLE).do("32", "no", "fever")
    assert "fever_child" in baby.choices
    assert "fever_adult" not in baby.choices


def test_a_long_part_is_shown_in_pages(monkeypatch):
    everything = tuple(catalogue())
    monkeypatch.setitem(triage_menu.REGIONS, "head", everything)
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "no", "head", "page:1")
    assert len(talk.choices) <= 13
    assert everything[0] not in talk.choices


# Questions ----------------------------------------------------------------------------------------


def test_an_answer_that_is_none_is_asked_again():
    talk = asking("headache").do(Said("perhaps the weather"))
    assert talk.keys == ["nav.choose", "triage.ask"]
    assert talk.do(TimedOut()).keys == ["nav.choose", "triage.ask"]
    assert talk.do(Said("わからない")).session.step.case.answers[-1][1] == "unsure"


def test_a_number_is_typed_or_pressed_and_its_limits_are_told():
    talk = asking("headache")
    while talk.session.step.case.next().id != "severity":
        talk.do("no")
    assert talk.do(Said("25")).keys == ["triage.hint_number", "triage.ask"]
    assert talk.do(Said("７")).session.step.case.said["severity"] == 7


def test_of_several_options_each_is_pressed_until_done():
    talk = asking("chest_pain")
    while talk.session.step.case.next().id not in ("breath_fever", "effort"):
        talk.do("no")
    talk.do("yes")
    assert talk.session.step.case.next().id == "modifiers"
    assert talk.do(Said("?!")).keys == ["nav.choose", "triage.ask"]
    talk.do("option:diabetes")
    assert talk.told[-1].params["chosen"] == "Diabetes"
    talk.do("option:smoker", "done")
    (alarm,) = deeds(talk, Alarm)
    assert alarm.level == 4
    assert {"diabetes", "smoker"} <= set(alarm.reasons)


def test_back_goes_question_by_question_and_then_to_what_was_before():
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "no", "head", "headache", "no", "no")
    first = talk.do("back", "back").session.step.case
    assert first.said == {"first_check": "no"}
    assert talk.do("back").at == "Region"
    assert talk.do("back").at == "WhatIsIt"
    assert talk.do("back").at == "Asking"
    assert talk.do("back").at == "ForWhom"


def test_a_level_that_was_reached_is_not_lost_by_going_back():
    talk = asking("headache").do("unsure", "back")
    assert talk.session.step.case.at_least == 3
    assert talk.do("back").at == "WhatIsIt"
    assert talk.session.step.case.at_least == 3
    talk.do("skin", "rash")
    denies(talk)
    (kept,) = deeds(talk, KeepTriage)
    assert kept.run.outcome.level == 3
    assert "before" in kept.run.outcome.reasons


def test_a_first_check_that_nobody_could_answer_is_not_taken_back_either():
    talk = Talk(triage.flow, ctx=PEOPLE).do("31", "unsure")
    assert talk.session.step.case.level == 3
    again = Talk(triage.flow, ctx=PEOPLE).do("other", "unsure", "back")
    assert again.session.step.case.at_least == 3
    assert again.do("back").at == "ForWhom"
    assert again.session.step.case.at_least == 3
