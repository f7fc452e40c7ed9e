"""Rules and runs of the triage in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from admin.i18n import Speech
from clinic.staff.access.triage import Signed
from clinic.triage import rules
from clinic.triage.document import digest
from clinic.triage.steps import Step, Walked, differences
from clinic.triage.texts import BASE, rule_of
from clinic.triage.types import (
    LEVELS,
    Answer,
    Base,
    Level,
    Outcome,
    Presentation,
    Question,
    Run,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule's text stands to signatures. `signed` None: nobody has signed any text of it;
    `valid`: it is this one."""

    rule: str
    version: int
    digest: str
    signed: Signed | None

    @property
    def valid(self) -> bool:
        """Whether a doctor stands for this very text."""
        return self.signed is not None and self.signed.digest == self.digest


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step of a run in words. `fired`: the rules that its answer met, with the level of each."""

    number: int
    question: str
    answer: str
    fired: tuple[str, ...]
    counts: Level
    level: Level
    rose: bool
    new: bool


@dataclass(frozen=True, slots=True)
class OutcomeSeen:
    """What follows, in words."""

    level: Level
    disposition: str
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]
    in_person: bool


@dataclass(frozen=True, slots=True)
class DifferenceSeen:
    """A part of the outcome, as it was and as it is now."""

    part: str
    then: str
    now: str


def standing(presentation: Presentation, signed: Mapping[str, Signed]) -> Standing:
    """How a presentation stands."""
    rule = rule_of(presentation.id)
    return _standing(rule, presentation, signed.get(rule))


def base_standing(base: Base, signed: Mapping[str, Signed]) -> Standing:
    """How the questions of everybody stand."""
    return _standing(BASE, base, signed.get(BASE))


def _standing(rule: str, text: Presentation | Base, here: Signed | None) -> Standing:
    """A signature given here counts before one that came with the file."""
    said = digest(text.content)
    came = text.signature
    if came is not None and (here is None or here.digest != said):
        here = Signed(came.name, datetime.combine(came.on, time(12), UTC), text.version, said)
    return Standing(rule, text.version, said, here)


def stops(presentation: Presentation) -> tuple[Level, ...]:
    """The levels at which a run of a presentation can end, by its own questions."""
    own = {one.level for one in presentation.questions} | {presentation.otherwise}
    raised = {4} if presentation.modifiers and 3 in own else set()
    return tuple(sorted(level for level in LEVELS if level in own | raised))[::-1]


def found(presentations: Mapping[str, Presentation], words: str) -> list[Presentation]:
    """Those whose number, name, title or patients' words hold what was typed, in any language."""
    wanted = words.strip().casefold()
    return [one for one in presentations.values() if not wanted or _holds(one, wanted)]


def _holds(one: Presentation, wanted: str) -> bool:
    if wanted == str(one.number):
        return True
    texts = [one.id.replace("_", " "), *one.title.values()]
    texts += [word.replace("*", "") for words in one.words.values() for word in words]
    return any(wanted in text.casefold() for text in texts)


def steps(presentation: Presentation, walked: Walked, run: Run, speech: Speech) -> list[StepSeen]:
    """The steps of a walk in the reader's language."""
    seen = []
    before = run.at_least
    for number, step in enumerate(walked.steps, 1):
        asked = step.asked
        seen.append(
            StepSeen(
                number=number,
                question=asked.ask[speech.language] if asked else step.name,
                answer=speech("triage.answer.not_asked")
                if step.new
                else answered(asked, step.answer, speech),
                fired=_fired(presentation, step, speech),
                counts=step.counts,
                level=step.level,
                rose=step.level > before,
                new=step.new,
            )
        )
        before = step.level
    return seen


def answered(asked: Question | None, answer: Answer, speech: Speech) -> str:
    """An answer in words."""
    if isinstance(answer, tuple):
        return ", ".join(_option(asked, one, speech) for one in answer) or speech(
            "triage.answer.none"
        )
    if answer in ("yes", "no", "unsure"):
        return speech(f"triage.answer.{answer}")
    return _option(asked, answer, speech) if isinstance(answer, str) else f"{answer:g}"


def outcome(presentation: Presentation, one: Outcome, speech: Speech) -> OutcomeSeen:
    """What follows, in the reader's language."""
    return OutcomeSeen(
        one.level,
        speech(f"triage.disposition.{one.disposition}"),
        tuple(because(presentation, name, speech) for name in one.reasons),
        tuple(because(presentation, name, speech) for name in one.unknown),
        one.in_person,
    )


def changed(
    presentation: Presentation, then: Outcome, now: Outcome, speech: Speech
) -> list[DifferenceSeen]:
    """What is not as it was, in the reader's language."""

    def word(part: str, one: str) -> str:
        if part in ("reasons", "unknown"):
            return because(presentation, one, speech)
        if part == "disposition":
            return speech(f"triage.disposition.{one}")
        if part == "in_person":
            return speech("triage.answer.yes" if one == "True" else "triage.answer.no")
        return one

    return [
        DifferenceSeen(
            it.part,
            "; ".join(word(it.part, one) for one in it.then) or "–",
            "; ".join(word(it.part, one) for one in it.now) or "–",
        )
        for it in differences(then, now)
    ]


def because(presentation: Presentation, name: str, speech: Speech) -> str:
    """A reason in words; its id where these rules have it no more."""
    try:
        return rules.reason(presentation, name)[speech.language]
    except KeyError:
        return name


def _fired(presentation: Presentation, step: Step, speech: Speech) -> tuple[str, ...]:
    own = (step.name,) if step.counts > 1 else ()
    names = dict.fromkeys((*own, *step.by))
    return tuple(because(presentation, name, speech) for name in names)


def _option(asked: Question | None, name: str, speech: Speech) -> str:
    options = asked.options if asked else ()
    return next((one.text[speech.language] for one in options if one.id == name), name)
