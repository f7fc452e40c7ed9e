"""Bookings that do not go well, and every turn there can be, with no network, database or clock."""

from dataclasses import replace

import pytest

from flows import booking
from flows.booking import Draft, PickService
from flows.effects import BookHeld, FindDays, FindSlots, Handoff, HoldSlot, ListServices
from flows.events import BookingRefused, Chose, DaysFound, PickedDate, Said, SlotsFound, SlotTaken
from tests.flows.bookings import NOBODY, SEVERAL, TEN, TOMORROW, WORDS, to_card
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe, walk
from tests.flows.world import CHECK_UP, CTX, HANA, KEN, SATO, World, day

# When it does not go well ------------------------------------------------------------------------

ALTERNATIVES = World().alternatives


@pytest.mark.parametrize("request_type", [HoldSlot, BookHeld])
def test_a_taken_time_offers_others_in_the_same_turn(request_type):
    talk = Talk(booking.flow).do(TOMORROW, TEN.key, "skip")
    talk.answers = {request_type: [SlotTaken(ALTERNATIVES)]}
    talk.go_away_and_come_back() if request_type is HoldSlot else talk.do("yes")
    assert talk.keys == ["booking.taken", "booking.ask_soonest"]
    assert [it.label for it in talk.told[-1].choices[:2]] == ["booking.start", "booking.start_with"]
    assert talk.held == set()
    assert talk.do(ALTERNATIVES[0].key).at == "Confirm"


def test_a_taken_time_with_nothing_near_offers_days():
    talk = to_card()
    talk.answers = {BookHeld: [SlotTaken(())]}
    assert talk.do("yes").keys == ["booking.taken", "booking.ask_day"]


def test_words_at_alternatives_get_a_hint():
    talk = Talk(booking.flow, SEVERAL).do("1", "soonest", Said("later please"))
    assert talk.keys == ["nav.choose", "booking.ask_soonest"]


def test_a_visit_at_the_same_time_leads_to_another_day():
    talk = Talk(booking.flow, answers={HoldSlot: [BookingRefused("own_overlap")]})
    talk.do(TOMORROW, TEN.key)
    assert talk.keys == ["booking.own_overlap", "booking.ask_day"]


@pytest.mark.parametrize(("reason", "params"), [("too_many", {"limit": 3}), ("too_late", {})])
def test_a_rule_of_the_clinic_leads_to_staff(reason, params):
    talk = to_card()
    talk.answers = {BookHeld: [BookingRefused(reason, 3)]}
    talk.do("yes")
    assert talk.keys == [f"booking.{reason}", "booking.call_or_write"]
    assert talk.told[0].params == params
    assert talk.held == set()
    assert Handoff(reason) in talk.do("staff").deeds
    assert talk.over


def test_where_nothing_is_free_others_and_staff_are_offered():
    none = {FindDays: [DaysFound((), more=False)]}
    talk = Talk(booking.flow, SEVERAL, answers=none).do("1", "11")
    assert talk.keys == ["booking.none_free", "booking.call_or_write"]
    assert talk.choices == ["anyone", "staff", "start:waitlist", "back", "menu"]
    assert talk.do("anyone").keys == ["booking.ask_day"]


def test_where_nobody_is_free_at_all_staff_are_offered():
    none = {FindSlots: [SlotsFound(())]}
    talk = Talk(booking.flow, SEVERAL, answers=none).do("1", "soonest")
    assert talk.choices == ["staff", "start:waitlist", "back", "menu"]
    assert talk.do(Said("but I need it")).keys[0] == "nav.choose"
    assert Handoff("none_free") in talk.do("staff").deeds


def test_what_is_no_answer_changes_nothing():
    talk = Talk(booking.flow, SEVERAL)
    assert talk.asked == [ListServices()]
    assert talk.do(Said("hello")).keys == ["nav.choose", "booking.ask_service"]
    assert talk.do("1", Said("a kind one")).keys == ["nav.choose", "booking.ask_practitioner"]
    assert talk.do(Chose("99")).keys == ["nav.choose", "booking.ask_practitioner"]


# Everything there can be -------------------------------------------------------------------------


def reached(ctx, world, words, **how):
    """Every step that a walk passes, each turn having been safe."""
    found = set()
    for passed in walk(booking.flow, ctx, world.answers, words, **how):
        assert_safe(passed)
        found.update(passed.turn.path)
    return found


def test_every_turn_of_a_patient_with_one_doctor_is_safe():
    steps = reached(CTX, World(), WORDS)
    assert steps == {step.__name__ for step in booking.STEPS} - {"AskBirth"}


def test_every_turn_of_a_stranger_is_safe():
    words = (Said("山田 太郎"), Said("1948-03-05"))
    world = World(days=(day(1),), starts=((10, 0),), trouble=False)
    assert "AskBirth" in reached(NOBODY, world, words)


def test_every_turn_with_long_lists_is_safe():
    world = World(
        services=tuple(replace(CHECK_UP, id=n, name=f"Service {n}") for n in range(1, 10)),
        practitioners=tuple(replace(SATO, id=n, name=f"Doctor {n}") for n in range(11, 20)),
        trouble=False,
    )
    people = tuple(replace(KEN, id=n, name=f"Person {n}") for n in range(21, 30))
    for step in (PickService(), Draft(CHECK_UP).next(), Draft(CHECK_UP, HANA).next()):
        talk = Talk(booking.flow, world, replace(CTX, patients=people), step=step)
        assert len(talk.choices) <= 13


def test_every_turn_with_many_days_and_times_is_safe():
    starts = tuple((h, m) for h in (9, 10, 11, 14) for m in (0, 20, 40))
    world = World(days=tuple(day(n) for n in range(1, 9)), starts=starts, trouble=False)
    wish = Draft(CHECK_UP, HANA, SATO, note="")
    steps = set()
    for passed in walk(booking.flow, CTX, world.answers, (PickedDate(day(30)),), wish.next()):
        assert_safe(passed)
        steps.update(passed.turn.path)
        if passed.turn.path[-1] == "Confirm":
            break
    assert {"PickDay", "PickTime"} <= steps
