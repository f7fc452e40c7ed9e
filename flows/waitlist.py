"""The waitlist: asking for an earlier time, seeing and leaving the list, and offers of freed times.

An offer's button is answered at once, since the time is kept for minutes only.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from clinic.booking.types import Visit
from clinic.waitlist.types import PARTS, Part, Waiting
from flows import booking
from flows.effects import Choice, Deed, Row, Say
from flows.engine import Context, Flow, Move, Step, done, goto, request, wait
from flows.events import Chose, Entered, Event
from flows.move import Moving
from flows.navigation import PATIENCE, WAYS_OUT, hint, menu
from flows.pickers import page_asked, page_choices, page_of
from flows.visit_card import AFTERWARDS, book, card
from flows.visits import ShowVisit, waits
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
    WaitlistLeft,
)

PART_LABELS: dict[Part, str] = {
    "any": "waitlist.part_any",
    "morning": "waitlist.part_morning",
    "afternoon": "waitlist.part_afternoon",
    "evening": "waitlist.part_evening",
}
DAY_LABELS = (
    "waitlist.day_0",
    "waitlist.day_1",
    "waitlist.day_2",
    "waitlist.day_3",
    "waitlist.day_4",
    "waitlist.day_5",
    "waitlist.day_6",
)
SPANS = {  # days for which somebody may wait
    "7": "waitlist.span_7",
    "14": "waitlist.span_14",
    "30": "waitlist.span_30",
    "90": "waitlist.span_90",
}
CHOSEN = "✓"  # beside what a card says was chosen
LOST = {
    "taken": "waitlist.lost_taken",
    "late": "waitlist.lost_late",
    "impossible": "waitlist.lost_impossible",
    "overlap": "waitlist.lost_overlap",
}


@dataclass(frozen=True, slots=True)
class Wanting:
    """What somebody would like earlier. `practitioner_id` None: with anyone."""

    patient_id: int
    patient_name: str
    service_id: int
    service_name: str
    practitioner_id: int | None = None
    practitioner_name: str = ""
    visit_id: int | None = None  # the later visit that would be moved
    visit_at: datetime | None = None
    part: Part = "any"
    weekdays: tuple[int, ...] = ()
    until_on: date | None = None


def wanting(step: Step) -> Wanting | None:
    """What somebody would like earlier who asks for it at this step; None: nothing is known."""
    if isinstance(step, ShowVisit):
        return _instead_of(step.visit, None) if step.visit else None
    match getattr(step, "goal", None):
        case booking.Wish(service, patient, practitioner):
            known = Wanting(patient.id, patient.name, service.id, service.name)
            if practitioner is None:
                return known
            return replace(
                known, practitioner_id=practitioner.id, practitioner_name=practitioner.name
            )
        case Moving(visit, practitioner_id):
            return _instead_of(visit, practitioner_id)
    return None


def _instead_of(visit: Visit, practitioner_id: int | None) -> Wanting:
    named = practitioner_id == visit.practitioner_id
    return Wanting(
        patient_id=visit.patient_id,
        patient_name=visit.patient_name,
        service_id=visit.service_id,
        service_name=visit.service_name,
        practitioner_id=practitioner_id,
        practitioner_name=visit.practitioner_name if named else "",
        visit_id=visit.id,
        visit_at=visit.starts_at,
        until_on=visit.starts_at.date(),
    )


# Joining ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPart:
    """At what time of day?"""

    wanting: Wanting

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """Offer the parts of the day, or any."""
        match event:
            case Chose(value) if value in PARTS:
                return goto(AskDays(wanting=replace(self.wanting, part=value)))
        hints = () if isinstance(event, Entered) else (hint,)
        parts = tuple(
            Choice(part, PART_LABELS[part], role="primary" if part == "any" else "choice")
            for part in PARTS
        )
        ask = Say("waitlist.ask_part", choices=(*parts, *WAYS_OUT))
        return wait(self, *hints, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDays:
    """On which weekdays? One press for each, and one when that is all."""

    wanting: Wanting

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002
        """Offer the days that are not chosen yet."""
        chosen = self.wanting.weekdays
        match event:
            case Entered() if chosen:  # come back to
                return replace(self, wanting=replace(self.wanting, weekdays=()))._ask()
            case Entered():
                return self._ask()
            case Chose("any"):
                return self._go_on(())
            case Chose("done") if chosen:
                return self._go_on(chosen)
            case Chose(value) if value in _days(chosen):
                days = tuple(sorted((*chosen, int(value))))
                if len(days) == len(DAY_LABELS):
                    return self._go_on(())
                return replace(self, wanting=replace(self.wanting, weekdays=days))._ask()
        return self._ask(hint)

    def _go_on(self, weekdays: tuple[int, ...]) -> Move:
        wanted = replace(self.wanting, weekdays=weekdays)
        return goto(Agree(wanting=wanted) if wanted.until_on else AskUntil(wanting=wanted))

    def _ask(self, *effects: Deed) -> Move:
        chosen = self.wanting.weekdays
        first = (
            Choice("done", "waitlist.days_done") if chosen else Choice("any", "waitlist.day_any")
        )
        days = (Choice(value, DAY_LABELS[int(value)]) for value in _days(chosen))
        choices = (replace(first, role="primary"), *days, *WAYS_OUT)
        text = "waitlist.ask_more_days" if chosen else "waitlist.ask_days"
        return wait(self, *effects, Say(text, choices=choices), timeout=PATIENCE)


def _days(chosen: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(str(day) for day in range(len(DAY_LABELS)) if day not in chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskUntil:
    """For how long does it make sense to wait?"""

    wanting: Wanting

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer a week up to three months."""
        match event:
            case Chose(value) if value in SPANS:
                until = ctx.today + timedelta(days=int(value))
                return goto(Agree(wanting=replace(self.wanting, until_on=until)))
        hints = () if isinstance(event, Entered) else (hint,)
        spans = tuple(Choice(days, label) for days, label in SPANS.items())
        ask = Say("waitlist.ask_until", choices=(*spans, *WAYS_OUT))
        return wait(self, *hints, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Is all of this right? Shows what will be waited for."""

    wanting: Wanting

    def on(self, event: Event, ctx: Context) -> Move:
        """Join on a yes."""
        wanted = self.wanting
        match event:
            case Chose("yes"):
                return request(self, self._joining(ctx))
            case Chose("anyone") if wanted.practitioner_id is not None:
                widened = replace(wanted, practitioner_id=None, practitioner_name="")
                return replace(self, wanting=widened)._ask()
            case WaitlistJoined(True):
                text = "waitlist.joined_instead" if wanted.visit_id else "waitlist.joined"
                return done(self, Say(text, {"phone": ctx.clinic_phone}, (waits, menu)))
            case WaitlistJoined():
                return done(self, Say("waitlist.not_possible", choices=(book, menu)))
        return self._ask(*(() if isinstance(event, Entered) else (hint,)))

    def _joining(self, ctx: Context) -> JoinWaitlist:
        one = self.wanting
        return JoinWaitlist(
            one.patient_id,
            one.service_id,
            one.practitioner_id,
            one.visit_id,
            one.part,
            one.weekdays,
            one.until_on or ctx.today,
        )

    def _ask(self, *effects: Deed) -> Move:
        one = self.wanting
        named = one.practitioner_id is not None
        choices = (
            Choice("yes", "waitlist.yes", role="primary"),
            *((Choice("anyone", "booking.anyone"),) if named else ()),
            *WAYS_OUT,
        )
        rows = (
            Row("visits.row_who", one.patient_name),
            Row("visits.row_what", one.service_name),
            *((Row("visits.row_with", one.practitioner_name),) if one.practitioner_name else ()),
            *((Row("waitlist.row_visit", one.visit_at),) if one.visit_at else ()),
            *_wish_rows(one.part, one.weekdays, None if one.visit_at else one.until_on),
        )
        ask = Say("waitlist.ask_yes", choices=choices, title="waitlist.card_title", rows=rows)
        return wait(self, *effects, ask, timeout=PATIENCE)


def _wish_rows(part: Part, weekdays: tuple[int, ...], until_on: date | None) -> tuple[Row, ...]:
    days = tuple(Row(DAY_LABELS[day], CHOSEN) for day in weekdays)
    until = (Row("waitlist.row_until", until_on),) if until_on else ()
    return (Row(PART_LABELS[part], CHOSEN), *(days or (Row("waitlist.day_any", CHOSEN),)), *until)


# Seeing and leaving -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Overview:
    """What the people of this chat wait for."""

    entries: tuple[Waiting, ...] = ()
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002
        """List the entries, each to be looked at."""
        match event:
            case Entered():
                return request(self, ListWaiting())
            case WaitingListed(()):
                return done(self, Say("waitlist.none", choices=(book, menu)))
            case WaitingListed(entries):
                return replace(self, entries=entries, page=0)._ask()
            case Chose(value):
                for entry in self.entries:
                    if value == str(entry.id):
                        return goto(ShowEntry(entry))
                if (page := page_asked(value, len(self.entries))) is not None:
                    return replace(self, page=page)._ask()
        return self._ask(hint)

    def _ask(self, *effects: Deed) -> Move:
        shown = tuple(enumerate(page_of(self.entries, self.page), start=1))
        lines = (
            Say(
                "waitlist.line",
                {"number": number, "name": it.patient_name, "what": it.service.name},
            )
            for number, it in shown
        )
        choices = (
            Choice(str(it.id), "waitlist.item", {"number": number, "what": it.service.name})
            for number, it in shown
        )
        pages = page_choices(len(self.entries), self.page)
        ask = Say("waitlist.ask_which", choices=(*choices, *pages, *WAYS_OUT))
        return wait(self, *effects, Say("waitlist.list"), *lines, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class ShowEntry:
    """One entry, which can be left."""

    entry: Waiting

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002
        """Show what is waited for, and offer to stop."""
        match event:
            case Chose("leave"):
                return request(self, LeaveWaitlist(self.entry.id))
            case WaitlistLeft():
                return done(self, Say("waitlist.left", choices=AFTERWARDS))
            case Chose("stay"):
                return done(self, Say("waitlist.stays", choices=AFTERWARDS))
        hints = () if isinstance(event, Entered) else (hint,)
        one = self.entry
        rows = (
            Row("visits.row_who", one.patient_name),
            Row("visits.row_what", one.service.name),
            *((Row("visits.row_with", one.practitioner.name),) if one.practitioner else ()),
            *((Row("waitlist.row_visit", one.visit_at),) if one.visit_at else ()),
            *_wish_rows(one.wishes.part, one.wishes.weekdays, one.wishes.until_on),
            Row("waitlist.row_since", one.since),
        )
        stay = Choice("stay", "waitlist.stay", role="primary")
        choices = (stay, Choice("leave", "waitlist.leave"), *WAYS_OUT)
        ask = Say("waitlist.show", choices=choices, title="waitlist.card_title", rows=rows)
        return wait(self, *hints, ask, timeout=PATIENCE)


# Offers -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answering:
    """A button of an offer was pressed: that press is the answer."""

    offer_id: int
    wants: Literal["take", "decline"]

    def on(self, event: Event, ctx: Context) -> Move:
        """Take the time or let it go, and say how that went."""
        match event:
            case OfferTaken(visit, None):
                return done(self, card("waitlist.booked", visit, *AFTERWARDS))
            case OfferTaken(visit):
                return done(self, card("waitlist.moved", visit, *AFTERWARDS))
            case OfferDeclined(waits):
                text = "waitlist.declined_waits" if waits else "waitlist.declined"
                return done(self, Say(text, choices=(menu,)))
            case OfferMissed("unknown"):
                gone = Say("waitlist.unknown", {"phone": ctx.clinic_phone}, (book, menu))
                return done(self, gone)
            case OfferMissed():
                return self._missed(event, ctx)
        taking = self.wants == "take"
        return request(self, TakeOffer(self.offer_id) if taking else DeclineOffer(self.offer_id))

    def _missed(self, missed: OfferMissed, ctx: Context) -> Move:
        """Nobody is left with a bare no: the place on the list stays, and other times are there."""
        said: tuple[Say, ...] = (Say(LOST[missed.why]),)
        if missed.waits:
            said = (*said, Say("waitlist.still_waiting"))
        patient = next((it for it in ctx.patients if it.id == missed.patient_id), None)
        if patient is None or missed.service is None or not missed.others:
            return done(self, *said[:-1], replace(said[-1], choices=(book, menu)))
        return booking.Wish(missed.service, patient, None).soonest(missed.others).ask(*said)


def answer_step(offer_id: int, *, take: bool) -> Answering:
    """Where to start when an offer's button is pressed."""
    return Answering(offer_id, "take" if take else "decline")


def first_step(step: Step) -> Step | None:
    """Where to start for who asks at this step; None: with the list."""
    wanted = wanting(step)
    return AskPart(wanting=wanted) if wanted else None


flow = Flow(
    "waitlist",
    version=1,
    start=Overview,
    steps=(
        AskPart,
        AskDays,
        AskUntil,
        Agree,
        Overview,
        ShowEntry,
        Answering,
        *booking.STEPS,
    ),
)
