"""The clinic's own topics in a conversation: told, asked about, or left to what is surely meant."""

import pytest

from flows import booking, faq, guess, handoff
from flows.effects import RateFaq
from flows.events import Chose, FaqRead, Said
from flows.faq_effects import Unanswered, Understood
from flows.navigation import MEANT
from nlu import own_topic
from nlu.reading import ACT, ASK, CERTAIN, Near, Reading
from tests.flows.patient import Patient, booking_patient
from tests.flows.world import CTX

SURE = 0.99
VIDEO, NIGHT = "own:1", "own:2"


def asks(intent: str, confidence: float, likeness: str, *others, text: str = "zzz qqq") -> Said:
    """A text that is read so, with one of the clinic's own topics near it."""
    near = Near(1, "Video visits", likeness)
    return Said(text, Reading(((intent, confidence), *others), (), (near,)))


def hears(patient: Patient, saying: Said) -> Patient:
    patient.happen(saying)
    return patient


@pytest.mark.parametrize(
    ("intent", "confidence", "likeness", "told"),
    [
        ("services", SURE, "plain", VIDEO),
        ("services", SURE, "sure", "services"),
        ("out_of_scope", SURE, "sure", VIDEO),
        ("services", ACT - 0.01, "sure", VIDEO),
        ("price", SURE, "likely", "price"),
    ],
)
def test_a_topic_is_told_unless_a_common_one_is_surely_meant(intent, confidence, likeness, told):
    patient = hears(Patient(), asks(intent, confidence, likeness))
    assert patient.step.topic == told
    names = [value for value in patient.offered if value.startswith(MEANT)]
    assert names == ([] if told == VIDEO else [MEANT + VIDEO])


@pytest.mark.parametrize("likeness", ["likely", "sure", "plain"])
@pytest.mark.parametrize(
    ("intent", "flow"), [("change_language", "language"), ("symptom_report", "triage")]
)
def test_nothing_is_taken_from_what_is_certainly_meant(intent, flow, likeness):
    assert hears(Patient(), asks(intent, SURE, likeness)).flows[-1] == flow


def test_what_may_be_an_illness_is_asked_about_rather_than_answered():
    saying = asks("help", ACT - 0.1, "plain", ("symptom_report", ASK))
    patient = hears(Patient(), saying)
    assert patient.flows[-1] == "guess"
    assert patient.offered[:3] == [MEANT + VIDEO, MEANT + "help", MEANT + "symptom_report"]


@pytest.mark.parametrize(("intent", "confidence"), [("book", SURE), ("results", CERTAIN - 0.01)])
def test_a_plain_topic_is_worth_a_question(intent, confidence):
    patient = hears(Patient(), asks(intent, confidence, "plain"))
    assert patient.offered[:2] == [MEANT + VIDEO, MEANT + intent]
    assert Unanswered("unsure") in patient.deeds_of(Unanswered)
    patient.presses(MEANT + VIDEO)
    assert patient.deeds_of(Understood)
    assert patient.step.topic == VIDEO


def test_out_of_scope_near_a_topic_is_asked_about_and_far_from_any_kept_for_staff():
    patient = hears(Patient(), asks("out_of_scope", CERTAIN - 0.01, "likely"))
    assert patient.offered[0] == MEANT + VIDEO
    assert "dialogue.out_of_scope" in hears(Patient(), asks("out_of_scope", SURE, "likely")).keys
    patient = hears(Patient(), Said("zzz", Reading((("out_of_scope", SURE),))))
    assert patient.deeds_of(Unanswered) == [Unanswered("out_of_scope")]


def test_what_nobody_understands_is_kept_for_staff():
    unread = Said("zzz qqq", Reading((("book", 0.1),)))
    patient = hears(Patient(), unread)
    assert patient.deeds_of(Unanswered) == [Unanswered("not_understood")]
    hears(patient, unread)
    assert patient.deeds_of(Unanswered) == [Unanswered("not_understood")]


def test_a_question_in_the_middle_of_a_booking_is_answered_and_the_booking_goes_on():
    patient = hears(booking_patient(), asks("help", 0.3, "sure"))
    assert patient.keys[1:] == ["dialogue.back_to_booking", "booking.ask_practitioner"]
    assert patient.deeds_of(Unanswered) == [Unanswered("no_answer", VIDEO)]  # of this small clinic
    assert isinstance(patient.step, booking.PickPractitioner)


def test_a_question_about_appointments_is_a_question():
    patient = hears(Patient(), asks("services", SURE, "plain", text="video appointment?"))
    assert patient.step.topic == VIDEO


def test_an_answer_in_another_language_says_so():
    told = faq.Tell(VIDEO).on(FaqRead("Ask us.", "en"), CTX)
    assert [say.text for say in told.effects] == ["faq.only_in", "faq.answer", "faq.ask_helped"]
    between = faq.Tell(VIDEO, between=True).on(FaqRead("Ask us.", "en"), CTX)
    assert [say.text for say in between.effects] == ["faq.only_in", "faq.answer"]


def test_an_answer_that_is_not_there_offers_a_person_and_the_topics_near_it():
    step = faq.Tell("price", also=((VIDEO, "Video visits"),))
    move = step.on(FaqRead(""), CTX)
    missed, none = move.effects
    assert missed == Unanswered("no_answer", "price")
    assert [choice.value for choice in none.choices] == [MEANT + VIDEO, "person", "menu"]
    move = faq.Tell("price", between=True).on(FaqRead(""), CTX)
    assert move.effects[0] == missed


@pytest.mark.parametrize(("topic", "reason"), [("price", "price"), (NIGHT, "own_topic")])
def test_who_was_not_helped_gets_a_person_and_staff_see_the_question(topic, reason):
    move = faq.Tell(topic, answer="So it is.").on(Chose("not_helped"), CTX)
    assert move.step == handoff.Queue(reason)
    assert move.effects == (RateFaq(topic, False), Unanswered("not_helped", topic))


def test_guesses_are_never_more_than_can_be_read():
    near = tuple((f"own:{n}", f"Topic {n}") for n in range(2))
    step = guess.DidYouMean(("book", "price", "way"), near)
    assert len(hears(Patient(), asks("help", 0.3, "likely")).offered) <= guess.MOST + 2
    assert step.topics == near
    assert own_topic.asked(None) == ()
