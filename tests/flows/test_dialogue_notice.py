"""The router before the privacy notice is answered. Whole dialogues."""

from dataclasses import replace

import pytest

from flows.effects import GiveConsent, Handoff
from flows.events import Began, Chose, PressedAction, PressedOld, Said, SentMedia
from flows.texts import text
from tests.flows.patient import Patient, booking_patient, holding_patient, with_visit

# The privacy notice -----------------------------------------------------------------------------


def test_the_notice_comes_first_and_then_what_the_patient_wanted():
    patient = Patient(consented=False, language_chosen=False).types("book a visit")
    assert patient.keys == ["welcome.greeting", "language.ask"]
    patient.presses("ru")
    assert "Мы храним" in patient.messages[-1].text
    patient.presses("yes")
    assert patient.deeds_of(GiveConsent) == [GiveConsent("1")]
    assert patient.flows == ["booking"]
    assert "dialogue.back_to_booking" not in patient.keys
    assert patient.dialogue.offers[-1].label == "Меню"


@pytest.mark.parametrize(
    ("event", "flow"),
    [
        (Began(), "menu"),
        (Said("hello"), "menu"),
        (Said("qwerty"), "menu"),
        (Said("help"), "menu"),
        (PressedOld(), "menu"),
        (SentMedia("image"), "menu"),
        (Chose("start:family"), "family"),
        (Said("link my record"), "link"),
    ],
)
def test_whatever_comes_first_goes_on_after_the_notice(event, flow):
    patient = Patient(consented=False)
    patient.happen(event)
    assert patient.keys == ["welcome.greeting", "welcome.notice"]
    patient.presses("yes")
    assert patient.flows == [flow]


def test_a_code_is_tried_after_the_notice():
    patient = Patient(consented=False)
    patient.happen(Began("ABCD2345"))
    assert patient.clinic.code
    patient.presses("yes")
    assert patient.keys[-1] == "link.linked"
    assert patient.clinic.code == ""


def test_a_reminders_button_goes_on_after_the_notice():
    patient, visit = with_visit()
    patient.ctx = replace(patient.ctx, consented=False)
    patient.happen(PressedAction("cancel", visit.id, visit.version))
    assert patient.keys[-1] == "welcome.notice"
    patient.presses("yes")
    assert patient.flows == ["visits"]


def test_who_declines_may_still_use_the_chat_and_is_not_asked_again():
    patient = Patient(consented=False).types("book")
    patient.presses("no")
    assert patient.keys[0] == "welcome.declined"
    assert patient.deeds_of(GiveConsent) == []
    assert patient.flows == ["booking"]
    patient.types("menu")
    assert patient.keys == ["menu.ask"]
    patient.ctx = replace(patient.ctx, notice_version="2")
    patient.presses("start:visits")
    assert "welcome.notice" in patient.keys


def test_a_new_notice_interrupts_and_the_booking_goes_on():
    patient = booking_patient()
    patient.ctx = replace(patient.ctx, consented=False, notice_version="2")
    patient.happen(Chose("soonest"))
    assert patient.flows == ["booking", "welcome"]
    patient.presses("yes")
    assert patient.keys[:2] == ["welcome.agreed", "dialogue.back_to_booking"]
    assert patient.flows == ["booking"]


def test_what_is_wanted_during_the_notice_waits_for_it():
    patient = Patient(consented=False).types("hello")
    patient.types("book")
    assert patient.keys[0] == "dialogue.first_this"
    assert patient.flows == ["booking", "welcome"]
    patient.types("link my record")
    assert patient.flows == ["link", "welcome"]
    patient.types("yes")
    assert patient.flows == ["link"]


def test_the_language_can_be_changed_during_the_notice():
    patient = Patient(consented=False).types("hello", "language").presses("ja")
    assert patient.keys[-1] == "welcome.notice"
    assert patient.ctx.language == "ja"


def test_a_person_can_be_had_without_the_notice():
    patient = Patient(consented=False).types("staff")
    assert patient.deeds_of(Handoff)
    patient = Patient(consented=False).types("hello").presses("person")
    assert patient.deeds_of(Handoff)


def test_back_at_the_notice_asks_again():
    patient = Patient(consented=False).types("hello", "back")
    assert patient.keys == ["welcome.greeting", "welcome.notice"][-len(patient.keys) :]
    assert patient.flows[-1] == "welcome"


def test_coming_back_during_the_notice_asks_again():
    patient = Patient(consented=False).types("hello")
    patient.happen(Began())
    assert patient.keys[-1] == "welcome.notice"


@pytest.mark.parametrize("facts", [{"consented": False}, {"opted_out": True}])
def test_who_refused_messages_was_promised_a_reminder(facts):
    patient = holding_patient().presses("skip")
    patient.ctx = replace(patient.ctx, **facts)
    patient.dialogue = replace(patient.dialogue, declined="1")
    assert patient.presses("yes").keys == ["booking.booked_unreminded"]
    assert "remind" not in text("booking.booked_unreminded", {}, "en")
