"""A staff member's own chat: alerts answered, patients written to. Whole dialogues."""

from dataclasses import replace

import pytest

from clinic.escalation.types import DISPOSITIONS
from clinic.staff.types import StaffName
from flows import effects, on_call
from flows.codec import dump_session, load_session
from flows.dialogue import Dialogue
from flows.engine import Session
from flows.events import (
    Began,
    Edited,
    EscalationAnswered,
    HandedBack,
    Left,
    LinkRefused,
    PressedAction,
    PressedOld,
    Said,
    SentMedia,
    StaffLinked,
    TakenOver,
    TimedOut,
)
from tests.flows.patient import Patient, booking_patient, holding_patient
from tests.flows.walk import assert_readable

SATO = StaffName(3, "Dr. Sato")
CODE = "staff-ABCD2345X"
DONE = EscalationAnswered("done", who="Hana", phone="+81312345678")
WHO = {7: "Hana", 8: "Ken"}
REFUSALS = {
    "theirs": "on_call.theirs",
    "closed": "on_call.closed_already",
    "gone": "on_call.gone",
    "busy": "on_call.busy",
}


class Doctor(Patient):
    """A staff member at the own chat; `answers` are what the clinic says, in order."""

    def __init__(self, *answers, **facts):
        super().__init__(staff=SATO, **facts)
        self.answers, self.asked = list(answers), []
        self.clinic.answer = self._answer

    def _answer(self, what):
        self.asked.append(what)
        if self.answers:
            return self.answers.pop(0)
        if isinstance(what, effects.WriteToPatient):
            return EscalationAnswered("done")  # of whom is not said
        return replace(DONE, who=WHO[what.escalation_id])

    @property
    def sent(self):
        """What went to patients, and to those of which escalations."""
        return [
            (it.escalation_id, it.text)
            for it in self.asked
            if isinstance(it, effects.WriteToPatient)
        ]

    @property
    def text(self):
        return "\n\n".join(it.text for it in self.messages)

    def press(self, action, escalation_id=7):
        self.happen(PressedAction(action, escalation_id, 0))
        for say in self.deeds_of(effects.Say):
            assert_readable(say)
        return self


@pytest.mark.parametrize(
    ("act", "key", "offered"),
    [
        ("acknowledge", "on_call.yours", ["called", "take_over", "close"]),
        ("called", "on_call.called_noted", ["take_over", "close"]),
        ("take_over", "on_call.in_chat", ["called", "hand_back", "close"]),
    ],
)
def test_each_button_of_an_alert_does_what_it_says(act, key, offered):
    doctor = Doctor().press(act)
    assert doctor.asked == [effects.ActOnEscalation(7, act)]
    assert doctor.keys == [key]
    assert doctor.offered == offered
    assert [it.url for it in doctor.messages[-1].links] == ["tel:+81312345678"]


@pytest.mark.parametrize("result", REFUSALS)
@pytest.mark.parametrize("act", ["acknowledge", "called", "take_over", "close"])
def test_what_somebody_else_has_is_said_and_nothing_is_done(act, result):
    doctor = Doctor(EscalationAnswered(result, "Dr. Ito")).press(act)
    assert doctor.keys == [REFUSALS[result]]
    assert doctor.offered == []
    doctor.types("hello")
    assert doctor.keys == ["on_call.idle"]


@pytest.mark.parametrize("end", DISPOSITIONS)
def test_an_escalation_is_closed_by_saying_how_it_ended(end):
    doctor = Doctor().press("close")
    assert doctor.keys == ["on_call.how_did_it_end"]
    assert doctor.offered == [*DISPOSITIONS, "keep_open"]
    doctor.presses(end)
    assert doctor.asked[-1] == effects.CloseEscalation(7, end)
    assert doctor.keys == ["on_call.closed"]


def test_the_ends_are_those_that_can_be_stored():
    assert set(on_call.ENDS) == set(DISPOSITIONS)


def test_it_can_stay_open():
    doctor = Doctor().press("close").presses("keep_open")
    assert doctor.keys == ["on_call.kept_open"]
    assert not any(isinstance(it, effects.CloseEscalation) for it in doctor.asked)


def test_an_end_that_comes_too_late_is_told():
    doctor = Doctor(DONE, EscalationAnswered("closed", "The admin")).press("close")
    doctor.presses("advice")
    assert doctor.keys == ["on_call.closed_already"]


