"""One item of a questionnaire in the chat: how it is asked, answered and shown. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from clinic.questionnaire.types import (
    Attachment,
    Coding,
    Item,
    ItemType,
    Quantity,
    Question,
    Reference,
    Refusal,
    Value,
)
from flows import texts
from flows.choosing import offered
from flows.effects import Choice, DateRange, Offer, Say, named
from flows.engine import Context
from flows.events import Chose, Event, PickedDate, Said, SentMedia
from flows.navigation import WAYS_OUT
from flows.pickers import page_choices, page_of
from flows.reading import OLDEST, read_birth_date, read_when
from flows.typed import read_number, read_unit
from flows.words import fold

OPTION = "option:"  # the value of a choice; the option's number follows
# What is answered in the patient's own words: there a number is an answer, not a choice.
TYPED = frozenset(
    {
        ItemType.STRING,
        ItemType.TEXT,
        ItemType.URL,
        ItemType.REFERENCE,
        ItemType.INTEGER,
        ItemType.DECIMAL,
        ItemType.QUANTITY,
        ItemType.DATE,
        ItemType.DATE_TIME,
        ItemType.TIME,
    }
)
_HINTS: dict[ItemType, str] = {
    ItemType.INTEGER: "form.hint_number",
    ItemType.DECIMAL: "form.hint_number",
    ItemType.QUANTITY: "form.hint_number",
    ItemType.DATE: "form.hint_date",
    ItemType.DATE_TIME: "form.hint_date_time",
    ItemType.TIME: "form.hint_time",
    ItemType.ATTACHMENT: "form.hint_file",
    ItemType.OPEN_CHOICE: "form.hint_open_choice",
}
_REFUSALS: dict[str, str] = {
    "required": "form.refused_required",
    "too_few": "form.refused_too_few",
    "too_many": "form.refused_too_many",
    "too_short": "form.refused_too_short",
    "too_long": "form.refused_too_long",
    "pattern": "form.refused_pattern",
    "too_small": "form.refused_too_small",
    "too_large": "form.refused_too_large",
    "decimals": "form.refused_decimals",
    "exclusive": "form.refused_exclusive",
    "unit": "form.refused_unit",
    "mime_type": "form.refused_file",
    "too_big": "form.refused_file",
}
_MEDIA = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}
# What stands around one more of several: "diabetes too", "糖尿病も", "и ещё диабет".
_ALSO = re.compile(
    r"^(?:and|also|plus|あと|それと|それから|还有|還有|另外|и|еще|а также|также|плюс)\s*"
    r"|\s*(?:too|also|as well|もあります|もある|もです|も|也有|也|тоже|также)$"
)
_BETWEEN = re.compile(r"\s*(?:[,、;/+&]|\band\b|\bи\b|と|和|跟|\s)\s*")


@dataclass(frozen=True, slots=True)
class Picked:
    """Options that were pressed so far where several may be, and the page of them in sight."""

    options: tuple[int, ...] = ()
    page: int = 0


def is_typed(question: Question) -> bool:
    """Whether the answer is the patient's own words."""
    return question.item.type in TYPED and not question.item.options and not question.another


def ask(
    question: Question, progress: tuple[int, int | None], picked: Picked, ctx: Context
) -> list[Say]:
    """The question, with what stands before it and its choices.

    `progress`: its number, and of how many, None while that may still change.
    """
    language, item = ctx.language, question.item
    says = [
        Say("form.words", {"words": _lead(lead.item.text.get(language), lead.number)})
        for lead in question.before
        if lead.item.text.get(language)
    ]
    params: dict[str, str | int] = {
        "n": progress[0],
        "of": progress[1] or "",
        "words": _words(question, language),
        "unit": item.units[0].display.get(language) if len(item.units) == 1 else "",
        "hint": " ".join(hint.get(language) for hint in item.hints),
        "chosen": ", ".join(_label(question, number, language) for number in picked.options),
    }
    text = "form.ask_another" if question.another else "form.ask"
    choices = _choices(question, picked, language)
    return [*says, Say(text, params, choices, date_range=_dates(question, ctx))]


def _lead(words: str, number: int | None) -> str:
    return words if number is None else f"{words} ({number})"


