"""Triage in the chat: for whom, a first check, what the matter is, questions, and what follows.

Nothing here names a disease. Who does not know what to answer, goes away or falls silent after a
grave answer is looked after as if the gravest held (stop points 5 and 7 of the triage's rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Literal

from clinic.observation.limits import PRESENTATIONS
from clinic.triage.load import catalogue
from clinic.triage.types import Answer, Outcome, Question
from flows import booking, triage_asking, triage_menu
from flows.effects import (
    Choice,
    Deed,
    Escalate,
    Say,
    named,
)
from flows.engine import BACK, Context, Flow, Move, Step, done, goto, request, wait
from flows.events import Chose, Entered, Event, Said
from flows.hope import UNSAID
from flows.navigation import PATIENCE, WAYS_OUT, hint, menu, person
from flows.pickers import page_asked, page_choices, page_of
from flows.triage_case import UNCLEAR, Case, presentation_of
from flows.triage_effects import AnswerCheckIn, ScheduleCheckIn
from flows.triage_events import CheckInAnswered, CheckInGone
from flows.triage_outcome import CaseStep, TodayStep, WithinStep, finish
from nlu import presentations
from nlu.red_flags import RedFlag
from nlu.red_flags.lexicon import rules as red_flag_rules

GRAVE_PATIENCE = timedelta(minutes=10)  # after a grave answer; then a doctor hears of the silence
MOST_NAMED = 3  # presentations that are offered after the patient's own words
CHECK_INS = 2  # "the same" so often, then a visit is offered
MEDICINE = ("medicine", "yes")  # the answer of who asks about a side effect
NEW = Case()
INTENTS = frozenset({"symptom_report", "side_effect"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ForWhom(CaseStep):
    """Who is ill? Of somebody the clinic does not know only age and sex are asked, if needed."""

    case: Case = NEW
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer those the account speaks for, and anybody else."""
        match event:
            case Chose("me" | "other"):
                return goto(_asking(self.case.remembering(ctx)))
            case Chose(value) if (page := page_asked(value, len(ctx.patients))) is not None:
                return replace(self, page=page)._ask(ctx)
            case Chose(value):
                for patient in ctx.patients:
                    if value == str(patient.id):
                        case = self.case.about(patient, ctx.today)
                        return goto(_asking(case.remembering(ctx)))
        return self._ask(ctx, *(() if isinstance(event, Entered) else (hint,)))

    def _ask(self, ctx: Context, *before: Deed) -> Move:
        shown = [named(str(it.id), it.name) for it in page_of(ctx.patients, self.page)]
        known = any(it.relation == "self" for it in ctx.patients)
        me = () if known else (Choice("me", "triage.me"),)
        pages = page_choices(len(ctx.patients), self.page)
        choices = (*me, *shown, *pages, Choice("other", "triage.somebody_else"), *WAYS_OUT)
        return wait(self, *before, Say("triage.ask_who", choices=choices), timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking(CaseStep):
    """The next question. `start`: how many answers there were when it was come to.

    `picked`: options pressed so far where several may be.
    """

    asks_facts: ClassVar[bool] = True
    start: int = 0
    begun_at: int = 1  # the level then
    picked: tuple[str, ...] = ()
    free_text: bool = False

    @property
    def goes_back(self) -> bool:
        """Whether there is an answer to take back, or a level that may not be lost."""
        return len(self.case.answers) > self.start or self.case.at_least > self.begun_at

    def leave(self) -> tuple[Deed, ...]:
        """Who goes away or falls silent after a grave answer is looked after (stop point 7)."""
        if not self.case.grave:
            return ()
        rule = f"triage_silence_{self.case.presentation or UNCLEAR}"
        grave = tuple(name for name, answer in self.case.answers if answer == "yes")
        return (Escalate(rule, 3, "silence", self.case.patient_id, grave),)

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask it, take the answer, and go on."""
        asked = self.case.next()
        if not isinstance(asked, Question):
            return self._end(asked, ctx)
        match event:
            case Entered():
                return self._ask(asked, ctx)
            case Chose(value) if value == BACK:
                return self._back(ctx)
            case Chose(value) if value == triage_asking.DONE and self.picked:
                return self._take(asked, self.picked, ctx)
            case Chose(value) if asked.kind == "many":
                if (option := triage_asking.option_of(asked, value)) is not None:
                    picked = tuple(dict.fromkeys((*self.picked, option)))
                    return replace(self, picked=picked)._ask(asked, ctx)
        answer = triage_asking.read(asked, event, ctx.language)
        if answer is None:
            return self._ask(asked, ctx, triage_asking.hint(asked))
        return self._take(asked, answer, ctx)

    def _take(self, asked: Question, answer: Answer, ctx: Context) -> Move:
        step = replace(self, case=self.case.answered(asked, answer), picked=())
        following = step.case.next()
        if isinstance(following, Question):
            return step._ask(following, ctx)
        return step._end(following, ctx)

    def _end(self, outcome: Outcome | None, ctx: Context) -> Move:
        if outcome is None:
            fitting = self.case.fitting(self.case.named)
            return goto(_which(self.case, fitting) if fitting else WhatIsIt(case=self.case))
        today, within = Today(case=self.case), Within(case=self.case)
        return finish(self, self.case, outcome, today, within, ctx)

    def _back(self, ctx: Context) -> Move:
        if len(self.case.answers) > self.start:
            step = replace(self, case=self.case.back(), picked=())
            return step.on(Entered(), ctx)
        if self.case.presentation:
            return goto(WhatIsIt(case=replace(self.case, presentation="")))
        return goto(ForWhom(case=self.case))

    def _ask(self, asked: Question, ctx: Context, *before: Deed) -> Move:
        step = replace(self, free_text=triage_asking.is_typed(asked))
        says = triage_asking.ask(asked, self.picked, ctx)
        return wait(step, *before, says, timeout=GRAVE_PATIENCE if self.case.grave else PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Naming(CaseStep):
    """What the matter is, in the patient's own words."""

    free_text: ClassVar[bool] = True

    def _heard(self, text: str, ctx: Context) -> tuple[str, ...]:
        return self.case.fitting(presentations.named(text, ctx.language))

    def _chosen(self, name: str) -> Step:
        return _asking(replace(self.case, presentation=name))


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIsIt(_Naming):
    """What is the matter? `missed`: the words before were not understood."""

    missed: bool = False

    def on(self, event: Event, ctx: Context) -> Move:
        """Hear it in any words, or offer the parts of the body."""
        match event:
            case Chose(value) if value in triage_menu.REGIONS:
                return goto(Region(case=self.case, region=value))
            case Chose(value) if value == UNCLEAR:
                return goto(self._chosen(UNCLEAR))
            case Said(text) if found := self._heard(text, ctx):
                return goto(_which(self.case, found))
            case Entered():
                return self._ask("triage.ask_what")
        return replace(self, missed=True)._ask("triage.ask_where")

    def _ask(self, text: str) -> Move:
        unclear = (Choice(UNCLEAR, "triage.hard_to_say"),) if self.missed else ()
        ask = Say(text, choices=(*triage_menu.CHOICES, *unclear, *WAYS_OUT))
        return wait(self, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(_Naming):
    """The presentations of a part of the body."""

    region: str
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer those that there are for this patient."""
        found = self.case.fitting(triage_menu.REGIONS[self.region])
        match event:
            case Chose(value) if value in found:
                return goto(self._chosen(value))
            case Chose("elsewhere"):
                return goto(WhatIsIt(case=self.case, missed=True))
            case Chose(value) if (page := page_asked(value, len(found))) is not None:
                return replace(self, page=page)._ask(found, ctx)
            case Said(text) if meant := self._heard(text, ctx):
                return goto(_which(self.case, meant))
        return self._ask(found, ctx, *(() if isinstance(event, Entered) else (hint,)))

    def _ask(self, found: tuple[str, ...], ctx: Context, *before: Deed) -> Move:
        shown = _titles(page_of(found, self.page), ctx)
        pages = page_choices(len(found), self.page)
        elsewhere = Choice("elsewhere", "triage.something_else")
        ask = Say("triage.ask_region", choices=(*shown, *pages, elsewhere, *WAYS_OUT))
        return wait(self, *before, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichOne(_Naming):
    """What the patient's own words may mean: they confirm it."""

    found: tuple[str, ...]

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer the best, and something else."""
        match event:
            case Chose(value) if value in self.found:
                return goto(self._chosen(value))
            case Chose("elsewhere"):
                return goto(WhatIsIt(case=self.case, missed=True))
            case Said(text) if meant := self._heard(text, ctx):
                return _which(self.case, meant).on(Entered(), ctx)
        elsewhere = Choice("elsewhere", "triage.something_else")
        choices = (*_titles(self.found, ctx), elsewhere, *WAYS_OUT)
        hints = () if isinstance(event, Entered) else (hint,)
        return wait(self, *hints, Say("triage.ask_which", choices=choices), timeout=PATIENCE)


def _titles(names: Sequence[str], ctx: Context) -> tuple[Choice, ...]:
    return tuple(named(name, catalogue()[name].title[ctx.language]) for name in names)


def _which(case: Case, found: tuple[str, ...]) -> WhichOne:
    return WhichOne(case=case, found=found[:MOST_NAMED])


def _asking(case: Case) -> Asking:
    return Asking(case=case, start=len(case.answers), begun_at=case.at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today(TodayStep):
    def asking(self, case: Case) -> Step:
        """Ask again what was answered last."""
        return Asking(case=case)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within(WithinStep):
    def asking(self, case: Case) -> Step:
        """Ask again what was answered last."""
        return Asking(case=case)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEffect(CaseStep):
    """A medicine may be the cause: a visit in person, never a change of medicine by the bot."""

    case: Case = Case(answers=(MEDICINE,))  # noqa: RUF009  # it is frozen
    told: bool = False  # the doctor

    def on(self, event: Event, ctx: Context) -> Move:
        """Tell the doctor; offer questions, a visit or a person."""
        match event:
            case Chose("questions"):
                return goto(ForWhom(case=self.case))
            case Chose("visit"):
                return goto(booking.Draft().next())
        doctor = () if self.told else (Escalate("triage_medicine", 2, "triage"),)
        hints = () if isinstance(event, Entered) else (hint,)
        choices = (
            Choice("questions", "triage.answer_questions", role="primary"),
            Choice("visit", "menu.book"),
            person,
            *WAYS_OUT,
        )
        numbers = {"number": ctx.emergency_number, "phone": ctx.clinic_phone}
        ask = Say("triage.side_effect", numbers, choices)
        return wait(replace(self, told=True), *doctor, *hints, ask, timeout=PATIENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn:
    """The day after a triage that ended in self-care: better, the same, or worse."""

    run_id: int
    how: Literal["better", "same", "worse"]

    def on(self, event: Event, ctx: Context) -> Move:
        """Note it; worse is triaged anew, and what stays the same is asked once more."""
        match event:
            case CheckInGone():
                return done(self, Say("check_in.gone", choices=(menu,)))
            case CheckInAnswered() if self.how == "better":
                return done(self, Say("check_in.glad", choices=(menu,)))
            case CheckInAnswered(times=times) if self.how == "same" and times < CHECK_INS:
                again = Say("check_in.once_more", choices=(person, menu))
                return done(self, ScheduleCheckIn(self.run_id), again)
            case CheckInAnswered(presentation, who, patient_id, name):
                case = Case(who, patient_id, name, presentation, before=self.run_id)
                if self.how == "same":
                    return goto(Within(case=case), Say("check_in.visit"))
                # Twice self-care is not the answer to what gets worse.
                case = case.raised(2).remembering(ctx)
                return goto(_asking(case), Say("check_in.questions"))
        return request(self, AnswerCheckIn(self.run_id, self.how))


def check_in_step(run_id: int, how: Literal["better", "same", "worse"]) -> Step:
    """The first step to who pressed a button under a check-in."""
    return CheckedIn(run_id=run_id, how=how)


def meant(intent: str, said: Said | None, ctx: Context) -> Step:
    """The first step to who wrote of a symptom or of a medicine's effect."""
    if intent == "side_effect":
        return SideEffect()
    if said is None:
        return ForWhom()
    case = replace(NEW, named=presentations.named(said.text, ctx.language))
    relation = UNSAID.hearing(said, ctx).relation
    those = [one for one in ctx.patients if one.relation == relation]
    if len(those) != 1:
        return ForWhom(case=case)
    return _asking(case.about(those[0], ctx.today).remembering(ctx))


def flagged(flag: RedFlag) -> Step:
    """The first step after a red flag that a doctor should see today: it cannot be less."""
    rule = red_flag_rules().get(flag.rule)
    names = presentation_of(rule.presentation) if rule else PRESENTATIONS.get(flag.rule, ())
    return ForWhom(case=replace(NEW, named=names).raised(3))


flow = Flow(
    "triage",
    version=1,
    start=ForWhom,
    steps=(
        ForWhom,
        Asking,
        WhatIsIt,
        Region,
        WhichOne,
        Today,
        Within,
        SideEffect,
        CheckedIn,
        *booking.STEPS,
    ),
)
