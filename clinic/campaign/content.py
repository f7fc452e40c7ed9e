"""Texts with a fixed list of placeholders, filled in once. No template language. Pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from clinic.campaign.types import (
    PLACEHOLDERS,
    Composed,
    Content,
    Fault,
    Text,
    Value,
)

_PLACE = re.compile(r"\{([^{}]*)\}|[{}]")
OF_THE_CLINIC = ("clinic", "phone")  # the same for all its patients
Show = Callable[[Value, str], str]  # a value in words of a language: flows.texts.shown


@dataclass(frozen=True, slots=True)
class Facts:
    """What placeholders stand for, of one patient. Empty or None: not known."""

    name: str
    clinic: str
    phone: str = ""
    last_visit: date | None = None
    next_visit: datetime | None = None  # in the zone of its site
    service: Mapping[str, str] | None = None  # of the next visit, by language
    birth_on: date | None = None


@dataclass(frozen=True, slots=True)
class NoText:
    """Nothing can be said to this patient: `lacks` is the placeholder that has no value."""

    lacks: str


def faults(content: Content, language: str, empty: Collection[str] = ()) -> Iterator[Fault]:
    """What keeps it from being sent: every text is looked at, with its title and rows.

    `language`: the clinic's first, in which everybody can be written to who has no text of theirs.
    `empty`: placeholders that have no value for anybody, such as a telephone that is not set.
    """
    for n, variant in enumerate(content.variants):
        where = f"content.variants.{n}"
        if language not in variant.texts:
            yield Fault(f"{where}.texts.{language}", "no_first_language")
        told = {"texts": variant.texts} | {
            f"channels.{channel}": texts for channel, texts in variant.channels.items()
        }
        for place, texts in told.items():
            for tongue, text in texts.items():
                asked = {*_asked(text)}
                unknown = asked - {*PLACEHOLDERS}
                if any(_asks(name) for name in unknown):
                    yield Fault(f"{where}.{place}.{tongue}", "unwritten")
                elif unknown:
                    yield Fault(f"{where}.{place}.{tongue}", "unknown_placeholder")
                for name in sorted(asked & {*empty}):
                    yield Fault(f"{where}.{place}.{tongue}", f"empty_{name}")
    if content.picture:
        for tongue in sorted(_spoken(content) - content.picture.alt.keys()):
            yield Fault(f"content.picture.alt.{tongue}", "no_alt")


def _asks(name: str) -> bool:
    """Whether the braces hold a request to staff to write something there, as the shelf's texts do,
    and not the name of a placeholder."""
    return bool(name) and not (name.isascii() and name.isidentifier())


def _spoken(content: Content) -> set[str]:
    """The languages in which anything is said, by any channel."""
    return {
        language
        for one in content.variants
        for texts in (one.texts, *one.channels.values())
        for language in texts
    }


def personal(content: Content) -> bool:
    """Whether the text differs from patient to patient, so that each needs a message of their own.

    The clinic's own name and number are the same for all; buttons are signed for one chat.
    """
    texts = [text for one in content.variants for text in one.texts.values()] + [
        text
        for one in content.variants
        for texts in one.channels.values()
        for text in texts.values()
    ]
    asked = {name for text in texts for name in _asked(text)}
    return bool(content.buttons or asked - {*OF_THE_CLINIC})


def compose(
    content: Content,
    variant: str,
    channel: str,
    languages: Sequence[str],
    facts: Facts,
    year: int,
    show: Show,
) -> Composed | NoText:
    """What one patient is told. `languages`: theirs first; the first one with a text is taken.

    `year`: of the message, which a birthday falls in. Names with braces stay as they are: what was
    filled in is not looked at again.
    """
    chosen = next(one for one in content.variants if one.name == variant)
    texts = {**chosen.texts, **chosen.channels.get(channel, {})}
    language = next((one for one in languages if one in texts), None)
    if language is None:
        return NoText("language")
    text = texts[language]
    values: dict[str, str] = {}
    for name in _asked(text):
        values[name] = _value(name, facts, language, year, show)
        if not values[name]:
            return NoText(name)

    def filled(said: str) -> str:
        return _PLACE.sub(lambda place: values[place[1]], said)

    said = Composed(
        filled(text.text),
        language,
        filled(text.title),
        tuple((filled(label), filled(value)) for label, value in text.rows),
    )
    shown = content.picture
    # Without words for it a picture says nothing to who cannot see it: it stays away.
    if shown is None or not shown.alt.get(language):
        return said
    return replace(said, picture=shown.stored, alt=shown.alt[language])


def _asked(text: Text) -> Iterator[str]:
    """The placeholders of a text in order; "" where a brace stands alone."""
    for part in (text.text, text.title, *(one for row in text.rows for one in row)):
        for place in _PLACE.finditer(part):
            yield place[1] or ""


def _value(name: str, facts: Facts, language: str, year: int, show: Show) -> str:
    match name:
        case "name" | "clinic" | "phone":
            return show(str(getattr(facts, name)), language)
        case "family_name":
            family, _, given = facts.name.replace("\u3000", " ").strip().partition(" ")
            return show(family, language) if given else ""
        case "service":
            names = facts.service or {}
            return show(names.get(language) or names.get("en") or "", language)
        case "birthday":
            day = facts.birth_on and _in_year(facts.birth_on, year)
            return show(day, language) if day else ""
    found: Value | None = getattr(facts, name, None)
    return show(found, language) if found else ""


def _in_year(born: date, year: int) -> date:
    try:
        return born.replace(year=year)
    except ValueError:  # 29 February
        return born.replace(year=year, day=28)
