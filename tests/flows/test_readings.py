"""Readings from home: understood, confirmed, kept; what is grave calls a doctor at once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.observation.types import Finding, Heard, Reading
from clinic.patient.types import PatientOption
from flows import readings, texts
from flows.effects import Alarm, Escalate
from flows.engine import BACK, advance, leave, start
from flows.events import Chose, Edited, PressedAction, Said
from flows.navigation import START
from flows.readings import Confirm, Enter, Told, unasked
from flows.readings_effects import KeepReadings
from flows.readings_events import ReadingsKept, ReadingsRefused
from flows.reasons import reason
from tests.flows.patient import Patient, booking_patient
from tests.flows.walk import assert_safe, says
from tests.flows.world import CTX, HANA, KEN, NOW, TODAY, TREND
from tests.flows.worlds import WALKS

PRESSURE = Reading("blood_pressure", Decimal(120), "mmHg", Decimal(80))


def chat_of(*patients, language="en", answers=None):
    """A chat at a clinic that keeps readings."""
    patient = Patient(language=language)
    patient.clinic.patients = patients
    patient.ctx = replace(patient.ctx, patients=patients)
    patient.kept = []
    usual = patient.clinic.answer

    def answer(what):
        if isinstance(what, KeepReadings):
            patient.kept.append(what)
            return answers or ReadingsKept((), ())
        return usual(what)

    patient.clinic.answer = answer
    return patient


def test_every_turn_of_the_flow_is_safe():
    for passed in WALKS["readings"]():
        assert_safe(passed)


def test_nothing_is_kept_but_what_was_shown_and_agreed_to():
    for passed in WALKS["readings"]():
        asked = passed.turn.session.request
        if not isinstance(asked, KeepReadings):
            continue
        if passed.event == Chose("yes"):
            shown = {row.value for say in passed.shown[-1:] for row in say.rows}
            assert {readings.rules.of_reading(it) for it in asked.readings} <= shown
        assert passed.event == Chose("yes")


def test_a_reading_typed_out_of_the_blue_is_shown_and_kept_after_a_yes():
    chat = chat_of(HANA).types("120/80 pulse 70")
    assert chat.keys == ["readings.ask_right"]
    assert chat.kept == []
    chat.presses("yes")
    ((kept),) = chat.kept
    assert (kept.patient_id, kept.measured_at) == (HANA.id, chat.ctx.now)
    assert kept.readings == (PRESSURE, Reading("pulse", Decimal(70), "/min"))
    assert chat.keys == ["readings.thanks", "readings.end"]


def test_a_reading_from_the_menu():
    chat = chat_of(HANA)
    chat.begin("readings")
    assert chat.keys == ["readings.ask"]
    chat.presses("temperature")
    assert chat.keys == ["readings.ask_temperature"]
    chat.types("37,8")
    assert [row.value for row in chat.deeds[-1].rows][1] == "37.8 °C"


def test_a_russian_sees_a_comma():
    chat = chat_of(HANA, language="ru").types("температура 37,8 после еды")
    assert [row.value for row in chat.deeds[-1].rows][1] == "37,8 °C"


def test_where_the_chat_speaks_for_several_it_is_asked_whose_it_is():
    chat = chat_of(HANA, KEN).types("pulse 70")
    assert chat.keys == ["readings.ask_who"]
    chat.types("?").presses(str(KEN.id), "yes")
    assert [it.patient_id for it in chat.kept] == [KEN.id]


def test_with_many_patients_the_list_has_pages():
    many = tuple(PatientOption(n, f"P{n}", "child", True) for n in range(1, 12))
    chat = chat_of(*many).types("pulse 70")
    more = next(it for it in chat.offered if it not in {str(p.id) for p in many} and it[0] != "b")
    chat.presses(more)
    assert chat.keys == ["readings.ask_who"]


@pytest.mark.parametrize(
    ("first", "key", "second"),
    [
        ("bp 130", "readings.doubt_half", "130/85"),
        ("35/80", "readings.doubt_impossible", "135/80"),
        ("temperature 420", "readings.doubt_impossible", "37.8"),
    ],
)
def test_what_is_in_doubt_is_asked_about_and_then_shown(first, key, second):
    chat = chat_of(HANA).types(first)
    assert chat.keys == [key]
    chat.types("?")
    assert chat.keys[-1] == key
    chat.types(second)
    assert chat.keys == ["readings.ask_right"]
    assert chat.kept == []


def test_a_unit_that_is_not_clear_is_chosen():
    chat = chat_of(HANA)
    chat.begin("readings")
    chat.presses("glucose").types("22")
    assert chat.keys == ["readings.doubt_unit"]
    chat.presses("mmol/L")
    assert [row.value for row in chat.deeds[-1].rows][1] == "22.0 mmol/L"


def test_a_bare_number_is_asked_about_only_where_a_reading_was_asked_for():
    chat = chat_of(HANA).types("72")
    assert "readings.doubt_which" not in chat.keys
    chat.begin("readings")
    chat.types("72")
    assert chat.keys == ["readings.doubt_which"]
    chat.presses("pulse")
    assert [row.value for row in chat.deeds[-1].rows][1] == "72 /min"


def test_words_without_a_number_are_asked_for_again():
    chat = chat_of(HANA)
    chat.begin("readings")
    chat.types("it was fine")
    assert chat.keys == ["readings.not_understood", "readings.ask"]


def test_change_and_back_ask_anew():
    for value in ("change", BACK):
        chat = chat_of(HANA).types("pulse 70").presses(value)
        assert chat.keys == ["readings.ask"]
        assert chat.kept == []


def test_a_reading_typed_under_the_card_takes_its_place():
    chat = chat_of(HANA).types("pulse 70", "pulse 75").presses("yes")
    assert [it.readings[0].value for it in chat.kept] == [75]


def test_what_a_nurse_should_see_is_said_so():
    watched = ReadingsKept((Finding("weight", 2, "weight", "rise"),), ())
    chat = chat_of(HANA, answers=watched).types("weight 72").presses("yes")
    assert chat.keys == ["readings.watch", "readings.end"]


@pytest.mark.parametrize(("level", "key"), [(3, "safety.same_day"), (4, "safety.emergency")])
def test_what_is_grave_is_answered_by_the_safety_rules_and_a_doctor_is_called(level, key):
    grave = ReadingsKept((Finding("blood_pressure", level, "systolic", "from"),), ())
    chat = chat_of(HANA, answers=grave).types("bp 150/95").presses("yes")
    assert chat.keys[-1] == key
    (called,) = chat.deeds_of(Escalate)
    assert (called.rule, called.level, called.source, called.patient_id, called.reasons) == (
        "reading_blood_pressure",
        level,
        "reading",
        HANA.id,
        ("150/95 mmHg",),
    )


def test_after_a_grave_pressure_the_triage_asks_about_pressure():
    grave = ReadingsKept((Finding("blood_pressure", 3, "systolic", "from"),), ())
    chat = chat_of(HANA, answers=grave).types("bp 150/95").presses("yes", START + "triage")
    assert chat.step.case.named == ("blood_pressure",)
    assert chat.step.case.at_least == 3


def test_of_several_that_are_grave_doctors_hear_of_all():
    found = (
        Finding("weight", 4, "weight", "from"),
        Finding("blood_pressure", 3, "systolic", "from"),
    )
    chat = chat_of(HANA, answers=ReadingsKept(found, ())).types("bp 150/95 weight 72")
    chat.presses("yes")
    assert {(it.rule, it.level) for it in chat.deeds_of(Escalate)} == {
        ("reading_weight", 4),
        ("reading_blood_pressure", 3),
    }


@pytest.mark.parametrize("typed", ["pulse 170", "pulse 45"])
def test_who_falls_silent_under_a_grave_reading_is_looked_after(typed):
    chat = chat_of(HANA).types(typed)
    assert chat.timeout == readings.GRAVE_PATIENCE
    (called,) = leave(chat.dialogue.stack[-1])
    assert (called.level, called.source, called.patient_id) == (3, "silence", HANA.id)


def test_nobody_is_called_for_who_falls_silent_under_a_usual_one():
    chat = chat_of(HANA).types("120/80")
    assert leave(chat.dialogue.stack[-1]) == ()
    assert chat.timeout > readings.GRAVE_PATIENCE


def test_the_limits_are_those_of_the_age():
    baby = PatientOption(5, "Baby", "child", True, TODAY - timedelta(days=40))
    chat = chat_of(baby).types("temp 38.2")
    (called,) = leave(chat.dialogue.stack[-1])
    assert called.rule == "reading_temperature"


def test_without_a_record_nothing_is_kept_and_the_patient_is_told_so():
    chat = chat_of().types("120/80").presses("yes")
    assert chat.kept == []
    assert chat.keys == ["readings.unknown_patient"]


def test_without_a_record_a_grave_reading_still_calls_a_doctor():
    chat = chat_of().types("pulse 170").presses("yes")
    assert chat.keys[-1] == "safety.emergency"
    assert [it.patient_id for it in chat.deeds_of(Escalate)] == [None]


def test_a_patient_of_whom_the_chat_speaks_no_more_is_refused():
    chat = chat_of(HANA, answers=ReadingsRefused()).types("120/80").presses("yes")
    assert chat.keys == ["readings.refused"]


def test_a_grave_reading_of_a_patient_of_whom_the_chat_speaks_no_more_calls_a_doctor():
    chat = chat_of(HANA, answers=ReadingsRefused()).types("pulse 170").presses("yes")
    assert chat.keys[0].startswith("safety.")
    assert [it.patient_id for it in chat.deeds_of(Escalate)] == [None]


@pytest.mark.parametrize("patients", [(HANA,), (HANA, KEN)])
def test_a_button_of_a_record_that_was_merged_asks_whose_reading_it_is(patients):
    chat = chat_of(*patients)
    gone = HANA.id + KEN.id + 1
    turn = start(readings.flow, chat.ctx, Enter(kind="pulse", patient_id=gone))
    turn = advance(turn.session, Said("70"), chat.ctx)
    assert says(turn)[-1].text == "readings.ask_who"
    turn = advance(turn.session, Chose(str(HANA.id)), chat.ctx)
    turn = advance(turn.session, Chose("yes"), chat.ctx)
    assert turn.session.request.patient_id == HANA.id


def test_a_button_of_a_record_that_was_merged_in_a_chat_of_nobody_still_calls_a_doctor():
    ctx = chat_of().ctx
    turn = start(readings.flow, ctx, Enter(kind="spo2", patient_id=HANA.id))
    turn = advance(advance(turn.session, Said("88"), ctx).session, Chose("yes"), ctx)
    assert any(isinstance(it, Alarm) for it in turn.effects)


def test_the_emergency_of_one_of_several_is_told_with_the_name():
    grave = ReadingsKept((Finding("blood_pressure", 3, "systolic", "from"),), ())
    chat = chat_of(HANA, KEN, answers=grave).types("bp 190/125")
    assert [it.patient_id for it in chat.deeds_of(Escalate)] == [None]
    chat.presses("resume:readings", str(KEN.id), "yes")
    assert [it.patient_id for it in chat.deeds_of(Escalate)] == [KEN.id]


def test_a_reminders_button_asks_for_its_kind_of_its_patient():
    chat = chat_of(HANA, KEN)
    chat.happen(PressedAction("readings", KEN.id, 5))
    assert chat.keys == ["readings.ask_weight"]
    chat.types("72,5").presses("yes")
    assert [it.patient_id for it in chat.kept] == [KEN.id]


def test_a_reminders_button_of_any_kind():
    assert readings.enter_step(HANA.id, 0) == Enter(patient_id=HANA.id)
    assert readings.enter_step(HANA.id, 99) == Enter(patient_id=HANA.id)


def test_a_number_in_a_booking_stays_the_bookings():
    patient = booking_patient()
    before = patient.step
    patient.types("120/80")
    assert patient.flows[-1] != "readings"
    assert isinstance(before, type(patient.step)) or patient.flows[-1] in ("booking", "pause")


def test_a_number_in_a_triage_stays_the_triages():
    chat = chat_of(HANA)
    chat.begin("triage")
    chat.presses(str(HANA.id))
    chat.types("38.5")
    assert chat.flows[-1] == "triage"


def test_a_red_flag_comes_before_a_reading():
    chat = chat_of(HANA).types("spo2 85% I can't breathe")
    assert chat.keys[0].startswith("safety.")
    assert chat.kept == []


@pytest.mark.parametrize("asked", [False, True])
def test_a_reading_that_is_a_red_flag_can_be_kept_after_the_safety_rules_had_their_say(asked):
    grave = ReadingsKept((Finding("blood_pressure", 3, "systolic", "from"),), ())
    chat = chat_of(HANA, answers=grave)
    if asked:
        chat.begin("readings")
    chat.types("bp 190/125")
    assert chat.keys == ["safety.same_day"]
    assert len(chat.deeds_of(Escalate)) == 1
    chat.presses("resume:readings")
    assert chat.keys == ["readings.ask_right"]
    chat.presses("yes")
    assert chat.keys == ["readings.called", "readings.end"]
    assert chat.deeds_of(Escalate) == []


def test_what_turns_out_graver_than_the_red_flag_calls_a_doctor_again():
    graver = ReadingsKept((Finding("blood_pressure", 4, "systolic", "from"),), ())
    chat = chat_of(HANA, answers=graver).types("bp 190/125").presses("resume:readings", "yes")
    assert chat.keys[-1] == "safety.emergency"


def test_a_red_flag_with_other_words_is_no_reading():
    chat = chat_of(HANA).types("spo2 85% and I feel faint")
    assert chat.flows == ["emergency"]


def test_a_reading_before_the_notice_comes_after_it():
    chat = chat_of(HANA)
    chat.ctx = replace(chat.ctx, consented=False)
    chat.types("120/80")
    assert [it.flow for it in chat.dialogue.stack] == ["readings", "welcome"]


def test_only_what_is_certainly_a_reading_is_taken_unasked():
    assert unasked(Said("my head hurts"), CTX) is None
    assert isinstance(unasked(Said("120/80"), CTX), Confirm)


def test_a_unit_that_makes_it_impossible_is_asked_anew():
    told = Told(doubts=(readings.Doubt("unit", (Decimal(25),), ("pulse",)),))
    assert [it.why for it in told.settled(Reading("pulse", Decimal(999), "/min")).doubts] == [
        "impossible"
    ]


def test_the_same_kind_told_again_takes_the_place_of_the_first():
    told = Told((PRESSURE,), (readings.Doubt("half", (Decimal(130),), ("blood_pressure",)),))
    again = replace(PRESSURE, value=Decimal(130))
    assert told.hearing(Heard((again,), at=NOW)).readings == (again,)


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_doctors_read_what_was_measured(language):
    said = reason("reading_blood_pressure", ("190/125 mmHg",), language)
    assert "190/125 mmHg" in said


def test_the_trend_has_arrows_and_a_mean():
    turn = start(readings.flow, CTX, Confirm(told=Told((PRESSURE,), (), NOW, HANA.id)))
    turn = advance(turn.session, Chose("yes"), CTX)
    turn = advance(turn.session, ReadingsKept((), (TREND,)), CTX)
    told = says(turn)[1]
    words = texts.text(told.text, told.params, "en")
    assert "128/76" in words
    assert "135/80 ↑" in words
    assert "130 ↓" in words
    assert words.endswith("Average: 131/78")


def test_a_message_that_was_changed_into_a_red_flag_opens_nothing():
    chat = chat_of(HANA)
    chat.happen(Edited("bp 190/125"))
    assert chat.flows == ["emergency"]


def test_a_red_flag_in_the_middle_of_a_booking_is_no_reading():
    patient = booking_patient()
    patient.types("bp 190/125")
    assert patient.flows == ["booking", "emergency"]


def test_what_the_clinic_made_grave_is_grave_before_it_is_kept():
    """By the clinic's limits silence is looked after sooner, and for somebody unknown a doctor is
    called at once: the record, which judges again, is not reached then."""
    high = Said("145/95")
    for limits, grave in (({}, False), ({"systolic.from.3.0": "140"}, True)):
        known, unknown = chat_of(HANA), chat_of()
        for chat in (known, unknown):
            chat.ctx = replace(chat.ctx, limits=limits)
            chat.happen(Chose(START + "readings"))
            chat.happen(high)
        assert (known.timeout == readings.GRAVE_PATIENCE) is grave
        unknown.happen(Chose("yes"))
        assert (unknown.keys != ["readings.unknown_patient"]) is grave
