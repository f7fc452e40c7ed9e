"""Telegram updates, understood. Pure, and on plain JSON: new kinds and fields come unannounced.

Facts: Bot API 10.1 (https://core.telegram.org/bots/api), types Update and Message.
"""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

from bot.channels.channel import (
    ButtonPressed,
    ContactShared,
    Content,
    Followed,
    Ignored,
    Inbound,
    Malformed,
    MediaReceived,
    Started,
    TextEdited,
    TextReceived,
    Unfollowed,
)

Json = dict[str, Any]

# A callback query tells no time, so the webhook writes down when it came (Unix seconds).
RECEIVED_AT = "kayoi_received_at"
LAST_SECOND = 4_102_444_800  # the year 2100: a later date is rubbish

# Telegram's kinds of media, and what Kayoi calls them on every channel.
MEDIA = {
    "photo": "image",
    "voice": "audio",
    "audio": "audio",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "document": "file",
    "sticker": "sticker",
    "location": "location",
}

FETCHED = frozenset({"image", "video", "audio", "file"})  # what there is a file of


def load(payload: bytes) -> Json:
    """The update as JSON. Raises Malformed if it is none, or has no update_id."""
    try:
        update = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(update, dict) or not _identifier(update.get("update_id")):
        raise Malformed("not an update")
    return update


def address_of(update: Json) -> str:
    """The private chat an update belongs to; "" for groups, channels and unknown kinds."""
    kind, event = _event(update)
    if kind == "callback_query":
        chat = _object(_object(event, "message"), "chat")
        if chat.get("type", "private") == "private":
            return _identifier(_object(event, "from").get("id"))
    elif kind in ("message", "edited_message", "my_chat_member"):
        chat = _object(event, "chat")
        if chat.get("type") == "private":
            return _identifier(chat.get("id"))
    return ""


def time_of(update: Json) -> datetime | None:
    """When it happened by Telegram's clock, else when the webhook got it, else None."""
    _, event = _event(update)
    for seconds in (event.get("edit_date"), event.get("date"), update.get(RECEIVED_AT)):
        if isinstance(seconds, int | float) and 0 < seconds < LAST_SECOND:
            return datetime.fromtimestamp(seconds, UTC)
    return None


def parse(payload: bytes) -> Inbound:
    """Understand one update as the webhook stored it. Raises Malformed only if it is no update."""
    update = load(payload)
    kind, event = _event(update)
    sender = _object(event, "from")
    pressed = kind == "callback_query"
    message = event if kind in ("message", "edited_message") else {}
    return Inbound(
        content=_content(kind, event, update),
        occurred_at=time_of(update) or datetime.fromtimestamp(0, UTC),
        message_id=_identifier(message.get("message_id")) or None,
        callback_id=_text(event, "id") or None if pressed else None,
        language=_text(sender, "language_code") or None,
        display_name=_name(sender) or None,
    )


def media_of(payload: bytes) -> MediaReceived | None:
    """What the update brought besides words, captioned or not. Raises Malformed."""
    kind, event = _event(load(payload))
    found = _media(event) if kind == "message" else None
    return found if found is not None and found.kind in FETCHED and found.media_id else None


def _event(update: Json) -> tuple[str, Json]:
    """The one optional field of an update: its kind and content."""
    for kind, value in update.items():
        if kind not in ("update_id", RECEIVED_AT) and isinstance(value, dict):
            return kind, value
    return "unknown", {}


def _content(kind: str, event: Json, update: Json) -> Content:
    if not address_of(update):
        return Ignored("group" if "chat" in event or kind == "callback_query" else kind)
    match kind:
        case "message":
            return _message(event)
        case "edited_message":
            text = _text(event, "text") or _text(event, "caption")
            return TextEdited(text) if text else Ignored(kind)
        case "callback_query":
            token = _text(event, "data")
            return ButtonPressed(token) if token else Ignored(kind)
        case "my_chat_member":
            match _object(event, "new_chat_member").get("status"):
                case "kicked" | "left":
                    return Unfollowed()
                case "member":
                    return Followed()
    return Ignored(kind)


def _message(message: Json) -> Content:
    if contact := _object(message, "contact"):
        return _contact(contact, _object(message, "from"))
    # Words under a picture are words: they go through the safety rules like all others.
    if text := _text(message, "text") or _text(message, "caption"):
        command, _, payload = text.partition(" ")
        if command.partition("@")[0].lower() == "/start":
            return Started(payload.strip())
        return TextReceived(text)
    return _media(message) or Ignored("message")


def _media(message: Json) -> MediaReceived | None:
    for field, kind in MEDIA.items():
        media = message.get(field)
        if field == "photo" and isinstance(media, list) and media:
            media = media[-1]  # the sizes of one picture, the largest last
        if isinstance(media, dict):
            return MediaReceived(kind, _text(media, "file_id"))
    return None


def _contact(contact: Json, sender: Json) -> Content:
    owner = _identifier(contact.get("user_id"))
    phone = _phone(_text(contact, "phone_number"))
    if not phone:
        return Ignored("contact")
    # A forwarded contact has another user_id, or none: only an equal one proves the number.
    return ContactShared(phone, own=owner != "" and owner == _identifier(sender.get("id")))


def _phone(number: str) -> str:
    """E.164 with "+", which Telegram leaves out; a national number (0...) keeps its digits."""
    number = unicodedata.normalize("NFKC", number).strip()
    digits = "".join(sign for sign in number if sign in "0123456789")
    if digits.startswith("00"):
        return "+" + digits[2:]
    national = digits.startswith("0") and not number.startswith("+")
    return digits if national or not digits else "+" + digits


def _name(person: Json) -> str:
    return " ".join(filter(None, (_text(person, "first_name"), _text(person, "last_name"))))


def _object(parent: Json, field: str) -> Json:
    value = parent.get(field)
    return value if isinstance(value, dict) else {}


def _text(parent: Json, field: str) -> str:
    """A string without what no store takes: half surrogate pairs and NUL."""
    value = parent.get(field)
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _identifier(value: object) -> str:
    return str(value) if type(value) is int else ""
