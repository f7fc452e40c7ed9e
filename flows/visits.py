"""My visits: the list, one of them, and what can be done with it."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from clinic.booking.types import Visit
from flows import cancel, move, words
from flows.effects import Choice, ConfirmVisit, Deed, ListVisits, ReadVisit, Say
from flows.engine import Context, Flow, Move, done, goto, request, wait
from flows.events import Chose, Entered, Event, Said, VisitChanged, VisitConfirmed, VisitsListed
from flows.navigation import PATIENCE, START, WAYS_OUT, hint, menu, tell_me
from flows.pickers import page_asked, page_choices, page_of
from flows.reading import read_when
from flows.visit_card import AFTERWARDS, book, card, how_it_stands, is_open

waits = Choice(START + "waitlist", "waitlist.see")
Action = Literal["confirm", "move", "cancel"]
# What is said by who has thought of another time since.
_INSTEAD = re.compile(
    r"(?<!\w)(?:instead|rather|make it|move|change|switch|reschedule|postpone)(?!\w)"
    r"|やっぱり|やはり|変更|変えて|変えられ|ずらし|にして(?:ください|もら|いただ|くれ|ほしい)|改成|改到|改约|改約"
    r"|換到|换到|換成|换成|還是|还是|延到|(?<!\w)(?:лучше|перенес|перенос|вместо|поменя|передвин|давайте)"
)
# The time that is named is then the one that does not fit.
_CANNOT = re.compile(
    r"(?<!\w)(?:can'?t|cannot|can not|not|won'?t|unable|не)(?!\w)|行けな|行けませ|来られ|来れ"
    r"|無理|だめ|ダメ|不能|不行|去不了|来不了|來不了|没空|沒空|没办法|沒辦法"
)


@dataclass(frozen=True, slots=True)
class PickVisit:
    """Which visit? Numbered lines say all of them in full, since choices are short."""

    visits: tuple[Visit, ...] = ()
    page: int = 0
    wants: Action | None = None
    said: str = ""  # of when it should be instead

    def on(self, event: Event, ctx: Context) -> Move:
        """List the coming visits of everybody the account speaks for."""
        match event:
            case Entered():
                return request(self, ListVisits())
            case VisitsListed(()):
                return done(self, Say("visits.none", choices=(book, waits, menu)))
            case VisitsListed((only,)):
                return goto(self._chosen(only))
            case VisitsListed(visits):
                return replace(self, visits=visits, page=0)._ask()
            case Said(text) if text.strip().isdecimal():
                shown = page_of(self.visits, self.page)
                if 1 <= (number := int(text)) <= len(shown):
                    return goto(self._chosen(shown[number - 1]))
            case Said(text) if self.wants == "move" and read_when(text, ctx):
                return replace(self, said=text)._ask()
            case Chose(value):
                for visit in self.visits:
                    if value == str(visit.id):
                        return goto(self._chosen(visit))
                if (page := page_asked(value, len(self.visits))) is not None:
                    return replace(self, page=page)._ask()
        return self._ask(hint)

    def _chosen(self, visit: Visit) -> "ShowVisit":
        return ShowVisit(visit.id, visit.version, self.wants, said=self.said)

    def _ask(self, *effects: Deed) -> Move:
        numbered = tuple(enumerate(page_of(self.visits, self.page), start=1))
        lines = (
            Say(
                "visits.line",
                {
                    "number": number,
                    "at": visit.starts_at,
                    "name": visit.patient_name,
                    "with": visit.practitioner_name,
                },
            )
            for number, visit in numbered
        )
        choices = (
            Choice(str(it.id), "visits.item", {"number": number, "at": it.starts_at})
            for number, it in numbered
        )
        pages = page_choices(len(self.visits), self.page)
        ask = Say("visits.ask_which", choices=(*choices, *pages, waits, *WAYS_OUT))
        return wait(self, *effects, Say("visits.list"), *lines, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class ShowVisit:
    """One visit as it stands now. With `wants` its patient has pressed a button already.

    `said`: their words of when it should be instead.
    """

    appointment_id: int
    version: int
    wants: Action | None = None
    visit: Visit | None = None
    said: str = ""

    def on(self, event: Event, ctx: Context) -> Move:
        """Show the visit and offer to confirm, move or cancel it."""
        match event:
            case Entered():
                return request(self, ReadVisit(self.appointment_id, self.version))
            case VisitsListed((visit, *_)) if is_open(visit, ctx):
                read = replace(self, visit=visit, wants=None)
                return read._do(self.wants, visit) if self.wants else read._ask(visit)
            case VisitChanged(Visit() as visit) if is_open(visit, ctx):
                read = replace(self, version=visit.version, visit=visit, wants=None)
                return read._ask(visit, text="visits.changed")
            case VisitsListed(visits):
                return done(self, how_it_stands(visits[0] if visits else None, ctx))
            case VisitChanged(gone):
                return done(self, how_it_stands(gone, ctx))
            case VisitConfirmed(visit):
                return done(self, card("visits.confirmed", visit, *AFTERWARDS))
            case Chose("confirm" | "move" | "cancel" as action) if self.visit:
                return self._do(action, self.visit)
            case Said(text) if self.visit and read_when(text, ctx):
                return replace(self, said=text)._do("move", self.visit)
        if self.visit is None:
            return goto(self)
        return self._ask(self.visit, hint)

    def _do(self, action: Action, visit: Visit) -> Move:
        match action:
            case "move":
                return goto(move.Moving(visit, visit.practitioner_id).by_day(said=self.said))
            case "cancel":
                return goto(cancel.ConfirmCancel(visit))
        if visit.confirmed:
            return done(self, card("visits.confirmed", visit, *AFTERWARDS))
        return request(self, ConfirmVisit(visit.id, visit.version))

    def _ask(self, visit: Visit, *effects: Deed, text: str = "visits.show") -> Move:
        confirm = Choice("confirm", "visits.confirm", role="primary")
        choices = (
            *(() if visit.confirmed else (confirm,)),
            Choice("move", "visits.move"),
            Choice("cancel", "visits.cancel"),
            tell_me,
            *WAYS_OUT,
        )
        return wait(self, *effects, card(text, visit, *choices), timeout=PATIENCE)


def other_time(said: Said, ctx: Context) -> PickVisit | None:
    """Where to start when somebody asks for another time of what is booked; None if they do not."""
    moves = words.read(said.text) is words.Word.MOVE or _INSTEAD.search(words.fold(said.text))
    if not moves or _CANNOT.search(words.fold(said.text)) or read_when(said.text, ctx) is None:
        return None
    return PickVisit(wants="move", said=said.text)


def confirm_step(appointment_id: int, version: int) -> ShowVisit:
    """Where to start when a reminder's "I will come" is pressed: that press is the yes."""
    return ShowVisit(appointment_id, version, "confirm")


def move_step(appointment_id: int, version: int) -> ShowVisit:
    """Where to start when a reminder's "another time" is pressed."""
    return ShowVisit(appointment_id, version, "move")


def cancel_step(appointment_id: int, version: int) -> ShowVisit:
    """Where to start when a reminder's "cancel" is pressed: nothing is cancelled yet."""
    return ShowVisit(appointment_id, version, "cancel")


flow = Flow(
    "visits",
    version=1,
    start=PickVisit,
    steps=(PickVisit, ShowVisit, *move.STEPS, cancel.AskReason, cancel.ConfirmCancel),
)
