"""The waitlist in the chat: asking for an earlier time, the list, and answers to offers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from flows import booking, visits, waitlist
from flows.dialogue import Dialogue, receive
from flows.effects import FindDays, HoldSlot, Say
from flows.engine import BACK
from flows.events import Chose, DaysFound, PressedAction, Said
from flows.waitlist_effects import (
    DeclineOffer,
    JoinWaitlist,
    LeaveWaitlist,
    ListWaiting,
    TakeOffer,
)
from flows.waitlist_events import (
    OfferDeclined,
    OfferMissed,
    OfferTaken,
    WaitingListed,
    WaitlistJoined,
)
from tests.flows.talk import Talk
from tests.flows.walk import assert_safe
from tests.flows.world import (
    CHECK_UP,
    CTX,
    HANA,
    ITO,
    KENS_VISIT,
    SATO,
    TODAY,
    VISIT,
    WAITING,
    World,
    at,
    day,
    slot,
)
from tests.flows.worlds import EARLIER, HOPING, WALKS

PLAIN = replace(HOPING, weekdays=())
FREE = slot(at(day(4), 9))


def to_part(wanting=PLAIN, **how):
    """Somebody who has just asked to be told of an earlier time."""
    return Talk(waitlist.flow, step=waitlist.AskPart(wanting=wanting), **how)


def pressed(*, take=True, **how):
    """Somebody who has just pressed a button of an offer."""
    return Talk(waitlist.flow, step=waitlist.answer_step(61, take=take), **how)


def test_every_turn_is_safe():
    for passed in WALKS["waitlist"]():
        assert_safe(passed)


# Joining ------------------------------------------------------------------------------------------


def test_four_questions_put_somebody_on_the_list():
    talk = to_part().do("morning", "0", "4", "done", "14")
    assert talk.card["visits.row_with"] == "Dr. Sato"
    assert {"waitlist.part_morning", "waitlist.day_0", "waitlist.day_4"} <= talk.card.keys()
    assert talk.card["waitlist.row_until"] == TODAY + timedelta(days=14)
    talk.do("yes")
    assert talk.asked == [
        JoinWaitlist(HANA.id, 1, SATO.id, None, "morning", (0, 4), TODAY + timedelta(days=14))
    ]
    assert talk.keys == ["waitlist.joined"]
    assert talk.over


def test_somebody_for_whom_any_time_will_do_presses_three_buttons():
    talk = to_part().do("any", "any", "30")
    assert talk.at == "Agree"
    assert "waitlist.day_any" in talk.card


def test_an_earlier_time_instead_of_a_visit_is_waited_for_until_that_visit():
    talk = to_part(replace(EARLIER, weekdays=())).do("any", "any")
    assert talk.at == "Agree", "how long is known"
    assert talk.card["waitlist.row_visit"] == VISIT.starts_at
    talk.do("yes")
    assert talk.asked[0].appointment_id == VISIT.id
    assert talk.keys == ["waitlist.joined_instead"], "the visit stays booked until a yes"


def test_who_named_a_practitioner_may_take_anyone_after_all():
    talk = to_part().do("any", "any", "30", "anyone")
    assert "visits.row_with" not in talk.card
    assert "anyone" not in talk.choices
    assert talk.do("yes").asked[0].practitioner_id is None


def test_all_seven_days_are_any_day():
    talk = to_part().do("any", *"012345", "6")
    assert talk.at == "AskUntil"
    assert talk.session.step.wanting.weekdays == ()


def test_going_back_to_the_days_begins_them_anew():
    talk = to_part().do("any", "0", "done", BACK)
    assert talk.keys == ["waitlist.ask_days"]
    assert "0" in talk.choices


def test_what_is_not_done_any_more_is_said():
    answers = {JoinWaitlist: [WaitlistJoined(possible=False)]}
    talk = to_part(answers=answers).do("any", "any", "30", "yes")
    assert talk.keys == ["waitlist.not_possible"]


@pytest.mark.parametrize("before", [(), ("any",), ("any", "any"), ("any", "any", "30")])
def test_an_answer_that_is_none_gets_a_hint(before):
    assert to_part().do(*before, Said("?!")).keys[0] == "nav.choose"


# Where it is asked for ----------------------------------------------------------------------------


def asking_at(flow, *steps, **how):
    """What would be waited for at this point of another flow."""
    return waitlist.wanting(Talk(flow, **how).do(*steps).session.step)


def test_when_no_day_suits_the_service_and_the_person_are_known():
    assert asking_at(booking.flow) == waitlist.Wanting(
        HANA.id, HANA.name, 1, "Check-up", 11, SATO.name
    )
    two = World(practitioners=(SATO, ITO))
    assert asking_at(booking.flow, "anyone", world=two).practitioner_id is None


def test_when_nothing_is_free_at_all_the_waitlist_is_offered():
    talk = Talk(booking.flow, answers={FindDays: [DaysFound((), more=False)]})
    assert "start:waitlist" in talk.choices
    assert waitlist.wanting(talk.session.step).service_id == CHECK_UP.id


def test_under_a_visit_it_is_for_an_earlier_time_instead():
    wanted = asking_at(visits.flow, "41")
    assert (wanted.visit_id, wanted.visit_at) == (VISIT.id, VISIT.starts_at)
    assert wanted.practitioner_id is None
    moving = asking_at(visits.flow, "41", "move")
    assert moving.practitioner_name == VISIT.practitioner_name


def test_where_nothing_is_known_the_list_is_shown():
    assert waitlist.first_step(visits.ShowVisit(41, 3)) is None
    assert waitlist.first_step(visits.PickVisit()) is None
    assert Talk(waitlist.flow).asked == [ListWaiting()]


# The list -----------------------------------------------------------------------------------------


def test_the_list_can_be_seen_and_left():
    talk = Talk(waitlist.flow)
    assert talk.keys == ["waitlist.list", "waitlist.line", "waitlist.line", "waitlist.ask_which"]
    talk.do("51")
    assert talk.card["waitlist.row_since"] == WAITING.since
    assert talk.do("leave").asked == [LeaveWaitlist(51)]
    assert talk.keys == ["waitlist.left"]


def test_who_only_looks_stays_on_the_list():
    assert Talk(waitlist.flow).do("52", "stay").keys == ["waitlist.stays"]


def test_an_empty_list_says_how_to_get_on_it():
    talk = Talk(waitlist.flow, answers={ListWaiting: [WaitingListed(())]})
    assert talk.keys == ["waitlist.none"]
    assert talk.over


def test_a_long_list_is_turned_like_pages():
    many = tuple(replace(WAITING, id=n) for n in range(1, 11))
    talk = Talk(waitlist.flow, answers={ListWaiting: [WaitingListed(many)]}).do("page:1")
    assert talk.choices == ["9", "10", "page:0", "back", "menu"]
    assert talk.do(Said("?!")).keys[0] == "nav.choose"
    assert talk.do(Chose("99")).keys[0] == "nav.choose"


# Offers -------------------------------------------------------------------------------------------


def test_the_press_is_the_yes():
    talk = pressed()
    assert talk.asked == [TakeOffer(61)]
    assert talk.keys == ["waitlist.booked"]
    assert talk.card["visits.row_when"] == VISIT.starts_at


def test_an_earlier_time_takes_the_place_of_the_later_visit():
    answers = {TakeOffer: [OfferTaken(VISIT, KENS_VISIT.starts_at)]}
    assert pressed(answers=answers).keys == ["waitlist.moved"]


@pytest.mark.parametrize(("waits", "key"), [(True, "declined_waits"), (False, "declined")])
def test_a_no_is_thanked_for(waits, key):
    talk = pressed(take=False, answers={DeclineOffer: [OfferDeclined(waits)]})
    assert talk.asked == [DeclineOffer(61)]
    assert talk.keys == [f"waitlist.{key}"]


def test_who_was_too_late_keeps_their_place_and_is_shown_other_times():
    missed = OfferMissed("taken", True, HANA.id, CHECK_UP, (FREE,))
    talk = pressed(answers={TakeOffer: [missed]})
    assert talk.keys == ["waitlist.lost_taken", "waitlist.still_waiting", "booking.ask_soonest"]
    talk.do(FREE.key)
    assert talk.asked == [HoldSlot(FREE, HANA.id)]


@pytest.mark.parametrize("why", ["late", "impossible", "overlap"])
def test_without_other_times_the_reason_is_said(why):
    talk = pressed(answers={TakeOffer: [OfferMissed(why, False, HANA.id, CHECK_UP)]})
    assert talk.keys == [f"waitlist.lost_{why}"]
    assert talk.over


def test_other_times_are_only_shown_for_whom_the_chat_speaks():
    missed = OfferMissed("late", False, 99, CHECK_UP, (FREE,))
    assert pressed(answers={TakeOffer: [missed]}).over


def test_an_offer_that_is_not_of_this_chat_tells_nothing():
    talk = pressed(answers={TakeOffer: [OfferMissed("unknown")]})
    assert talk.keys == ["waitlist.unknown"]


# In the dialogue ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["waitlist", "キャンセル待ち", "候補", "候补", "лист ожидания", "the waiting list please"],
)
def test_the_list_is_had_by_typing_its_name(words):
    reaction = receive(Dialogue(), Said(words), CTX)
    assert reaction.request == ListWaiting()


@pytest.mark.parametrize(
    ("action", "asked"), [("take_offer", TakeOffer(61)), ("decline_offer", DeclineOffer(61))]
)
def test_a_button_of_an_offer_is_answered_at_once(action, asked):
    reaction = receive(Dialogue(), PressedAction(action, 61, 0), CTX)
    assert reaction.request == asked


def test_asked_for_while_booking_the_waitlist_knows_what_and_gives_the_booking_back():
    talk = Talk(booking.flow)
    reaction = receive(Dialogue((talk.session,)), Chose("start:waitlist"), CTX)
    (session,) = reaction.dialogue.stack[1:]
    assert session.step == waitlist.AskPart(wanting=replace(PLAIN, part="any"))
    said = [it.text for it in reaction.effects if isinstance(it, Say)]
    assert said == ["waitlist.ask_part"]
