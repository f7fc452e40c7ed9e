"""Telegram's webhook: whose request it is, and the event in it."""

import hmac
import json
from collections.abc import Mapping

from bot.channels.channel import Received, Unsigned
from bot.channels.telegram.parse import RECEIVED_AT, address_of, load, time_of
from clinic import clock

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def read(headers: Mapping[str, str], body: bytes, webhook_secret: str) -> tuple[Received, ...]:
    """The one event of a request, to be stored before 200 is answered.

    Raises Unsigned without the secret that setWebhook gave Telegram, Malformed if the body is no
    update. The event id is the update_id: it restarts at random after a week without updates, so
    it is to be looked up in a set, never compared as greater than the last.
    """
    given = next((v for k, v in headers.items() if k.lower() == HEADER.lower()), "")
    if not webhook_secret or not hmac.compare_digest(
        given.encode("utf-8", "surrogateescape"), webhook_secret.encode()
    ):
        raise Unsigned("telegram")
    update = load(body)
    occurred_at = time_of({**update, RECEIVED_AT: None})
    if occurred_at is None:
        occurred_at = clock.now()
        body = json.dumps({**update, RECEIVED_AT: occurred_at.timestamp()}).encode()
    return (Received(str(update["update_id"]), address_of(update), occurred_at, body),)
