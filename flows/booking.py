"""Booking: what, for whom, with whom, when; then a note for the clinic, and a yes to all of it."""

from dataclasses import dataclass, replace
from datetime import date

from clinic.booking.types import PractitionerOption, ServiceOption, Slot
from clinic.patient.types import PatientOption, Relation
from flows import family, handoff
from flows.confirming import ChangeStep, ConfirmStep, NoteStep, Part
from flows.effects import (
    Choice,
    Deed,
    ListPractitioners,
    ListServices,
    Say,
    named,
)
from flows.engine import Context, Flow, Move, Step, done, goto, request, wait
from flows.events import (
    Chose,
    Entered,
    Event,
    PractitionersListed,
    Said,
    ServicesListed,
)
from flows.hope import UNSAID, Hope
from flows.navigation import PATIENCE, WAYS_OUT, hint, menu
from flows.pickers import (
    DayPicker,
    DeadEnd,
    Search,
    TimePicker,
    Why,
    anyone,
    page_asked,
    page_choices,
    page_of,
)
from flows.soonest import SoonPicker


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a booking so far, in whatever order it was told."""

    service: ServiceOption | None = None
    patient: PatientOption | None = None
    practitioner: PractitionerOption | None = None
    anyone: bool = False  # will take any practitioner
    slot: Slot | None = None
    note: str | None = None  # None: not asked yet
    hope: Hope = UNSAID

    def next(self) -> Step:
        """The first question that is still open."""
        if self.service is None:
            return PickService(draft=self)
        if self.patient is None:
            return PickPerson(draft=self)
        if self.practitioner is None and not self.anyone:
            return PickPractitioner(draft=self, service=self.service)
        wish = Wish(self.service, self.patient, self.practitioner, self.note)
        return wish.picked(self.slot) if self.slot else wish.by_day(said=self.hope.when)

    def chosen(self, patient: PatientOption) -> Step:
        """Go on with this person."""
        return replace(self, patient=patient).next()

    def hearing(self, event: Said, ctx: Context) -> "Draft | None":
        """With what was said instead of an answer; None if that is nothing of a booking."""
        hope = self.hope.hearing(event, ctx)
        return replace(self, hope=hope) if hope != self.hope else None


@dataclass(frozen=True, slots=True)
class Wish:
    """A booking that lacks but a time. `practitioner` None: anyone."""

    service: ServiceOption
    patient: PatientOption
    practitioner: PractitionerOption | None
    note: str | None = None

    @property
    def search(self) -> Search:
        """Where to look for times."""
        return Search(self.service.id, self.practitioner.id if self.practitioner else None)

    def by_day(self, from_on: date | None = None, said: str = "") -> "PickDay":
        """Offer days."""
        return PickDay(goal=self, from_on=from_on, said=said)

    def by_time(self, day: date, said: str = "") -> "PickTime":
        """Offer the times of a day."""
        return PickTime(goal=self, day=day, said=said)

    def soonest(self, slots: tuple[Slot, ...] = (), said: str = "") -> "PickSoonest":
        """Offer these times, or the first there are; `said` are the patient's words about when."""
        return PickSoonest(goal=self, slots=slots, said=said)

    def picked(self, slot: Slot, hold: int | None = None) -> Step:
        """Keep the time, and ask what is left to ask."""
        if self.note is None:
            return AskNote(goal=self, slot=slot, hold=hold)
        return Confirm(goal=self, slot=slot, hold=hold)

    def stuck(self, why: Why, limit: int = 0) -> "Stuck":
        """Offer staff."""
        return Stuck(goal=self, why=why, limit=limit)

    def widened(self) -> "Wish | None":
        """The same with any practitioner."""
        return replace(self, practitioner=None) if self.practitioner else None

    def noted(self, note: str) -> "Wish":
        """With this note; "" for none."""
        return replace(self, note=note)

    def confirming(self, slot: Slot, hold: int | None, *, change: bool) -> Step:
        """Ask what should be different, or for another note."""
        step = Change if change else AskNote
        return step(goal=self, slot=slot, hold=hold)

    def corrected(self, hope: Hope) -> Step:
        """As it was, but for what was said instead: "no, Friday", "with Dr Ito"."""
        draft = Draft(self.service, self.patient, self.practitioner, True, None, self.note, hope)
        if hope.service_id:
            draft = replace(draft, service=None, practitioner=None, anyone=False)
        if hope.practitioner_id:
            draft = replace(draft, practitioner=None, anyone=False)
        return (replace(draft, patient=None) if hope.relation else draft).next()

    def without(self, part: Part, slot: Slot) -> Step:
        """Ask again for one part of a booking that was complete, and keep what does not hang on it.

        A note is asked for by `AskNote`, which keeps the slot too.
        """
        draft = Draft(self.service, self.patient, note=self.note)
        match part:
            case "time":
                return self.by_time(slot.starts_at.date())
            case "service":
                return PickService(draft=replace(draft, service=None), again=True)
            case "practitioner":
                return PickPractitioner(draft=draft, service=self.service)
            case "patient":
                whoever = Draft(self.service, None, self.practitioner, True, slot, self.note)
                return PickPerson(draft=whoever, again=True)
        return self.by_day()


