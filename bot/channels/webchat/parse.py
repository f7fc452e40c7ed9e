"""What the page sends, understood. Pure.

An event is one flat JSON object: `id` (a UUID that the page made, the same at each try), `kind`,
and the fields of its kind: `text` {text}, `press` {token, label}, `pick` {token, day},
`contact` {phone}, `start` {payload}. A file comes by a request of its own; its event, of the kind
`media`, is the server's, and no page can send one. `language` is the one the patient reads the page
in. The label of a press is only for showing the line to the same patient again; what was pressed is
told by the token alone.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from bot.channels.channel import (
    ButtonPressed,
    ContactShared,
    Content,
    DatePicked,
    Ignored,
    Inbound,
    Malformed,
    MediaReceived,
    Started,
    TextReceived,
)

TEXT_LIMIT = 4000  # characters
LABEL_LIMIT = 200
LANGUAGES = frozenset({"ja", "en", "zh-Hant", "zh-Hans", "ru"})
# The server writes down when the event came: a patient's clock proves nothing.
RECEIVED_AT = "kayoi_received_at"  # Unix seconds
MEDIA = "kayoi_media"  # the key by which a file was stored: the server's word, never the page's

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_KIND = re.compile(r"image|audio|video|file", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,64}", re.ASCII)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,128}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_PHONE = re.compile(r"\+?\d{6,15}", re.ASCII)
# Halves of surrogate pairs and NUL: JSON can hold them, UTF-8 and PostgreSQL cannot.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Event = dict[str, str | int | float | bool | None]


def load(payload: bytes) -> Event:
    """The event as JSON. Raises Malformed unless it is one flat object with an id."""
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error
    if not isinstance(event, dict) or any(isinstance(x, dict | list) for x in event.values()):
        raise Malformed("not one flat object")
    event_id(event)
    return event


def event_id(event: Event) -> str:
    """The UUID by which the event is known. Raises Malformed if it is none."""
    text = _text(event, "id").lower()
    if not _ID.fullmatch(text):
        raise Malformed("an event has a UUID")
    return text


def stamp(event: Event, received_at: datetime, media: UUID | None = None) -> bytes:
    """The event as it is stored, with the instant at which it came in, and the key of its file."""
    kept = {**event, RECEIVED_AT: received_at.timestamp()}
    kept.pop(MEDIA, None)
    if media is not None:
        kept[MEDIA] = str(media)
    # Plain ASCII, because a text may hold halves of surrogate pairs.
    return json.dumps(kept, separators=(",", ":"), sort_keys=True).encode()


def parse(payload: bytes) -> Inbound:
    """Understand one stored event. Raises Malformed; unknown kinds become Ignored."""
    event = load(payload)
    language = _text(event, "language")
    return Inbound(
        content=_content(event),
        occurred_at=_received_at(event),
        message_id=event_id(event),
        language=language if language in LANGUAGES else None,
    )


def media_of(payload: bytes) -> MediaReceived | None:
    """The file that a stored event brought. Raises Malformed."""
    content = parse(payload).content
    return content if isinstance(content, MediaReceived) else None


def shown(payload: bytes) -> Mapping[str, str | int]:
    """How the page shows the event to the patient again.

    `event` is its id; `text`, `token`, `day`, `media` and `size` (bytes) are there if the kind has
    them. A start shows nothing. Raises Malformed.
    """
    event = load(payload)
    line: dict[str, str | int] = {"event": event_id(event)}
    match _content(event):
        case TextReceived(text):
            line["text"] = text
        case ButtonPressed(token):
            line |= {"token": token, "text": _text(event, "label")[:LABEL_LIMIT]}
        case DatePicked(token, day):
            line |= {"token": token, "day": day.isoformat()}
        case ContactShared(phone, _):
            line["text"] = phone
        case MediaReceived(kind, _, _, size):
            line |= {"media": kind, "size": size}
    return line


def _content(event: Event) -> Content:
    match _text(event, "kind"):
        case "text":
            text = _text(event, "text").strip()
            if not text or len(text) > TEXT_LIMIT:
                raise Malformed("a text has 1 to 4000 characters")
            return TextReceived(text)
        case "press":
            return ButtonPressed(_matching(_TOKEN, event, "token"))
        case "pick":
            return DatePicked(_matching(_TOKEN, event, "token"), _day(event))
        case "contact":
            number = unicodedata.normalize("NFKC", _text(event, "phone"))
            phone = re.sub(r"[^+\d]", "", number, flags=re.ASCII)
            if not _PHONE.fullmatch(phone):
                raise Malformed("not a telephone number")
            # Typed by hand: nothing proves whose it is.
            return ContactShared(phone, own=False)
        case "media":
            size = event.get("size")
            if not isinstance(size, int) or isinstance(size, bool):
                raise Malformed("a file has a size")
            key, kind = _matching(_ID, event, MEDIA), _matching(_KIND, event, "media")
            return MediaReceived(kind, key, _text(event, "type"), size)
        case "start":
            return Started(_matching(_PAYLOAD, event, "payload"))
        case "":
            raise Malformed("an event has a kind")
        case _:  # its name is the sender's own words: not for the metrics
            return Ignored("unknown")


def _day(event: Event) -> date:
    try:
        return date.fromisoformat(_matching(_DAY, event, "day"))
    except ValueError as error:
        raise Malformed("no such day") from error


def _received_at(event: Event) -> datetime:
    seconds = event.get(RECEIVED_AT)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Malformed("not stamped")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("not an instant") from error


def _matching(pattern: re.Pattern[str], event: Event, field: str) -> str:
    text = _text(event, field)
    if not pattern.fullmatch(text):
        raise Malformed(f"not a {field}")
    return text


def _text(event: Mapping[str, Any], field: str) -> str:
    value = event.get(field)
    if not isinstance(value, str):
        return ""
    # "\ud83d\ude00" is two halves that belong together; a half alone is no character.
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", whole)