def _words(question: Question, language: str) -> str:
    item = question.item
    words = " ".join(filter(None, (item.prefix.get(language), item.text.get(language))))
    if question.about is not None:
        words = f"{words} ({shown(question.about, language)})"
    return words


def _choices(question: Question, picked: Picked, language: str) -> tuple[Choice, ...]:
    item = question.item
    if question.another or item.type is ItemType.BOOLEAN:
        answers: tuple[Choice, ...] = (Choice("yes", "form.yes"), Choice("no", "form.no"))
    else:
        numbers = [n for n in range(len(item.options)) if n not in picked.options]
        in_sight = page_of(numbers, picked.page)
        answers = tuple(named(f"{OPTION}{n}", _label(question, n, language)) for n in in_sight)
        answers += page_choices(len(numbers), picked.page)
    given = ", ".join(called(item, value, language) for value in question.given)
    keep = (Choice("keep", "form.keep", {"given": given}),) if given else ()
    if picked.options:
        return (Choice("done", "form.done", role="primary"), *answers, *WAYS_OUT)
    skip = () if item.least or question.another else (Choice("skip", "form.skip"),)
    return (*keep, *answers, *skip, *WAYS_OUT)


def _label(question: Question, number: int, language: str) -> str:
    option = question.item.options[number]
    label = option.label.get(language) or shown(option.value, language)
    return " ".join(filter(None, (option.prefix.get(language), label)))


def _dates(question: Question, ctx: Context) -> DateRange | None:
    item = question.item
    if item.type is not ItemType.DATE or item.options or question.another:
        return None
    limits = item.limits
    earliest = _day(limits.min_value) or date(ctx.today.year - OLDEST, 1, 1)
    latest = _day(limits.max_value) or date(ctx.today.year + 10, 12, 31)
    return DateRange(min(max(ctx.today, earliest), latest), earliest, latest)


def _day(value: Value | None) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def read(question: Question, event: Event, ctx: Context) -> tuple[Value, ...] | None:
    """The values that an event answers the question with; None if it is no answer to it."""
    item = question.item
    match event:
        case Chose("keep") if question.given:
            return question.given
        case Chose("yes" | "no" as said) if question.another or item.type is ItemType.BOOLEAN:
            return (said == "yes",)
        case Chose(value):
            number = option_of(question, value)
            return None if number is None else (item.options[number].value,)
        case PickedDate(day) if item.type is ItemType.DATE:
            return (day.isoformat(),)
        case SentMedia(kind, media_id, seen, size) if (
            item.type is ItemType.ATTACHMENT and kind != "sticker"
        ):
            content_type = seen or _MEDIA.get(kind, "application/octet-stream")
            return (Attachment(content_type, size, f"{ctx.channel}:{media_id}"),)
        case Said(text) if item.options:
            return _options_said(question, text, ctx.language) or (
                (text.strip(),) if item.type is ItemType.OPEN_CHOICE and text.strip() else None
            )
        case Said(text) if not question.another:
            return _said(question, text, ctx)
    return None


def option_of(question: Question, value: str) -> int | None:
    """The number of the option that a choice stands for."""
    number = value.removeprefix(OPTION)
    known = value.startswith(OPTION) and number.isdecimal()
    return int(number) if known and int(number) < len(question.item.options) else None


def _options_said(question: Question, text: str, language: str) -> tuple[Value, ...] | None:
    """Options by label, number or part of a label; several where several may be."""
    options = question.item.options
    offers = tuple(
        Offer(f"{OPTION}{number}", _label(question, number, language))
        for number in range(len(options))
    )
    parts = [text]
    if question.item.repeats and offered(offers, text) is None:
        whole = unicodedata.normalize("NFKC", text).strip()
        bare = _ALSO.sub("", fold(whole))
        parts = [part for part in _BETWEEN.split(whole) if part]
        parts = [bare] if offered(offers, bare) else parts
    values = [offered(offers, part) for part in parts]
    if not values or None in values:
        return None
    numbers = [option_of(question, str(value)) or 0 for value in dict.fromkeys(values)]
    return tuple(options[number].value for number in numbers)


