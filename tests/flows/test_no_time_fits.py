"""What is told and offered while booking when no free time is what the patient asked for."""

from dataclasses import replace

import pytest

from flows import booking
from flows.events import PickedDate, Said
from flows.waitlist import AskPart, first_step
from nlu.reading import Reading
from tests.flows.bookings import SEVERAL, TOMORROW
from tests.flows.talk import Talk
from tests.flows.world import CTX, NOW, World, day

WAITS = "start:waitlist"
TODAY = [
    ("en", "I would like to come today"),
    ("ja", "今日予約したいです"),
    ("ru", "запишите меня на сегодня"),
    ("zh-Hans", "今天想预约"),
    ("zh-Hant", "今天想預約"),
]
THIS_AFTERNOON = [
    ("en", "this afternoon, please"),
    ("ja", "今日の午後お願いします"),
    ("ru", "сегодня после обеда"),
    ("zh-Hans", "今天下午"),
    ("zh-Hant", "今天下午"),
]


def asked_for(words, language="en", now=NOW, world=SEVERAL):
    """Who has asked for a booking in these words, and comes to the question of the practitioner."""
    ctx = replace(CTX, language=language, now=now)
    said = Said(words, Reading((("book", 0.99),)))
    return Talk(booking.flow, world, ctx, booking.hoped(said, ctx)).do("1")


@pytest.mark.parametrize(("language", "words"), TODAY)
def test_who_asked_for_today_got_the_soonest_times_without_a_word_that_today_is_full(
    language, words
):
    talk = asked_for(words, language).do("soonest")
    assert talk.keys == ["booking.today_full", "booking.ask_soonest"]
    assert talk.do("other_day", "back").keys == ["booking.ask_soonest"]


@pytest.mark.parametrize(("language", "words"), TODAY)
def test_who_asks_for_a_full_today_is_told_so_and_offered_the_next_days(language, words):
    talk = asked_for(words, language).do("anyone")
    assert talk.keys == ["booking.today_full", "booking.ask_day"]
    assert talk.choices[0] == TOMORROW


@pytest.mark.parametrize(("language", "words"), THIS_AFTERNOON)
def test_at_night_this_afternoon_is_today_and_not_some_day_that_was_mentioned(language, words):
    talk = asked_for(words, language, NOW.replace(hour=22)).do("anyone")
    assert talk.keys == ["booking.today_full", "booking.ask_day"]


def test_a_full_day_before_the_soonest_times_is_named():
    world = replace(SEVERAL, days=(day(3),))
    talk = asked_for("tomorrow", world=world).do("soonest")
    assert talk.keys == ["booking.day_full", "booking.ask_soonest"]
    assert talk.told[0].params == {"day": day(1)}


@pytest.mark.parametrize("words", ["tomorrow", "next week", "I want to book"])
def test_soonest_times_say_nothing_of_a_day_that_they_reach_or_that_was_not_named(words):
    assert asked_for(words).do("soonest").keys == ["booking.ask_soonest"]


# The waitlist ------------------------------------------------------------------------------------


def test_whom_no_time_of_a_day_suits_is_offered_the_waitlist():
    talk = Talk(booking.flow).do(TOMORROW)
    assert WAITS in talk.choices
    assert isinstance(first_step(talk.session.step), AskPart)


def test_parts_of_a_day_come_with_the_waitlist_and_later_pages_of_times_have_no_room_for_it():
    starts = tuple((h, m) for h in (9, 10, 11, 14) for m in (0, 15, 30, 45))
    talk = Talk(booking.flow, World(starts=starts)).do(TOMORROW)
    assert WAITS in talk.choices
    assert WAITS in talk.do("morning").choices
    assert WAITS not in talk.do("page:1").choices


def test_a_time_that_is_not_free_comes_with_the_waitlist():
    talk = Talk(booking.flow).do(TOMORROW, Said("11:00"))
    assert talk.keys == ["booking.time_not_free", "booking.ask_time"]
    assert WAITS in talk.choices


def test_a_full_day_had_no_room_for_the_waitlist():
    free = tuple(day(n) for n in range(4, 20))
    talk = Talk(booking.flow, World(days=free), step=booking.Draft().next())
    talk.do(PickedDate(day(3)))
    assert talk.keys == ["booking.day_full", "booking.ask_day"]
    assert {"anyone", "earlier", "later", WAITS} <= {*talk.choices}
    assert len(talk.choices) + 1 <= 13, "the date picker takes the place of a button"
    talk.do("later")
    assert talk.choices[0] == day(10).isoformat()
