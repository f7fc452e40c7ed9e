"""The last questions of a booking, while its time is kept: a note, a yes to all of it, or a change.

A flow makes its own steps of these by naming the type of their goal.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol

from clinic.booking.types import ServiceOption, Slot
from flows import words
from flows.effects import BookHeld, Choice, Deed, Row, Say
from flows.engine import Context, Move, Step, done, goto, request
from flows.events import Chose, Event, Said, VisitBooked
from flows.holding import Holding, Kept
from flows.hope import UNSAID, Hope
from flows.navigation import WAYS_OUT, hint, menu
from flows.visit_card import AFTERWARDS, card, slot_rows

MAX_NOTE = 500  # characters

Part = Literal["service", "patient", "practitioner", "day", "time", "note"]
dropped = Say("booking.dropped", choices=(menu,))
CHANGES: dict[Part, str] = {
    "time": "booking.change_time",
    "day": "booking.change_day",
    "practitioner": "booking.change_practitioner",
    "service": "booking.change_service",
    "patient": "booking.change_patient",
    "note": "booking.change_note",
}


class Wanted(Kept, Protocol):
    """What is about to be booked."""

    @property
    def service(self) -> ServiceOption:
        """What the visit is for."""
        ...

    @property
    def note(self) -> str | None:
        """What the clinic should know; None: not asked yet."""
        ...

    def picked(self, slot: Slot, hold: int | None = None) -> Step:
        """Keep the time, and ask what is left to ask."""
        ...

    def noted(self, note: str) -> "Wanted":
        """With this note; "" for none."""
        ...

    def confirming(self, slot: Slot, hold: int | None, *, change: bool) -> Step:
        """Ask what should be different, or for another note."""
        ...

    def corrected(self, hope: Hope) -> Step:
        """As it was, but for what was said instead."""
        ...

    def without(self, part: Part, slot: Slot) -> Step:
        """Ask again for one part."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteStep(Holding):
    """Is there anything the clinic should know?"""

    free_text: ClassVar[bool] = True
    goal: Wanted

    def answered(self, event: Event, ctx: Context) -> Move:
        match event:
            case Chose("skip"):
                return goto(self.goal.noted("").picked(self.slot, self.hold))
            case Said(text) if words.read(text) is words.Word.NO:
                return goto(self.goal.noted("").picked(self.slot, self.hold))
            case Said(text) if len(text) <= MAX_NOTE and (note := text.strip()):
                return goto(self.goal.noted(note).picked(self.slot, self.hold))
            case Said(_):
                return self.ask(ctx, Say("booking.hint_note", {"limit": MAX_NOTE}))
        return self.ask(ctx, hint)

    def taking(self, text: str) -> Step:
        """See Taking: "39 degrees" is a note, and something for a doctor too."""
        note = text.strip()
        if not note or len(note) > MAX_NOTE:
            return self
        return self.goal.noted(note).picked(self.slot, self.hold)

    def ask(self, ctx: Context, *effects: Deed) -> Move:
        skip = Choice("skip", "booking.no_note", role="primary")
        params = {"at": self.slot.starts_at, "until": self.kept_until(ctx)}
        return self.held(ctx, *effects, Say("booking.ask_note", params, (skip, *WAYS_OUT)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmStep(Holding):
    """Is all of this right? Nothing is booked without a yes to this card."""

    goal: Wanted

    def answered(self, event: Event, ctx: Context) -> Move:
        match event:
            case Chose("yes") if self.hold is not None:
                return request(self, BookHeld(self.hold, self.goal.note or ""))
            case VisitBooked(visit):
                # Nobody is promised what they have not agreed to.
                reminded = ctx.consented and not ctx.opted_out
                text = "booking.booked" if reminded else "booking.booked_unreminded"
                return done(self, card(text, visit, *AFTERWARDS))
            case Chose("change"):
                return goto(self.goal.confirming(self.slot, self.hold, change=True))
            case Chose("drop"):
                return done(replace(self, hold=None), *self.leave(), dropped)
            case Said() if (hope := UNSAID.hearing(event, ctx)) != UNSAID:
                return goto(self.goal.corrected(hope), *self.leave())
        return self.ask(ctx, hint)

    def ask(self, ctx: Context, *effects: Deed) -> Move:
        rows = slot_rows(self.goal.patient.name, self.goal.service.name, self.slot)
        if self.goal.note:
            rows = (*rows, Row("booking.row_note", self.goal.note))
        choices = (
            Choice("yes", "booking.yes", role="primary"),
            Choice("change", "booking.change"),
            Choice("drop", "booking.drop"),
            *WAYS_OUT,
        )
        params = {"until": self.kept_until(ctx)}
        ask = Say("booking.ask_yes", params, choices, title="booking.card_title", rows=rows)
        return self.held(ctx, *effects, ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStep(Holding):
    """What should be different?"""

    goal: Wanted

    def answered(self, event: Event, ctx: Context) -> Move:
        match event:
            case Chose("note"):
                return goto(self.goal.confirming(self.slot, self.hold, change=False))
            case Chose(value) if value in CHANGES:
                return goto(self.goal.without(value, self.slot), *self.leave())
        return self.ask(ctx, hint)

    def ask(self, ctx: Context, *effects: Deed) -> Move:
        choices = (*(Choice(part, label) for part, label in CHANGES.items()), *WAYS_OUT)
        return self.held(ctx, *effects, Say("booking.ask_change", choices=choices))
