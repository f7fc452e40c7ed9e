"""One question of the triage in the chat: its choices, and how its answer is read. Pure."""

import re
import unicodedata
from decimal import Decimal

from clinic.triage.rules import read_answer
from clinic.triage.types import Answer, Question
from flows import refusing, words
from flows.choosing import UNSURE, offered
from flows.effects import Choice, Offer, Say, named
from flows.engine import Context
from flows.events import Chose, Event, Said
from flows.navigation import WAYS_OUT
from flows.texts import shown
from flows.typed import read_number

OPTION = "option:"  # the value of a choice; the option's id follows
DONE, NONE = "done", "none"  # of several options: those pressed so far, or none at all
_NUMBER = "number:"
_STEPS = (0, 2, 4, 6, 8, 10)  # of a severity, as buttons; any number may be typed
_unsure = Choice(UNSURE, "triage.unsure")
_DAYS, _WEEKS, _MONTHS = 366, 52, 12  # of a year; an infant is rather taken for a younger one
# How old a baby is: "5 months", "生後3か月", "6个月大", "3 недели".
_BABY: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"months?\b|mos?\b|か月|カ月|ヶ月|ヵ月|箇月|ケ月|个月|個月|месяц|мес\b"), _MONTHS),
    (re.compile(r"weeks?\b|週間?|周|星期|礼拜|禮拜|недел"), _WEEKS),
    (re.compile(r"days?\b|日|天|дн(?:я|ей)\b|день"), _DAYS),
)
_BETWEEN = re.compile(r"\s*(?:[,、，;/+&]|\band\b|\bи\b|と|和|跟)\s*")
_YEARS = re.compile(r"years?\b|yrs?\b|歳|才|岁|歲|лет\b|год")


def is_typed(asked: Question) -> bool:
    """Whether the answer is a number that the patient writes."""
    return asked.kind == "number"


def ask(asked: Question, picked: tuple[str, ...], ctx: Context) -> Say:
    """The question with its choices. `picked`: ids of the options that were pressed so far."""
    language = ctx.language
    chosen = [one.text[language] for one in asked.options if one.id in picked]
    params = {"words": asked.ask[language], "chosen": ", ".join(chosen)}
    return Say("triage.ask", params, (*_choices(asked, picked, language), *WAYS_OUT))


def _choices(asked: Question, picked: tuple[str, ...], language: str) -> tuple[Choice, ...]:
    if asked.kind == "yes_no":
        return (Choice("yes", "triage.yes"), Choice("no", "triage.no"), _unsure)
    if asked.kind == "number":
        steps = _STEPS if asked.id == "severity" else ()
        return (*(named(f"{_NUMBER}{n}", shown(n, language)) for n in steps), _unsure)
    left = [one for one in asked.options if one.id not in picked]
    options = tuple(named(f"{OPTION}{one.id}", one.text[language]) for one in left)
    if picked:
        return (Choice(DONE, "triage.done", role="primary"), *options)
    none = (Choice(NONE, "triage.none_of_these"),) if asked.kind == "many" else ()
    return (*options, *none, _unsure)


def option_of(asked: Question, value: str) -> str | None:
    """The id of the option that a choice stands for."""
    name = value.removeprefix(OPTION)
    known = value.startswith(OPTION) and any(one.id == name for one in asked.options)
    return name if known else None


def read(asked: Question, event: Event, language: str) -> Answer | None:
    """What an event answers; None if it is no answer to this question."""
    match event:
        case Chose(value) if value.startswith(_NUMBER):
            return read_answer(asked, int(value.removeprefix(_NUMBER)))
        case Chose(value) if value == NONE:
            return read_answer(asked, ())
        case Chose(value):
            return read_answer(asked, option_of(asked, value) or value)
        case Said(text) if words.unsure(text):
            return read_answer(asked, UNSURE)
        case Said(text) if asked.kind == "number":
            number = read_age(text, language) if asked.id == "age" else _number(text, language)
            return None if number is None else read_answer(asked, number)
        case Said(text) if asked.kind == "many":
            return _options(asked, text, language)
    return None


def _number(text: str, language: str) -> float | None:
    found = read_number(text, language)
    return None if found is None else _plain(found)


def _plain(number: Decimal) -> float:
    return int(number) if number == number.to_integral_value() else float(number)


def read_age(text: str, language: str) -> float | None:
    """An age in years: "78", "5 months" of a baby, "1歳6か月"; None if the text tells none."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    years = 0.0
    if found := _YEARS.search(folded):
        before = read_number(folded[: found.start()], language)
        rest = folded[found.end() :]
        if before is None or not any(sign.isdigit() for sign in rest):
            return None if before is None else _plain(before)
        years, folded = _plain(before), rest
    for unit, of_a_year in _BABY:
        if unit.search(folded):
            number = read_number(folded, language)
            return None if number is None else years + float(number) / of_a_year
    return None if years else _number(folded, language)


def _options(asked: Question, text: str, language: str) -> Answer | None:
    """Options by label, of which several may be named; a bare no means none of them."""
    if words.read(text) is words.Word.NO and refusing.denies(text):
        return ()
    offers = tuple(Offer(one.id, one.text[language]) for one in asked.options)
    parts = [part for part in _BETWEEN.split(text) if part.strip()]
    found = [offered(offers, part) for part in parts]
    if not found or None in found:
        return None
    return tuple(dict.fromkeys(one for one in found if one))


def hint(asked: Question) -> Say:
    """What kind of answer is waited for, after one that was not understood."""
    if asked.id == "age":
        return Say("triage.hint_age")
    if asked.kind != "number":
        return Say("nav.choose")
    limits = {"least": int(asked.minimum), "most": int(asked.maximum)}
    return Say("triage.hint_number", limits)
