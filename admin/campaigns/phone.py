"""A campaign's text as it looks on a telephone, and what to mind about it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.sms import render as sms
from clinic.campaign.content import Facts, NoText, Show, compose
from clinic.campaign.types import PLACEHOLDERS, Composed, Content, Text
from clinic.message.types import Card, Message

SCREEN = 500  # characters; more is more than a screen
SHOWN = ("line", "telegram", "webchat", "email", "sms")
Label = Callable[[str, str], str]  # what stands on a button that does this, in a language


@dataclass(frozen=True, slots=True)
class Warning:
    """Something to mind: `reason` (key phone.warn.<reason>), the place or the number it is of."""

    reason: str
    place: str = ""
    n: int = 0


@dataclass(frozen=True, slots=True)
class Phone:
    """One wording in one language as it arrives."""

    variant: str
    said: Composed
    buttons: tuple[str, ...]
    warnings: tuple[Warning, ...]


def phones(
    content: Content,
    channel: str,
    languages: Sequence[str],
    facts: Facts,
    year: int,
    show: Show,
    label: Label,
) -> list[Phone]:
    """Every wording of every language as one patient would read it by a channel."""
    found = []
    for variant in content.variants:
        texts = {**variant.texts, **variant.channels.get(channel, {})}
        for language in languages:
            if language not in texts:
                continue
            said = compose(content, variant.name, channel, (language,), facts, year, show)
            buttons = tuple(label(one.does, language) for one in content.buttons)
            if isinstance(said, NoText):
                reason = "lacks" if said.lacks in PLACEHOLDERS else "unknown"
                warnings: tuple[Warning, ...] = (Warning(reason, f"{{{said.lacks}}}"),)
                found.append(
                    Phone(variant.name, _raw(texts[language], language), buttons, warnings)
                )
            else:
                warnings = tuple(_warnings(said, channel, bool(buttons)))
                shown = () if channel == "sms" else buttons
                found.append(Phone(variant.name, said, shown, warnings))
    return found


def _raw(text: Text, language: str) -> Composed:
    return Composed(text.text, language, text.title, text.rows)


def _warnings(said: Composed, channel: str, buttons: bool) -> list[Warning]:
    if channel == "sms":
        card = Card(said.title, said.rows) if said.title else None
        words = sms.text(Message(said.text, said.language, card))
        parts, found = sms.segments(words), list[Warning]()
        if words.endswith("…") and not said.text.endswith("…"):
            found.append(Warning("cut"))
        if parts > 1:
            found.append(Warning("parts", n=parts))
        return [*found, Warning("no_buttons")] if buttons else found
    length = len(said.text.encode("utf-16-le")) // 2
    return [Warning("long", n=length)] if length > SCREEN else []


def missing(content: Content, languages: Sequence[str]) -> list[str]:
    """The clinic's languages in which some wording says nothing."""
    return [one for one in languages if any(one not in of.texts for of in content.variants)]


def trials(
    content: Content,
    languages: Sequence[str],
    facts: Facts,
    year: int,
    show: Show,
    label: Label,
    mark: Callable[[str], str],
) -> list[tuple[str, str]]:
    """The texts to send to oneself: language and words, marked as a test, buttons written out."""
    found = []
    for one in phones(content, "line", languages, facts, year, show, label):
        said = one.said
        card = "\n".join([said.title, *(f"{key}: {value}" for key, value in said.rows)])
        pressed = " ".join(f"[{words}]" for words in one.buttons)
        parts = (mark(said.language), said.text, card if said.title else "", pressed)
        found.append((said.language, "\n\n".join(part for part in parts if part)))
    return found


def made_up(name: str, clinic: str, phone: str, now: datetime, service: str) -> Facts:
    """Values for a test: the tester's own name, and days near now. Nobody's record."""
    tomorrow = (now + timedelta(1)).replace(hour=10, minute=0, second=0, microsecond=0)
    return Facts(
        name=name,
        clinic=clinic,
        phone=phone or "–",
        last_visit=now.date() - timedelta(90),
        next_visit=tomorrow,
        service={"en": service},
        birth_on=now.date(),
    )
