"""What comes next of follow-up plans, as their patients see it in the chat."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.plan.types import Ahead, Coming
from flows import ahead, menu, texts
from flows.ahead_effects import AskForCall, ListAhead, StopPlan
from flows.ahead_events import AheadListed, PlanOver
from flows.events import Chose, Said
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe
from tests.flows.world import AHEAD, CTX, HANA, KEN, KENS_AHEAD, at, day
from tests.flows.worlds import WALKS


def talk(*plans: Ahead, ctx=CTX) -> Talk:
    return Talk(ahead.flow, ctx=ctx, answers={ListAhead: [AheadListed(plans)]})


def said(talked: Talk, language: str = "en") -> list[str]:
    """The words of the last turn."""
    return [texts.text(say.text, say.params, language) for say in talked.told]


def test_every_turn_is_safe():
    for passed in WALKS["ahead"]():
        assert_safe(passed)


def test_the_menu_leads_there_and_still_fits_the_narrowest_channel():
    values = [it.value for it in menu.ITEMS]
    assert values.index("start:ahead") == values.index("start:visits") + 1
    assert len(values) + len(("go on", "messages")) <= 13


def test_the_only_plan_is_told_at_once_by_kind_and_time():
    talked = talk(AHEAD)
    assert talked.at == "ShowPlan"
    assert said(talked)[:-1] == [
        f"What comes next for {HANA.name}:",
        "Wed, Nov 25, 09:00: some questions from us, then 3 more times until Wed, Dec 16",
        "Wed, Dec 23, 10:00: a message from us",
        "Thu, Dec 24, 08:00: time to send your readings (Blood pressure, Pulse)",
    ]
    assert talked.choices == ["call", "stop", "back", "menu"]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_readings_are_named_in_the_patients_language(language):
    talked = talk(AHEAD, ctx=replace(CTX, language=language))
    named = texts.text("readings.blood_pressure", {}, language)
    assert named in said(talked, language)[3]


def test_nothing_planned_is_said_and_the_visits_are_near():
    talked = talk()
    assert talked.over
    assert talked.keys == ["ahead.none"]
    assert "start:visits" in talked.choices


def test_of_several_plans_each_is_told_by_its_person_and_next_time():
    talked = talk(AHEAD, KENS_AHEAD)
    assert said(talked)[:3] == [
        "What comes next:",
        f"1. {HANA.name}: next on Wed, Nov 25, 09:00",
        f"2. {KEN.name}: next on Sat, Nov 28, 10:00",
    ]
    assert talked.do("72").keys[0] == "ahead.of"
    assert talked.told[0].params == {"name": KEN.name}


def test_what_the_plan_does_not_offer_is_neither_shown_nor_done():
    talked = talk(KENS_AHEAD)
    assert talked.choices == ["back", "menu"]
    for value in ("call", "stop"):
        talked.do(Chose(value))
        assert (talked.asked, talked.at) == ([], "ShowPlan")
        assert talked.keys[0] == "nav.choose"


def test_many_plans_stand_on_pages():
    plans = tuple(replace(AHEAD, plan_id=100 + n) for n in range(9))
    talked = talk(*plans)
    assert len(talked.choices) == 8 + 1 + 2
    assert talked.do("page:1").choices == ["108", "page:0", "back", "menu"]
    assert talked.do(Chose("page:7")).keys[0] == "nav.choose"


def test_only_so_many_lines_are_told_of_one_plan():
    coming = tuple(Coming("message", at(day(n + 1), 10)) for n in range(11))
    talked = talk(replace(AHEAD, coming=coming))
    assert talked.keys.count("ahead.message") == 8
    assert said(talked)[-2] == "And 3 more, later."


def test_who_stopped_all_messages_is_told_that_nothing_comes():
    talked = talk(AHEAD, ctx=replace(CTX, opted_out=True))
    assert "ahead.messages_off" in talked.keys
    assert "start:subscription" in talked.choices
    assert "ahead.messages_off" not in talk(AHEAD).keys


def test_a_call_is_asked_for_at_once():
    talked = talk(AHEAD).do("call")
    assert talked.asked == [AskForCall(71)]
    assert said(talked) == [
        f"We will call you about {HANA.name}. If it is urgent, please call us: 03-0000-0000."
    ]


def test_nothing_stops_before_a_yes():
    talked = talk(AHEAD).do("stop")
    assert (talked.asked, talked.keys) == ([], ["ahead.ask_stop"])
    assert talked.do(Said("hm")).keys == ["nav.choose", "ahead.ask_stop"]
    assert talk(AHEAD).do("stop", "no").keys == ["ahead.as_it_was"]
    talked.do("yes")
    assert (talked.asked, talked.keys) == ([StopPlan(71)], ["ahead.stopped"])


@pytest.mark.parametrize("way", [("call",), ("stop", "yes")])
def test_a_plan_that_is_over_meanwhile_is_said_to_be(way):
    over = [PlanOver()]
    talked = talk(AHEAD).do(*way[:-1])
    talked.answers = {AskForCall: over, StopPlan: list(over)}
    assert talked.do(way[-1]).keys == ["ahead.gone"]


def test_a_plan_waits_for_half_an_hour():
    assert talk(AHEAD).timeout == timedelta(minutes=30)
