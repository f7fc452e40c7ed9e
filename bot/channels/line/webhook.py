"""Takes a LINE webhook request apart: signature first, then each event on its own. Pure."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from bot.channels.channel import Malformed, Received, Unsigned
from bot.channels.line.parse import NEVER, address, occurred_at, read_json

SIGNATURE = "x-line-signature"  # LINE may change the case of its letters

MOST_EVENTS = 2_000  # no body that we take can hold so many real ones

_USABLE_ID = re.compile(r"[!-~]{1,64}", re.ASCII)


def sign(body: bytes, channel_secret: str) -> str:
    """LINE's signature of a body: base64 of HMAC-SHA256 over the raw bytes."""
    digest = hmac.digest(channel_secret.encode(), body, hashlib.sha256)
    return base64.b64encode(digest).decode()


def read(headers: Mapping[str, str], body: bytes, channel_secret: str) -> tuple[Received, ...]:
    """The events of a webhook request, each with its own id; () for LINE's liveness check.

    Raises Unsigned if the signature is missing or wrong, Malformed if the body is no webhook.
    """
    given = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
    expected = sign(body, channel_secret)
    if not channel_secret or not hmac.compare_digest(
        given.encode("utf-8", "surrogateescape"), expected.encode()
    ):
        raise Unsigned
    batch = read_json(body)
    events = batch.get("events") if isinstance(batch, dict) else None
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise Malformed("a LINE webhook has a list of events")
    return tuple(_received(event) for event in events)


def _received(event: Any) -> Received:
    """One event cut out of its batch. One that is no object is kept too, for `parse` to refuse."""
    payload = _dump(event)
    if not isinstance(event, dict):
        return Received(_hashed(payload), "", NEVER, payload)
    event_id = event.get("webhookEventId")
    if not isinstance(event_id, str) or not _USABLE_ID.fullmatch(event_id):
        # Redelivered, the same event differs only in its delivery context.
        rest = {name: value for name, value in event.items() if name != "deliveryContext"}
        event_id = _hashed(_dump(rest))
    return Received(event_id, address(event), occurred_at(event), payload)


def _dump(value: Any) -> bytes:
    # Plain ASCII, because an event may hold halves of surrogate pairs.
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _hashed(payload: bytes) -> str:
    return "sha256:" + hashlib.sha256(payload).hexdigest()[:40]
