"""A triage that is given up and begun anew never ends below what had been reached."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import triage
from flows.dialogue import alarm, receive
from flows.engine import Reached
from flows.events import Chose, Left, PressedAction, Said
from flows.triage_effects import KeepTriage
from nlu.reading import Entity, Reading
from nlu.red_flags import RedFlag
from tests.flows.patient import Patient
from tests.flows.triages import BABY, MAN

FAMILY = (MAN, BABY)
SELF = Entity("person", "self", "I")


def parent() -> Patient:
    """Who speaks for themselves and for a baby."""
    patient = Patient(patients=FAMILY)
    patient.clinic.patients = FAMILY
    return patient


def grave(whose: str = "31") -> Patient:
    """Who has said of a headache what a doctor must see today, and was offered times of today."""
    patient = parent()
    patient.begin("triage")
    begins(patient, whose)
    while patient.step.case.next().id != "jaw_scalp":
        patient.presses("no")
    patient.presses("yes")
    assert isinstance(patient.step, triage.Today)
    return patient


def begins(patient: Patient, whose: str) -> None:
    """From whom it is about to the first question about a headache."""
    patient.presses(whose, "no")
    if whose not in ("31", "32"):
        patient.types("36")
    patient.presses("head", "headache")
    if "option:male" in patient.offered:
        patient.presses("option:male")


def anew(patient: Patient) -> Patient:
    """The same begun anew, as the patient is asked when they want it again."""
    patient.presses("menu", "start:triage", "restart:triage")
    assert patient.step == triage.ForWhom()
    return patient


def denied(patient: Patient, whose: str = "31") -> int:
    """Deny all that is asked from the beginning; the level that is kept."""
    begins(patient, whose)
    while not patient.deeds_of(KeepTriage):
        asked = patient.step.case.next()
        if asked.kind == "number":
            patient.types("36.6" if asked.id == "temperature" else "0")
        else:
            patient.presses("none" if asked.kind == "many" else "no")
    (kept,) = patient.deeds_of(KeepTriage)
    return kept.run.outcome.level


def test_without_a_triage_before_a_denied_headache_ends_in_self_care():
    patient = parent()
    patient.begin("triage")
    assert denied(patient) == 1
    assert patient.dialogue.reached == ()


def test_a_restarted_triage_forgot_what_had_been_answered_before():
    patient = anew(grave())
    assert [(it.whose, it.level) for it in patient.dialogue.reached] == [("31", 3)]
    assert denied(patient) == 3
    (kept,) = patient.deeds_of(KeepTriage)
    assert kept.run.at_least == 3
    assert kept.run.outcome.reasons[0] == "before"


def test_a_triage_that_was_dropped_and_is_begun_again_does_not_forget_either():
    patient = grave()
    patient.types("cancel").presses("drop:triage")
    assert "triage" not in patient.flows
    patient.presses("start:triage")
    assert denied(patient) == 3


def test_an_unknown_red_flag_in_the_midst_of_the_questions_was_forgotten_too():
    patient = parent()
    patient.begin("triage")
    patient.presses("31", "unsure")
    assert isinstance(patient.step, triage.WhatIsIt)
    assert denied(anew(patient)) == 3


def test_it_counts_for_the_same_patient_alone():
    patient = anew(grave())
    assert denied(patient, "other") == 1


def test_somebody_else_is_remembered_as_somebody_else():
    patient = anew(grave("other"))
    assert [(it.whose, it.level) for it in patient.dialogue.reached] == [("other", 3)]
    patient.presses("31")
    assert patient.step.case.at_least == 1
    assert denied(anew(patient), "other") == 3


@pytest.mark.parametrize(("hours", "level"), [(23, 3), (25, 1)])
def test_it_is_remembered_for_a_day(hours, level):
    patient = anew(grave())
    patient.ctx = replace(patient.ctx, now=patient.ctx.now + timedelta(hours=hours))
    assert denied(patient) == level


def test_what_is_older_than_a_day_is_not_kept():
    patient = anew(grave())
    patient.ctx = replace(patient.ctx, now=patient.ctx.now + timedelta(hours=25))
    patient.types("menu")
    assert patient.dialogue.reached == ()


def test_of_two_that_were_given_up_the_graver_counts():
    patient = anew(grave())
    begins(patient, "31")
    assert patient.step.case.level == 3
    anew(patient)
    lesser = Reached("31", 2, patient.ctx.now - timedelta(hours=1))
    known = replace(patient.dialogue, reached=(*patient.dialogue.reached, lesser))
    assert [it.level for it in receive(known, Chose("31"), patient.ctx).dialogue.reached] == [3]


def test_a_red_flag_before_anybody_was_named_holds_for_whoever_is_named_then():
    patient = parent()
    patient.dialogue = alarm(
        patient.dialogue, RedFlag("fever_adult_same_day", 3), patient.ctx
    ).dialogue
    patient.presses("start:triage", "menu", "start:triage")
    assert [(it.whose, it.level) for it in patient.dialogue.reached] == [("anybody", 3)]
    assert patient.presses("31").step.case.at_least == 3


def test_a_check_in_that_takes_the_place_of_a_triage_forgot_what_that_had_reached():
    patient = grave()
    patient.happen(PressedAction("worse", 5, 0))
    assert [(it.whose, it.level) for it in patient.dialogue.reached] == [("31", 3)]


def test_who_blocks_the_clinic_and_comes_back_begins_at_no_less():
    patient = grave()
    patient.happen(Left())
    assert patient.dialogue.stack == ()
    patient.begin("triage")
    assert denied(patient) == 3


def test_going_on_with_it_is_no_new_beginning():
    patient = grave().presses("menu", "resume:triage")
    assert patient.dialogue.reached == ()
    assert isinstance(patient.step, triage.Today)


def test_one_that_had_come_to_nothing_is_not_remembered():
    patient = parent()
    patient.begin("triage")
    begins(patient, "31")
    assert anew(patient).dialogue.reached == ()


def test_who_writes_whose_trouble_it_is_gets_no_less_either():
    patient = anew(grave())
    ctx = replace(patient.ctx, reached=patient.dialogue.reached)
    said = Said("I have a headache", Reading((("symptom_report", 0.99),), (SELF,)))
    step = triage.meant("symptom_report", said, ctx)
    assert (step.case.patient_id, step.case.at_least) == (31, 3)
