"""Finding a day and a time while booking, with no network, database or clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import booking
from flows.booking import Draft
from flows.effects import FindDays, FindSlots
from flows.engine import BACK
from flows.events import Chose, PickedDate, Said, SlotsFound
from tests.flows.bookings import HALF_PAST_TEN, SEVERAL, TOMORROW
from tests.flows.talk import Talk
from tests.flows.world import CHECK_UP, CTX, HANA, KEN, NOW, SATO, World, at, day, slot

# Lists longer than a channel shows ---------------------------------------------------------------


def test_long_lists_are_turned_like_pages():
    many = tuple(replace(CHECK_UP, id=n, name=f"Service {n}") for n in range(1, 20))
    talk = Talk(booking.flow, World(services=many))
    assert talk.choices == [*map(str, range(1, 9)), "page:1", "back", "menu"]
    talk.do("page:1", "page:2")
    assert talk.choices == ["17", "18", "19", "page:1", "back", "menu"]
    assert talk.do(Chose("page:3")).keys == ["nav.choose", "booking.ask_service"]


def test_long_lists_of_people_and_doctors_are_turned_too():
    people = tuple(replace(KEN, id=n, name=f"Person {n}") for n in range(1, 11))
    doctors = tuple(replace(SATO, id=n, name=f"Doctor {n}") for n in range(1, 11))
    talk = Talk(booking.flow, World(practitioners=doctors), replace(CTX, patients=people))
    talk.do("page:1", "10")
    assert talk.choices[:2] == ["soonest", "anyone"]
    assert talk.do("page:1").choices == ["9", "10", "page:0", "back", "menu"]
    assert talk.do("10").at == "PickDay"


def test_days_are_turned_like_pages():
    world = World(days=tuple(day(n) for n in range(1, 10)))
    talk = Talk(booking.flow, world, step=Draft(CHECK_UP, HANA, SATO).next())
    assert talk.choices[:8] == [*(day(n).isoformat() for n in range(1, 8)), "later"]
    talk.do("later")
    assert talk.choices == [
        day(8).isoformat(),
        day(9).isoformat(),
        "earlier",
        "anyone",
        "start:waitlist",
        "back",
        "menu",
    ]
    assert talk.do("earlier").choices[0] == TOMORROW


def test_many_times_are_asked_by_part_of_the_day():
    starts = tuple((h, m) for h in (9, 10, 11, 14, 18) for m in (0, 15, 30, 45))
    talk = Talk(booking.flow, World(starts=starts)).do(TOMORROW)
    assert talk.choices[:4] == ["morning", "afternoon", "evening", "other_day"]
    talk.do("morning")
    assert talk.choices.index("page:1") == 8
    assert talk.do("page:1").told[-1].choices[0].params == {"at": at(day(1), 11)}
    assert talk.do(BACK).choices[:3] == ["morning", "afternoon", "evening"]
    assert talk.do("other_day").at == "PickDay"


def test_many_times_of_one_morning_are_turned_like_pages():
    starts = tuple((h, m) for h in (9, 10, 11) for m in (0, 15, 30, 45))
    assert "page:1" in Talk(booking.flow, World(starts=starts)).do(TOMORROW).choices


def test_a_part_of_the_day_that_filled_up_shows_the_rest():
    starts = tuple((h, m) for h in (9, 10, 14) for m in (0, 15, 30, 45))
    left = {FindSlots: [SlotsFound((slot(at(day(1), 14)),))]}
    talk = Talk(booking.flow, World(starts=starts)).do(TOMORROW)
    talk.answers = left
    assert talk.do("morning").choices[:2] == [slot(at(day(1), 14)).key, "other_day"]


# Days and times in the patient's words -----------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["明日", "tomorrow", "24", "24日", "11/24", "24.11", "１１月２４日"]
)
def test_a_typed_day_of_the_list_is_understood(words):
    assert Talk(booking.flow).do(Said(words)).session.step.day == day(1)


def test_words_that_name_no_day_get_a_hint():
    assert Talk(booking.flow).do(Said("soon")).keys == ["booking.hint_day", "booking.ask_day"]


def test_a_day_of_the_channels_picker_is_taken():
    assert Talk(booking.flow).do(PickedDate(day(2))).session.step.day == day(2)


def test_a_day_of_the_channels_picker_beyond_the_list_is_looked_up():
    world = World(days=tuple(day(n) for n in range(1, 20)))
    talk = Talk(booking.flow, world).do(PickedDate(day(15)))
    assert talk.asked[0] == FindDays(CHECK_UP.id, SATO.id, day(15), 7)
    assert talk.session.step.day == day(15)
    assert talk.do(BACK, "earlier").choices[0] == TOMORROW


def test_a_full_day_says_so_and_offers_the_next():
    world = World(days=(day(1), day(5)))
    talk = Talk(booking.flow, world).do(PickedDate(day(3)))
    assert talk.keys == ["booking.day_full", "booking.ask_day"]
    assert talk.choices[0] == day(5).isoformat()


def test_a_full_today_offers_no_earlier_days():
    assert "earlier" not in Talk(booking.flow).do(Said("today")).choices


def test_a_day_after_all_free_ones_offers_the_first_again():
    talk = Talk(booking.flow).do(PickedDate(day(90)))
    assert talk.keys == ["booking.none_from", "booking.ask_day"]
    assert talk.choices[0] == TOMORROW


def test_a_day_that_is_over_is_refused():
    talk = Talk(booking.flow).do(PickedDate(day(-1)))
    assert talk.keys == ["booking.day_past", "booking.ask_day"]


def test_a_day_that_filled_up_meanwhile_says_so():
    talk = Talk(booking.flow, answers={FindSlots: [SlotsFound(())]}).do(TOMORROW)
    assert talk.keys == ["booking.day_full", "booking.ask_day"]


@pytest.mark.parametrize("words", ["10:30", "１０：３０", "10時半", "10點30分", "午前10時半"])
def test_a_typed_time_of_the_list_is_understood(words):
    talk = Talk(booking.flow).do(TOMORROW, Said(words))
    assert talk.session.step.slot == HALF_PAST_TEN


def test_a_day_that_went_by_in_the_meantime_is_picked_again():
    talk = Talk(booking.flow).do(TOMORROW)
    later = replace(CTX, now=NOW + timedelta(days=2))
    assert talk.go_away_and_come_back(later).keys == ["booking.ask_day"]


def test_a_page_of_days_that_went_by_starts_today():
    talk = Talk(booking.flow)
    later = replace(CTX, now=NOW + timedelta(days=2))
    talk.go_away_and_come_back(later)
    assert talk.asked == [FindDays(CHECK_UP.id, SATO.id, later.today, 7)]


@pytest.mark.parametrize("words", ["tomorrow", "Tuesday", "24"])
def test_a_typed_day_that_has_several_of_the_first_free_times_is_understood(words):
    assert Talk(booking.flow, SEVERAL).do("1", "soonest", Said(words)).at == "PickTime"


def test_a_typed_time_is_taken_where_only_one_of_the_first_free_ones_is_so():
    one_day = replace(SEVERAL, days=(day(1),))
    assert Talk(booking.flow, one_day).do("1", "soonest", Said("10:00")).at == "AskNote"


def test_a_typed_time_of_several_days_is_kept_until_the_day_is_chosen():
    talk = Talk(booking.flow, SEVERAL).do("1", "soonest", Said("10:30"))
    assert talk.keys == ["booking.ask_day"]
    talk.do(TOMORROW)
    assert talk.at == "AskNote"
    assert talk.session.step.slot.starts_at == HALF_PAST_TEN.starts_at
