"""Booking a visit, with no network, database or clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import booking
from flows.booking import Draft
from flows.effects import AddPatient, BookHeld, FindDays, FindSlots, HoldSlot, OpenLink
from flows.engine import BACK
from flows.events import Said, SentMedia
from tests.flows.bookings import FAMILY, HALF_PAST_TEN, NOBODY, SEVERAL, TEN, TOMORROW, to_card
from tests.flows.talk import Talk
from tests.flows.world import CHECK_UP, CTX, HANA, KEN, NOW, SATO, TODAY, VISIT, World, at, day

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


@pytest.mark.parametrize("words", ["no", "なし", "いいえ", "нет"])
def test_no_is_no_note(words):
    talk = Talk(booking.flow).do(TOMORROW, TEN.key, Said(words))
    assert talk.at == "Confirm"
    assert "booking.row_note" not in talk.card


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
