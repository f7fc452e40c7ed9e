"""Message keys and values as words of a language. The catalogues are read once, at import."""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from clinic.message.types import (
    Button,
    Card,
    ContactRequest,
    DatePick,
    Link,
    Message,
    Picture,
    Worded,
)
from flows.effects import Choice, Offer, Say, Value

log = logging.getLogger(__name__)

LANGUAGES = ("ja", "en", "zh-Hant", "zh-Hans", "ru")
FALLBACK = "en"
LOCALES = Path(__file__).parent / "locales"
MISSING = "dialogue.missing"  # said where no text is found at all

# Plural forms in the order of gettext's msgstr[n]; a language that is not named has one form.
_PLURALS = {"en": ("one", "other"), "ru": ("one", "few", "many")}
# 24 hours everywhere: the clinics' custom, and no doubt about noon.
_TIME, _DAY, _DAY_OF_YEAR = "Hm", "MMMEd", "yMMMd"

Text = tuple[str, ...]  # the plural forms, mostly one
_PATTERN = re.compile(r"[{}]|\[\[")
_FIELD = re.compile(r"\{(\w*)(?::[^{}]*)?\}")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)  # left out where a value in it is empty


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def catalogue(language: str) -> dict[str, Text]:
    """All texts of a language by key. Raises ValueError if two files have the same key."""
    texts: dict[str, Text] = {}
    for path in sorted((LOCALES / language.replace("-", "_")).glob("*.po")):
        with path.open("rb") as file:
            catalog: Catalog = read_po(file, locale=language.replace("-", "_"), abort_invalid=True)
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            if key in texts:
                raise ValueError(f"{path.name}: {key} stands twice")
            forms = message.string or ""
            texts[key] = (forms,) if isinstance(forms, str) else tuple(forms)
    return texts


CATALOGUES = {language: catalogue(language) for language in LANGUAGES}