def test_an_end_may_be_typed_and_other_words_ask_again():
    doctor = Doctor().press("close").types("what?")
    assert doctor.keys == ["on_call.choose_first", "on_call.how_did_it_end"]
    doctor.types("False alarm")
    assert doctor.asked[-1] == effects.CloseEscalation(7, "false_alarm")


def test_what_is_typed_goes_to_the_patient_only_while_in_the_chat():
    doctor = Doctor().types("hello")
    assert doctor.keys == ["on_call.idle"]
    doctor.press("take_over").types("Sit down please", "Is somebody with you?")
    assert doctor.asked[-2:] == [
        effects.WriteToPatient(7, "Sit down please"),
        effects.WriteToPatient(7, "Is somebody with you?"),
    ]
    assert doctor.text == "Sent to Hana."
    doctor.presses("hand_back")
    assert doctor.asked[-1] == effects.ActOnEscalation(7, "hand_back")
    assert doctor.keys == ["on_call.handed_back"]
    assert doctor.types("one more thing").keys == ["on_call.idle"]


def test_words_that_look_like_a_button_go_to_the_patient_all_the_same():
    doctor = Doctor().press("take_over").types("Close")
    assert doctor.asked[-1] == effects.WriteToPatient(7, "Close")


def test_the_chat_goes_on_when_its_escalation_is_closed():
    doctor = Doctor().press("take_over").presses("close").presses("advice")
    assert doctor.offered == ["hand_back"]
    doctor.types("Take care")
    assert doctor.asked[-1] == effects.WriteToPatient(7, "Take care")


@pytest.mark.parametrize("closed", [7, 8])
def test_a_typed_end_went_to_the_patient(closed):
    doctor = Doctor().press("take_over", 7).press("close", closed).types("False alarm")
    assert doctor.sent == []
    assert doctor.asked[-1] == effects.CloseEscalation(closed, "false_alarm")
    doctor.press("close", closed)
    doctor.types("False alarm, I think")
    assert doctor.keys == ["on_call.choose_first", "on_call.how_did_it_end"]
    doctor.happen(SentMedia("image"))
    assert doctor.keys == ["on_call.choose_first", "on_call.how_did_it_end"]
    assert doctor.sent == []
    doctor.presses("keep_open")
    assert doctor.keys == ["on_call.kept_open"]


def test_another_alert_can_be_answered_at_the_question_how_it_ended():
    doctor = Doctor().press("close", 7).press("acknowledge", 8)
    assert doctor.asked[-1] == effects.ActOnEscalation(8, "acknowledge")
    doctor.press("take_over", 8).press("close", 8).happen(PressedAction("hand_back", 8, 0))
    assert doctor.keys == ["on_call.handed_back"]


def test_words_that_did_not_reach_the_patient_are_told_to_have_not():
    doctor = Doctor().press("take_over")
    doctor.answers = [EscalationAnswered("gone")]
    doctor.types("hello?")
    assert doctor.keys == ["on_call.not_sent"]
    doctor.presses("take_over").types("hello?")
    assert doctor.asked[-1] == effects.WriteToPatient(7, "hello?")


def test_a_chat_that_was_gone_already_is_left():
    doctor = Doctor().press("take_over")
    doctor.answers = [EscalationAnswered("gone")]
    doctor.presses("hand_back")
    assert doctor.types("hello").keys == ["on_call.idle"]


def test_what_no_channel_takes_is_not_sent_in_part():
    doctor = Doctor().press("take_over").types("x" * (on_call.LONGEST + 1))
    assert doctor.keys == ["on_call.too_long"]
    assert not any(isinstance(it, effects.WriteToPatient) for it in doctor.asked)


@pytest.mark.parametrize("words", ["I have chest pain", "stop", "menu", "息ができない"])
def test_nothing_that_a_doctor_writes_is_taken_for_a_patients(words):
    doctor = Doctor().types(words)
    assert doctor.keys == ["on_call.idle"]
    assert doctor.deeds_of(effects.Escalate) == doctor.deeds_of(effects.OptOut) == []


def test_pictures_are_not_passed_on():
    assert Doctor().press("take_over").happen(SentMedia("image"))[0].text.startswith("Pictures")


@pytest.mark.parametrize("event", [Began(), PressedOld(), PressedAction("confirm", 1, 1)])
def test_what_means_nothing_here_says_what_this_chat_is_for(event):
    doctor = Doctor()
    doctor.happen(event)
    assert doctor.keys == ["on_call.ready"]
    assert "Dr. Sato" in doctor.messages[0].text


