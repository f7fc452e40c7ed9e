"""One triage as it stands: whose it is, what was answered, and what follows from it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from clinic.patient.types import PatientOption
from clinic.triage import rules
from clinic.triage.load import catalogue
from clinic.triage.types import (
    LEVELS,
    Answer,
    Facts,
    Level,
    Outcome,
    Presentation,
    Question,
    RemoteRule,
    Run,
)
from flows.engine import Context

UNCLEAR = "unclear"  # the presentation of who cannot say what it is
UNKNOWN = Facts()
# Whom a case is about that is nobody's whom the clinic knows, and one of whom that is not known.
OTHER, ANYBODY = "other", "anybody"
LASTING = timedelta(hours=24)  # that a level which was reached is remembered
_BEFOREHAND = ("first_check", "age")  # asked before what the matter is
# Answers to which rule S applies, whatever they were asked in.
_SELF_HARM = {
    "low_mood": frozenset({"act_now", "intent_plan_unsafe", "recent_act_intent", "thoughts"}),
    "poisoning": frozenset({"on_purpose"}),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What is known so far. `answers` in the order in which they were given.

    `named`: presentations that the patient's own words may mean; `before`: the kept run that this
    one follows; `at_least`: the level that was reached already, for levels only rise.
    """

    who: Facts = UNKNOWN
    patient_id: int | None = None  # None: somebody else, or nobody the clinic knows
    name: str = ""
    presentation: str = ""  # "": not known yet
    named: tuple[str, ...] = ()
    answers: tuple[tuple[str, Answer], ...] = ()
    at_least: Level = 1
    before: int | None = None

    @property
    def said(self) -> Mapping[str, Answer]:
        """The answers by question."""
        return dict(self.answers)

    @property
    def rules(self) -> Presentation:
        """What the case goes by; one that is not known yet raises no level by itself."""
        return catalogue()[self.presentation] if self.presentation else _bare()

    def next(self) -> Question | Outcome | None:
        """What to ask, or what follows; None: what the matter is has to be known first."""
        if self.presentation:
            return rules.next_question(self.rules, self.who, self.said, at_least=self.at_least)
        if self.level == 4:
            unclear = catalogue()[UNCLEAR]
            return rules.outcome(unclear, self.who, self.said, at_least=self.at_least)
        questions = self.rules.base.questions
        known = {*self.said, *(("age",) if self.who.age is not None else ())}
        return next((questions[name] for name in _BEFOREHAND if name not in known), None)

    @property
    def level(self) -> Level:
        """The level so far."""
        return rules.level_so_far(self.rules, self.who, self.said, at_least=self.at_least)

    @property
    def whose(self) -> str:
        """Whom it is about, as a level that was reached is remembered."""
        return OTHER if self.patient_id is None else str(self.patient_id)

    @property
    def grave(self) -> bool:
        """Whether staff must hear of it if nothing more is said now (stop point 7)."""
        return rules.alert_if_silent(self.rules, self.who, self.said)

    def answered(self, asked: Question, answer: Answer) -> "Case":
        """With one more answer."""
        return replace(self, answers=(*self.answers, (asked.id, answer)))

    def back(self) -> "Case":
        """Back to the last question that is still open then; a level that was reached stays."""
        case = replace(self, answers=self.answers[:-1])
        if case.level < self.level:
            case = case.raised(self.level)
        return case if not case.answers or isinstance(case.next(), Question) else case.back()

    def raised(self, level: int) -> "Case":
        """At this level at least."""
        return replace(self, at_least=LEVELS[max(self.at_least, level) - 1])

    def remembering(self, ctx: Context) -> "Case":
        """At least at what an unfinished triage of the same one had come to within a day."""
        levels = [
            it.level
            for it in ctx.reached
            if it.whose in (self.whose, ANYBODY) and ctx.now - it.at < LASTING
        ]
        return self.raised(max(levels, default=1))

    def about(self, patient: PatientOption, today: date) -> "Case":
        """Of somebody the account speaks for."""
        who = Facts(age_on(today, patient.birth_on), patient.sex)
        return replace(self, who=who, patient_id=patient.id, name=patient.name)

    def patient(self, ctx: Context) -> PatientOption | None:
        """Whom it is about, if the account speaks for them."""
        return next((one for one in ctx.patients if one.id == self.patient_id), None)

    def fitting(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those presentations that there are for this patient."""
        found = [catalogue()[name] for name in names if name in catalogue()]
        said = self.said
        return tuple(
            one.id for one in found if rules.offered(one, rules.known(one, self.who, said))
        )

    def run(self, outcome: Outcome, ctx: Context) -> Run:
        """The finished run, as it is kept."""
        presentation = self.presentation or UNCLEAR
        against = tuple(rule.id for rule in self.against_remote(outcome, ctx))
        return Run(presentation, self.who, self.said, self.at_least, outcome, against)

    def against_remote(self, outcome: Outcome, ctx: Context) -> tuple[RemoteRule, ...]:
        """The rules that forbid to have it seen online or by phone; none: it is possible.

        For a child of the one who writes, that one takes part.
        """
        run = catalogue()[self.presentation or UNCLEAR]
        patient = self.patient(ctx)
        guardian = patient is not None and patient.relation == "child"
        who = rules.known(run, self.who, self.said)
        return rules.against_remote(run, outcome, who, guardian=guardian)

    def rule(self, outcome: Outcome) -> str:
        """The name under which a doctor is called."""
        harmed = _SELF_HARM.get(self.presentation, frozenset()) & {*outcome.reasons}
        if self.presentation == "self_harm" or harmed:
            return "self_harm_triage"  # rule S
        return f"triage_{self.presentation or UNCLEAR}"

    def told(self, outcome: Outcome, language: str) -> tuple[str, ...]:
        """What the patient said that counts, in words; what they were not sure of is left out."""
        run = catalogue()[self.presentation or UNCLEAR]
        said = [it for it in outcome.reasons if it in self.said and it not in outcome.unknown]
        return tuple(rules.reason(run, name)[language] for name in said)

    def unknown(self, outcome: Outcome, language: str) -> tuple[str, ...]:
        """What the patient was not sure of, in words."""
        run = catalogue()[self.presentation or UNCLEAR]
        asked = [it for it in outcome.unknown if it in self.said]
        return tuple(rules.reason(run, name)[language] for name in asked)


def _bare() -> Presentation:
    """The questions of everybody, without what a presentation itself makes of them."""
    return replace(catalogue()[UNCLEAR], id="", otherwise=1, questions=())


def age_on(today: date, birth_on: date | None) -> float | None:
    """The age in years. A whole one on the birthday; a part of a year is told by its days."""
    if birth_on is None or birth_on > today:
        return None
    had = (today.month, today.day) >= (birth_on.month, birth_on.day)
    years = today.year - birth_on.year - (not had)
    since = today - _birthday(birth_on, birth_on.year + years)
    return years + since.days / 366


def _birthday(birth_on: date, year: int) -> date:
    """The birthday of a year; who was born on 29 February has it on 1 March in common years."""
    try:
        return birth_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def presentation_of(number: int) -> tuple[str, ...]:
    """The presentation of a number of the triage's table, if there is one."""
    return tuple(one.id for one in catalogue().values() if number and one.number == number)
