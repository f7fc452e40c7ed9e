"""Booking a visit, with no network, database or clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import booking
from flows.booking import Draft, PickService
from flows.effects import (
    AddPatient,
    BookHeld,
    FindDays,
    FindSlots,
    Handoff,
    HoldSlot,
    ListServices,
    OpenLink,
)
from flows.engine import BACK
from flows.events import (
    BookingRefused,
    Chose,
    DaysFound,
    PickedDate,
    Said,
    SentMedia,
    SlotsFound,
    SlotTaken,
)
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe, walk
from tests.flows.world import (
    CHECK_UP,
    CTX,
    DENTAL,
    HANA,
    ITO,
    KEN,
    NOW,
    SATO,
    TODAY,
    VISIT,
    World,
    at,
    day,
    slot,
)

TOMORROW, AFTER = day(1).isoformat(), day(2).isoformat()
TEN, HALF_PAST_TEN = slot(at(day(1), 10)), slot(at(day(1), 10, 30))
SEVERAL = World(services=(CHECK_UP, DENTAL), practitioners=(SATO, ITO))
FAMILY = replace(CTX, patients=(HANA, KEN))
NOBODY = replace(CTX, patients=())
WORDS = (Said("?!"), Chose("?"), SentMedia("image"))


def to_card(*events, **how):
    """A patient who has come as far as the card of the visit at ten tomorrow."""
    return Talk(booking.flow, **how).do(TOMORROW, TEN.key, "skip", *events)


# The way through ---------------------------------------------------------------------------------


def test_a_patient_books_with_a_doctor_by_name():
    talk = Talk(booking.flow, SEVERAL, FAMILY)
    assert talk.keys == ["booking.ask_service"]
    talk.do("1")
    assert talk.keys == ["booking.ask_person"]
    talk.do("22")
    assert talk.keys == ["booking.ask_practitioner"]
    talk.do("11")
    assert talk.asked == [FindDays(CHECK_UP.id, SATO.id, TODAY, 7)]
    talk.do(TOMORROW)
    assert talk.asked == [FindSlots(CHECK_UP.id, SATO.id, day(1), 200)]
    talk.do(TEN.key)
    assert talk.asked == [HoldSlot(TEN, KEN.id)]
    assert talk.told[-1].params == {"at": TEN.starts_at, "until": NOW + timedelta(minutes=5)}
    talk.do(Said("  He is afraid of needles. "))
    assert talk.card == {
        "visits.row_who": KEN.name,
        "visits.row_when": TEN.starts_at,
        "visits.row_what": CHECK_UP.name,
        "visits.row_with": SATO.name,
        "visits.row_where": TEN.site_name,
        "booking.row_note": "He is afraid of needles.",
    }
    (held,) = talk.held
    talk.do("yes")
    assert talk.asked == [BookHeld(held, "He is afraid of needles.")]
    assert talk.keys == ["booking.booked"]
    assert talk.told[0].links == (OpenLink("visits.calendar", VISIT.calendar_url),)
    assert talk.over


def test_what_has_only_one_answer_is_not_asked():
    talk = Talk(booking.flow)
    assert talk.at == "PickDay"
    assert talk.keys == ["booking.ask_day"]


def test_what_was_told_before_is_not_asked():
    draft = Draft(service=CHECK_UP, practitioner=SATO, slot=TEN, note="")
    talk = Talk(booking.flow, SEVERAL, FAMILY, step=draft.next())
    assert talk.at == "PickPerson"
    assert talk.do("21").at == "Confirm"


def test_the_first_free_times_are_offered_at_once():
    talk = Talk(booking.flow, SEVERAL).do("1", "soonest")
    assert talk.asked == [FindSlots(CHECK_UP.id, None, None, 20)]
    assert talk.keys == ["booking.ask_soonest"]
    times = [choice.params["at"] for choice in talk.told[0].choices if choice.params]
    assert times == [at(day(n), 10, m) for n in (1, 2) for m in (0, 30)], "each time once"
    assert talk.do(TEN.key).at == "AskNote"


def test_who_sees_no_fitting_first_time_picks_a_day():
    assert Talk(booking.flow, SEVERAL).do("1", "soonest", "other_day").at == "PickDay"


def test_anyone_is_searched_without_a_name():
    talk = Talk(booking.flow, SEVERAL).do("1", "anyone")
    assert talk.asked == [FindDays(CHECK_UP.id, None, TODAY, 7)]
    assert "anyone" not in talk.choices


def test_who_chose_a_doctor_can_still_take_anyone():
    talk = Talk(booking.flow, SEVERAL).do("1", "12", "anyone")
    assert talk.asked == [FindDays(CHECK_UP.id, None, TODAY, 7)]


def test_a_clinic_that_takes_no_bookings_says_so():
    talk = Talk(booking.flow, World(services=()))
    assert talk.keys == ["booking.no_services"]
    assert talk.told[0].params == {"phone": CTX.clinic_phone}
    assert talk.over


def test_a_service_whose_practitioners_are_not_known_by_name_is_booked_with_anyone():
    talk = Talk(booking.flow, World(practitioners=()))
    assert talk.asked[-1] == FindDays(CHECK_UP.id, None, TODAY, 7)


# For whom ----------------------------------------------------------------------------------------


def test_a_stranger_tells_who_it_is_for():
    talk = Talk(booking.flow, ctx=NOBODY)
    assert talk.keys == ["family.ask_relation"]
    talk.do("self", Said("山田　太郎"), Said("昭和23年3月5日"))
    assert talk.asked[0] == AddPatient("山田 太郎", "self", day(0).replace(1948, 3, 5))
    assert talk.keys == ["family.added", "booking.ask_day"]
    assert talk.do(TOMORROW, TEN.key, "skip").card["visits.row_who"] == "山田 太郎"


def test_a_mother_adds_a_child_while_she_books():
    talk = Talk(booking.flow, ctx=FAMILY).do("add")
    assert "self" not in talk.choices, "she is on the list already"
    talk.do("child", Said("山田 あい"), "skip")
    assert talk.asked[0] == AddPatient("山田 あい", "child")
    assert talk.at == "PickDay"


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
        "back",
        "menu",
    ]
    assert talk.do("earlier").choices[0] == TOMORROW


def test_many_times_are_asked_by_part_of_the_day():
    starts = tuple((h, m) for h in (9, 10, 11, 14, 18) for m in (0, 15, 30, 45))
    talk = Talk(booking.flow, World(starts=starts)).do(TOMORROW)
    assert talk.choices == ["morning", "afternoon", "evening", "other_day", "back", "menu"]
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
    assert talk.do("morning").choices == [slot(at(day(1), 14)).key, "other_day", "back", "menu"]


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
    if "午前" in words:  # not read, and never guessed
        assert talk.keys == ["booking.hint_time", "booking.ask_time"]
    else:
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


# Keeping the time --------------------------------------------------------------------------------


def test_the_time_is_given_back_by_whoever_goes_back():
    talk = to_card(BACK)
    assert talk.at == "AskNote"
    assert len(talk.held) == 1
    assert talk.do(BACK).at == "PickTime"
    assert talk.held == set()


def test_a_question_ends_before_its_hold_does():
    assert to_card().timeout == timedelta(minutes=5, seconds=-1)


def test_silence_gives_the_time_back_and_a_return_takes_it_again():
    talk = to_card().go_away_and_come_back()
    assert HoldSlot(TEN, HANA.id) in talk.asked
    assert talk.keys == ["booking.ask_yes"]
    assert len(talk.held) == 1


def test_a_return_after_the_time_has_passed_picks_a_day():
    later = replace(CTX, now=TEN.starts_at)
    talk = to_card().go_away_and_come_back(later)
    assert talk.keys == ["booking.time_past", "booking.ask_day"]
    assert talk.held == set()


def test_an_answer_after_the_hold_ended_still_gets_a_question_with_an_end():
    talk = to_card()
    talk.ctx = replace(CTX, now=NOW + timedelta(minutes=10))
    assert talk.do(Said("hm")).timeout == timedelta(seconds=1)


def test_nothing_is_booked_without_a_yes():
    talk = to_card("drop")
    assert talk.keys == ["booking.dropped"]
    assert talk.over
    assert talk.held == set()


def test_a_note_is_kept_short():
    talk = Talk(booking.flow).do(TOMORROW, TEN.key, Said("x" * 501))
    assert talk.keys == ["booking.hint_note", "booking.ask_note"]
    assert talk.do(Said(" ")).at == "AskNote"


def test_a_picture_is_no_note():
    talk = Talk(booking.flow).do(TOMORROW, TEN.key, SentMedia("image"))
    assert talk.keys == ["nav.choose", "booking.ask_note"]


# Changing one's mind -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "step"),
    [
        ("time", "PickTime"),
        ("day", "PickDay"),
        ("practitioner", "PickPractitioner"),
        ("service", "PickService"),
        ("patient", "PickPerson"),
        ("note", "AskNote"),
    ],
)
def test_each_part_of_the_card_can_be_changed(part, step):
    talk = Talk(booking.flow, SEVERAL).do("1", "11", TOMORROW, TEN.key, "skip", "change", part)
    assert talk.at == step
    assert len(talk.held) == (part == "note"), "only the note leaves the time as it is"
    assert talk.do(BACK, BACK).at == "Confirm"
    assert len(talk.held) == 1


def test_another_person_keeps_the_rest():
    talk = to_card("change", "patient", "add", "child", Said("山田 あい"), "skip")
    assert talk.asked[-1] == HoldSlot(TEN, 29)
    assert talk.card["visits.row_who"] == "山田 あい"


def test_another_service_is_asked_even_if_there_is_but_one():
    assert to_card("change", "service").at == "PickService"


def test_another_time_keeps_the_note():
    talk = Talk(booking.flow).do(TOMORROW, TEN.key, Said("By wheelchair"))
    talk.do("change", "time", HALF_PAST_TEN.key)
    assert talk.card["booking.row_note"] == "By wheelchair"
    assert talk.card["visits.row_when"] == HALF_PAST_TEN.starts_at


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
    assert talk.choices == ["anyone", "staff", "back", "menu"]
    assert talk.do("anyone").keys == ["booking.ask_day"]


def test_where_nobody_is_free_at_all_staff_are_offered():
    none = {FindSlots: [SlotsFound(())]}
    talk = Talk(booking.flow, SEVERAL, answers=none).do("1", "soonest")
    assert talk.choices == ["staff", "back", "menu"]
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