@dataclass(frozen=True, slots=True, kw_only=True)
class PickService:
    """What is the visit for? Not asked where there is but one answer, unless `again`."""

    draft: Draft = Draft()
    again: bool = False
    offered: tuple[ServiceOption, ...] = ()
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer the services that can be booked."""
        match event:
            case Entered():
                return request(self, ListServices())
            case ServicesListed(()):
                return done(self, Say("booking.no_services", {"phone": ctx.clinic_phone}, (menu,)))
            case ServicesListed((only,)) if not self.again:
                return goto(replace(self.draft, service=only).next())
            case ServicesListed(services):
                return replace(self, offered=services, page=0)._hope()
            case Chose(value):
                for service in self.offered:
                    if value == str(service.id):
                        return goto(replace(self.draft, service=service).next())
                if (page := page_asked(value, len(self.offered))) is not None:
                    return replace(self, page=page)._ask()
            case Said() if draft := self.draft.hearing(event, ctx):
                return replace(self, draft=draft)._hope()
        return self._ask(hint)

    def _hope(self) -> Move:
        hope = self.draft.hope
        for service in self.offered:
            if service.id == hope.service_id:
                draft = replace(self.draft, service=service, hope=replace(hope, service_id=None))
                return goto(draft.next())
        return self._ask()

    def _ask(self, *effects: Deed) -> Move:
        shown = [named(str(it.id), it.name) for it in page_of(self.offered, self.page)]
        choices = (*shown, *page_choices(len(self.offered), self.page), *WAYS_OUT)
        return wait(self, *effects, Say("booking.ask_service", choices=choices), timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPerson:
    """Who is the visit for? Not asked where the account speaks for one, unless `again`."""

    draft: Draft
    again: bool = False
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer the people the account speaks for, and to add one."""
        match event:
            case Entered() if self.draft.hope.relation:
                return self._hope(self.draft.hope.relation, ctx)
            case Entered() if not ctx.patients:
                return goto(AskRelation(goal=self.draft))
            case Entered() if len(ctx.patients) == 1 and not self.again:
                return goto(self.draft.chosen(ctx.patients[0]))
            case Entered():
                return self._ask(ctx)
            case Chose("add") if family.can_add(ctx):
                return goto(AskRelation(goal=self.draft))
            case Chose(value):
                for patient in ctx.patients:
                    if value == str(patient.id):
                        return goto(self.draft.chosen(patient))
                if (page := page_asked(value, len(ctx.patients))) is not None:
                    return replace(self, page=page)._ask(ctx)
            case Said() if draft := self.draft.hearing(event, ctx):
                return replace(self, draft=draft).on(Entered(), ctx)
        return self._ask(ctx, hint)

    def _hope(self, relation: Relation, ctx: Context) -> Move:
        """The one it is for, or a new one of this relation: "for my daughter"."""
        draft = replace(self.draft, hope=replace(self.draft.hope, relation=None))
        meant = [patient for patient in ctx.patients if patient.relation == relation]
        if len(meant) == 1:
            return goto(draft.chosen(meant[0]))
        if not meant and family.can_add(ctx):
            return goto(AskName(goal=draft, relation=relation))
        return replace(self, draft=draft)._ask(ctx)

    def _ask(self, ctx: Context, *effects: Deed) -> Move:
        shown = [named(str(it.id), it.name) for it in page_of(ctx.patients, self.page)]
        add = (Choice("add", "family.add"),) if family.can_add(ctx) else ()
        choices = (*shown, *page_choices(len(ctx.patients), self.page), *add, *WAYS_OUT)
        return wait(self, *effects, Say("booking.ask_person", choices=choices), timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRelation(family.RelationStep):
    goal: Draft

    def named(self, relation: Relation) -> Step:
        return AskName(goal=self.goal, relation=relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskName(family.NameStep):
    goal: Draft

    def born(self, name: str) -> Step:
        return AskBirth(goal=self.goal, relation=self.relation, name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskBirth(family.BirthStep):
    goal: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPractitioner:
    """Who should see the patient? Not asked where only one can."""

    draft: Draft
    service: ServiceOption
    offered: tuple[PractitionerOption, ...] = ()
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:  # the contract of steps
        """Offer the soonest times with anyone, anyone, or one by name."""
        match event:
            case Entered():
                return request(self, ListPractitioners(self.service.id))
            case PractitionersListed(() | (_,) as few):
                only = few[0] if few else None
                return goto(replace(self.draft, practitioner=only, anyone=True).next())
            case PractitionersListed(practitioners):
                return replace(self, offered=practitioners, page=0)._hope()
            case Chose("soonest") if self.draft.patient:
                wish = Wish(self.service, self.draft.patient, None, self.draft.note)
                return goto(wish.soonest(said=self.draft.hope.when))
            case Chose("anyone"):
                return goto(replace(self.draft, anyone=True).next())
            case Chose(value):
                for practitioner in self.offered:
                    if value == str(practitioner.id):
                        return goto(replace(self.draft, practitioner=practitioner).next())
                if (page := page_asked(value, len(self.offered))) is not None:
                    return replace(self, page=page)._ask()
            case Said() if draft := self.draft.hearing(event, ctx):
                return replace(self, draft=draft)._hope()
        return self._ask(hint)

    def _hope(self) -> Move:
        hope = self.draft.hope
        for practitioner in self.offered:
            if practitioner.id == hope.practitioner_id:
                hope = replace(hope, practitioner_id=None)
                return goto(replace(self.draft, practitioner=practitioner, hope=hope).next())
        return self._ask()

    def _ask(self, *effects: Deed) -> Move:
        soonest = Choice("soonest", "booking.soonest", role="primary")
        shown = [named(str(it.id), it.name) for it in page_of(self.offered, self.page)]
        pages = page_choices(len(self.offered), self.page)
        first = () if self.page else (soonest, anyone)
        ask = Say("booking.ask_practitioner", choices=(*first, *shown, *pages, *WAYS_OUT))
        return wait(self, *effects, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickDay(DayPicker):
    goal: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class PickTime(TimePicker):
    goal: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class PickSoonest(SoonPicker):
    goal: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck(DeadEnd):
    goal: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class AskNote(NoteStep):
    goal: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(ConfirmStep):
    goal: Wish


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(ChangeStep):
    goal: Wish


STEPS = (
    PickService,
    PickPerson,
    AskRelation,
    AskName,
    AskBirth,
    PickPractitioner,
    PickDay,
    PickTime,
    PickSoonest,
    Stuck,
    AskNote,
    Confirm,
    Change,
    handoff.Queue,
)


def hoped(said: Said, ctx: Context) -> Step:
    """The first question to who asked for a booking in these words."""
    return Draft(hope=UNSAID.hearing(said, ctx)).next()


flow = Flow("booking", version=1, start=Draft().next, steps=STEPS)
