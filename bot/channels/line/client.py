"""Calls LINE's Messaging API, and tells how each sending ended.

A handful of calls, as JSON over aiohttp. The official SDK has a model for each message object,
which costs every process 40 MB and two seconds (decision 13).
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass
from uuid import UUID

import aiohttp
import orjson

from bot.channels.channel import (
    ButtonPressed,
    DatePicked,
    Inbound,
    MediaReceived,
    NoMedia,
    NotSent,
    Outcome,
    Quota,
    Refused,
    Reply,
    Sent,
    TextReceived,
    TokenDead,
    Unknown,
    WebhookState,
)
from bot.channels.line import parse, render
from bot.channels.line.answer import Answer, as_json, first_id, names_reply_token, retry_after
from bot.channels.media import read_at_most
from clinic.message.types import Message

log = logging.getLogger(__name__)

OFFICIAL = "https://api.line.me"
OFFICIAL_DATA = "https://api-data.line.me"  # where contents are
CONNECTIONS = 100
# `connect` covers waiting for a free connection: when it runs out nothing was sent.
SENDING = aiohttp.ClientTimeout(total=8, connect=2, sock_read=5)
ASKING = aiohttp.ClientTimeout(total=5, connect=2)
FETCHING = aiohttp.ClientTimeout(total=20, connect=2, sock_read=5)
HINTING = aiohttp.ClientTimeout(total=1.5)
# LINE promises no more than a minute for a reply token. Our own call may take SENDING.total.
REPLY_TOKEN_SURELY_LIVES = 50.0
REPLY_BY = 20.0  # s: a first try that comes later leaves too little time to learn how it ended
LOADING_SECONDS = 20  # 5 to 60, in fives; ends when a message comes
TYPING_SECONDS = 5  # for staff who write: whoever stops writing soon seems to
LOADING_AT_ONCE = 16  # more than so many hints under way: leave it
QUOTA_REMEMBERED = 10.0  # seconds
QUOTA_PAUSE = 600.0  # seconds until a push is tried again: the clinic may have bought more

Json = dict[str, Any]


class LineChannel:
    """The clinic's LINE Official Account."""

    name = "line"
    rate: float | None = 2000.0
    rate_per_chat: float | None = None  # there is a limit, but LINE does not tell it
    burst = 2000.0
    resends_safely = True
    acknowledge_after = 0.5
    most_at_once = 500  # users in one multicast
    rate_at_once: float | None = 200.0  # multicasts a second, beside all pushes

    def __init__(
        self, channel_secret: str, channel_access_token: str, api_base: str | None = None
    ) -> None:
        self.channel_secret = channel_secret
        self._headers = {
            "Authorization": f"Bearer {channel_access_token}",
            "Content-Type": "application/json",
        }
        self._host = (api_base or OFFICIAL).rstrip("/")
        self._data_host = (api_base or OFFICIAL_DATA).rstrip("/")
        self._proxy = _proxy(self._host)
        self._session: aiohttp.ClientSession | None = None
        self._hints: set[asyncio.Task[None]] = set()
        self._quota_spent = False
        self._quota_asked_at: float | None = None  # by the loop's clock

    def split(self, message: Message) -> tuple[Message, ...]:
        """The same content as messages that each fit one call."""
        return render.split(message)

    def parse(self, payload: bytes) -> Inbound:
        """Understand one stored event. Raises Malformed if it is no JSON object."""
        return parse.parse(payload)

    async def send(
        self, address: str, message: Message, *, key: UUID, reply: Reply | None = None
    ) -> Outcome | TokenDead:
        """Send by the reply token if there is one (free of quota), else by push.

        `key` is the retry key of the push: within 24 hours LINE takes it once, whatever we see.
        A reply has none: an unknown one is settled by trying its token again while that lives.
        """
        messages = render.render(message)
        if reply is None:
            return await self._push(address, messages, key)
        by_token = reply.tried or self._quota_spent  # then a push would wait for the next month
        if reply.age >= (REPLY_TOKEN_SURELY_LIVES if by_token else REPLY_BY):
            return TokenDead()
        return await self._reply(messages, reply)

    def fit_together(self, messages: Sequence[Message]) -> bool:
        """Whether these go in one push, which counts as one message of the quota."""
        return render.fit_together(messages)

    async def send_together(
        self, address: str, messages: Sequence[Message], *, key: UUID
    ) -> Outcome:
        """Push messages that fit together. `key` as in `send`."""
        return await self._push(address, render.render_together(messages), key)

    async def send_to_many(
        self, addresses: Sequence[str], message: Message, *, key: UUID
    ) -> Outcome:
        """Send the same message to many users (at most `most_at_once`) in one call.

        `key` as in `send`: a second call with the same addresses in the same order is recognised.
        Refused if LINE takes it for none of them, since one of the ids is wrong.
        """
        body = {"to": list(addresses), "messages": render.render(message)}
        answer = await self._post("multicast", body, key)
        return await self._outcome("multicast", answer) if isinstance(answer, Answer) else answer

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Show the loading animation, in the background and only if that goes through at once."""
        match inbound.content:
            case TextReceived() | MediaReceived() | ButtonPressed() | DatePicked():
                if len(self._hints) < LOADING_AT_ONCE:
                    hint = asyncio.create_task(self._show_loading(address))
                    self._hints.add(hint)
                    hint.add_done_callback(self._hints.discard)

    async def show_typing(self, address: str) -> None:
        """The loading animation, until the message or for five seconds."""
        await self._show_loading(address, TYPING_SECONDS)

    async def profile(self, address: str) -> Mapping[str, Any]:
        """`language` (BCP 47) and `display_name`; {} for a patient who blocked us, or on error."""
        found = await self._ask("GET", f"profile/{quote(address, safe='')}") or {}
        told = {"language": found.get("language"), "display_name": found.get("displayName")}
        return {name: value for name, value in told.items() if value}

    async def quota(self) -> Quota | None:
        """How much of the month's quota is used, approximately; None if LINE does not answer."""
        quota = await self._ask("GET", "message/quota") or {}
        used = await self._ask("GET", "message/quota/consumption") or {}
        limit, total = quota.get("value"), used.get("totalUsage")
        if not isinstance(total, int) or quota.get("type") not in ("limited", "none"):
            return None
        return Quota(limit if quota["type"] == "limited" else None, total)

    async def own_name(self) -> str | None:
        """The account's basic id (@...); None on error."""
        info = await self._ask("GET", "info")
        return info.get("basicId") if info else None

    async def set_webhook(self, url: str) -> str | None:
        """Have LINE send its webhooks to `url` and try it out; what went wrong, or None."""
        at = {"endpoint": url}
        if await self._ask("PUT", "channel/webhook/endpoint", at) is None:
            return "LINE did not take the webhook address"
        tried = await self._ask("POST", "channel/webhook/test", at, SENDING)
        if tried is None:
            return "LINE did not try the webhook address out"
        return (
            None
            if tried.get("success")
            else f"the webhook answered LINE with: {tried.get('reason')}"
        )

    def media_of(self, payload: bytes) -> MediaReceived | None:
        """What a stored event brought besides words. Raises Malformed."""
        return parse.media_of(payload)

    async def fetch(self, media: MediaReceived, most: int) -> bytes | NoMedia:
        """The content of a patient's message, as long as LINE keeps it (it does not say how long;
        410: it is gone)."""
        try:
            async with self._connected().get(
                f"{self._data_host}/v2/bot/message/{quote(media.media_id, safe='')}/content",
                headers={"Authorization": self._headers["Authorization"]},
                timeout=FETCHING,
                proxy=_proxy(self._data_host),
                allow_redirects=False,
            ) as answer:
                if answer.status != 200:
                    return NoMedia(f"status {answer.status}")
                return await read_at_most(answer.content, most)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.info("LINE content: no answer, %s", type(error).__name__)
            return NoMedia(type(error).__name__)

    async def webhook_state(self) -> WebhookState | None:
        """Have LINE send an empty event to the address that it has; None if LINE is silent.

        https://developers.line.biz/en/reference/messaging-api/#test-webhook-endpoint
        """
        known = await self._ask("GET", "channel/webhook/endpoint")
        if known is None:
            return None
        url = known.get("endpoint")
        if not url:
            return WebhookState(None, None)
        if not known.get("active"):
            return WebhookState(url, "inactive")
        tried = await self._ask("POST", "channel/webhook/test", {}, SENDING)
        if tried is None:
            return None
        fault = None if tried.get("success") else f"{tried.get('reason')} {tried.get('detail', '')}"
        return WebhookState(url, fault and fault.strip()[:200])

    async def close(self) -> None:
        """End the connections; hints still under way are dropped."""
        for hint in self._hints:
            hint.cancel()
        await asyncio.gather(*self._hints, return_exceptions=True)
        if self._session:
            session, self._session = self._session, None
            await session.close()

    async def _reply(self, messages: list[Json], reply: Reply) -> Outcome | TokenDead:
        """How the reply ended."""
        answer = await self._post("reply", {"replyToken": reply.token, "messages": messages})
        if not isinstance(answer, Answer):
            return answer
        if answer.status != 400:
            return await self._outcome("reply", answer)
        if reply.tried and names_reply_token(answer.body):
            return Sent()  # a token works once: the attempt nobody heard of went out
        return TokenDead()

    async def _push(self, address: str, messages: list[Json], key: UUID) -> Outcome:
        answer = await self._post("push", {"to": address, "messages": messages}, key)
        return await self._outcome("push", answer) if isinstance(answer, Answer) else answer

    async def _outcome(self, call: str, answer: Answer) -> Outcome:
        status, said = answer.status, str(answer.body.get("message", ""))[:120]
        if status < 300 or status == 409:  # 409: LINE had taken a push with this key before
            return Sent(first_id(answer.body))
        if status == 429:
            if call != "reply" and await self._is_quota_spent(said):
                return NotSent("monthly quota", QUOTA_PAUSE, quota=True)
            return NotSent("rate limit", answer.retry_after, whole_channel=True)
        if status >= 500 or status == 408:
            return Unknown(f"status {status}")
        if status in (401, 403):
            return Refused("unauthorised")
        # LINE says this of users it does not know, or knows under another provider only.
        gone = call != "multicast" and "failed to send messages" in said.lower()
        return Refused(f"status {status}: {said}", gone=gone)

    async def _is_quota_spent(self, said: str) -> bool:
        """Tell the month's quota from the rate limit: both are 429 and the words may change.

        The figures lag behind while pushes are under way, so today's words count first.
        """
        if "monthly limit" in said.lower():
            self._quota_spent = True
            return True
        now = asyncio.get_running_loop().time()
        if self._quota_asked_at is None or now >= self._quota_asked_at + QUOTA_REMEMBERED:
            quota = await self.quota()
            self._quota_spent = quota is not None and quota.spent
            self._quota_asked_at = now
        return self._quota_spent

    async def _post(
        self, call: str, body: Json, key: UUID | None = None
    ) -> Answer | NotSent | Unknown:
        """Post to /v2/bot/message/`call`."""
        retry_key = {} if key is None else {"X-Line-Retry-Key": str(key)}
        try:
            answer = await self._call("POST", f"message/{call}", body, SENDING, retry_key)
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientHttpProxyError,
            aiohttp.InvalidURL,
        ) as error:
            return NotSent(f"no connection: {type(error).__name__}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError) as error:
            # Time-out or reset after writing, or an answer that cannot be read.
            log.warning("LINE %s: no answer, %s", call, type(error).__name__)
            return Unknown(type(error).__name__)
        if not answer.ok:
            log.warning("LINE %s: status %s, request %s", call, answer.status, answer.request_id)
        return answer

    async def _show_loading(self, address: str, seconds: int = LOADING_SECONDS) -> None:
        hint = {"chatId": address, "loadingSeconds": seconds}
        await self._ask("POST", "chat/loading/start", hint, HINTING)

    async def _ask(
        self,
        method: Literal["GET", "POST", "PUT"],
        call: str,
        body: Json | None = None,
        timeout: aiohttp.ClientTimeout = ASKING,
    ) -> Json | None:
        """What /v2/bot/`call` answers, or None if it failed."""
        try:
            answer = await self._call(method, call, body, timeout)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError) as error:
            log.info("LINE: no answer, %s", type(error).__name__)
            return None
        if not answer.ok:
            log.info("LINE: status %s", answer.status)
            return None
        return answer.body

    async def _call(
        self,
        method: str,
        call: str,
        body: Json | None,
        timeout: aiohttp.ClientTimeout,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call of /v2/bot/`call`. Raises what aiohttp raises."""
        async with self._connected().request(
            method,
            f"{self._host}/v2/bot/{call}",
            data=None if body is None else orjson.dumps(body),
            headers={**self._headers, **(headers or {})},
            timeout=timeout,
            proxy=self._proxy,
            allow_redirects=False,
        ) as answer:
            raw = await answer.read()
            return Answer(
                answer.status,
                as_json(raw),
                retry_after(answer.headers.get("Retry-After", "")),
                answer.headers.get("x-line-request-id", ""),
            )

    def _connected(self) -> aiohttp.ClientSession:
        """The session, made once and inside the running loop.

        It does not trust the environment, for which aiohttp would hop to a thread twice a request;
        the proxy was looked up once.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


def _proxy(host: str) -> str | None:
    parts = urlsplit(host)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)