def _said(question: Question, text: str, ctx: Context) -> tuple[Value, ...] | None:
    item, words = question.item, text.strip()
    match item.type:
        case ItemType.STRING | ItemType.TEXT | ItemType.URL:
            return (words,) if words else None
        case ItemType.REFERENCE:
            return (Reference(display=words),) if words else None
        case ItemType.INTEGER | ItemType.DECIMAL:
            value = read_number(words, ctx.language)
            if value is None:
                return None
            return (_whole(value) if item.type is ItemType.INTEGER else value,)
        case ItemType.QUANTITY:
            return _quantity(question, words, ctx.language)
        case ItemType.DATE:
            day = read_birth_date(words, ctx.today)
            when = read_when(words, ctx)
            day = day or (when.day if when else None)
            return (day.isoformat(),) if day else None
        case ItemType.DATE_TIME:
            return _date_time(words, ctx)
        case ItemType.TIME:
            when = read_when(words, ctx)
            return (when.time.isoformat(),) if when and when.time else None
    return None


def _whole(number: Decimal) -> Value:
    return int(number) if number == number.to_integral_value() else number


def _quantity(question: Question, words: str, language: str) -> tuple[Value, ...] | None:
    units = {unit.display.get(language) or unit.code: unit for unit in question.item.units}
    number = read_number(words, language)
    if number is None:
        return None
    name = read_unit(words, units) or (next(iter(units)) if len(units) == 1 else None)
    if name is None:
        return None if units else (Quantity(number),)
    unit = units[name]
    return (Quantity(number, unit.display.default or unit.code, unit.system, unit.code),)


def _date_time(words: str, ctx: Context) -> tuple[Value, ...] | None:
    when = read_when(words, ctx)
    if when is None or when.day is None:
        return None
    if when.time is None:
        return (when.day.isoformat(),)
    return (datetime.combine(when.day, when.time, ctx.now.tzinfo).isoformat(),)


def called(item: Item, value: Value, language: str) -> str:
    """An answer to an item in words of the language: an option by the item's own label for it."""
    label = next((option.label for option in item.options if option.value == value), None)
    return label.get(language) if label else shown(value, language)


def shown(value: Value, language: str) -> str:
    """An answer in words of the language."""
    match value:
        case bool():
            return texts.text("form.yes" if value else "form.no", {}, language)
        case Coding():
            return value.display.get(language) or value.code
        case Quantity():
            return f"{number(value.value, language)} {value.unit}".strip()
        case Reference():
            return value.display or value.reference
        case Attachment():
            return texts.text("form.file", {}, language)
        case int() | Decimal():
            return number(Decimal(value), language)
    day = _day(value)
    return texts.shown(day, language, "year") if day else _instant(value, language)


def _instant(value: str, language: str) -> str:
    try:
        return texts.shown(datetime.fromisoformat(value), language) if "T" in value else value
    except ValueError:
        return value


def number(value: Decimal, language: str) -> str:
    """A number without needless zeros, with the language's decimal sign."""
    plain = format(value.normalize(), "f")
    return plain.replace(".", ",") if language == "ru" else plain


def refusal(refused: Refusal, language: str) -> Say:
    """Why an answer was not taken."""
    params: Mapping[str, object] = refused.params
    shown_params = {name: _param(value, language) for name, value in params.items()}
    key = _REFUSALS.get(refused.code, "form.refused_other")
    return Say(key, {"least": "", "most": "", "format": "", "units": "", **shown_params})


def _param(value: object, language: str) -> str:
    if isinstance(value, bool | int | Decimal | str | Coding | Quantity | Reference | Attachment):
        return shown(value, language)
    if isinstance(value, Sequence):
        return ", ".join(_param(one, language) for one in value)
    return str(value)


def hint(question: Question, language: str) -> Say:
    """What kind of answer is waited for, after one that was not understood."""
    units = " / ".join(unit.display.get(language) or unit.code for unit in question.item.units)
    if question.item.type is ItemType.QUANTITY and len(question.item.units) > 1:
        return Say("form.hint_unit", {"units": units})
    is_open = question.item.type is ItemType.OPEN_CHOICE
    if question.another or (question.item.options and not is_open):
        return Say("nav.choose")
    return Say(_HINTS.get(question.item.type, "nav.choose"))
