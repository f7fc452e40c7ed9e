"""From what a channel delivered to what happened in the conversation. Pure."""

from dataclasses import dataclass

from bot.channels import channel
from bot.tokens import Pressed, Standing, Tokens
from bot.turn_store import Loaded
from flows import events

HAN_ONLY = "zh-Hant"  # where neither the platform nor the script tells more


@dataclass(frozen=True, slots=True)
class Read:
    """The event, and what the transcript shows of it (`kind:words`), if anything."""

    event: events.PatientEvent | events.RouterEvent
    transcript: str | None = None


def read(content: channel.Content, loaded: Loaded, tokens: Tokens) -> Read | None:
    """What the content means where the conversation stands; None if it is nothing to act on."""
    match content:
        case channel.TextReceived(text):
            return Read(events.Said(text), f"text:{text}")
        case channel.TextEdited(text):
            return Read(events.Edited(text), f"edited:{text}")
        case channel.ButtonPressed(token):
            return _pressed(token, loaded, tokens)
        case channel.DatePicked(token, day):
            if _is_current(tokens.read(token), loaded):
                return Read(events.PickedDate(day), f"date:{day.isoformat()}")
            return Read(events.PressedOld())
        case channel.ContactShared(phone, own):
            return Read(events.SharedContact(phone, own), "contact:")
        case channel.Followed():
            return Read(events.Began())
        case channel.Started(payload):
            return Read(events.Began(payload))
        case channel.AccountLinked(nonce, True):
            return Read(events.Began(nonce))
        case channel.Unfollowed():
            return Read(events.Left())
        case channel.MediaReceived(kind, media_id, content_type, size):
            return Read(events.SentMedia(kind, media_id, content_type, size), f"{kind}:")
    return None


def _pressed(token: str, loaded: Loaded, tokens: Tokens) -> Read:
    meaning = tokens.read(token)
    if isinstance(meaning, Standing):
        action = events.PressedAction(meaning.action, meaning.subject_id, meaning.version)
        return Read(action, f"action:{meaning.action}")
    if isinstance(meaning, Pressed) and _is_current(meaning, loaded):
        offers = loaded.dialogue.offers
        if meaning.number < len(offers):
            offer = offers[meaning.number]
            return Read(events.Chose(offer.value), f"button:{offer.label}")
    return Read(events.PressedOld())


def _is_current(meaning: Pressed | Standing | None, loaded: Loaded) -> bool:
    return isinstance(meaning, Pressed) and meaning.turn == loaded.asked


def supported_language(tag: str | None, supported: tuple[str, ...]) -> str | None:
    """The language of ours that a platform's BCP 47 tag means, if we have it."""
    if not tag:
        return None
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        taiwan = {"hant", "tw", "hk", "mo"} & set(parts[1:])
        found = "zh-Hant" if taiwan else "zh-Hans"
    else:
        found = parts[0]
    return found if found in supported else None


def script_language(text: str, supported: tuple[str, ...]) -> str | None:
    """The language that the script of a text gives away, if it does."""
    for first, last, language in (
        ("\u3040", "\u30ff", "ja"),
        ("\uff66", "\uff9d", "ja"),
        ("\u0400", "\u04ff", "ru"),
        ("\u4e00", "\u9fff", HAN_ONLY),
        ("A", "z", "en"),
    ):
        if language in supported and any(first <= sign <= last and sign.isalpha() for sign in text):
            return language
    return None
