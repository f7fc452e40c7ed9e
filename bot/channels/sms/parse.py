"""The events of an SMS gateway that speaks as Twilio does. Pure.

An event is a form: MessageSid, From, To, Body, and how many pictures came with it. It is stored as
JSON with the instant at which it came in: a form has none.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from bot.channels.channel import Ignored, Inbound, Malformed, MediaReceived, TextReceived

RECEIVED_AT = "kayoi_received_at"  # Unix seconds
KEPT = ("MessageSid", "From", "Body", "NumMedia")
FIELDS = 64  # at most, in one form
_SID = re.compile(r"(SM|MM)[0-9a-f]{32}", re.ASCII)
_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def form(body: bytes) -> dict[str, str]:
    """The fields of a form. Raises Malformed if it is none, or names a field twice."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=FIELDS,
        )
    except ValueError as error:
        raise Malformed("not a form") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Malformed("a field stands twice")
    return fields


def event(fields: Mapping[str, str], received_at: datetime) -> tuple[str, str, bytes]:
    """Id, address and stored form of what came in.

    The address is "" for a sender that is no telephone number: a short code, a company's name.
    Raises Malformed.
    """
    sid = fields.get("MessageSid", "")
    if not _SID.fullmatch(sid):
        raise Malformed("no MessageSid")
    sender = fields.get("From", "")
    kept: dict[str, str | float] = {name: fields.get(name, "") for name in KEPT}
    kept[RECEIVED_AT] = received_at.timestamp()
    return sid, sender if _NUMBER.fullmatch(sender) else "", json.dumps(kept).encode()


def parse(payload: bytes) -> Inbound:
    """Understand one stored event. Raises Malformed."""
    try:
        kept = json.loads(payload)
        sid, at = kept["MessageSid"], datetime.fromtimestamp(kept[RECEIVED_AT], UTC)
        words = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", kept["Body"]).strip()
        pictures = kept["NumMedia"]
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise Malformed("not an event of ours") from error
    if words:
        return Inbound(TextReceived(words), at, message_id=sid)
    media = pictures not in ("", "0")
    return Inbound(MediaReceived("image", sid) if media else Ignored("empty"), at, message_id=sid)
