"""Which messages come: each kind on its own, at once, and all or none by one word."""

import json
from dataclasses import replace

import pytest

from flows import subscription
from flows.codec import dump_session, load_session
from flows.effects import OptIn, OptOut
from flows.engine import BACK
from flows.events import Entered, Said
from flows.navigation import MENU, START
from flows.registry import FLOWS, newest
from flows.subscription import CHOSEN, STOP, flow
from flows.subscription_effects import ChooseMessages, ReadMessages
from flows.subscription_events import MessagesRead
from tests.flows.store import FOLDER
from tests.flows.talk import Talk
from tests.flows.walk import assert_readable, assert_ways_out, says, walk
from tests.flows.world import CTX, World

UNTOLD = replace(CTX, consented=False)
STOPPED = replace(CTX, opted_out=True)


def told(talk: Talk) -> list[str]:
    return [say.text for say in talk.told]


@pytest.mark.parametrize("ctx", [CTX, UNTOLD, STOPPED], ids=["agreed", "not agreed", "stopped"])
def test_every_turn_offers_a_way_out_and_reloads(ctx):
    steps = set()
    for passed in walk(flow, ctx, World().answers):
        session, said = passed.turn.session, says(passed.turn)
        assert said or session.request
        assert load_session(dump_session(session)) == session
        for say in said:
            assert_readable(say)
        if session.status == "waiting":
            assert_ways_out(said[-1])
        steps.add(type(session.step).__name__)
    assert "AskStop" in steps


def test_each_kind_is_on_or_off_and_a_press_turns_it_over_at_once():
    talk = Talk(flow)
    assert told(talk) == ["subscription.which"]
    assert [it.label for it in talk.told[-1].choices][:4] == [
        *("subscription.no_education", "subscription.get_marketing", "subscription.get_research"),
        "subscription.stop_all",
    ]
    talk.do("marketing")
    assert talk.deeds[0] == ChooseMessages("marketing", True)
    assert told(talk) == ["subscription.marketing_on", "subscription.which"]
    talk.do("education")
    assert talk.deeds[0] == ChooseMessages("education", False)
    assert told(talk) == ["subscription.education_off", "subscription.which"]
    assert talk.session.step.wanted == ("marketing",)
    talk.do("marketing")
    assert talk.deeds[0] == ChooseMessages("marketing", False)
    assert talk.do(Said("hm")).told[0].text == "nav.choose"


def test_what_comes_is_read_anew_whenever_the_patient_comes_to_choose():
    every = Talk(flow, answers={ReadMessages: [MessagesRead(CHOSEN)]})
    assert [it.label for it in every.told[-1].choices][:3] == [
        f"subscription.no_{one}" for one in CHOSEN
    ]


def test_stopping_all_says_first_what_it_means():
    talk = Talk(flow).do(STOP)
    assert told(talk) == ["subscription.ask_stop"]
    assert told(talk.do(Said("hm"))) == ["nav.choose", "subscription.ask_stop"]
    assert {BACK, MENU} <= set(talk.choices)
    assert talk.do("yes").deeds[0] == OptOut()
    kept = Talk(flow).do(STOP, "no")
    assert told(kept) == ["subscription.as_it_was"]


def test_who_stopped_all_is_asked_to_start_again():
    talk = Talk(flow, ctx=STOPPED)
    assert told(talk) == ["subscription.ask_start"]
    assert talk.do("yes").deeds[0] == OptIn()


def test_nothing_is_chosen_before_the_notice_was_agreed_to_but_all_can_be_stopped():
    talk = Talk(flow, ctx=UNTOLD)
    assert told(talk) == ["subscription.notice_first"]
    assert talk.choices[:2] == [START + "welcome", STOP]
    assert told(talk.do(Said("hm"))) == ["nav.choose", "subscription.notice_first"]
    assert told(talk.do(STOP)) == ["subscription.ask_stop"]


def test_who_writes_that_messages_shall_stop_is_asked_just_that():
    assert subscription.asked("stop_messages") == subscription.AskStop()
    assert subscription.asked("start_messages") == subscription.Which()


def test_a_conversation_that_was_left_in_the_first_version_goes_on_there():
    assert newest("subscription") is flow
    assert ("subscription", 1) in FLOWS
    stored = FOLDER / "subscription-v1" / "AskStop-waiting.json"
    session = load_session(json.loads(stored.read_text(encoding="utf-8")))
    talk = Talk(subscription.flow_1)
    assert talk.session == session
    assert talk.do(Entered()).do("yes").deeds[0] == OptOut()
