"""Moving a visit: another time with the same practitioner, or on request with any; then a yes."""

from dataclasses import dataclass, replace
from datetime import date

from clinic.booking.types import Slot, Visit
from flows import handoff
from flows.effects import Choice, Deed, MoveVisit, Row, Say
from flows.engine import Context, Move, Step, done, goto, request, wait
from flows.events import (
    BookingRefused,
    Chose,
    Entered,
    Event,
    Said,
    SlotTaken,
    VisitChanged,
    VisitMoved,
)
from flows.navigation import PATIENCE, WAYS_OUT, hint
from flows.pickers import DayPicker, DeadEnd, Search, TimePicker, Why
from flows.reading import read_when
from flows.soonest import SoonPicker
from flows.visit_card import AFTERWARDS, card, how_it_stands


@dataclass(frozen=True, slots=True)
class Moving:
    """A visit that is to be at another time. `practitioner_id` None: with anyone."""

    visit: Visit
    practitioner_id: int | None

    @property
    def search(self) -> Search:
        """Where to look for times; the visit's own time counts as free."""
        return Search(self.visit.service_id, self.practitioner_id, self.visit.id)

    def by_day(self, from_on: date | None = None, said: str = "") -> "PickDay":
        """Offer days."""
        return PickDay(goal=self, from_on=from_on, said=said)

    def by_time(self, day: date, said: str = "") -> "PickTime":
        """Offer the times of a day."""
        return PickTime(goal=self, day=day, said=said)

    def picked(self, slot: Slot) -> Step:
        """Show both times and ask."""
        return ConfirmMove(self, slot)

    def stuck(self, why: Why, limit: int = 0) -> "Stuck":
        """Offer staff."""
        return Stuck(goal=self, why=why, limit=limit)

    def widened(self) -> "Moving | None":
        """The same with any practitioner."""
        return replace(self, practitioner_id=None) if self.practitioner_id is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickDay(DayPicker):
    goal: Moving


@dataclass(frozen=True, slots=True, kw_only=True)
class PickTime(TimePicker):
    goal: Moving


@dataclass(frozen=True, slots=True, kw_only=True)
class PickSoonest(SoonPicker):
    goal: Moving


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck(DeadEnd):
    goal: Moving


@dataclass(frozen=True, slots=True)
class ConfirmMove:
    """The old time and the new one side by side. The old one stays until the new one is sure."""

    goal: Moving
    slot: Slot

    def on(self, event: Event, ctx: Context) -> Move:
        """Move on a yes."""
        visit = self.goal.visit
        match event:
            case Entered() if self.slot.starts_at <= ctx.now:
                return goto(self.goal.by_day(), Say("booking.time_past"))
            case Entered():
                return self._ask()
            case Chose("yes"):
                return request(self, MoveVisit(visit.id, visit.version, self.slot))
            case VisitMoved(moved):
                return done(self, card("visits.moved", moved, *AFTERWARDS))
            case VisitChanged(now):
                return done(self, how_it_stands(now, ctx))
            case SlotTaken(()):
                return goto(self.goal.by_day(), Say("visits.taken"))
            case SlotTaken(alternatives):
                return PickSoonest(goal=self.goal, slots=alternatives).ask(Say("visits.taken"))
            case BookingRefused("own_overlap"):
                return goto(self.goal.by_day(), Say("booking.own_overlap"))
            case BookingRefused("too_many" | "too_late" as why, limit):
                return goto(self.goal.stuck(why, limit))
            case Chose("other_time"):
                return goto(self.goal.by_day())
            case Said(text) if read_when(text, ctx):  # "no, Friday"
                return goto(self.goal.by_day(said=text))
            case Chose("keep"):
                return done(self, card("visits.kept", visit, *AFTERWARDS))
        return self._ask(hint)

    def _ask(self, *effects: Deed) -> Move:
        visit = self.goal.visit
        rows = (
            Row("visits.row_who", visit.patient_name),
            Row("visits.row_old", visit.starts_at),
            Row("visits.row_new", self.slot.starts_at),
            Row("visits.row_what", visit.service_name),
            Row("visits.row_with", self.slot.practitioner_name),
            Row("visits.row_where", self.slot.site_name),
        )
        choices = (
            Choice("yes", "visits.yes_move", role="primary"),
            Choice("other_time", "visits.other_time"),
            Choice("keep", "visits.keep"),
            *WAYS_OUT,
        )
        ask = Say("visits.ask_move", choices=choices, title="visits.move_title", rows=rows)
        return wait(self, *effects, ask, timeout=PATIENCE)


STEPS = (PickDay, PickTime, PickSoonest, Stuck, ConfirmMove, handoff.Queue)
