"""What a finished triage brings about, and what is offered after it.

The flow makes its own steps of those here by saying where one goes back to. A level only rises: who
goes back and answers otherwise keeps what was reached.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from clinic.booking.types import ServiceOption, Slot
from clinic.triage.load import catalogue
from clinic.triage.types import Outcome
from flows import handoff
from flows.booking import Draft
from flows.effects import (
    Alarm,
    Choice,
    Deed,
    Escalate,
    FindSlots,
    ListServices,
    Say,
)
from flows.engine import BACK, Context, Move, Step, done, goto, request, wait
from flows.events import Chose, Entered, Event, ServicesListed, SlotsFound
from flows.navigation import PATIENCE, START, WAYS_OUT, hint, menu, person
from flows.pickers import MAX_STARTS, one_a_start
from flows.triage_case import UNCLEAR, Case
from flows.triage_effects import KeepTriage, ScheduleCheckIn

TIMES = 3  # of today that are offered
REASON = "triage"  # of a handover, as staff see it
book = Choice(START + "booking", "menu.book", role="primary")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """A step that holds a triage."""

    case: Case

    def raised(self, level: int) -> Step:
        """The same, where a red flag was found meanwhile."""
        step: Step = replace(self, case=self.case.raised(level))  # type: ignore[assignment]  # its subclasses are
        return step


def finish(
    here: Step, case: Case, outcome: Outcome, today: Step, within: Step, ctx: Context
) -> Move:
    """Keep the run, call who must be called, and go on as the outcome says."""
    rule, level = case.rule(outcome), outcome.level
    asked = tuple(name for name, _ in case.answers)
    kept = KeepTriage(case.run(outcome, ctx), asked, case.patient_id, case.before)
    if level == 4 or rule.startswith("self_harm"):
        return done(here, kept, Alarm(rule, level, "triage", case.patient_id, outcome.reasons))
    called = Escalate(rule, level, "triage", case.patient_id, outcome.reasons)
    doctor = (called,) if level == 3 else ()
    said = summary(case, outcome, ctx)
    if outcome.disposition == "ask_a_person":
        return goto(handoff.Queue(REASON), kept, *doctor, *said)
    if level == 3:
        return goto(today, kept, *doctor, *said)
    if level == 2:
        return goto(within, kept, *said)
    care = catalogue()[case.presentation].care or {}
    words = Say("triage.words", {"words": care.get(ctx.language, "")})
    choices = (book, person, menu)
    asks = ctx.consented and not ctx.opted_out  # else nobody is asked tomorrow
    end = "triage.self_care_end" if asks else "triage.self_care_end_unasked"
    closing = Say(end, {"phone": ctx.clinic_phone}, choices)
    return done(here, kept, ScheduleCheckIn(), *said[:2], words, *said[2:], closing)


def summary(case: Case, outcome: Outcome, ctx: Context) -> tuple[Say, ...]:
    """What the patient said, how soon and how to have it seen, and when to come back sooner."""
    language = ctx.language
    run = catalogue()[case.presentation or UNCLEAR]
    told = {
        "name": case.name,
        "title": run.title[language],
        "told": "; ".join(case.told(outcome, language)),
        "unknown": "; ".join(case.unknown(outcome, language)),
    }
    numbers = {"number": ctx.emergency_number, "phone": ctx.clinic_phone}
    medicine = (Say("triage.medicine"),) if outcome.in_person else ()
    return (
        Say("triage.summary", told),
        Say(_HOW_SOON[outcome.disposition], numbers),
        *medicine,
        *_remote(case, outcome, ctx),
        Say("triage.words", {"words": run.come_back[language]}),
    )


def _remote(case: Case, outcome: Outcome, ctx: Context) -> tuple[Say, ...]:
    """Whether it may be seen online or by phone, and why not; a person who takes over decides."""
    if outcome.disposition == "ask_a_person":
        return ()
    against = case.against_remote(outcome, ctx)
    why = "; ".join(rule.reason[ctx.language] for rule in against)
    return (Say("triage.not_remote", {"why": why}) if why else Say("triage.remote"),)


_HOW_SOON = {
    "same_day": "triage.same_day",
    "within_days": "triage.within_days",
    "self_care": "triage.self_care",
    "ask_a_person": "triage.ask_a_person",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterStep(CaseStep, ABC):
    """An offer after the end, from which the last answer can still be taken back."""

    @property
    def goes_back(self) -> bool:
        """Whether there is an answer to take back."""
        return bool(self.case.answers)

    @abstractmethod
    def asking(self, case: Case) -> Step:
        """Ask again what is open then."""

    def draft(self, ctx: Context) -> Draft:
        """A booking for whom the triage was."""
        return Draft(patient=self.case.patient(ctx))


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayStep(AfterStep, ABC):
    """Level 3: the first free times of today, or else a person at once."""

    service: ServiceOption | None = None
    slots: tuple[Slot, ...] = ()

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer them; one that is chosen goes on into the booking, which keeps it."""
        match event:
            case Entered():
                return request(self, ListServices())
            case ServicesListed((first, *_)):  # the clinic puts its general service first
                step = replace(self, service=first)
                return request(step, FindSlots(first.id, None, ctx.today, MAX_STARTS))
            case SlotsFound(slots):
                later = [slot for slot in slots if slot.starts_at > ctx.now]
                if later:
                    return replace(self, slots=one_a_start(later)[:TIMES])._ask()
            case Chose(value) if value == BACK:
                return goto(self.asking(self.case.back()))
            case Chose(value) if slot := next((it for it in self.slots if it.key == value), None):
                draft = replace(self.draft(ctx), service=self.service, anyone=True, slot=slot)
                return goto(draft.next())
        if self.slots and not isinstance(event, SlotsFound | ServicesListed):
            return self._ask(hint)
        return goto(handoff.Queue(REASON), Say("triage.none_today", {"phone": ctx.clinic_phone}))

    def _ask(self, *before: Deed) -> Move:
        times = tuple(Choice(it.key, "booking.time", {"at": it.starts_at}) for it in self.slots)
        ask = Say("triage.ask_today", choices=(*times, person, *WAYS_OUT))
        return wait(self, *before, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinStep(AfterStep, ABC):
    """Level 2: a visit within the next days."""

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer to book it for the patient."""
        match event:
            case Chose(value) if value == BACK:
                return goto(self.asking(self.case.back()))
            case Chose("book"):
                return goto(self.draft(ctx).next())
        hints = () if isinstance(event, Entered) else (hint,)
        visit = Choice("book", "menu.book", role="primary")
        ask = Say("triage.ask_within", choices=(visit, person, *WAYS_OUT))
        return wait(self, *hints, ask, timeout=PATIENCE)
