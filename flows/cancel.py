"""Cancelling a visit: a yes, and why if the patient cares to say."""

from dataclasses import dataclass
from typing import ClassVar

from clinic.booking.types import Visit
from flows.effects import CancelVisit, Choice, Say
from flows.engine import Context, Move, done, goto, request, wait
from flows.events import Chose, Entered, Event, Said, VisitCancelled, VisitChanged
from flows.move import Moving
from flows.navigation import PATIENCE, WAYS_OUT, hint, menu
from flows.visit_card import AFTERWARDS, about, book, card, how_it_stands

MAX_REASON = 300  # characters; what is longer is cut, since no reason may hinder a cancellation
REASONS = {  # the codes that staff see in their language
    "feeling_better": "visits.reason_better",
    "other_day": "visits.reason_other_day",
    "went_elsewhere": "visits.reason_elsewhere",
    "other": "visits.reason_other",
}


@dataclass(frozen=True, slots=True)
class AskReason:
    """Why? Only for who wants to say; before the yes, so that the yes is the last word."""

    free_text: ClassVar[bool] = True
    visit: Visit

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Take a reason, in whatever words, or none."""
        match event:
            case Chose("none"):
                return goto(ConfirmCancel(self.visit))
            case Chose(value) if value in REASONS:
                return goto(ConfirmCancel(self.visit, value))
            case Said(text) if text.strip():
                return goto(ConfirmCancel(self.visit, text.strip()[:MAX_REASON]))
        hints = () if isinstance(event, Entered) else (hint,)
        choices = (
            *(Choice(code, label) for code, label in REASONS.items()),
            Choice("none", "visits.no_reason", role="primary"),
            *WAYS_OUT,
        )
        return wait(self, *hints, Say("visits.ask_reason", choices=choices), timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class ConfirmCancel:
    """Really? Shows the visit that would be gone."""

    visit: Visit
    reason: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Cancel on a yes; who lacks time that day is offered another first."""
        match event:
            case Chose("yes"):
                what = CancelVisit(self.visit.id, self.visit.version, self.reason)
                return request(self, what)
            case VisitCancelled(visit):
                return done(self, about("visits.cancelled", visit, book, menu))
            case VisitChanged(visit):
                return done(self, how_it_stands(visit, ctx))
            case Chose("keep"):
                return done(self, card("visits.kept", self.visit, *AFTERWARDS))
            case Chose("why"):
                return goto(AskReason(self.visit))
            case Chose("move"):
                return goto(Moving(self.visit, self.visit.practitioner_id).by_day())
        hints = () if isinstance(event, Entered) else (hint,)
        why = Choice("why", "visits.say_why")
        choices = (
            Choice("yes", "visits.yes_cancel"),
            Choice("move", "visits.move_instead"),
            Choice("keep", "visits.keep"),
            *(() if self.reason else (why,)),
            *WAYS_OUT,
        )
        return wait(self, *hints, card("visits.ask_cancel", self.visit, *choices), timeout=PATIENCE)
