"""The router reads words, and what is not words. Whole dialogues."""

from datetime import timedelta

import pytest

from flows import booking, family, link
from flows.dialogue import Dialogue, answer, receive
from flows.effects import Handoff, Offer, Say, TryLinkCode
from flows.engine import Session
from flows.events import Began, Chose, LinkRefused, PickedDate, Said, SentMedia, SharedContact
from flows.navigation import DROP, PERSON, RESUME
from flows.pause import Paused
from flows.words import Word
from tests.flows.patient import Patient, booking_patient, holding_patient
from tests.flows.world import CTX, NOW

# Words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["1", "１", "general medicine", "GENERAL  MEDICINE!", "1."])
def test_a_typed_label_or_number_is_the_choice(typed):
    patient = Patient()
    patient.begin("booking")
    patient.types(typed)
    assert isinstance(patient.step, booking.PickPerson | booking.AskRelation)


def test_ten_under_times_of_day_is_ten_oclock_and_not_the_tenth_choice():
    patient = booking_patient().presses("anyone")
    patient.presses(patient.offered[0])
    assert isinstance(patient.step, booking.PickTime)
    patient.types("9")
    assert patient.step.slot.starts_at.hour == 9


def test_two_choices_of_one_name_are_not_guessed_between():
    offers = (Offer("1", "Sato"), Offer("2", "sato"))
    dialogue = Dialogue((Session("link", 1, link.AskCode()),), offers)
    reaction = receive(dialogue, Said("Sato"), CTX)
    assert reaction.effects[0] == Say("link.hint_code")


def test_a_name_is_not_read_as_a_command_but_one_word_commands_are():
    patient = Patient().types("link my record").presses("no_code")
    assert patient.step == link.AskName()
    patient.types("Move Booker")
    assert patient.step == link.AskBirth("Move Booker")
    patient.types("back", "1")
    assert patient.step == link.AskName()
    patient.types("menu")
    assert patient.flows[-1] == "menu"


def test_a_note_that_speaks_of_cancelling_stays_a_note():
    patient = holding_patient()
    assert isinstance(patient.step, booking.AskNote)
    patient.types("please cancel my parking")
    assert isinstance(patient.step, booking.Confirm)


def test_yes_and_no_are_the_choices_of_that_name():
    patient = holding_patient().presses("skip").types("はい")
    assert patient.keys[0].startswith("booking.booked")


def test_yes_where_nobody_asked_for_it_does_nothing():
    patient = booking_patient()
    before = patient.dialogue.stack
    patient.types("yes")
    assert patient.dialogue.stack == before


def test_greetings_and_thanks_are_answered():
    assert Patient().types("こんにちは").keys == ["menu.ask"]
    assert Patient().types("ありがとうございます").keys == ["dialogue.thanks", "menu.ask"]
    assert booking_patient().types("hi").keys == ["booking.ask_practitioner"]
    thanked = booking_patient().types("thanks").keys
    assert thanked == ["dialogue.thanks", "booking.ask_practitioner"]


def test_three_misses_explain_and_then_offer_a_person():
    patient = booking_patient().types("asdf")
    assert patient.dialogue.misses == 1
    patient.types("qwer")
    assert patient.keys[0] == "dialogue.explain"
    patient.types("zxcv")
    assert patient.keys == ["pause.not_understood"]
    assert "person" in patient.offered
    assert patient.dialogue.misses == 0
    patient.presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("not_understood")]


def test_yes_to_the_offer_of_a_person_fetches_one():
    patient = booking_patient().types("???", "???", "???", "yes")
    assert len(patient.deeds_of(Handoff)) == 1


def test_an_understood_answer_forgets_the_misses():
    patient = booking_patient().types("asdf", "qwer").presses("soonest")
    assert patient.dialogue.misses == 0
    patient.types("asdf")
    assert "dialogue.explain" not in patient.keys
    patient = booking_patient().types("asdf", "qwer", "Dr. Sato")
    assert patient.dialogue.misses == 0


def test_words_that_a_step_understands_are_no_miss():
    patient = Patient().types("link my record", "asdf", "ABCD2345")
    assert patient.dialogue.misses == 0


def test_words_with_nothing_running_show_the_menu():
    assert Patient().types("lorem ipsum").keys == ["dialogue.not_understood", "menu.ask"]


def test_a_choice_with_nothing_running_shows_the_menu():
    patient = Patient()
    patient.happen(Chose("yes"))
    assert patient.keys == ["menu.ask"]


# What is not words ------------------------------------------------------------------------------


def test_a_picture_is_not_read_and_a_person_is_offered():
    patient = booking_patient()
    patient.happen(SentMedia("image"))
    assert patient.keys == ["pause.media_picture"]
    assert {"person", "resume:booking", "menu"} <= set(patient.offered)
    patient.presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("media")]
    idle = Patient()
    idle.happen(SentMedia("audio"))
    assert idle.keys == ["pause.media_voice"]
    assert idle.offered == ["person", "menu"]
    idle.happen(SentMedia("file"))
    assert idle.keys == ["pause.media"]


def test_a_sticker_is_no_reason_for_a_lecture():
    patient = booking_patient()
    patient.happen(SentMedia("sticker"))
    assert patient.keys == ["booking.ask_practitioner"]


def test_a_step_that_takes_pictures_gets_them(monkeypatch):
    monkeypatch.setattr(family.ShowPeople, "takes_media", True, raising=False)
    patient = Patient()
    patient.begin("family")
    patient.happen(SentMedia("image"))
    assert patient.flows == ["family"]


def test_a_day_or_a_number_with_nothing_running_shows_the_menu():
    for event in (PickedDate(NOW.date()), SharedContact("0312345678", own=True)):
        patient = Patient()
        patient.happen(event)
        assert patient.keys == ["menu.ask"]


# The link flow through the router ---------------------------------------------------------------


def test_the_answer_of_the_world_goes_to_the_running_session():
    asking = receive(Dialogue(), Began("ABCD2345"), CTX)
    assert asking.request == TryLinkCode("ABCD2345")
    reaction = answer(asking.dialogue, LinkRefused("wrong"), CTX)
    assert [it.text for it in reaction.effects] == ["link.wrong", "link.ask_code"]
    assert reaction.timeout == timedelta(minutes=30)


def test_a_patient_is_linked_by_the_code_of_the_desk_however_typed():
    patient = Patient().types("link my record", "ａｂｃｄ－２３４５")
    assert patient.keys == ["link.linked"]
    assert "Hana Yamada" in patient.messages[-1].text


def test_the_person_asked_for_in_an_emergency_is_told_so():
    patient = Patient().types("chest pain").presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("emergency")]


@pytest.mark.parametrize(
    ("why", "word", "meant"),
    [
        ("stopped", Word.YES, DROP + "booking"),
        ("stopped", Word.NO, RESUME + "booking"),
        ("not_understood", Word.YES, PERSON),
        ("not_understood", Word.NO, RESUME + "booking"),
        ("silence", Word.YES, RESUME + "booking"),
        ("silence", Word.NO, DROP + "booking"),
    ],
)
def test_a_yes_and_a_no_mean_what_the_pause_asks(why, word, meant):
    assert Paused(why, "booking").meaning(word) == meant
