"""Sends SMS through a gateway that speaks as Twilio does, and tells how each sending ended.

One form over aiohttp with Basic authentication; Twilio's own package brings seventeen others. The
gateway has no retry key: what was written and not answered may have gone out.
"""

import base64
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

import aiohttp
import orjson
from prometheus_client import Counter

from bot.channels.channel import Inbound, NotSent, Outcome, Refused, Reply, Sent, Unknown
from bot.channels.sms import parse as parsing
from bot.channels.sms import render as rendering
from clinic.message.types import Message

log = logging.getLogger(__name__)

OFFICIAL = "https://api.twilio.com"
SENDING = aiohttp.ClientTimeout(total=7.5, connect=2, sock_read=5)
PAUSE = 30.0  # s after "too many requests" that names no time
ACCOUNT_PAUSE = 300.0  # s; a wrong token or an empty purse is no patient's fault
OPTED_OUT = 21610
GONE = frozenset({21211, 21214, 21217, 21614})  # not a number, or none that takes SMS
BUSY = frozenset({20429, 14107, 21611, 30001})  # too many requests, or a full queue
OURS = frozenset({20003, 20005, 20404, 20006, 21606, 21603, 30002})  # account, token, sender
SEGMENTS = Counter("kayoi_sms_segments_total", "SMS segments handed to the gateway")


class SmsChannel:
    """Implements `bot.channels.channel.Channel` for SMS."""

    name = "sms"
    rate_per_chat: float | None = 0.2
    resends_safely = False
    acknowledge_after = 0.0

    def __init__(
        self,
        account: str,
        token: str,
        sender: str,
        api_base: str | None = None,
        rate: float = 1.0,
        reports: str | None = None,
    ) -> None:
        """`sender`: a number (+81...), a name where networks allow it, or a messaging service
        (MG...). `rate`: SMS a second over all patients. `reports`: the address, but for the
        delivery's key, that is to hear whether an SMS arrived."""
        self.rate: float | None = rate
        self.burst = max(1.0, rate)
        self._from = "MessagingServiceSid" if sender.startswith("MG") else "From"
        self._sender, self._reports = sender, reports
        secret = base64.b64encode(f"{account}:{token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}"}
        host = (api_base or OFFICIAL).rstrip("/")
        self._url = f"{host}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        self._session: aiohttp.ClientSession | None = None

    def split(self, message: Message) -> tuple[Message, ...]:
        """The message itself: a long one is cut, not sent as a row of costly ones."""
        return (message,)

    def parse(self, payload: bytes) -> Inbound:
        """Understand one stored event. Raises Malformed."""
        return parsing.parse(payload)

    async def send(
        self,
        address: str,
        message: Message,
        *,
        key: UUID,  # it names the report; the gateway has no idempotency key
        reply: Reply | None = None,  # noqa: ARG002
    ) -> Outcome:
        """Send one SMS to the number `address`."""
        words = rendering.text(message)
        form = {"To": address, self._from: self._sender, "Body": words}
        if self._reports:
            form["StatusCallback"] = f"{self._reports}/{key}"
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=SENDING, headers=self._headers, cookie_jar=aiohttp.DummyCookieJar()
            )
        try:
            async with self._session.post(self._url, data=form, allow_redirects=False) as answer:
                status, body = answer.status, await answer.read()
                wait = answer.headers.get("Retry-After", "")
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return NotSent("not connected")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Unknown(type(error).__name__)
        outcome = _outcome(status, body, wait)
        if isinstance(outcome, Sent):
            SEGMENTS.inc(rendering.segments(words))
        return outcome

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Nothing: a sign by SMS would cost as much as the answer."""

    async def profile(self, address: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Nothing is known of a number."""
        return {}

    async def own_name(self) -> str | None:
        """None: nobody is sent here by a link."""
        return None

    async def set_webhook(self, url: str) -> str | None:
        """What is to be done by hand: the number's owner sets its address in the console."""
        return f"set it in the gateway's console, for incoming messages: POST {url}"

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _outcome(status: int, body: bytes, retry_after: str) -> Outcome:
    """What the gateway's answer means. Its message is never kept: it quotes the number."""
    try:
        told = orjson.loads(body)
    except ValueError:
        told = None
    said: Mapping[str, Any] = told if isinstance(told, dict) else {}
    if 200 <= status < 300:
        sid = said.get("sid")
        return Sent(sid if isinstance(sid, str) else None)
    code = said.get("code")
    reason = f"{status} {code}" if isinstance(code, int) else str(status)
    if status == 429 or code in BUSY:
        pause = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else PAUSE
        return NotSent("rate_limited", max(pause, 1.0), whole_channel=True)
    if status >= 500:
        return Unknown(reason)
    if code == OPTED_OUT:
        return Refused("opted_out", gone=True)
    if status in (401, 403, 404) or code in OURS:
        return NotSent(reason, ACCOUNT_PAUSE, whole_channel=True)
    return Refused(reason, gone=code in GONE)
