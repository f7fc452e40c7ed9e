"""The router while staff own the conversation, and the hand-back. Whole dialogues."""

from dataclasses import replace

from flows.effects import Handoff, TakeBack
from flows.events import (
    Began,
    Chose,
    HandedBack,
    PickedDate,
    PressedAction,
    PressedOld,
    Said,
    SentMedia,
    SharedContact,
)
from tests.flows.patient import Patient, booking_patient, with_visit
from tests.flows.world import NOW

# Staff own the conversation ---------------------------------------------------------------------


def test_a_person_is_there_at_the_first_word():
    patient = booking_patient().types("I need a human")
    assert patient.deeds_of(Handoff) == [Handoff("asked")]
    assert patient.ctx.owner == "queue"
    assert patient.offered == ["take_back"]
    assert patient.flows == ["booking"]


def test_the_bot_is_silent_while_staff_own_the_conversation():
    patient = booking_patient()
    patient.ctx = replace(patient.ctx, owner="staff")
    before = patient.dialogue
    for event in (
        Said("1"),
        Said("menu"),
        Said("yes"),
        SentMedia("image"),
        SharedContact("0312345678", own=True),
        PickedDate(NOW.date()),
        Began(),
    ):
        patient.happen(event)
        assert patient.deeds == []
        assert patient.dialogue == before


def test_the_patient_takes_the_assistant_back_by_button_or_words():
    for take_back in (Chose("take_back"), Said("BACK TO ASSISTANT")):
        patient = booking_patient().types("staff")
        patient.happen(take_back)
        assert patient.deeds_of(TakeBack)
        assert patient.ctx.owner == "bot"
        assert patient.keys == ["pause.handed_back"]
        assert patient.offered[0] == "resume:booking"


def test_an_old_button_in_the_queue_says_how_it_stands():
    patient = Patient(owner="queue")
    for event in (PressedOld(), Chose("person")):
        patient.happen(event)
        assert patient.keys == ["handoff.in_queue"]
    patient.ctx = replace(patient.ctx, owner="staff")
    patient.happen(PressedOld())
    assert patient.keys == ["handoff.with_staff"]


def test_a_reminders_button_works_in_the_queue_and_brings_nothing_else_up():
    patient, visit = with_visit()
    patient.types("book a visit").presses("1")
    patient.types("staff")
    patient.happen(PressedAction("confirm", visit.id, visit.version))
    assert patient.clinic.visits[visit.id].confirmed
    assert "dialogue.back_to_booking" not in patient.keys


def test_a_code_from_the_desk_works_in_the_queue():
    patient = Patient(owner="queue")
    patient.happen(Began("abcd2345"))
    assert patient.keys == ["link.linked"]


def test_the_hand_back_offers_what_was_left_unfinished():
    patient = booking_patient().types("staff")
    patient.ctx = replace(patient.ctx, owner="bot")
    patient.happen(HandedBack())
    assert patient.keys == ["pause.handed_back"]
    patient.presses("resume:booking")
    assert patient.keys[0] == "dialogue.back_to_booking"


def test_the_hand_back_with_nothing_unfinished_shows_the_menu():
    patient = Patient()
    patient.happen(HandedBack())
    assert patient.keys == ["dialogue.with_you_again", "menu.ask"]


def test_an_old_take_back_button_shows_the_menu():
    patient = Patient()
    patient.happen(Chose("take_back"))
    assert patient.keys == ["menu.ask"]
