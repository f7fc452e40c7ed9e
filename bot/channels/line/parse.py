"""Understands one LINE webhook event. Pure.

Kayoi reads the JSON itself: the official SDK turns an event with an unknown or missing field into
one without content. Field names and meanings: LINE Messaging API reference, webhook events.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from bot.channels.channel import (
    AccountLinked,
    ButtonPressed,
    Content,
    DatePicked,
    Followed,
    Ignored,
    Inbound,
    Malformed,
    MediaReceived,
    TextReceived,
    Unfollowed,
    Unsent,
)

MEDIA = frozenset({"image", "video", "audio", "file", "sticker", "location"})
FETCHED = frozenset({"image", "video", "audio", "file"})  # what LINE keeps the content of
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when an event tells no usable time

# Halves of surrogate pairs and NUL: JSON can hold them, UTF-8 and PostgreSQL cannot.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse(payload: bytes) -> Inbound:
    """Understand one event. Raises Malformed if it is no JSON object; never for unknown content."""
    event = read_json(payload)
    if not isinstance(event, dict):
        raise Malformed("a LINE event is a JSON object")
    content = _content(event)
    message = _object(event, "message")
    return Inbound(
        content,
        occurred_at(event),
        message_id=_text(message, "id") or None,
        reply_token=None if isinstance(content, Ignored) else _text(event, "replyToken") or None,
        redelivered=_object(event, "deliveryContext").get("isRedelivery") is True,
    )


def media_of(payload: bytes) -> MediaReceived | None:
    """What the event brought besides words, if LINE itself keeps it. Raises Malformed."""
    event = read_json(payload)
    message = _object(event, "message") if isinstance(event, dict) else {}
    content = _message(message)
    # What lies with another provider is at an address of the sender's choice: never called.
    ours = _object(message, "contentProvider").get("type", "line") == "line"
    if isinstance(content, MediaReceived) and content.kind in FETCHED and ours:
        return content
    return None


def read_json(raw: bytes) -> Any:
    """The JSON value in these bytes. Raises Malformed, also for nesting beyond all reason."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON") from error


def address(event: Mapping[str, Any]) -> str:
    """The user the event came from; "" where it names none or came from a group."""
    source = _object(event, "source")
    return _text(source, "userId") if source.get("type") == "user" else ""


def occurred_at(event: Mapping[str, Any]) -> datetime:
    """When the event happened by LINE's clock (`timestamp`, ms); 1970 where it does not say."""
    try:
        return datetime.fromtimestamp(int(event["timestamp"]) / 1000, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return NEVER


def _content(event: Mapping[str, Any]) -> Content:
    kind = _text(event, "type") or "unknown"
    if event.get("mode") == "standby":  # another module of the account answers; we must not
        return Ignored("standby")
    if kind == "accountLink":  # a failed one comes without a source
        link = _object(event, "link")
        return AccountLinked(_text(link, "nonce"), ok=link.get("result") == "ok")
    source = _object(event, "source")
    if source and source.get("type") != "user":  # a patient's matters are not for groups
        return _ignored(_text(source, "type") or "unknown", kind)
    if not address(event):
        return _ignored(kind)
    match kind:
        case "message":
            return _message(_object(event, "message"))
        case "postback":
            return _postback(_object(event, "postback"))
        case "follow":
            return Followed()
        case "unfollow":
            return Unfollowed()
        case "unsend":
            return Unsent(_text(_object(event, "unsend"), "messageId"))
    return _ignored(kind)


def _message(message: Mapping[str, Any]) -> Content:
    kind = _text(message, "type") or "unknown"
    if kind == "text" and isinstance(message.get("text"), str):
        return TextReceived(_text(message, "text"))
    if kind in MEDIA:
        return MediaReceived(kind, _text(message, "id"))
    return _ignored("message", kind)


def _postback(postback: Mapping[str, Any]) -> Content:
    token, params = _text(postback, "data"), _object(postback, "params")
    picked = _text(params, "date") or _text(params, "datetime")[:10]
    try:
        return DatePicked(token, date.fromisoformat(picked))
    except ValueError:  # a plain button, or a time, which Kayoi never asks for
        return ButtonPressed(token)


def _ignored(*kinds: str) -> Ignored:
    return Ignored(":".join(kind[:32] for kind in kinds))


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A field that should be an object; {} where it is anything else."""
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _text(parent: Mapping[str, Any], name: str) -> str:
    """A field that should be a string; "" where it is anything else."""
    value = parent.get(name)
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else ""
