"""How a conversation leaves and comes back, whatever happens. Whole dialogues."""

from dataclasses import replace
from random import Random

import pytest

from clinic.booking.types import AppointmentStatus
from flows import booking
from flows.dialogue import Dialogue
from flows.effects import ReleaseHold, Say
from flows.events import (
    Began,
    Chose,
    HandedBack,
    Left,
    PickedDate,
    PressedAction,
    PressedOld,
    Said,
    SentMedia,
    SharedContact,
    TimedOut,
)
from tests.flows.patient import Patient, booking_patient, holding_patient, with_visit
from tests.flows.world import NOW

# Old buttons, silence, leaving ------------------------------------------------------------------


def test_an_old_button_changes_nothing_and_the_question_stands_again():
    patient = booking_patient()
    before = patient.dialogue.stack
    patient.happen(PressedOld())
    assert patient.keys == ["dialogue.old_question", "booking.ask_practitioner"]
    assert patient.dialogue.stack == before


def test_an_old_button_with_nothing_running_shows_the_menu():
    patient = Patient()
    patient.happen(PressedOld())
    assert patient.keys == ["dialogue.old_question", "menu.ask"]


def test_silence_gives_the_time_back_says_one_line_and_then_nothing_more():
    patient = holding_patient()
    patient.happen(TimedOut())
    assert patient.deeds_of(ReleaseHold)
    assert patient.keys == ["pause.silence"]
    assert patient.timeout is None
    patient.happen(TimedOut())
    assert patient.deeds == []
    patient.presses("resume:booking")
    assert patient.flows == ["booking"]


def test_silence_with_nothing_running_says_nothing():
    patient = Patient()
    patient.happen(TimedOut())
    assert patient.deeds == []


def test_silence_in_the_queue_gives_the_time_back_and_says_nothing():
    patient = holding_patient()
    patient.ctx = replace(patient.ctx, owner="staff")
    patient.happen(TimedOut())
    assert patient.keys == []
    assert patient.deeds_of(ReleaseHold)


def test_a_patient_who_blocks_the_clinic_leaves_nothing_held():
    patient = holding_patient()
    patient.happen(Left())
    assert patient.deeds_of(ReleaseHold)
    assert patient.keys == []
    assert patient.dialogue == Dialogue()
    patient.happen(Left())
    assert patient.deeds == []


def test_coming_back_offers_what_was_begun():
    patient = booking_patient()
    patient.happen(Began())
    assert patient.keys == ["pause.return"]
    patient.happen(Began())
    assert patient.keys == ["pause.return"]
    assert patient.flows == ["booking", "pause"]


def test_coming_back_with_nothing_begun_shows_the_menu():
    for patient in (Patient(), Patient().types("language")):
        patient.happen(Began())
        assert patient.keys == ["menu.ask"]


# Digressions ------------------------------------------------------------------------------------


def test_help_in_the_middle_of_a_booking_comes_back_with_one_line():
    patient = booking_patient().types("help")
    assert patient.keys[-2:] == ["dialogue.back_to_booking", "booking.ask_practitioner"]
    assert patient.flows == ["booking"]


def test_choices_stand_only_under_the_last_question():
    patient = booking_patient().types("help")
    says = [it for it in patient.deeds if isinstance(it, Say)]
    assert [bool(it.choices) for it in says] == [False, False, False, True]


def test_a_flow_that_ends_says_nothing_more_where_nothing_waits():
    patient, _ = with_visit()
    assert patient.flows == []
    assert patient.keys[-1].startswith("booking.")


def test_the_menu_keeps_what_was_begun():
    patient = booking_patient().types("menu")
    assert patient.offered[0] == "resume:booking"
    patient.types("1")
    assert patient.keys[0] == "dialogue.back_to_booking"


def test_the_menu_forgets_what_had_hardly_begun():
    patient = Patient()
    patient.begin("booking")
    patient.presses("menu")
    assert patient.flows == ["menu"]


def test_booking_twice_asks_to_go_on_or_begin_anew():
    patient = holding_patient().types("menu").presses("start:booking")
    assert patient.keys == ["pause.again"]
    assert patient.offered[:2] == ["resume:booking", "restart:booking"]
    patient.presses("restart:booking")
    assert patient.flows == ["booking"]
    assert isinstance(patient.step, booking.PickService)


def test_booking_at_its_first_question_is_asked_again():
    patient = Patient()
    patient.begin("booking")
    patient.types("book")
    assert patient.flows == ["booking"]
    assert patient.keys == ["booking.ask_service"]


def test_a_flow_stands_once_on_the_stack_and_the_stack_is_short():
    patient = booking_patient()
    for words in ("link my record", "my family", "my visits", "book", "link my record", "menu"):
        patient.types(words)
        assert len(set(patient.flows)) == len(patient.flows) <= 4


