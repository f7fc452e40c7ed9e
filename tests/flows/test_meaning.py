"""What the router makes of an interpreter's reading, and how it asks where that is not sure."""

import pytest

from flows import booking, faq, guess, language, told
from flows.dialogue import receive
from flows.effects import Handoff, RateFaq
from flows.events import Said
from flows.navigation import MEANT
from nlu.reading import ACT, ASK, INTENTS, Entity, Reading
from tests.flows.patient import Patient, booking_patient, holding_patient, with_visit
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe, walk
from tests.flows.world import CTX, World

SURE = 0.99
PLAIN = "zzz qqq"  # means nothing by itself


def means(intent: str, confidence: float = SURE, *others: tuple[str, float], text: str = PLAIN):
    """A text that an interpreter reads so."""
    return Said(text, Reading(((intent, confidence), *others)))


def hears(patient: Patient, *sayings: Said) -> Patient:
    for saying in sayings:
        patient.happen(saying)
    return patient


@pytest.mark.parametrize(
    ("intent", "flow"),
    [
        ("book", "booking"),
        ("move", "visits"),
        ("cancel", "visits"),
        ("my_visits", "visits"),
        ("change_language", "language"),
        ("stop_messages", "subscription"),
        ("start_messages", "subscription"),
        ("opening_hours", "faq"),
        ("services", "faq"),
        ("symptom_report", "triage"),
        ("results", "told"),
        ("delete_my_data", "told"),
        ("greeting", "menu"),
        ("thanks", "menu"),
        ("out_of_scope", "menu"),
    ],
)
def test_a_sure_intent_is_acted_on(intent, flow):
    patient, _ = with_visit()
    assert hears(patient, means(intent)).flows[-1:] == [flow]


def test_every_intent_leads_somewhere_from_nothing_and_from_the_middle_of_a_booking():
    for intent in INTENTS:
        for patient in (Patient(), booking_patient()):
            hears(patient, means(intent))
            assert patient.messages, intent
            assert patient.offered, intent


def test_help_and_a_person_are_had_by_any_words_for_them():
    assert "help.what_i_do" in hears(Patient(), means("help")).keys
    assert hears(Patient(), means("talk_to_person")).deeds_of(Handoff) == [Handoff("asked")]


def test_a_booking_asked_for_in_a_sentence_begins_with_what_was_said():
    saying = Said(
        "could somebody look at my ears soon, general medicine I think",
        Reading((("book", SURE),), (Entity("service", "1", "general medicine"),)),
    )
    patient = hears(Patient(), saying)
    assert isinstance(patient.step, booking.AskRelation)


def test_a_question_in_the_middle_of_a_booking_is_answered_and_the_booking_goes_on():
    patient = hears(booking_patient(), means("opening_hours"))
    assert patient.keys == ["faq.answer", "dialogue.back_to_booking", "booking.ask_practitioner"]
    hears(patient, means("price"))  # nothing is written about it
    assert patient.keys[0] == "faq.none"
    assert isinstance(patient.step, booking.PickPractitioner)


def test_a_question_with_a_day_in_it_is_a_question_and_a_day_alone_an_answer():
    patient = booking_patient().presses("anyone")
    hears(patient, means("opening_hours", text="are you open tomorrow?"))
    assert patient.keys[0] == "faq.answer"
    assert isinstance(patient.step, booking.PickDay)
    hears(patient, means("opening_hours", ACT, text="tomorrow"))
    assert isinstance(patient.step, booking.PickTime)


def test_thanks_and_greetings_do_not_break_a_question():
    patient = hears(booking_patient(), means("thanks"))
    assert patient.keys == ["dialogue.thanks", "booking.ask_practitioner"]
    assert hears(patient, means("greeting")).keys == ["booking.ask_practitioner"]


def test_what_the_assistant_does_not_do_is_said_and_the_question_put_again():
    patient = hears(booking_patient(), means("out_of_scope"))
    assert patient.keys == ["dialogue.out_of_scope", "booking.ask_practitioner"]


