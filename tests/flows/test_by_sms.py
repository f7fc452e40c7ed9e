"""What is made of an SMS: "stop" and red flags are heard, the rest is for staff."""

from dataclasses import replace

import pytest

from flows import emergency
from flows.dialogue import Dialogue, alarm, receive
from flows.effects import Escalate, Handoff, OptIn, OptOut, Say
from flows.events import Began, Edited, HandedBack, Left, Said, SentMedia, TakenOver, TimedOut
from nlu.red_flags import RedFlag
from tests.flows.world import CTX

SMS = replace(CTX, channel="sms", consented=True)
PAIN = Said("crushing chest pain and I cannot breathe")


def deeds(reaction):
    return [type(it) for it in reaction.effects]


@pytest.mark.parametrize("event", [Said("Can I come later?"), Said("cancel"), SentMedia("image")])
def test_other_words_go_to_staff_and_that_is_said(event):
    reaction = receive(Dialogue(), event, SMS)
    handed, said = reaction.effects
    assert handed == Handoff("sms")
    assert said.text == "letter.handed"
    assert said.choices == ()


@pytest.mark.parametrize("owner", ["queue", "staff"])
def test_it_is_said_once(owner):
    reaction = receive(Dialogue(), Said("and another thing"), replace(SMS, owner=owner))
    assert reaction.effects == ()


@pytest.mark.parametrize("words", ["STOP", "停止", "стоп", "配信停止"])
def test_stop_stops_whoever_answers(words):
    for owner in ("bot", "queue", "staff"):
        assert OptOut in deeds(receive(Dialogue(), Said(words), replace(SMS, owner=owner)))


def test_start_starts_again_only_after_a_stop():
    assert OptIn in deeds(receive(Dialogue(), Said("START"), replace(SMS, opted_out=True)))
    assert deeds(receive(Dialogue(), Said("START"), SMS)) == [Handoff, Say]


def test_a_red_flag_calls_a_doctor_and_its_questions_are_answered_there():
    flagged = receive(Dialogue(), PAIN, SMS)
    assert Escalate in deeds(flagged)
    assert flagged.dialogue.stack[-1].flow == emergency.flow.name
    after = receive(flagged.dialogue, Said("it is worse now"), SMS)
    assert Handoff not in deeds(after)


@pytest.mark.parametrize("owner", ["queue", "staff"])
def test_a_red_flag_is_heard_while_staff_answer(owner):
    assert Escalate in deeds(receive(Dialogue(), PAIN, replace(SMS, owner=owner)))


def test_silence_after_a_doubtful_flag_is_shown_to_a_doctor_here_too():
    asked = alarm(Dialogue(), RedFlag("chest_pain", 3, negated=True), SMS)
    for owner in ("bot", "queue"):
        silent = receive(asked.dialogue, TimedOut(), replace(SMS, owner=owner))
        assert Escalate in deeds(silent)


def test_what_an_emergency_asks_is_answered_by_number_or_word():
    asked = alarm(Dialogue(), RedFlag("chest_pain", 3, negated=True), SMS)
    for yes in ("1", "yes"):
        assert Escalate in deeds(receive(asked.dialogue, Said(yes), SMS))
    for no in ("no", "2", "talk to staff"):
        assert deeds(receive(asked.dialogue, Said(no), SMS)) == [Handoff, Say]


@pytest.mark.parametrize("event", [TimedOut(), HandedBack(), TakenOver()])
def test_nothing_is_said_that_nobody_waits_for(event):
    assert receive(Dialogue(), event, SMS).effects == ()


def test_what_an_sms_cannot_be_changes_nothing():
    assert receive(Dialogue(), Began(), SMS).effects == ()
    assert receive(Dialogue(), Edited("hello"), SMS).effects == ()
    assert receive(Dialogue(), Left(), SMS).dialogue == Dialogue()