def test_going_on_with_what_is_not_there_any_more_shows_the_menu():
    patient = Patient()
    patient.happen(Chose("resume:booking"))
    assert patient.keys == ["menu.ask"]


def test_dropping_returns_to_what_lies_below():
    patient = booking_patient().types("link my record", "cancel")
    assert patient.keys == ["pause.cancel"]
    patient.presses("drop:link")
    assert patient.keys[:2] == ["dialogue.dropped", "dialogue.back_to_booking"]


def test_cancel_in_a_booking_asks_what_is_meant():
    patient, _ = with_visit()
    patient.begin("booking")
    patient.presses("1").types("キャンセル")
    assert patient.keys == ["pause.cancel"]
    patient.presses("start:visits")
    assert patient.flows == ["booking", "visits"]


@pytest.mark.parametrize("word", ["cancel", "変更"])
def test_a_word_of_moving_or_cancelling_among_the_visits_is_for_the_visits(word):
    patient, _ = with_visit()
    patient.begin("visits")
    patient.dialogue = replace(patient.dialogue, offers=())  # as in a list of several
    patient.types(word)
    assert patient.flows[-1] == "visits"
    assert patient.keys[0] not in ("pause.cancel", "menu.ask")


@pytest.mark.parametrize("words", ["cancel my visit", "変更", "мои визиты", "我的預約"])
def test_a_few_words_open_the_visits(words):
    patient, _ = with_visit()
    patient.types(words)
    assert patient.flows == ["visits"]


def test_cancel_among_the_visits_is_for_them_to_understand():
    patient, _ = with_visit()
    patient.types("my visits")
    patient.types("キャンセル")
    assert patient.flows == ["visits"]


def test_back_returns_along_the_answers_and_then_to_the_menu():
    patient = booking_patient().types("back")
    assert isinstance(patient.step, booking.AskBirth | booking.PickPerson | booking.AskName)
    for _ in range(6):
        patient.types("戻る")
    assert patient.flows == ["menu"]


def test_back_from_a_first_question_returns_to_what_lies_below():
    patient = booking_patient().types("link my record", "back")
    assert patient.keys[0] == "dialogue.back_to_booking"


def test_a_reminders_button_digresses_and_returns():
    patient, visit = with_visit()
    patient.begin("booking")
    patient.presses("1")
    patient.happen(PressedAction("move", visit.id, visit.version))
    assert patient.flows == ["booking", "visits"]


# Whatever happens --------------------------------------------------------------------------------

LINES = [
    *("menu", "back", "stop", "start", "help", "staff", "book", "cancel", "my visits", "yes", "no"),
    *(
        "language",
        "chest pain",
        "no chest pain",
        "link my record",
        "hello",
        "thanks",
        "???",
        "1",
        "2",
    ),
    *("Hana Yamada", "1948-03-05", "0312345678", "ABCD2345", "back to assistant", "tomorrow", "10"),
]


@pytest.mark.parametrize("seed", range(8))
def test_no_order_of_events_breaks_a_conversation(seed):
    """Every turn answers or is rightly silent, the stack stays short, and no hold is forgotten."""
    dice = Random(seed)
    patient = Patient(consented=seed % 2 == 0, language_chosen=seed % 3 == 0)
    for _ in range(400):
        actions = [PressedAction(it, 101, 2) for it in ("confirm", "move", "cancel")]
        others = (Began(), Began("ABCD2345"), TimedOut(), PressedOld(), HandedBack(), Left())
        media = (SentMedia("image"), SentMedia("sticker"), PickedDate(NOW.date()))
        rare = dice.choice([*others, *media, *actions, SharedContact("0312345678", own=True)])
        pressed = Chose(dice.choice(patient.offered)) if patient.offered else rare
        typed = Said(dice.choice(LINES))
        event = dice.choices([pressed, typed, rare], [12, 5, 2])[0]
        if isinstance(event, HandedBack):
            patient.ctx = replace(patient.ctx, owner="bot")
        owner = patient.ctx.owner
        patient.happen(event)
        silent = isinstance(event, TimedOut | Left) or owner != "bot"
        assert patient.keys or silent, (event, patient.flows)
        assert len(patient.flows) == len(set(patient.flows)) <= 4
        says = [it for it in patient.deeds if isinstance(it, Say)]
        if owner == "bot" and says and not says[-1].urgent:
            assert all(not it.choices for it in says[:-1])
            assert says[-1].choices
        held = {
            it.id for it in patient.clinic.visits.values() if it.status is AppointmentStatus.HELD
        }
        top = patient.dialogue.stack[-1].step if patient.dialogue.stack else None
        assert held <= {getattr(top, "hold", None)}, (event, patient.flows)
