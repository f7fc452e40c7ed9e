"""Picking a time among the first there are. Booking and moving share it.

Each flow makes its own step of it by naming the type of its goal.
"""

from dataclasses import dataclass, replace

from clinic.booking.types import Slot
from flows.effects import Choice, Deed, Say
from flows.engine import Context, Move, goto, request, wait
from flows.events import Chose, Entered, Event, Said, SlotsFound
from flows.navigation import PATIENCE, WAYS_OUT, hint, tell_me
from flows.pickers import Goal, find_slots, full, one_a_start, other_day
from flows.reading import When, read_day, read_time, read_when

SOONEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonPicker:
    """Which of these? The first free times there are, or the nearest to one that was taken."""

    goal: Goal
    slots: tuple[Slot, ...] = ()
    said: str = ""  # what the patient said about when before this was asked

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer a few times at once, and understand a day or a time of them."""
        by_key = {slot.key: slot for slot in self.slots}
        match event:
            case Entered():
                # More than are shown, since several practitioners may be free at one time.
                return request(self, find_slots(self.goal.search, None, SOONEST * 4))
            case SlotsFound(()):
                return goto(self.goal.stuck("none_free"))
            case SlotsFound(slots):
                return replace(self, slots=slots, said="")._found(self.said, ctx)
            case Chose("other_day"):
                return goto(self.goal.by_day())
            case Chose(value) if value in by_key:
                return goto(self.goal.picked(by_key[value]))
            case Said(text):
                starts = tuple(slot.starts_at for slot in self.slots)
                at = read_time(text, starts)
                if at and sum(start.time() == at.time() for start in starts) == 1:
                    return goto(self.goal.picked(self.slots[starts.index(at)]))
                days = tuple(dict.fromkeys(at.date() for at in starts))
                if day := read_day(text, ctx.today, days):
                    return goto(self.goal.by_time(day))
                if when := read_when(text, ctx):
                    return self._wish(text, when)
        return self.ask(hint)

    def _found(self, said: str, ctx: Context) -> Move:
        when, first = read_when(said, ctx), self.slots[0].starts_at.date()
        if when and when.day and ctx.today <= when.day < first:
            return self.ask(full(when.day, ctx))
        return self.ask()

    def _wish(self, text: str, when: When) -> Move:
        fitting = [slot for slot in self.slots if when.fits(slot.starts_at)]
        if when.day and when.time and len(fitting) == 1:
            return goto(self.goal.picked(fitting[0]))
        return goto(self.goal.by_day(said=text))

    def ask(self, *effects: Deed) -> Move:
        """Offer the times that are known."""
        step = replace(self, slots=one_a_start(self.slots)[:SOONEST])
        choices = (*map(step._choice, step.slots), other_day, tell_me, *WAYS_OUT)
        return wait(step, *effects, Say("booking.ask_soonest", choices=choices), timeout=PATIENCE)

    def _choice(self, slot: Slot) -> Choice:
        at = slot.starts_at
        if self.goal.search.practitioner_id in (None, slot.practitioner_id):
            return Choice(slot.key, "booking.start", {"at": at})
        return Choice(slot.key, "booking.start_with", {"at": at, "name": slot.practitioner_name})
