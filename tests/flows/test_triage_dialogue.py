"""Triage in whole dialogues: how patients come to it, and what the router does meanwhile."""

import pytest

from flows import booking, emergency, pause, triage
from flows.dialogue import alarm, receive
from flows.effects import Escalate, Handoff, Say
from flows.events import PressedAction, Said, TimedOut
from flows.navigation import MEANT
from flows.play import CODE
from flows.reasons import reason
from flows.texts import LANGUAGES
from flows.triage_effects import KeepTriage
from nlu.reading import Entity, Reading
from nlu.red_flags import RedFlag
from tests.flows.patient import Patient, booking_patient, holding_patient

HEADACHE = "I have had a bit of a headache since this morning"


def reads(text: str, intent: str, *entities: Entity) -> Said:
    return Said(text, Reading(((intent, 0.99),), entities))


def asked(presentation: str = "headache", region: str = "", **facts) -> Patient:
    """A man who was asked the first question of a presentation."""
    patient = Patient(**facts)
    patient.happen(reads(HEADACHE, "symptom_report"))
    patient.presses("me", "no").types("36")
    if region:
        patient.presses("elsewhere", region)
    patient.presses(presentation)
    return patient.presses("option:male") if "option:male" in patient.offered else patient


def test_the_menu_offers_triage_high_up():
    patient = Patient().types("menu")
    assert patient.offered.index("start:triage") == 1
    assert isinstance(patient.presses("start:triage").step, triage.ForWhom)


def test_what_was_written_is_asked_about_and_confirmed():
    patient = Patient()
    patient.happen(reads(HEADACHE, "symptom_report"))
    assert isinstance(patient.step, triage.ForWhom)
    patient.presses("me", "no").types("36")
    assert isinstance(patient.step, triage.WhichOne)
    assert patient.offered[0] == "headache"


def test_a_guess_of_symptoms_that_is_confirmed_leads_to_triage():
    patient = Patient()
    patient.happen(Said("zzz", Reading((("symptom_report", 0.5), ("results", 0.3)))))
    patient.presses(MEANT + "symptom_report")
    assert isinstance(patient.step, triage.ForWhom)


def test_whose_trouble_it_is_may_be_said_at_once():
    patient = Patient()
    patient.begin("link")
    patient.types(CODE)
    patient.happen(reads("my head hurts", "symptom_report", Entity("person", "self", "my")))
    assert isinstance(patient.step, triage.Asking)
    assert patient.step.case.name == "Hana Yamada"


def test_a_side_effect_leads_to_its_own_step_and_a_doctor_hears_of_it():
    patient = Patient()
    patient.happen(reads("since the new pills I have an itch", "side_effect"))
    assert patient.keys == ["triage.side_effect"]
    assert patient.deeds_of(Escalate) == [Escalate("triage_medicine", 2, "triage")]


def test_another_symptom_in_the_middle_of_the_questions_does_not_begin_anew():
    patient = asked()
    case = patient.step.case
    patient.happen(reads("and I cough a little as well", "symptom_report"))
    assert patient.step.case == case
    assert patient.keys[0] == "nav.choose"


def test_symptoms_while_a_triage_waits_are_asked_about():
    patient = asked().types("menu")
    patient.happen(reads("my back aches", "symptom_report"))
    assert isinstance(patient.step, pause.Paused)
    assert "resume:triage" in patient.offered


def test_a_newcomer_sees_the_privacy_notice_first_and_then_the_triage():
    for said, step in (
        (reads(HEADACHE, "symptom_report"), triage.ForWhom),
        (reads("an itch from the pills", "side_effect"), triage.SideEffect),
    ):
        patient = Patient(consented=False)
        patient.happen(said)
        patient.presses("yes")
        assert isinstance(patient.step, step)
    patient = Patient(consented=False)
    patient.happen(reads("how much is it", "price"))
    assert "triage" not in patient.flows


@pytest.mark.parametrize(
    ("yes", "no", "unsure"),
    [
        ("yes", "no", "not sure"),
        ("はい", "いいえ", "わからない"),
        ("是", "不是", "不确定"),
        ("да", "нет", "не знаю"),
    ],
)
def test_typed_answers_are_answers(yes, no, unsure):
    patient = asked().types(no)
    assert patient.step.case.answers[-1][1] == "no"
    patient.types(unsure)
    assert patient.step.case.answers[-1][1] == "unsure"
    assert asked("chest_pain", "chest").types(yes).deeds_of(KeepTriage)


def test_a_grave_answer_says_the_number_and_calls_a_doctor_and_keeps_the_run():
    patient = asked().presses("yes")
    assert patient.keys == ["safety.emergency"]
    assert patient.deeds_of(Escalate) == [
        Escalate("triage_headache", 4, "triage", None, ("worst_blow",))
    ]
    assert len(patient.deeds_of(KeepTriage)) == 1
    assert patient.flows == ["emergency"]


def test_thoughts_of_death_in_a_triage_are_met_with_crisis_lines_and_a_question():
    patient = asked("low_mood", "other", crisis_lines=("Line 0120",))
    while patient.step.case.next().id != "thoughts":
        patient.presses("no")
    patient.presses("yes")
    assert patient.keys == ["safety.crisis_lines", "safety.self_harm_ask"]
    assert [(it.rule, it.level) for it in patient.deeds_of(Escalate)] == [("self_harm_triage", 3)]


