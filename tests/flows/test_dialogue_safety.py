"""The router hears red flags and 'stop' in every state. Whole dialogues."""

import pytest

from flows import booking
from flows.dialogue import Dialogue, alarm
from flows.effects import Escalate, OptIn, OptOut, ReleaseHold
from flows.emergency import PATIENCE
from flows.events import TimedOut
from nlu.red_flags import RedFlag
from tests.flows.patient import Patient, booking_patient, holding_patient
from tests.flows.world import CTX

# The safety rules -------------------------------------------------------------------------------

STATES = {
    "nothing runs": lambda: Patient(),
    "a list": booking_patient,
    "a held time and a note": holding_patient,
    "opted out": lambda: booking_patient(opted_out=True),
    "not consented": lambda: Patient(consented=False),
    "the notice": lambda: Patient(consented=False).types("hello"),
    "the queue": lambda: booking_patient().types("staff"),
    "staff": lambda: Patient(owner="staff"),
    "a name": lambda: Patient().types("link my record").presses("no_code"),
    "the menu": lambda: Patient().types("menu"),
    "a pause": lambda: booking_patient().types("cancel"),
    "an emergency": lambda: Patient().types("chest pain"),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("words", ["I have chest pain", "息ができない", "胸痛", "не могу дышать"])
def test_red_flags_are_heard_in_every_state(state, words):
    patient = STATES[state]()
    patient.types(words)
    (escalated,) = patient.deeds_of(Escalate)
    assert escalated.level == 4
    assert patient.messages[-1].urgent
    assert "119" in patient.messages[-1].text
    assert patient.ctx.clinic_phone in patient.messages[-1].text


def test_an_emergency_lets_go_of_the_held_time_and_offers_ways_on():
    patient = holding_patient().types("my chest hurts")
    assert patient.deeds_of(ReleaseHold)
    assert patient.offered == ["person", "resume:booking", "menu"]
    assert patient.flows == ["booking", "emergency"]
    patient.presses("resume:booking")
    assert patient.keys[0] == "dialogue.back_to_booking"
    assert patient.flows == ["booking"]


def test_words_after_an_emergency_are_not_taken_for_an_answer():
    patient = holding_patient().types("chest pain", "it is a bit better now")
    assert patient.keys == ["safety.emergency"]
    assert patient.flows == ["booking", "emergency"]
    patient.types("one more", "and more", "and more")
    assert patient.flows == ["booking", "emergency"]


def test_to_deny_it_afterwards_takes_nothing_back():
    patient = Patient().types("chest pain", "no chest pain any more")
    assert patient.keys == ["safety.emergency"]
    assert patient.deeds_of(Escalate) == []


def test_staff_hear_of_a_red_flag_while_they_talk_and_the_bot_stays_out_otherwise():
    patient = Patient(owner="staff").types("I want to die")
    assert patient.keys == ["safety.self_harm_now"]
    assert patient.dialogue == Dialogue()


def test_crisis_lines_come_with_thoughts_of_suicide_where_the_clinic_names_any():
    patient = Patient(crisis_lines=("#いのちSOS 0120-061-338",)).types("死にたい")
    assert patient.keys == ["safety.crisis_lines", "safety.self_harm_now"]
    assert "0120-061-338" in patient.messages[0].text


def test_a_denied_sign_is_asked_about_and_becomes_an_emergency_on_a_yes():
    patient = Patient().types("no chest pain")
    assert patient.keys == ["safety.ask"]
    assert patient.timeout == PATIENCE
    assert patient.deeds_of(Escalate) == []
    patient.presses("now")
    assert patient.deeds[0] == Escalate("chest_pain", 4)
    assert patient.keys == ["safety.emergency"]


def test_a_typed_yes_to_a_doubtful_sign_is_an_emergency():
    patient = Patient().types("no chest pain", "yes")
    assert patient.deeds[0] == Escalate("chest_pain", 4)


def test_a_typed_no_to_a_doubtful_sign_goes_on_with_what_was_begun():
    patient = booking_patient().types("no chest pain", "no")
    assert patient.flows == ["booking"]
    assert patient.deeds_of(Escalate) == []


def test_silence_after_a_doubtful_sign_is_shown_to_a_doctor():
    patient = Patient().types("I don't want to kill myself")
    assert patient.keys == ["safety.self_harm_ask"]
    patient.happen(TimedOut())
    assert patient.deeds == [Escalate("self_harm_now", 3, "silence")]


def test_another_reader_can_raise_a_red_flag():
    reaction = alarm(Dialogue(), RedFlag("fever_infant", 3), CTX)
    assert reaction.effects[0] == Escalate("fever_infant", 3)
    assert reaction.dialogue.offers[0].value == "person"
    assert reaction.effects[-1].text == "safety.same_day"


def test_what_a_doctor_should_see_today_is_told_to_staff_and_can_get_worse():
    patient = booking_patient()
    reaction = alarm(patient.dialogue, RedFlag("fever_adult_same_day", 3), patient.ctx)
    patient.dialogue = reaction.dialogue
    assert patient.offered == [
        "person",
        "start:booking",
        "now",
        "start:triage",
        "resume:booking",
        "menu",
    ]
    patient.presses("now")
    assert patient.deeds[0] == Escalate("fever_adult_same_day", 4)
    assert patient.keys == ["safety.emergency"]


# Stop and start ---------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["stop", "STOP!", "停止", "退訂", "退订", "стоп"])
@pytest.mark.parametrize("state", STATES)
def test_stop_works_in_every_state(state, word):
    patient = STATES[state]().types(word)
    assert patient.deeds_of(OptOut)
    assert patient.keys[0] == "subscription.stopped"


def test_stop_asks_whether_it_meant_what_was_going_on():
    patient = holding_patient().types("stop")
    assert patient.keys == ["subscription.stopped", "pause.stopped"]
    assert patient.deeds_of(ReleaseHold)
    patient.presses("drop:booking")
    assert patient.keys == ["dialogue.dropped", "menu.ask"]
    assert patient.flows == ["menu"]


def test_a_sentence_with_stop_in_it_unsubscribes_nobody():
    patient = Patient().types("please stop by my house with the papers")
    assert patient.deeds_of(OptOut) == []


def test_start_is_heard_only_by_those_who_had_stopped():
    assert Patient().types("start").deeds_of(OptIn) == []
    assert Patient(opted_out=True).types("再開").deeds_of(OptIn)


def test_a_lesser_sign_after_an_emergency_was_answered_with_the_emergency_text_alone():
    """Days later "blood in my urine" reached no doctor: the emergency text stood there still."""
    patient = Patient().types("chest pain")
    patient.types("there is blood in my urine")
    (escalated,) = patient.deeds_of(Escalate)
    assert escalated.level == 3
    assert "119" in patient.messages[-1].text
    patient.types("no chest pain now")
    assert patient.deeds_of(Escalate) == []


@pytest.mark.parametrize("words", ["температура 39", "熱が39度あります", "fever of 39"])
def test_a_note_that_was_a_red_flag_too_was_lost(words):
    patient = holding_patient(language="ru").types(words)
    assert patient.flows == ["booking", "emergency"]
    patient.presses("resume:booking")
    assert isinstance(patient.step, booking.Confirm)
    assert patient.step.goal.note == words
    assert isinstance(patient.types("back").step, booking.AskNote)


def test_a_red_flag_that_is_too_long_for_a_note_is_none():
    patient = holding_patient().types("fever of 39 " + "x" * 500)
    patient.presses("resume:booking")
    assert isinstance(patient.step, booking.AskNote)
