"""The first words, and the small flows: language, menu, subscription, handoff, help, pause."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import (
    emergency,
    handoff,
    help,
    language,
    menu,
    pause,
    registry,
    texts,
    welcome,
)
from flows.codec import dump_session, load_session
from flows.effects import GiveConsent, Handoff, Say, SetLanguage
from flows.engine import start
from flows.events import Chose, Said, SentMedia, TimedOut
from flows.navigation import DROP, MENU, PERSON, RESTART, RESUME, START
from tests.flows.talk import Talk
from tests.flows.walk import assert_readable, says, walk
from tests.flows.world import CTX, NOW

NEW = replace(CTX, consented=False, language_chosen=False)


def told(talk):
    return [say.text for say in talk.told]


def test_a_newcomer_is_greeted_and_asked_for_the_language():
    talk = Talk(welcome.flow, ctx=NEW)
    assert told(talk) == ["welcome.greeting", "language.ask"]
    assert [it for it in talk.choices if it != PERSON] == list(CTX.languages)
    talk.do(Said("???"))
    assert told(talk) == ["nav.choose", "language.ask"]
    talk.do("zh-Hant")
    assert talk.deeds[0] == SetLanguage("zh-Hant")
    talk.do("back")
    assert told(talk) == ["welcome.greeting", "language.ask"]


def test_whoever_chose_a_language_sees_the_notice_at_once():
    talk = Talk(welcome.flow, ctx=replace(NEW, language_chosen=True))
    assert told(talk) == ["welcome.greeting", "welcome.notice"]
    assert "back" not in talk.choices


def test_the_notice_can_be_read_in_full_before_agreeing():
    talk = Talk(welcome.flow, ctx=replace(NEW, language_chosen=True)).do("more")
    assert told(talk) == ["welcome.notice_in_full"]
    talk.do("back", "more", "yes")
    assert GiveConsent("1") in talk.deeds


def test_not_agreeing_records_no_consent():
    talk = Talk(welcome.flow, ctx=replace(NEW, language_chosen=True)).do("no")
    assert talk.deeds == [Say("welcome.declined")]


def test_what_is_agreed_to_is_what_was_shown():
    talk = Talk(welcome.flow, ctx=replace(NEW, language_chosen=True))
    talk.ctx = replace(talk.ctx, notice_version="2")
    talk.do("yes")
    assert told(talk) == ["welcome.notice_changed", "welcome.notice"]
    talk.do("yes")
    assert GiveConsent("2") in talk.deeds


def test_a_language_is_shown_in_its_own_script():
    talk = Talk(language.flow).do(Said("Deutsch"))
    assert told(talk) == ["nav.choose", "language.ask"]
    names = [choice.params.get("name") for choice in talk.told[-1].choices]
    assert names[:5] == ["日本語", "English", "繁體中文", "简体中文", "Русский"]
    assert language.NAMES.keys() == set(texts.LANGUAGES)
    talk.do("ru")
    assert talk.deeds[0] == SetLanguage("ru")


def test_the_menu_opens_flows_that_there_are():
    talk = Talk(menu.flow).do(Said("?"))
    assert told(talk) == ["menu.hint"]
    assert len(talk.choices) <= 13
    for value in talk.choices:
        if value.startswith(START):
            assert registry.newest(value.removeprefix(START))
    assert talk.told[0].choices[-1].label == "menu.messages"
    silent = Talk(menu.flow, ctx=replace(CTX, opted_out=True), step=menu.Menu("booking"))
    assert silent.told[0].choices[-1].label == "menu.start_messages"
    assert silent.choices[0] == RESUME + "booking"


def test_the_queue_promises_no_time_that_is_not_known():
    talk = Talk(handoff.flow)
    assert talk.deeds[0] == Handoff("asked")
    assert told(talk) == ["handoff.queued", "handoff.if_urgent"]
    past = Talk(handoff.flow, ctx=replace(CTX, desk_opens_at=NOW))
    assert told(past)[0] == "handoff.queued"


def test_at_night_the_queue_says_when_somebody_answers():
    opens_at = NOW + timedelta(hours=12)
    talk = Talk(handoff.flow, ctx=replace(CTX, desk_opens_at=opens_at))
    assert talk.told[0] == Say("handoff.queued_closed", {"opens_at": opens_at})


def test_help_names_the_telephone_and_a_person():
    talk = Talk(help.flow)
    assert talk.told[-1].params["phone"] == CTX.clinic_phone
    assert talk.choices == [MENU, PERSON] or set(talk.choices) == {MENU, PERSON}


@pytest.mark.parametrize("why", pause.TEXTS)
def test_a_pause_always_has_a_way_on_and_a_person(why):
    talk = Talk(pause.flow, step=pause.Paused(why, "booking")).do(Said("hm"))
    assert told(talk) == ["nav.choose", pause.TEXTS[why]]
    assert {RESUME + "booking", MENU, PERSON} <= set(talk.choices)
    assert set(Talk(pause.flow, step=pause.Paused(why)).choices) == {MENU, PERSON}
    (anew,) = [
        it for it in Talk(pause.flow, step=pause.Paused("again", "x")).choices if "re" in it
    ][1:] or [""]
    assert anew == RESTART + "x"
    assert DROP + "x" in Talk(pause.flow, step=pause.Paused("cancel", "x")).choices


SMALL = (welcome, language, menu, handoff, help, pause, emergency)
WORDS = (Said("?!"), SentMedia("image"), Chose("?"), TimedOut())


@pytest.mark.parametrize("module", SMALL, ids=lambda it: it.flow.name)
@pytest.mark.parametrize("ctx", [CTX, NEW, replace(CTX, opted_out=True, crisis_lines=("a 1",))])
def test_every_turn_of_a_small_flow_says_something_and_reloads(module, ctx):
    for passed in walk(module.flow, ctx, lambda what: (), WORDS):
        session, said = passed.turn.session, says(passed.turn)
        assert said
        assert load_session(dump_session(session)) == session
        assert all(not say.choices for say in said[:-1])
        for say in said:
            assert_readable(say)
        if session.status == "waiting":
            assert {PERSON, MENU} & {choice.value for choice in said[-1].choices}
            assert len(said[-1].choices) <= 13


def test_every_flow_stands_in_the_register_once():
    assert len(registry.FLOWS) == len(registry.ALL)
    for flow in registry.ALL:
        newest = registry.newest(flow.name)
        assert newest is flow or newest.version > flow.version
        assert start(flow, CTX).session.flow == flow.name


def test_an_older_version_still_loads_when_a_newer_one_starts(monkeypatch):
    newer = replace(menu.flow, version=2)
    monkeypatch.setitem(registry.FLOWS, ("menu", 2), newer)
    assert registry.newest("menu") is newer