def test_an_emergency_in_a_triage_that_interrupted_a_booking_lets_nothing_be_held():
    patient = holding_patient().presses("skip")
    patient.happen(reads(HEADACHE, "symptom_report"))
    patient.presses(patient.offered[0], "no").types("36")
    patient.presses("headache", "option:male", "yes")
    assert patient.keys == ["safety.emergency"]
    assert patient.clinic.visits == {}
    assert isinstance(patient.presses("resume:booking").step, booking.Confirm)


def test_red_flag_words_typed_under_a_question_alarm_at_once():
    patient = asked().types("my father is not breathing")
    assert patient.keys == ["safety.emergency"]
    assert patient.deeds_of(Escalate)[0].level == 4
    # Levels only rise: the questions that were open end as an emergency too.
    patient.presses("resume:triage")
    assert patient.keys == ["safety.emergency"]
    assert patient.deeds_of(KeepTriage)[0].run.at_least == 4


def test_a_red_flag_of_the_same_day_raises_the_triage_that_waits_and_denied_ones_do_not():
    patient = asked()
    reaction = alarm(patient.dialogue, RedFlag("fever_adult_same_day", 3), patient.ctx)
    patient.dialogue = reaction.dialogue
    assert "start:triage" not in patient.offered
    assert patient.presses("resume:triage").step.case.at_least == 3
    patient = asked()
    reaction = alarm(patient.dialogue, RedFlag("chest_pain", 3, negated=True), patient.ctx)
    patient.dialogue = reaction.dialogue
    assert patient.presses("resume:triage").step.case.at_least == 1


def test_a_denied_red_flag_that_is_so_after_all_raises_the_triage_that_waits():
    patient = asked()
    reaction = alarm(patient.dialogue, RedFlag("chest_pain", 3, negated=True), patient.ctx)
    patient.dialogue = reaction.dialogue
    patient.presses("now", "resume:triage")
    assert patient.deeds_of(KeepTriage)[0].run.outcome.level == 4


def test_a_red_flag_of_the_same_day_offers_questions_that_cannot_end_lower():
    patient = Patient()
    reaction = alarm(patient.dialogue, RedFlag("fever_adult_same_day", 3), patient.ctx)
    patient.dialogue = reaction.dialogue
    patient.presses("start:triage")
    assert isinstance(patient.step, triage.ForWhom)
    assert patient.step.case.at_least == 3


def test_silence_after_a_grave_answer_calls_a_doctor():
    patient = asked("chest_pain", "chest")
    while patient.step.case.next().id != "breath_fever":
        patient.presses("no")
    patient.happen(TimedOut())
    assert patient.deeds_of(Escalate) == []
    assert patient.keys == ["pause.silence"]
    patient.presses("resume:triage", "yes")
    assert patient.timeout == triage.GRAVE_PATIENCE
    patient.happen(TimedOut())
    called = set(patient.deeds_of(Escalate))
    assert {(it.rule, it.level, it.source) for it in called} == {
        ("triage_silence_chest_pain", 3, "silence")
    }
    assert len(called) == 1, "the clinic's ledger keeps one of the same rule"
    patient.happen(TimedOut())
    assert patient.deeds == []


def test_staff_asked_for_in_a_triage_see_why():
    assert asked().presses("menu").presses("person").deeds_of(Handoff) == [Handoff("asked")]
    patient = asked().types("staff")
    assert patient.deeds_of(Handoff) == [Handoff("triage")]


def test_the_buttons_of_a_check_in_lead_to_its_answer():
    patient = Patient()
    for how in ("better", "same", "worse"):
        patient.happen(PressedAction(how, 7, 0))
        assert patient.keys == ["check_in.gone"]  # no such run in this small clinic
    patient = Patient(consented=False)
    patient.happen(PressedAction("worse", 7, 0))
    assert [it.flow for it in patient.dialogue.stack] == ["triage", "welcome"]


def test_a_booking_goes_on_after_a_triage_that_interrupted_it():
    patient = booking_patient()
    patient.happen(reads(HEADACHE, "symptom_report"))
    patient.presses("back")
    assert patient.keys[0] == "dialogue.back_to_booking"


@pytest.mark.parametrize("language", LANGUAGES)
def test_doctors_read_the_reason_of_a_triage_in_their_language(language):
    told = reason("triage_chest_pain", ("squeezing", "diabetes"), language)
    silent = reason("triage_silence_chest_pain", ("breath_fever",), language)
    assert told != silent
    for words in (told, silent, reason("triage_medicine", (), language)):
        assert "triage" not in words
    assert reason("self_harm_triage", (), language) == reason("self_harm_now", (), language)


def test_the_emergency_text_comes_alone():
    patient = asked()
    reaction = receive(patient.dialogue, Said("she is unconscious"), patient.ctx)
    assert all(it.urgent for it in reaction.effects if isinstance(it, Say))
    assert isinstance(reaction.dialogue.stack[-1].step, emergency.Emergency)