def test_a_symptom_told_in_a_booking_can_be_left_for_the_booking_or_for_staff():
    patient = hears(booking_patient(), means("symptom_report")).presses("back")
    assert patient.keys == ["dialogue.back_to_booking", "booking.ask_practitioner"]
    hears(patient, means("symptom_report")).presses("menu").presses("person")
    assert patient.deeds_of(Handoff) == [Handoff("asked")]
    patient = hears(booking_patient(), means("complaint")).presses("resume:booking")
    assert isinstance(patient.step, booking.PickPractitioner)


def test_a_yes_in_other_words_is_a_yes_only_if_it_is_certain():
    patient = holding_patient().presses("skip")
    assert isinstance(patient.step, booking.Confirm)
    hears(patient, means("confirm", ACT))
    assert isinstance(patient.step, booking.Confirm)
    assert "booking.booked" not in patient.keys
    hears(patient, means("confirm", SURE))
    assert "booking.booked" in patient.keys


def test_a_note_stays_a_note_whatever_it_may_mean():
    patient = holding_patient()
    hears(patient, means("cancel", text="I had to cancel twice, sorry for that"))
    assert isinstance(patient.step, booking.Confirm)


def test_guesses_are_offered_and_the_pressed_one_is_done():
    patient = hears(Patient(), means("price", ASK, ("way", ASK), ("book", ASK / 2)))
    assert patient.keys == ["guess.ask"]
    assert patient.offered[:2] == [MEANT + "price", MEANT + "way"]
    assert MEANT + "book" not in patient.offered
    patient.presses(MEANT + "way")
    assert patient.flows[-1] == "faq"
    patient = hears(booking_patient(), means("results", ASK)).presses(MEANT + "results")
    assert patient.keys == ["told.results"]


def test_a_guess_pressed_where_it_means_nothing_asks_again():
    visitor, _ = with_visit()
    visitor.types("my visits")
    hears(visitor, means("move", ASK))
    assert visitor.flows[-1] in ("guess", "visits")


def test_words_of_which_nobody_can_guess_anything_are_not_understood_then_a_person():
    patient = booking_patient()
    hears(patient, means("thanks", ASK), means("confirm", ASK))
    assert "dialogue.explain" in patient.keys
    hears(patient, means("book", ASK / 2))
    assert "pause.not_understood" in patient.keys
    assert "person" in patient.offered
    nothing = hears(Patient(), means("book", 0.0))
    assert nothing.keys[0] == "dialogue.not_understood"


@pytest.mark.parametrize("text", ["안녕하세요 예약", "สวัสดีครับ", "مرحبا", "नमस्ते", "שלום"])
def test_letters_of_other_languages_are_answered_with_the_languages_there_are(text):
    patient = hears(booking_patient(), Said(text))
    assert patient.keys == ["language.only_these", "language.ask"]
    assert isinstance(patient.step, language.AskLanguage)
    patient.presses("ru")
    assert isinstance(patient.step, booking.PickPractitioner)


def test_a_sure_word_before_consent_is_what_comes_after_it():
    patient = Patient(consented=False)
    hears(patient, means("book"))
    assert patient.flows == ["booking", "welcome"]
    assert "guess" not in hears(Patient(consented=False), means("price", ASK)).flows


@pytest.mark.parametrize("flow", [faq.flow, guess.flow, told.flow])
def test_every_state_of_the_small_flows_is_safe(flow):
    for passed in walk(flow, CTX, World().answers):
        session = passed.turn.session
        if session.status != "waiting":
            assert_safe(passed)


def test_an_answer_that_did_not_help_goes_to_staff_and_is_counted():
    talk = Talk(faq.flow).do("not_helped")
    assert RateFaq("opening_hours", False) in talk.deeds
    assert Handoff("opening_hours") in talk.deeds
    talk = Talk(faq.flow).do("helped")
    assert RateFaq("opening_hours", True) in talk.deeds
    assert talk.over


def test_an_answer_is_told_again_to_other_words_and_after_a_break():
    talk = Talk(faq.flow).do(Said("?!"))
    assert talk.keys == ["nav.choose", "faq.answer", "faq.ask_helped"]
    assert talk.go_away_and_come_back().keys == ["faq.answer", "faq.ask_helped"]


def test_a_long_text_in_the_flow_is_read_once():
    reaction = receive(booking_patient().dialogue, means("opening_hours"), CTX)
    assert reaction.request is not None
