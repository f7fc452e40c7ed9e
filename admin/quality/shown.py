"""What is read beside the transcript, and the fields of the checklist, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from admin.questionnaires import shown
from clinic.questionnaire.types import Answers, Coding, Questionnaire
from clinic.staff.access.quality import Opened, RunSeen
from clinic.triage.load import catalogue
from clinic.triage.rules import question
from clinic.triage.rules import reason as triage_reason
from flows.reasons import reason


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the checklist: to be chosen from `options` (code, words), or written."""

    name: str
    words: str
    required: bool
    options: tuple[tuple[str, str], ...]
    longest: int | None
    value: str


@dataclass(frozen=True, slots=True)
class EscalationSeen:
    """`until_acknowledged` in s, None if nobody has."""

    level: int
    why: str
    at: datetime
    until_acknowledged: float | None


@dataclass(frozen=True, slots=True)
class TriageSeen:
    """A run with its questions and the reasons of its level."""

    id: int
    title: str
    version: str
    level: int
    at: datetime
    asked: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswersSeen:
    """An answered questionnaire."""

    title: str
    version: str
    at: datetime
    lines: tuple[shown.Line, ...]
    flags: tuple[shown.Flag, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """All that happened in the conversation besides what was said."""

    escalations: tuple[EscalationSeen, ...]
    runs: tuple[TriageSeen, ...]
    forms: tuple[AnswersSeen, ...]


def seen(opened: Opened, forms: Mapping[int, Questionnaire], language: str) -> Seen:
    """What lies beside a transcript. `forms`: the questionnaires that were answered, by id."""
    return Seen(
        escalations=tuple(
            EscalationSeen(
                it.level,
                reason(it.rule, it.reasons, language),
                it.created_at,
                it.until_acknowledged,
            )
            for it in opened.escalations
        ),
        runs=tuple(_run(it, language) for it in opened.runs),
        forms=tuple(
            AnswersSeen(
                forms[it.questionnaire_id].title.get(language),
                forms[it.questionnaire_id].version,
                it.authored_at,
                shown.lines(forms[it.questionnaire_id], it.answers, None, language),
                shown.flags(it.url, it.flags, language),
            )
            for it in opened.forms
        ),
    )


def fields(checklist: Questionnaire, given: Mapping[str, str], language: str) -> tuple[Field, ...]:
    """The questions of a checklist with what was answered to them."""
    return tuple(
        Field(
            name=item.link_id,
            words=shown.form_words(item, language),
            required=item.required,
            options=tuple(
                (option.value.code, option.label.get(language))
                for option in item.options
                if isinstance(option.value, Coding)
            ),
            longest=item.limits.max_length,
            value=given.get(item.link_id, ""),
        )
        for item in checklist.items
    )


def given_of(answers: Answers | None) -> dict[str, str]:
    """The answers to a checklist as its form has them."""
    return {
        path[-1][0]: value.code if isinstance(value, Coding) else str(value)
        for path, (value, *_) in (answers or ())
    }


def _run(run: RunSeen, language: str) -> TriageSeen:
    """In the words that the presentation has now; what it has no more, as the id."""
    presentation = catalogue().get(run.presentation)
    if presentation is None:
        return TriageSeen(
            run.id, run.presentation, run.version, run.level, run.created_at, run.asked, run.reasons
        )
    questions = {name: question(presentation, name) for name in run.asked}
    reasons = []
    for name in run.reasons:
        try:
            reasons.append(triage_reason(presentation, name)[language])
        except KeyError:
            reasons.append(name)
    return TriageSeen(
        run.id,
        presentation.title[language],
        run.version,
        run.level,
        run.created_at,
        tuple(it.ask[language] if it else name for name, it in questions.items()),
        tuple(reasons),
    )