def fields(form: str) -> frozenset[str]:
    """The names of the values that a text takes."""
    return frozenset(_FIELD.findall(form))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A value that is formatted by its type, or by what the text asks: {day:year}, {at:time}."""

    value: Value
    language: str

    def __format__(self, spec: str) -> str:
        return shown(self.value, self.language, spec)


def shown(value: Value, language: str, spec: str = "") -> str:
    """A value in words of the language.

    An instant is shown in its own zone with weekday, day and time together, so that no reader takes
    one day's time for another's. `spec`: `time` or `day` alone of an instant, `year` for a day with
    its year (dates of birth). Text is data: control characters go, marks of direction stay; only
    words of the clinic's own keep their line breaks.
    """
    if isinstance(value, Worded):
        lines = value.by_language.get(language, "").split("\n")
        return "\n".join(shown(line, language) for line in lines)
    if isinstance(value, datetime):
        return _instant(value.replace(tzinfo=None), language, spec)
    if isinstance(value, date):
        return _day(value, language, spec)
    if isinstance(value, int):
        return format_decimal(value, locale=_locale(language))
    if value.isprintable():
        return value.strip()
    signs = (" " if unicodedata.category(sign) == "Cc" else sign for sign in value)
    return "".join(signs).strip()


# The same few days and times are shown again and again, and Babel takes its time over each.
@lru_cache(maxsize=4096)
def _instant(wall: datetime, language: str, spec: str) -> str:
    locale = _locale(language)
    time = format_skeleton(_TIME, wall, locale=locale)
    if spec == "time":
        return time
    day = format_skeleton(_DAY, wall, locale=locale)
    return day if spec == "day" else f"{day}{', ' if language in ('en', 'ru') else ' '}{time}"


@lru_cache(maxsize=4096)
def _day(day: date, language: str, spec: str) -> str:
    skeleton = _DAY_OF_YEAR if spec == "year" else _DAY
    shown_day = format_skeleton(skeleton, day, locale=_locale(language))
    return shown_day.replace("\u202f", "\u00a0")


def text(key: str, params: Mapping[str, Value], language: str) -> str:
    """The text of a key with its values put in, once: words in a value are never read as a pattern.

    Never fails towards a patient: what is missing is taken from English, or left out, and logged.
    A part in double brackets is left out where a value in it is empty: "[[ Call {phone}.]]".
    Where the catalogue has plural forms, `count` or the only number among the values decides.
    """
    for tongue in (language, FALLBACK):
        if forms := CATALOGUES.get(tongue, {}).get(key):
            break
        log.error("text: no %s in %s", key, tongue)
    else:
        return "" if key == MISSING else text(MISSING, {}, language)
    form = forms[0] if len(forms) == 1 else forms[_plural(params, tongue)]
    if not _PATTERN.search(form):
        return form  # as most labels
    filled = {name for name, value in params.items() if not _is_empty(value, tongue)}
    form = _OPTIONAL.sub(lambda part: part[1] if fields(part[1]) <= filled else "", form)
    values = {name: _Shown(value, tongue) for name, value in params.items()}
    if lacking := fields(form) - values.keys():
        log.error("text: %s lacks %s", key, ", ".join(sorted(lacking)))
        values |= {name: _Shown("", tongue) for name in lacking}
    return form.format_map(values)


def _is_empty(value: Value, language: str) -> bool:
    return value == "" or (isinstance(value, Worded) and not value.by_language.get(language))


def _plural(params: Mapping[str, Value], language: str) -> int:
    counts = [value for value in params.values() if isinstance(value, int)]
    count = params.get("count", counts[0] if counts else 0)
    order = _PLURALS[language]
    form = _locale(language).plural_form(count) if isinstance(count, int) else order[-1]
    return order.index(form) if form in order else len(order) - 1


def offers(says: Iterable[Say], language: str) -> tuple[Offer, ...]:
    """The choices of a turn with their labels as the patient sees them."""
    return tuple(
        Offer(choice.value, text(choice.label, choice.params, language))
        for say in says
        for choice in say.choices
    )


def compose(
    says: Iterable[Say], language: str, token: Callable[[int], str]
) -> tuple[tuple[Message, ...], tuple[Offer, ...]]:
    """What a turn says as few messages as read well, and its choices in order.

    `token(i)` is the opaque token of the i-th of those choices; a date picker takes the number
    after the last choice, a contact request the one after that. Plain texts are joined by an empty
    line; a card, a picture and an urgent text stand alone.
    """
    says = tuple(says)
    offered = offers(says, language)
    messages: list[Message] = []
    plain: list[str] = []  # texts that wait for the message they go into
    first = 0

    def flush() -> None:
        if plain:
            messages.append(Message("\n\n".join(plain), language))
            plain.clear()

    for say in says:
        words = text(say.text, say.params, language)
        if say.title is not None or say.urgent or say.picture is not None:
            flush()
        elif not (say.choices or say.links or say.date_range or say.ask_contact):
            plain.append(words)
            continue
        shown_offers = offered[first : first + len(say.choices)]
        numbers = range(first, first + len(say.choices))
        first += len(say.choices)
        buttons = tuple(map(_button, say.choices, shown_offers, map(token, numbers)))
        messages.append(
            Message(
                "\n\n".join((*plain, words)),
                language,
                card=_card(say, language),
                buttons=buttons,
                links=tuple(Link(text(it.label, {}, language), it.url) for it in say.links),
                date_pick=_date_pick(say, language, partial(token, len(offered))),
                contact_request=_contact(say, language, partial(token, len(offered) + 1)),
                urgent=say.urgent,
                picture=_picture(say, language),
            )
        )
        plain.clear()
    flush()
    return tuple(messages), offered


def _button(choice: Choice, offer: Offer, token: str) -> Button:
    return Button(offer.label, token, choice.role)


def _picture(say: Say, language: str) -> Picture | None:
    """The picture with its words: the key `alt`, filled in like the text."""
    return say.picture and replace(say.picture, alt=text(say.picture.alt, say.params, language))


def _card(say: Say, language: str) -> Card | None:
    if say.title is None:
        return None
    rows = tuple(
        (
            text(row.label, {}, language),
            shown(row.value, language, "year" if row.with_year else ""),
        )
        for row in say.rows
    )
    return Card(text(say.title, {}, language), rows)


def _date_pick(say: Say, language: str, token: Callable[[], str]) -> DatePick | None:
    if (days := say.date_range) is None:
        return None
    label = text("dialogue.pick_date", {}, language)
    return DatePick(label, token(), days.initial, days.earliest, days.latest, days.typed)


def _contact(say: Say, language: str, token: Callable[[], str]) -> ContactRequest | None:
    if say.ask_contact is None:
        return None
    return ContactRequest(text(say.ask_contact, {}, language), token())
