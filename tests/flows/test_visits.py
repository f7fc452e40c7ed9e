"""My visits: seeing, moving, cancelling and confirming, with no network, database or clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clinic.booking.types import AppointmentStatus
from flows import visits
from flows.effects import (
    CancelVisit,
    ConfirmVisit,
    FindDays,
    FindSlots,
    Handoff,
    ListVisits,
    MoveVisit,
    OpenLink,
    ReadVisit,
)
from flows.engine import BACK
from flows.events import (
    BookingRefused,
    Chose,
    DaysFound,
    Said,
    SentMedia,
    SlotsFound,
    SlotTaken,
    VisitChanged,
    VisitsListed,
)
from flows.visits import ShowVisit, cancel_step, confirm_step, move_step
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe, walk
from tests.flows.world import (
    CANCELLED,
    CTX,
    ITO,
    KENS_VISIT,
    MOVED_BY_STAFF,
    NOW,
    PAST,
    SATO,
    TODAY,
    VISIT,
    World,
    at,
    day,
    slot,
)

TOMORROW = day(1).isoformat()
TEN = slot(at(day(1), 10))
NOW_IT_IS = [
    (None, "visits.gone"),
    (CANCELLED, "visits.was_cancelled"),
    (PAST, "visits.is_past"),
    (replace(VISIT, status=AppointmentStatus.ARRIVED), "queue.checked_in"),
    (MOVED_BY_STAFF, "visits.changed"),
]


def to_visit(*events, **how):
    """A patient who looks at the first visit."""
    return Talk(visits.flow, **how).do("41", *events)


# Looking -----------------------------------------------------------------------------------------


def test_visits_are_listed_in_full_and_named_by_their_patient():
    talk = Talk(visits.flow)
    assert talk.asked == [ListVisits()]
    assert talk.keys == ["visits.list", "visits.line", "visits.line", "visits.ask_which"]
    line = {"number": 2, "at": KENS_VISIT.starts_at, "name": "山田 健", "with": "Dr. Sato"}
    assert talk.told[2].params == line
    assert talk.choices == ["41", "42", "start:waitlist", "back", "menu"]


def test_without_visits_booking_is_offered():
    talk = Talk(visits.flow, World(visits=()))
    assert talk.keys == ["visits.none"]
    assert talk.choices == ["start:booking", "start:waitlist", "menu"]
    assert talk.over


def test_many_visits_are_turned_like_pages():
    many = tuple(replace(VISIT, id=n) for n in range(1, 11))
    talk = Talk(visits.flow, World(visits=many)).do("page:1")
    assert talk.choices == ["9", "10", "page:0", "start:waitlist", "back", "menu"]
    assert talk.told[1].params["number"] == 1, "numbers are those of the page's choices"
    assert talk.do(Said("the last")).keys[0] == "nav.choose"


@pytest.mark.parametrize("number", ["2", " ２ "])
def test_the_number_of_a_line_can_be_typed(number):
    assert Talk(visits.flow).do(Said(number)).asked == [ReadVisit(42, 1)]


def test_a_number_of_no_line_gets_a_hint():
    assert Talk(visits.flow).do(Said("3")).keys[0] == "nav.choose"


def test_a_visit_is_shown_with_its_address_and_calendar_file():
    talk = to_visit()
    assert talk.asked == [ReadVisit(41, 3)]
    assert talk.card["visits.row_who"] == VISIT.patient_name
    assert talk.card["visits.row_address"] == "1-2-3 Chiyoda, Tokyo"
    assert talk.told[-1].links == (OpenLink("visits.calendar", VISIT.calendar_url),)
    assert talk.choices == ["confirm", "move", "cancel", "start:waitlist", "back", "menu"]
    assert talk.do(Said("and now?")).keys == ["nav.choose", "visits.show"]
    assert talk.do(BACK).at == "PickVisit"


def test_a_visit_without_address_or_public_server_is_shown_without():
    talk = Talk(visits.flow).do("42")
    assert "visits.row_address" not in talk.card
    assert talk.told[-1].links == ()
    assert "confirm" not in talk.choices, "it is confirmed already"


@pytest.mark.parametrize(("now", "text"), NOW_IT_IS)
def test_a_visit_that_changed_is_told_as_it_stands(now, text):
    talk = to_visit(answers={ReadVisit: [VisitChanged(now)]})
    assert talk.keys == [text]
    assert talk.over == (now is not MOVED_BY_STAFF)


@pytest.mark.parametrize("listed", [(), (PAST,)])
def test_a_visit_that_cannot_be_changed_any_more_ends_the_matter(listed):
    talk = to_visit(answers={ReadVisit: [VisitsListed(listed)]})
    assert talk.keys == ["visits.is_past" if listed else "visits.gone"]
    assert talk.over


def test_a_visit_moved_by_staff_can_be_moved_from_where_it_is_now():
    talk = to_visit(answers={ReadVisit: [VisitChanged(MOVED_BY_STAFF)]})
    talk.do("move", TOMORROW, TEN.key, "yes")
    assert talk.asked == [MoveVisit(41, MOVED_BY_STAFF.version, TEN)]


# Moving ------------------------------------------------------------------------------------------


def test_a_patient_moves_a_visit():
    talk = to_visit("move")
    assert talk.asked == [FindDays(1, SATO.id, TODAY, 7, moving=41)]
    talk.do(TOMORROW)
    assert talk.asked == [FindSlots(1, SATO.id, day(1), 200, moving=41)]
    talk.do(TEN.key)
    assert talk.card == {
        "visits.row_who": VISIT.patient_name,
        "visits.row_old": VISIT.starts_at,
        "visits.row_new": TEN.starts_at,
        "visits.row_what": VISIT.service_name,
        "visits.row_with": SATO.name,
        "visits.row_where": TEN.site_name,
    }
    talk.do("yes")
    assert talk.asked == [MoveVisit(41, 3, TEN)]
    assert talk.keys == ["visits.moved"]
    assert talk.card["visits.row_when"] == TEN.starts_at
    assert talk.over


def test_other_practitioners_are_asked_for_only_on_request():
    talk = to_visit("move", "anyone", world=World(practitioners=(ITO,)))
    assert talk.asked == [FindDays(1, None, TODAY, 7, moving=41)]
    talk.do(TOMORROW, slot(at(day(1), 10), ITO).key)
    assert talk.card["visits.row_with"] == ITO.name


def test_who_thinks_better_of_moving_keeps_the_visit():
    talk = to_visit("move", TOMORROW, TEN.key, "keep")
    assert talk.keys == ["visits.kept"]
    assert talk.card["visits.row_when"] == VISIT.starts_at


def test_another_time_can_be_picked_before_the_yes():
    assert to_visit("move", TOMORROW, TEN.key, "other_time").at == "PickDay"


def test_words_instead_of_a_yes_move_nothing():
    talk = to_visit("move", TOMORROW, TEN.key, Said("maybe"))
    assert talk.keys == ["nav.choose", "visits.ask_move"]
    assert talk.asked == []


def test_a_new_time_that_passed_meanwhile_is_picked_again():
    talk = to_visit("move", TOMORROW, TEN.key)
    late = replace(CTX, now=TEN.starts_at + timedelta(minutes=1))
    assert talk.go_away_and_come_back(late).keys == ["booking.time_past", "booking.ask_day"]


ANSWERS_TO_A_MOVE = [
    (SlotTaken(()), ["visits.taken", "booking.ask_day"]),
    (SlotTaken(World().alternatives), ["visits.taken", "booking.ask_soonest"]),
    (BookingRefused("own_overlap"), ["booking.own_overlap", "booking.ask_day"]),
    (BookingRefused("too_late"), ["booking.too_late", "booking.call_or_write"]),
    (BookingRefused("too_many", 3), ["booking.too_many", "booking.call_or_write"]),
    *((VisitChanged(now), [text]) for now, text in NOW_IT_IS),
]


@pytest.mark.parametrize(("answer", "keys"), ANSWERS_TO_A_MOVE)
def test_a_move_that_fails_leaves_no_patient_without_a_way_on(answer, keys):
    talk = to_visit("move", TOMORROW, TEN.key)
    talk.answers = {MoveVisit: [answer]}
    assert talk.do("yes").keys == keys
    assert talk.choices


def test_where_no_time_is_free_staff_are_offered():
    talk = to_visit("move", answers={FindDays: [DaysFound((), more=False)]})
    assert talk.choices == ["anyone", "staff", "start:waitlist", "back", "menu"]
    assert Handoff("none_free") in talk.do("staff").deeds


def test_alternatives_that_went_too_lead_to_staff():
    talk = to_visit("move", TOMORROW, TEN.key)
    talk.answers = {MoveVisit: [SlotTaken(World().alternatives)], FindSlots: [SlotsFound(())]}
    assert talk.do("yes").go_away_and_come_back().keys[0] == "booking.none_free"


# Cancelling --------------------------------------------------------------------------------------


def test_cancelling_took_five_taps():
    """My visits, cancel, yes: one visit needs no choosing, and nobody has to say why."""
    talk = Talk(visits.flow, World(visits=(VISIT,))).do("cancel")
    assert talk.keys == ["visits.ask_cancel"]
    assert talk.choices == ["yes", "move", "keep", "why", "back", "menu"]
    assert talk.do("yes").asked == [CancelVisit(41, 3, "")]


def test_a_patient_cancels_without_a_reason():
    talk = to_visit("cancel")
    assert talk.keys == ["visits.ask_cancel"]
    assert talk.asked == [], "nothing is cancelled yet"
    talk.do("yes")
    assert talk.asked == [CancelVisit(41, 3, "")]
    assert talk.keys == ["visits.cancelled"]
    assert talk.told[-1].params == {"at": VISIT.starts_at, "name": VISIT.patient_name}
    assert talk.over


def test_a_reason_is_taken_as_a_button_or_in_own_words():
    assert to_visit("cancel", "why", "feeling_better", "yes").asked == [
        CancelVisit(41, 3, "feeling_better")
    ]
    own = to_visit("cancel", "why", Said(" My car broke down. "), "yes")
    assert own.asked == [CancelVisit(41, 3, "My car broke down.")]


def test_a_long_reason_hinders_no_cancellation():
    talk = to_visit("cancel", "why", Said("because " * 100), "yes")
    assert len(talk.asked[0].reason) == 300


def test_a_picture_is_no_reason():
    talk = to_visit("cancel", "why", SentMedia("image"))
    assert talk.keys == ["nav.choose", "visits.ask_reason"]


def test_who_has_no_time_that_day_is_offered_to_move_instead():
    talk = to_visit("cancel", "why", "other_day")
    assert talk.choices == ["yes", "move", "keep", "back", "menu"]
    assert talk.do("move").asked == [FindDays(1, SATO.id, TODAY, 7, moving=41)]


def test_who_thinks_better_of_cancelling_keeps_the_visit():
    talk = to_visit("cancel", "why", "none", Said("wait"))
    assert talk.keys == ["nav.choose", "visits.ask_cancel"]
    assert talk.do("keep").keys == ["visits.kept"]
    assert talk.over


@pytest.mark.parametrize(("now", "text"), NOW_IT_IS)
def test_a_visit_that_changed_is_not_cancelled(now, text):
    talk = to_visit("cancel", answers={CancelVisit: [VisitChanged(now)]})
    assert talk.do("yes").keys == [text]


# Confirming, and the buttons under a reminder ----------------------------------------------------


def test_a_patient_says_that_she_will_come():
    talk = to_visit("confirm")
    assert talk.asked == [ConfirmVisit(41, 3)]
    assert talk.keys == ["visits.confirmed"]
    assert talk.over


def test_the_confirm_button_of_a_reminder_confirms_at_once():
    talk = Talk(visits.flow, step=confirm_step(41, 3))
    assert talk.asked == [ReadVisit(41, 3), ConfirmVisit(41, 3)]
    assert talk.keys == ["visits.confirmed"]


def test_a_second_press_of_confirm_changes_nothing_and_says_the_same():
    talk = Talk(visits.flow, step=confirm_step(42, 1))
    assert talk.asked == [ReadVisit(42, 1)]
    assert talk.keys == ["visits.confirmed"]


def test_the_move_button_of_a_reminder_asks_for_a_day():
    assert Talk(visits.flow, step=move_step(41, 3)).keys == ["booking.ask_day"]


def test_the_cancel_button_of_a_reminder_cancels_nothing_yet():
    talk = Talk(visits.flow, step=cancel_step(41, 3))
    assert talk.keys == ["visits.ask_cancel"]
    assert talk.asked == [ReadVisit(41, 3)]


@pytest.mark.parametrize("make", [confirm_step, move_step, cancel_step])
@pytest.mark.parametrize(("now", "text"), NOW_IT_IS)
def test_an_old_button_tells_how_the_visit_stands(make, now, text):
    talk = Talk(visits.flow, step=make(41, 2), answers={ReadVisit: [VisitChanged(now)]})
    assert talk.asked == [ReadVisit(41, 2)]
    assert talk.keys == [text]


def test_a_visit_that_was_never_read_is_read_first():
    talk = Talk(visits.flow, step=ShowVisit(41, 3))
    move = ShowVisit(41, 3).on(Chose("move"), CTX)
    assert move.status == "moving"
    assert talk.at == "ShowVisit"


# Everything there can be -------------------------------------------------------------------------


@pytest.mark.parametrize("step", [None, confirm_step(41, 3), move_step(41, 3), cancel_step(41, 3)])
def test_every_turn_is_safe(step):
    steps = set()
    for passed in walk(visits.flow, CTX, World().answers, step=step):
        assert_safe(passed)
        steps.update(passed.turn.path)
    if step is None:
        assert steps == {it.__name__ for it in visits.flow.steps}


def test_a_visit_today_can_still_be_cancelled():
    soon = replace(VISIT, starts_at=NOW + timedelta(minutes=30))
    talk = Talk(visits.flow, World(visits=(soon,)), answers={ReadVisit: [VisitsListed((soon,))]})
    assert "cancel" in talk.choices
