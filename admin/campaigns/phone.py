"""A campaign's text as it looks on a telephone, and what to mind about it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.sms import render as sms
from clinic.campaign.content import Facts, NoText, Show, compose
from clinic.campaign.types import PLACEHOLDERS, Composed, Content, Text
from clinic.message.types import Card, Message
from clinic.picture.types import shown

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
    public_url: str | None,
) -> list[Phone]:
    """Every wording of every language as one patient would read it by a channel.

    A picture is shown only where it will be; `public_url` is what platforms fetch it by.
    """
    unshown = content.picture and unpictured(channel, public_url)
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
                minded = _warnings(said, channel, bool(buttons))
                if unshown:
                    minded, said = [*minded, Warning(unshown)], replace(said, picture=None)
                elif content.picture and not said.picture:
                    minded.append(Warning("no_alt"))
                pressed = () if channel == "sms" else buttons
                found.append(Phone(variant.name, said, pressed, tuple(minded)))
    return found


def unpictured(channel: str, public_url: str | None) -> str | None:
    """Why a picture is left out on a channel; None where it is shown."""
    if channel == "sms":
        return "no_picture"
    fetched = (public_url or "").startswith("https://")
    return None if fetched or channel == "webchat" else "no_address"


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
    public_url: str | None,
) -> list[Message]:
    """The texts to send to oneself, marked as a test, buttons written out."""
    found = []
    for one in phones(content, "line", languages, facts, year, show, label, public_url):
        said = one.said
        card = "\n".join([said.title, *(f"{key}: {value}" for key, value in said.rows)])
        pressed = " ".join(f"[{words}]" for words in one.buttons)
        parts = (mark(said.language), said.text, card if said.title else "", pressed)
        words = "\n\n".join(part for part in parts if part)
        picture = shown(said.picture, said.alt, public_url) if said.picture else None
        found.append(Message(words, said.language, picture=picture))
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
