"""Keeping a picked time for the patient while the last questions are asked."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from clinic.booking.types import Slot
from clinic.patient.types import PatientOption
from flows.effects import Deed, HoldSlot, ReleaseHold, Say
from flows.engine import Context, Move, goto, request, wait
from flows.events import BookingRefused, Entered, Event, SlotHeld, SlotTaken
from flows.pickers import Goal
from flows.soonest import SoonPicker

ONE_SECOND = timedelta(seconds=1)


class Kept(Goal, Protocol):
    """What a time is kept for."""

    @property
    def patient(self) -> PatientOption:
        """Whose visit it will be."""
        ...

    def soonest(self, slots: tuple[Slot, ...] = ()) -> SoonPicker:
        """Offer these times, or the first there are."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding(ABC):
    """A question during which the picked time is kept for the patient.

    Whoever comes to such a question, also after days, takes the hold anew: a stale one cannot be
    mistaken for a good one. It is given back in the same transaction in which it is taken again.
    """

    goal: Kept
    slot: Slot
    hold: int | None = None  # the held appointment
    until: datetime | None = None

    def on(self, event: Event, ctx: Context) -> Move:
        """Hold the time, then ask."""
        match event:
            case Entered() if self.slot.starts_at <= ctx.now:
                return goto(self.goal.by_day(), *self.leave(), Say("booking.time_past"))
            case Entered():
                what = HoldSlot(self.slot, self.goal.patient.id)
                return request(replace(self, hold=None, until=None), what, *self.leave())
            case SlotHeld(appointment_id, until):
                return replace(self, hold=appointment_id, until=until).ask(ctx)
            case SlotTaken(()):
                return goto(self.goal.by_day(), *self.leave(), Say("booking.taken"))
            case SlotTaken(alternatives):
                others = self.goal.soonest(alternatives)
                return others.ask(*self.leave(), Say("booking.taken"))
            case BookingRefused("own_overlap"):
                return goto(self.goal.by_day(), *self.leave(), Say("booking.own_overlap"))
            case BookingRefused("too_many" | "too_late" as why, limit):
                return goto(self.goal.stuck(why, limit), *self.leave())
        return self.answered(event, ctx)

    def leave(self) -> tuple[Deed, ...]:
        """Give the time back."""
        return () if self.hold is None else (ReleaseHold(self.hold),)

    def kept_until(self, ctx: Context) -> datetime:
        """When the hold ends, in the clinic's zone."""
        return (self.until or ctx.now).astimezone(ctx.now.tzinfo)

    def held(self, ctx: Context, *effects: Deed) -> Move:
        """Wait for an answer until just before the hold ends."""
        left = (self.until or ctx.now) - ctx.now - ONE_SECOND
        return wait(self, *effects, timeout=max(left, ONE_SECOND))

    @abstractmethod
    def ask(self, ctx: Context, *effects: Deed) -> Move:
        """Put the question."""

    @abstractmethod
    def answered(self, event: Event, ctx: Context) -> Move:
        """React to the patient."""