@pytest.mark.parametrize("event", [Edited("chest pain"), TimedOut(), TakenOver(), HandedBack()])
def test_what_concerns_patients_chats_only_does_nothing(event):
    doctor = Doctor().press("take_over")
    before = doctor.dialogue
    doctor.happen(event)
    assert doctor.deeds == []
    assert doctor.dialogue == before


def test_who_blocks_the_clinic_leaves_nothing_open():
    doctor = Doctor().press("take_over")
    doctor.happen(Left())
    assert doctor.dialogue == Dialogue()


# Whose chat it is ---------------------------------------------------------------------------------


class Newcomer(Patient):
    """Somebody who types a staff code."""

    def __init__(self, answer, **facts):
        super().__init__(**facts)
        self.clinic.answer = lambda what: answer


@pytest.mark.parametrize("event", [Said(CODE), Began(CODE)])
@pytest.mark.parametrize("facts", [{}, {"consented": False}, {"owner": "queue"}])
def test_a_code_makes_it_the_staff_members_whatever_the_state(event, facts):
    newcomer = Newcomer(StaffLinked(SATO), **facts)
    newcomer.happen(event)
    assert newcomer.keys == ["on_call.linked"]
    newcomer.ctx = replace(newcomer.ctx, staff=SATO)
    assert newcomer.types("chest pain").keys == ["on_call.idle"]


def test_a_time_held_for_a_patient_who_is_staff_from_now_on_is_given_back():
    patient = holding_patient()
    patient.clinic.answer = lambda what: StaffLinked(SATO)
    patient.types(CODE)
    assert patient.deeds_of(effects.ReleaseHold)


def test_an_account_that_became_staffs_elsewhere_gives_back_what_it_held():
    patient = holding_patient(staff=None)
    patient.ctx = replace(patient.ctx, staff=SATO)
    patient.types("hello")
    assert patient.deeds_of(effects.ReleaseHold)
    assert patient.flows == ["on_call"]


@pytest.mark.parametrize(
    ("reason", "key"), [("wrong", "link.wrong"), ("too_many", "link.too_many")]
)
def test_a_code_that_does_not_work_leaves_a_patients_chat(reason, key):
    patient = booking_patient()
    usual = patient.clinic.answer
    patient.clinic.answer = lambda what: (
        LinkRefused(reason) if isinstance(what, effects.TryStaffCode) else usual(what)
    )
    patient.types(CODE)
    assert patient.keys[0] == key
    assert patient.flows == ["booking"]


def test_a_second_code_makes_it_another_staff_members():
    doctor = Doctor(StaffLinked(StaffName(4, "Dr. Ito"))).types(CODE)
    assert doctor.keys == ["on_call.linked"]


def test_a_former_staff_members_chat_is_a_patients_in_every_way():
    doctor = Doctor().press("take_over")
    doctor.ctx = replace(doctor.ctx, staff=None)
    doctor.asked = []
    doctor.types("I have chest pain")
    assert doctor.keys == ["safety.emergency"]
    assert doctor.flows == ["emergency"]
    for action in on_call.ACTIONS:
        doctor.press(action)
        assert doctor.asked == []
        assert doctor.keys[0] == "dialogue.old_question"


def test_a_patient_who_plays_is_told_that_there_is_nothing():
    patient = Patient().types(CODE)
    assert patient.keys[0] == "link.wrong"
    assert patient.clinic.answer(effects.ActOnEscalation(1, "called")).result == "gone"


def test_the_patient_is_told_who_answers():
    patient = Patient(owner="staff", owner_name="Dr. Sato")
    patient.happen(TakenOver())
    assert patient.keys == ["handoff.answered_by"]
    assert "Dr. Sato" in patient.messages[0].text


@pytest.mark.parametrize(
    "step",
    [
        on_call.Ready(7, 8, "Hana"),
        on_call.Do("called", 7, 8, "Hana", "words"),
        on_call.ToWhom(7, 8, "Hana", "words"),
        on_call.Leave(7, 8, "Hana", "words"),
        on_call.PickEnd(7, 8, "Hana"),
        on_call.Close("advice", 7, 8, "Hana"),
        on_call.Write("words", 7, "Hana"),
        on_call.TryCode("ABCD2345X"),
    ],
)
def test_every_step_can_be_stored(step):
    session = on_call_session(step)
    assert load_session(dump_session(session)) == session


def on_call_session(step):
    return Session("on_call", 1, step)


def test_an_unknown_button_of_an_alert_does_nothing():
    move = on_call.Ready().on(PressedAction("confirm", 1, 1), Doctor().ctx)
    assert move.effects[0].text == "on_call.idle"
