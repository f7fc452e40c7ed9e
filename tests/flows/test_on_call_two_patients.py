"""A doctor between two patients: what is typed reaches the one that is meant, or nobody."""

import pytest

from flows import effects, on_call
from flows.codec import dump_session, load_session
from flows.dialogue import Dialogue
from flows.events import EscalationAnswered, Said, SentMedia
from tests.flows.test_on_call import DONE, REFUSALS, Doctor, on_call_session
from tests.flows.walk import assert_readable


def in_two_cases(act="acknowledge", *answers):
    """In the chat with Hana (7), having just answered an alert about Ken (8)."""
    doctor = Doctor().press("take_over", 7)
    doctor.answers = list(answers)
    doctor.press(act, 8)
    if act == "close":
        doctor.presses("false_alarm")
    return doctor


@pytest.mark.parametrize("act", ["acknowledge", "called", "close", "hand_back"])
def test_an_ambulance_for_one_patient_was_called_to_another(act):
    doctor = in_two_cases(act).types("Call an ambulance")
    assert doctor.sent == []
    assert "Not sent yet: “Call an ambulance”" in doctor.text
    assert "You are in the chat with Hana." in doctor.text


@pytest.mark.parametrize("result", REFUSALS)
def test_words_after_an_alert_that_a_colleague_had_went_to_another_patient(result):
    doctor = in_two_cases("acknowledge", EscalationAnswered(result, "Dr. Ito"))
    doctor.types("Call an ambulance")
    assert doctor.sent == []
    assert doctor.keys == ["on_call.to_whom"]
    assert doctor.offered == ["continue_with", "drop"]


def test_it_is_said_by_name_whom_words_can_go_to():
    doctor = in_two_cases().types("Sit down")
    assert [it.label for it in doctor.dialogue.offers] == [
        "Continue: Hana",
        "Take over: Ken",
        "Do not send",
    ]


@pytest.mark.parametrize("how", ["press", "type"])
def test_words_go_to_the_patient_of_the_chat_once_that_is_chosen(how):
    doctor = in_two_cases().types("Still there?")
    doctor.presses("continue_with") if how == "press" else doctor.types("Continue: Hana")
    assert doctor.sent == [(7, "Still there?")]
    assert doctor.text == "Sent to Hana."
    assert doctor.offered == ["called", "hand_back", "close"]
    assert doctor.types("Good").sent[1:] == [(7, "Good")]


def test_words_go_to_the_other_patient_after_the_first_was_handed_back():
    doctor = in_two_cases().types("Call an ambulance").presses("take_over")
    assert doctor.asked[-3:] == [
        effects.ActOnEscalation(7, "hand_back"),
        effects.ActOnEscalation(8, "take_over"),
        effects.WriteToPatient(8, "Call an ambulance"),
    ]
    assert doctor.keys == ["on_call.handed_back", "on_call.in_chat", "on_call.sent"]
    assert doctor.text.endswith("Sent to Ken.")
    assert doctor.types("Now").sent[1:] == [(8, "Now")]


def test_words_can_be_dropped():
    doctor = in_two_cases().types("Call an ambulance").presses("drop")
    assert doctor.keys == ["on_call.dropped"]
    doctor.types("Sit down")
    assert doctor.sent == []
    assert "“Sit down”" in doctor.text


@pytest.mark.parametrize("event", [Said("Ken!"), SentMedia("image")])
@pytest.mark.parametrize("answers", [(), (EscalationAnswered("gone"),)])
def test_what_comes_before_the_choice_is_not_sent_and_not_added(event, answers):
    doctor = in_two_cases("acknowledge", *answers).types("Sit down")
    doctor.happen(event)
    assert doctor.keys == ["on_call.choose_first", "on_call.to_whom"]
    assert doctor.sent == []
    assert doctor.presses("continue_with").sent == [(7, "Sit down")]


def test_another_button_drops_words_that_wait_and_says_so():
    doctor = in_two_cases().types("Sit down").press("called", 8)
    assert doctor.keys == ["on_call.dropped", "on_call.called_noted"]
    doctor.types("Hello").press("hand_back", 7)
    assert doctor.keys == ["on_call.dropped", "on_call.handed_back"]
    assert doctor.types("Hello").keys == ["on_call.idle"]
    assert doctor.sent == []


