"""Plays any questionnaire in the chat: one question at a time, a summary, and only then it is sent.

What is answered is kept after each answer, so that it can be gone on with days later, on the
version it was begun with.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from clinic.questionnaire import codec, rules, scoring
from clinic.questionnaire.types import Answers, Given, Question, Questionnaire, Refusal, Value
from flows import form_item
from flows.effects import (
    Alarm,
    Choice,
    Deed,
    Escalate,
    KeepDraft,
    Say,
    named,
)
from flows.engine import BACK, Context, Flow, Move, Step, done, goto, request, wait
from flows.events import (
    Chose,
    Entered,
    Event,
    FormGone,
    FormOpened,
    FormsListed,
    FormSubmitted,
    Said,
    TimedOut,
)
from flows.form_effects import ListForms, OpenForm, SubmitForm
from flows.form_item import Picked
from flows.navigation import PATIENCE, WAYS_OUT, hint, menu, person
from flows.pickers import page_asked, page_choices, page_of

EMERGENCY = 4


@dataclass(frozen=True, slots=True)
class Filling:
    """Which request is answered, on which version, and for whom.

    `held`: alerts of the answers so far that a doctor hears of when the patient is through, or goes
    away before.
    """

    request_id: int
    form_id: int
    patient_id: int
    held: tuple[tuple[str, int], ...] = ()

    def leave(self) -> tuple[Deed, ...]:
        """Nobody may come back to finish: doctors hear of what stands out already."""
        return tuple(Escalate(*it, "questionnaire", self.patient_id) for it in self.held)


@dataclass(frozen=True, slots=True)
class Forms:
    """Which questionnaire? The only one that waits is opened at once."""

    listed: tuple[int, ...] = ()

    def on(self, event: Event, ctx: Context) -> Move:  # noqa: ARG002  # the contract of steps
        """List what the clinic asks this account's people."""
        match event:
            case FormsListed(()):
                return done(self, Say("form.none", choices=(menu,)))
            case FormsListed((only,)):
                return goto(Opening(only.request_id))
            case FormsListed(forms):
                choices = tuple(
                    named(str(form.request_id), f"{form.title} ({form.patient_name})")
                    for form in forms
                )
                step = replace(self, listed=tuple(form.request_id for form in forms))
                return wait(step, Say("form.which", choices=(*choices, *WAYS_OUT)))
            case Chose(value) if value.isdecimal() and int(value) in self.listed:
                return goto(Opening(int(value)))
        return request(self, ListForms())


@dataclass(frozen=True, slots=True)
class Opening:
    """A questionnaire that was asked for, where it was left."""

    request_id: int

    def on(self, event: Event, ctx: Context) -> Move:
        """Open it; say what it is, for whom, and how long it takes."""
        match event:
            case FormGone():
                return done(self, Say("form.gone", choices=(menu,)))
            case FormOpened(form_id, patient_id, patient_name, title, draft, _):
                answers = draft or codec.dump(rules.begin(ctx.today))
                asking = Asking(Filling(self.request_id, form_id, patient_id), answers)
                intro = Say("form.intro", {"title": title, "name": patient_name})
                again = Say("form.again", {"title": title, "name": patient_name})
                return goto(asking, again if draft else intro)
        return request(self, OpenForm(self.request_id))


