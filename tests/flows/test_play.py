"""The clinic in memory: whole conversations in the terminal, without a database."""

from datetime import timedelta

import pytest

from clinic.booking.types import AppointmentStatus
from flows import effects, events
from flows.ahead_effects import AskForCall, ListAhead, StopPlan
from flows.ahead_events import AheadListed, PlanOver
from flows.play import CODE, Clinic, Play
from flows.readings_effects import KeepReadings
from flows.readings_events import ReadingsKept
from flows.registry import ALL
from flows.waitlist_effects import DeclineOffer, LeaveWaitlist, TakeOffer
from flows.waitlist_events import OfferMissed, WaitlistLeft
from tests.flows.world import NOW


def booked():
    play = Play(NOW)
    play.begin("booking")
    for line in ("1", "1", "Hana Yamada", "1", "Soonest time", "1", "Skip", "yes"):
        play.hear(line)
    return play


@pytest.mark.parametrize("flow", [flow.name for flow in ALL])
@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "zh-Hans", "ru"])
def test_every_flow_can_be_played_in_every_language(flow, language):
    messages = Play(NOW, language).begin(flow)
    assert messages
    assert all(message.text and message.language == language for message in messages)


def test_a_visit_is_booked_and_the_terminal_shows_numbers():
    play = booked()
    (visit,) = play.clinic.visits.values()
    assert visit.status is AppointmentStatus.BOOKED
    assert play.clinic.answer(effects.ListVisits()) == events.VisitsListed((visit,))


def test_an_unknown_flow_is_refused():
    with pytest.raises(KeyError):
        Play(NOW).begin("nothing")


def test_the_clinic_books_nothing_twice():
    play = booked()
    clinic, (visit,) = play.clinic, play.clinic.visits.values()
    slots = clinic.answer(effects.FindSlots(1, None, visit.starts_at.date(), 50)).slots
    assert (visit.practitioner_id, visit.starts_at) not in {
        (it.practitioner_id, it.starts_at) for it in slots
    }
    free = next(it for it in slots if it.starts_at != visit.starts_at)
    first = clinic.answer(effects.HoldSlot(free, 1))
    assert isinstance(first, events.SlotHeld)
    assert isinstance(clinic.answer(effects.HoldSlot(free, 1)), events.SlotTaken)
    clinic.settle(effects.ReleaseHold(first.appointment_id))
    assert isinstance(clinic.answer(effects.HoldSlot(free, 1)), events.SlotHeld)


def test_a_patient_has_a_few_open_visits_at_most():
    play = booked()
    clinic = play.clinic
    for _ in range(2):
        slot = clinic.answer(effects.FindSlots(1, None, None, 1)).slots[0]
        held = clinic.answer(effects.HoldSlot(slot, 1))
        clinic.answer(effects.BookHeld(held.appointment_id, ""))
    slot = clinic.answer(effects.FindSlots(1, 1, None, 1)).slots[0]
    assert clinic.answer(effects.HoldSlot(slot, 1)) == events.BookingRefused("too_many", 3)


def test_a_visit_that_changed_meanwhile_is_left_alone():
    play = booked()
    clinic, (visit,) = play.clinic, play.clinic.visits.values()
    slot = clinic.answer(effects.FindSlots(1, None, None, 1)).slots[0]
    for what in (
        effects.ReadVisit(visit.id, 99),
        effects.MoveVisit(visit.id, 99, slot),
        effects.CancelVisit(visit.id, 99, "none"),
        effects.ConfirmVisit(visit.id, 99),
    ):
        assert clinic.answer(what) == events.VisitChanged(visit)
    assert clinic.answer(effects.ReadVisit(7, 1)) == events.VisitChanged(None)


def test_a_visit_is_confirmed_moved_and_cancelled():
    play = booked()
    clinic, (visit,) = play.clinic, play.clinic.visits.values()
    assert clinic.answer(effects.ReadVisit(visit.id, visit.version)).visits == (visit,)
    visit = clinic.answer(effects.ConfirmVisit(visit.id, visit.version)).visit
    assert visit.confirmed
    days = clinic.answer(effects.FindDays(1, None, NOW.date(), 3, visit.id))
    assert days.more
    slots = clinic.answer(effects.FindSlots(1, None, days.days[1].on, 5)).slots
    visit = clinic.answer(effects.MoveVisit(visit.id, visit.version, slots[0])).visit
    assert visit.starts_at == slots[0].starts_at
    other = clinic.answer(effects.HoldSlot(slots[2], 1)).appointment_id
    taken = clinic.answer(effects.MoveVisit(visit.id, visit.version, slots[2]))
    assert isinstance(taken, events.SlotTaken)
    assert clinic.visits[other].status is AppointmentStatus.HELD
    visit = clinic.answer(effects.CancelVisit(visit.id, visit.version, "none")).visit
    assert visit.status is AppointmentStatus.CANCELLED
    assert clinic.answer(effects.ListVisits()).visits == ()


def test_a_code_works_once_and_not_after_too_many_wrong_ones():
    clinic = Clinic(NOW)
    for _ in range(4):
        assert clinic.answer(effects.TryLinkCode("WRONG")) == events.LinkRefused("wrong")
    assert clinic.answer(effects.TryLinkCode("WRONG")) == events.LinkRefused("too_many")
    assert isinstance(clinic.answer(effects.TryLinkCode(CODE)), events.Linked)
    assert clinic.answer(effects.TryLinkCode(CODE)) == events.LinkRefused("too_many")


def test_what_the_patient_decides_holds_for_the_next_turn():
    play = Play(NOW)
    (message, *_) = play.begin("welcome")
    assert not play.ctx.consented
    play.hear("1")
    assert play.ctx.language == "ja"
    play.hear("1")
    assert play.ctx.consented
    play.hear("stop")
    assert play.ctx.opted_out
    play.hear("start")
    assert not play.ctx.opted_out
    play.hear("人")
    assert play.ctx.owner == "queue"
    assert play.hear("こんにちは") == ()
    play.hear("1")
    assert play.ctx.owner == "bot"
    assert message.text


def test_a_played_question_waits_only_so_long():
    play = Play(NOW)
    play.begin("booking")
    assert play.timeout == timedelta(minutes=30)


def test_what_only_a_clinic_with_patients_knows_is_answered_as_if_there_were_none():
    clinic = Play(NOW).clinic
    assert clinic.answer(KeepReadings(1, (), NOW)) == ReadingsKept((), ())
    assert clinic.answer(LeaveWaitlist(1)) == WaitlistLeft()
    for answer in (TakeOffer(1), DeclineOffer(1)):
        assert clinic.answer(answer) == OfferMissed("unknown")
    assert clinic.answer(ListAhead()) == AheadListed(())
    for asked in (AskForCall(1), StopPlan(1)):
        assert clinic.answer(asked) == PlanOver()
