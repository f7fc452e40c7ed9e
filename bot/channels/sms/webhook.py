"""The gateway's webhook: whose request it is, and the event in it."""

import base64
import hmac
from collections.abc import Mapping

from bot.channels.channel import Malformed, Received, Unsigned
from bot.channels.sms import parse
from clinic import clock

HEADER = "X-Twilio-Signature"
PATH = "/webhooks/sms"


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """How the gateway signs a form: HMAC-SHA1 over the address it called and the sorted fields."""
    said = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), said.encode(), "sha1")).decode()


def read(headers: Mapping[str, str], body: bytes, token: str, base: str) -> tuple[Received, ...]:
    """The one event of a request, to be stored before it is answered.

    `base` is the public address under which the gateway was told to call. Raises Unsigned, and
    Malformed.
    """
    fields = signed_form(headers, body, token, base, PATH)
    now = clock.now()
    event_id, address, payload = parse.event(fields, now)
    return (Received(event_id, address, now, payload),)


def signed_form(
    headers: Mapping[str, str], body: bytes, token: str, base: str, path: str
) -> dict[str, str]:
    """The fields of a form that the gateway signed for this address. Raises Unsigned, and
    Malformed."""
    given = next((v for k, v in headers.items() if k.lower() == HEADER.lower()), "")
    try:
        fields = parse.form(body)
    except Malformed:
        if not given:
            raise Unsigned("sms") from None
        raise
    right = signature(token, base.rstrip("/") + path, fields)
    if (
        not token
        or not base
        or not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), right.encode())
    ):
        raise Unsigned("sms")
    return fields