@dataclass(frozen=True, slots=True)
class Asking:
    """The next open question. `answers` are those so far, as plain data."""

    what: Filling
    answers: dict[str, Any] = field(default_factory=dict)
    picked: Picked = field(default_factory=Picked)
    free_text: bool = False
    takes_media: bool = True

    @property
    def goes_back(self) -> bool:
        """Whether there is a question before this one."""
        return codec.load(self.answers) != Answers(codec.load(self.answers).on)

    def leave(self) -> tuple[Deed, ...]:
        """See Filling.leave."""
        return self.what.leave()

    def on(self, event: Event, ctx: Context) -> Move:
        """Ask it, take the answer, and go on."""
        form, answers = ctx.forms[self.what.form_id], codec.load(self.answers)
        question = rules.next_question(form, answers)
        if question is None:
            return goto(Summary(self.what, self.answers))
        match event:
            case Entered():
                return self._ask(form, answers, question, ctx)
            case TimedOut():
                return wait(self)
            case Chose(value) if value == BACK:
                earlier = rules.back(form, answers)
                return self._go_on(form, earlier or answers, ctx)
            case Chose("skip"):
                return self._take(form, rules.skip(form, answers, question), question, ctx)
            case Chose("done") if self.picked.options:
                result = rules.answer(form, answers, question, self._pressed(question))
                return self._take(form, result, question, ctx)
            case Chose(value) if (page := self._page(question, value)) is not None:
                step = replace(self, picked=replace(self.picked, page=page))
                return step._ask(form, answers, question, ctx)
            case Chose(value) if question.item.repeats and not question.another:
                if (number := form_item.option_of(question, value)) is not None:
                    return self._pick(form, answers, question, number, ctx)
        read = form_item.read(question, event, ctx)
        if read is None:
            said = form_item.hint(question, ctx.language)
            return self._ask(form, answers, question, ctx, said)
        values = (*self._pressed(question), *read) if isinstance(event, Said) else read
        values = tuple(value for n, value in enumerate(values) if value not in values[:n])
        return self._take(form, rules.answer(form, answers, question, values), question, ctx)

    def _pressed(self, question: Question) -> tuple[Value, ...]:
        """What was pressed of several; what is typed then adds to it."""
        return tuple(question.item.options[number].value for number in self.picked.options)

    def _page(self, question: Question, value: str) -> int | None:
        return page_asked(value, len(question.item.options) - len(self.picked.options))

    def _pick(
        self, form: Questionnaire, answers: Answers, question: Question, number: int, ctx: Context
    ) -> Move:
        """One of several: more may be pressed, unless it can only stand alone."""
        options = (*self.picked.options, *(() if number in self.picked.options else (number,)))
        values = tuple(question.item.options[n].value for n in options)
        alone = len(options) == 1 and question.item.options[number].exclusive
        if alone or len(options) == (question.item.most or len(question.item.options)):
            result = rules.answer(form, answers, question, values)
            return self._take(form, result, question, ctx)
        return replace(self, picked=Picked(options))._ask(form, answers, question, ctx)

    def _take(
        self, form: Questionnaire, result: Answers | Refusal, question: Question, ctx: Context
    ) -> Move:
        if isinstance(result, Refusal):
            said = form_item.refusal(result, ctx.language)
            step = replace(self, picked=Picked())
            return step._ask(form, codec.load(self.answers), question, ctx, said)
        return self._go_on(form, result, ctx)

    def _go_on(self, form: Questionnaire, answers: Answers, ctx: Context) -> Move:
        pressing = _pressing(form, answers)
        held = tuple(it for it in _found(form, answers) if it not in pressing)
        what = replace(self.what, held=held)
        step = replace(self, what=what, answers=codec.dump(answers), picked=Picked())
        kept: tuple[Deed, ...] = (KeepDraft(self.what.request_id, step.answers),)
        before = set(_pressing(form, codec.load(self.answers)))
        if raised := [it for it in pressing if it not in before]:
            whom = self.what.patient_id
            others = tuple(Escalate(*it, "questionnaire", whom) for it in raised[1:])
            return wait(step, *kept, *others, Alarm(*raised[0], "questionnaire", whom))
        question = rules.next_question(form, answers)
        if question is None:
            return goto(Summary(step.what, step.answers), *kept)
        return step._ask(form, answers, question, ctx, *kept)

    def _ask(
        self,
        form: Questionnaire,
        answers: Answers,
        question: Question,
        ctx: Context,
        *before: Deed,
    ) -> Move:
        step = replace(self, free_text=form_item.is_typed(question))
        number, total = rules.progress(form, answers)
        of = total if rules.count_is_sure(form, answers) else None
        says = form_item.ask(question, (number, of), self.picked, ctx)
        return wait(step, *before, *says, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Summary:
    """All answers once more, before they are sent."""

    what: Filling
    answers: dict[str, Any]

    def leave(self) -> tuple[Deed, ...]:
        """See Filling.leave."""
        return self.what.leave()

    def on(self, event: Event, ctx: Context) -> Move:
        """Show them; send them on a yes."""
        form, answers = ctx.forms[self.what.form_id], codec.load(self.answers)
        match event:
            case FormSubmitted():
                return done(self, *self.what.leave(), _thanks(form, answers))
            case FormGone():
                return done(self, *self.what.leave(), Say("form.gone", choices=(menu,)))
            case Chose("yes"):
                totals = {name: str(value) for name, value in rules.scores(form, answers).items()}
                alerts = _found(form, answers)
                return request(self, SubmitForm(self.what.request_id, self.answers, totals, alerts))
            case Chose("change"):
                return goto(Change(self.what, self.answers))
        hints = () if isinstance(event, Entered) else (hint,)
        lines = [_line(given, ctx.language) for given in rules.asked(form, answers)]
        closing = [
            Say("form.words", {"words": words})
            for lead in rules.closing(form, answers)
            if (words := lead.item.text.get(ctx.language))
        ]
        choices = (
            Choice("yes", "form.submit", role="primary"),
            Choice("change", "form.change"),
            *WAYS_OUT,
        )
        asked = Say("form.ask_submit", choices=choices)
        return wait(self, *hints, *closing, Say("form.summary"), *lines, asked, timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Change:
    """Which answer is to be another one?"""

    what: Filling
    answers: dict[str, Any]
    page: int = 0

    def on(self, event: Event, ctx: Context) -> Move:
        """Offer all that can be changed, some at a time."""
        form, answers = ctx.forms[self.what.form_id], codec.load(self.answers)
        given = [one for one in rules.asked(form, answers) if one.editable]
        match event:
            case Chose(value) if (page := page_asked(value, len(given))) is not None:
                return replace(self, page=page)._ask(given, ctx)
            case Chose(value) if value.isdecimal() and int(value) < len(given):
                changed = rules.change(form, answers, given[int(value)].path)
                assert isinstance(changed, Answers)  # only what can be changed is offered
                return goto(Asking(self.what, codec.dump(changed)))
        return self._ask(given, ctx, *(() if isinstance(event, Entered) else (hint,)))

    def _ask(self, given: list[Given], ctx: Context, *before: Say) -> Move:
        choices = tuple(
            named(str(number), _name(given[number], ctx.language))
            for number in page_of(range(len(given)), self.page)
        )
        pages = page_choices(len(given), self.page)
        asked = Say("form.ask_change", choices=(*choices, *pages, *WAYS_OUT))
        return wait(self, *before, asked, timeout=PATIENCE)


def _name(given: Given, language: str) -> str:
    words = given.item.text.get(language) or given.item.link_id
    about = f" ({form_item.shown(given.about, language)})" if given.about is not None else ""
    return f"{words}{about}" if given.number is None else f"{words}{about} ({given.number})"


def _line(given: Given, language: str) -> Say:
    values = ", ".join(form_item.called(given.item, value, language) for value in given.values)
    return Say("form.line", {"question": _name(given, language), "answer": values or "–"})


def _alerts(form: Questionnaire, answers: Answers) -> tuple[scoring.Alert, ...]:
    """What somebody must be told of, the gravest first."""
    name = form.url.rsplit("/", 1)[-1]
    totals = rules.scores(form, answers)
    return scoring.assess(name, scoring.plain(answers), totals).alerts


def _found(form: Questionnaire, answers: Answers) -> tuple[tuple[str, int], ...]:
    """The rules and levels of all alerts."""
    return tuple((alert.rule, alert.level) for alert in _alerts(form, answers))


def _pressing(form: Questionnaire, answers: Answers) -> list[tuple[str, int]]:
    """Thoughts of death and emergencies, which do not wait for the end of a questionnaire."""
    return [
        (alert.rule, alert.level)
        for alert in _alerts(form, answers)
        if not alert.may_settle and (alert.level >= EMERGENCY or alert.rule.startswith("self_harm"))
    ]


def _thanks(form: Questionnaire, answers: Answers) -> Say:
    if any(alert.level >= EMERGENCY - 1 for alert in _alerts(form, answers)):
        return Say("form.sent_doctor_looks", choices=(person, menu))
    return Say("form.sent", choices=(menu,))


def fill_step(request_id: int) -> Step:
    """The first step to who pressed the button under a request."""
    return Opening(request_id)


flow = Flow(
    "questionnaire",
    version=1,
    start=Forms,
    steps=(Forms, Opening, Asking, Summary, Change),
)
