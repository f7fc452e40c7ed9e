"""Questionnaires in the staff's language: scores, alerts, answers, conditions. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from admin.i18n import Speech
from clinic.questionnaire import rules, scoring
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.types import (
    Answers,
    Condition,
    Given,
    Item,
    ItemType,
    Path,
    Questionnaire,
    Value,
)
from clinic.staff.access.questionnaire_results import Answered, Response
from flows import form_item, reasons


def worded(speech: Speech, why: Reason) -> str:
    """Why something of a questionnaire is not understood."""
    said = {
        name: worded(speech, held) if isinstance(held, Reason) else held
        for name, held in why.params
    }
    return speech(f"questionnaires.problem.{why.code}", **said)


@dataclass(frozen=True, slots=True)
class Score:
    """A number that answers add up to. `band` says what it means, where somebody wrote that."""

    name: str
    value: str
    band: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What somebody had to be told of. `level`: 4 emergency now, 3 same day, 2 within days."""

    words: str
    level: int


@dataclass(frozen=True, slots=True)
class Line:
    """A question and its answer. `before` is the answer of last time where that differs, "" if
    there was none; None if nothing differs or there is no last time."""

    question: str
    answer: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One item as the outline of a questionnaire tells it."""

    depth: int
    words: str
    item: Item
    options: tuple[str, ...]
    conditions: tuple[str, ...]


def scores(
    form: Questionnaire, response: Response, speech: Speech, country: str
) -> tuple[Score, ...]:
    """The totals of a response, as they were reckoned when it was sent."""
    name = form_name(response.url)
    found = scoring.assess(name, {}, response.scores, sex=response.patient.sex, country=country)
    known = scoring.forms().get(name)
    return tuple(
        Score(
            score_name(form, link_id, speech),
            form_item.number(value, speech.language),
            found.band.text.get(speech.language)
            if found.band and known and known.total == link_id
            else "",
        )
        for link_id, value in response.scores.items()
    )


def flags(url: str, raised: Iterable[tuple[str, int]], language: str) -> tuple[Flag, ...]:
    """The alerts that answers raised, as rules and levels, in words."""
    known = scoring.forms().get(form_name(url))
    words = {alert.rule: alert.reason.get(language) for alert in (known.alerts if known else ())}
    return tuple(
        Flag(words.get(rule) or reasons.reason(rule, (), language), level) for rule, level in raised
    )


def lines(
    form: Questionnaire, now: Answers, before: Mapping[Path, str] | None, language: str
) -> tuple[Line, ...]:
    """What was answered, in the questionnaire's order, beside the answers of last time by path."""
    found = []
    for given in rules.asked(form, now):
        answer = answered(given, language)
        former = None if before is None else before.get(given.path, "")
        found.append(Line(question(given, language), answer, None if former == answer else former))
    return tuple(found)


def dropped(former: Answered, form: Questionnaire, now: Answers, language: str) -> tuple[Line, ...]:
    """What was answered last time and is not any more. `form` is the version of last time."""
    kept = {path for path, values in now.values if values}
    return tuple(
        Line(question(given, language), "", answered(given, language))
        for given in rules.asked(form, former.answers)
        if given.values and given.path not in kept and not given.item.automatic
    )


def by_path(form: Questionnaire, answers: Answers, language: str) -> dict[Path, str]:
    """Answers in words."""
    return {given.path: answered(given, language) for given in rules.asked(form, answers)}


def question(given: Given, language: str) -> str:
    """What was asked, and of which answer or repetition."""
    words = form_words(given.item, language)
    if given.about is not None:
        words = f"{words} ({form_item.shown(given.about, language)})"
    return words if given.number is None else f"{words} ({given.number})"


def answered(given: Given, language: str) -> str:
    """An answer in words, "" if it was left open."""
    unit = given.item.units[0].display.get(language) if _plain_number(given.item) else ""
    values = (form_item.called(given.item, value, language) for value in given.values)
    return ", ".join(f"{words} {unit}".strip() for words in values)


def outline(form: Questionnaire, speech: Speech) -> tuple[Asked, ...]:
    """All that a questionnaire may ask, in order, with its conditions in words."""
    return tuple(_outline(form, form.items, speech, 0))


def form_name(url: str) -> str:
    """How a shipped questionnaire is called among scores and alerts."""
    return url.rsplit("/", 1)[-1]


def form_words(item: Item, language: str) -> str:
    """The words of an item with their prefix."""
    words = " ".join(filter(None, (item.prefix.get(language), item.text.get(language))))
    return words or item.link_id


def _plain_number(item: Item) -> bool:
    return item.type in (ItemType.INTEGER, ItemType.DECIMAL) and len(item.units) == 1


def score_name(form: Questionnaire, link_id: str, speech: Speech) -> str:
    """What a total is called."""
    item = form.every.get(link_id)
    return form_words(item, speech.language) if item else speech("questionnaires.total")


def _outline(
    form: Questionnaire, items: tuple[Item, ...], speech: Speech, depth: int
) -> list[Asked]:
    found = []
    for item in items:
        options = tuple(
            option.label.get(speech.language) or form_item.shown(option.value, speech.language)
            for option in item.options
        )
        conditions = tuple(_condition(form, one, speech) for one in item.conditions)
        if item.enable_expression is not None:
            conditions += (speech("questionnaires.if_expression"),)
        found.append(Asked(depth, form_words(item, speech.language), item, options, conditions))
        found += _outline(form, item.items, speech, depth + 1)
    return found


def _condition(form: Questionnaire, condition: Condition, speech: Speech) -> str:
    """`question` compared with an answer, in words."""
    item = form.every[condition.question]
    words = form_words(item, speech.language)
    if condition.operator == "exists":
        key = "questionnaires.if_answered" if condition.answer else "questionnaires.if_open"
        return speech(key, question=words)
    value: Value = condition.answer
    sign = {"!=": "≠", ">=": "≥", "<=": "≤"}.get(condition.operator, condition.operator)
    return speech(
        "questionnaires.if",
        question=words,
        sign=sign,
        answer=form_item.called(item, value, speech.language),
    )