def test_a_case_that_a_colleague_took_meanwhile_is_no_longer_offered():
    doctor = in_two_cases()
    doctor.answers = [EscalationAnswered("theirs", "Dr. Ito")]
    doctor.types("Sit down")
    assert doctor.keys == ["on_call.theirs", "on_call.to_whom"]
    assert doctor.offered == ["continue_with", "drop"]


def test_words_for_a_chat_that_a_colleague_is_in_are_told_to_have_reached_nobody():
    doctor = in_two_cases().types("Sit down")
    doctor.answers = [DONE, EscalationAnswered("busy", "Dr. Ito")]
    doctor.presses("take_over")
    assert doctor.keys == ["on_call.handed_back", "on_call.busy", "on_call.dropped"]
    assert doctor.types("Hello").keys == ["on_call.idle"]
    assert doctor.sent == []


def test_taking_over_a_second_chat_kept_the_first_patient_waiting():
    doctor = Doctor().press("take_over", 7).press("take_over", 8)
    assert doctor.asked[-1] == effects.ActOnEscalation(8, "acknowledge")
    assert doctor.keys == ["on_call.one_chat"]
    assert doctor.offered == ["continue_with", "take_over"]
    doctor.presses("take_over")
    assert doctor.asked[-2:] == [
        effects.ActOnEscalation(7, "hand_back"),
        effects.ActOnEscalation(8, "take_over"),
    ]
    assert doctor.keys == ["on_call.handed_back", "on_call.in_chat"]
    assert doctor.types("Hello").sent == [(8, "Hello")]


def test_a_first_chat_that_was_lost_already_is_left_without_a_word():
    doctor = Doctor().press("take_over", 7).press("take_over", 8)
    doctor.answers = [EscalationAnswered("gone")]
    assert doctor.presses("take_over").keys == ["on_call.in_chat"]


def test_the_first_chat_can_be_stayed_in():
    doctor = Doctor().press("take_over", 7).press("take_over", 8).presses("continue_with")
    assert doctor.keys == ["on_call.stays"]
    assert "with Hana" in doctor.text
    assert doctor.types("Hello").sent == [(7, "Hello")]


@pytest.mark.parametrize("result", REFUSALS)
def test_no_chat_is_left_for_one_that_cannot_be_had(result):
    doctor = in_two_cases("take_over", EscalationAnswered(result, "Dr. Ito"))
    assert doctor.keys == [REFUSALS[result]]
    assert effects.ActOnEscalation(7, "hand_back") not in doctor.asked


def test_another_button_at_the_question_which_chat_does_what_it_says():
    doctor = Doctor().press("take_over", 7).press("take_over", 8).press("called", 8)
    assert doctor.keys == ["on_call.called_noted"]


def test_handing_back_another_chat_in_vain_loses_not_the_one_that_is_open():
    doctor = in_two_cases("hand_back", EscalationAnswered("gone"))
    assert doctor.types("Hello").presses("continue_with").sent == [(7, "Hello")]


def test_taking_over_again_stays_in_the_chat():
    doctor = Doctor().press("take_over", 7).press("take_over", 7)
    assert doctor.keys == ["on_call.in_chat"]
    assert doctor.types("Hello").sent == [(7, "Hello")]


def test_long_words_are_quoted_in_part_and_sent_whole():
    said = "x" * (on_call.QUOTED + 1)
    doctor = in_two_cases().types(said)
    assert "x" * on_call.QUOTED + "…" in doctor.text
    assert doctor.presses("continue_with").sent == [(7, said)]


def test_a_chat_stored_before_names_were_kept_asks_and_goes_on():
    session = dump_session(on_call_session(on_call.Ready(8, 7)))
    del session["step"]["name"]
    doctor = Doctor()
    doctor.dialogue = Dialogue((load_session(session),))
    doctor.types("Hello").presses("continue_with")
    assert doctor.sent == [(7, "Hello")]
    assert doctor.text == "Sent."


@pytest.mark.parametrize("case", [0, 8])
@pytest.mark.parametrize("who", ["", "Ken"])
@pytest.mark.parametrize("text", ["", "Sit down"])
def test_the_question_to_whom_can_be_read_in_every_language(case, who, text):
    step = on_call.ToWhom(case, 7, "Hana", text)
    assert_readable(step.on(EscalationAnswered("done", who=who), Doctor().ctx).effects[-1])
