"""Calls LINE's Messaging API through its official SDK, and tells how each sending ended.

Two habits of line-bot-sdk 3.27 are worked around here. It waits 300 s for an answer unless told
otherwise. And its session trusts the environment (`trust_env`), for which aiohttp hops to a thread
twice a request, to look for ~/.netrc and for a proxy: 1,200 sends a second instead of 3,500 or
more. So the session is ours and the proxy is looked up once.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from uuid import UUID

import aiohttp
from linebot.v3.messaging import (
    ApiException,
    AsyncApiClient,
    AsyncMessagingApi,
    Configuration,
    SetWebhookEndpointRequest,
    TestWebhookEndpointRequest,
)

from bot.channels.channel import (
    ButtonPressed,
    DatePicked,
    Inbound,
    MediaReceived,
    NotSent,
    Outcome,
    Refused,
    Reply,
    Sent,
    TextReceived,
    TokenDead,
    Unknown,
)
from bot.channels.line import parse, render
from clinic.message.types import Message

log = logging.getLogger(__name__)

OFFICIAL = "https://api.line.me"
CONNECTIONS = 100
# `connect` covers waiting for a free connection: when it runs out nothing was sent.
SENDING = aiohttp.ClientTimeout(total=8, connect=2, sock_read=5)
ASKING = aiohttp.ClientTimeout(total=5, connect=2)
HINTING = aiohttp.ClientTimeout(total=1.5)

# LINE promises no more than a minute for a reply token. Our own call may take SENDING.total.
REPLY_TOKEN_SURELY_LIVES = 50.0
LOADING_SECONDS = 20  # 5 to 60, in fives; ends when a message comes
LOADING_AT_ONCE = 16  # more than so many hints under way: leave it
QUOTA_REMEMBERED = 10.0  # seconds

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Quota:
    """Pushes of this month: how many there may be (None: no limit), and how many there were."""

    limit: int | None
    used: int

    @property
    def spent(self) -> bool:
        """Whether nothing can be pushed any more this month."""
        return self.limit is not None and self.used >= self.limit


@dataclass(frozen=True, slots=True)
class _Answer:
    """What LINE answered to a call."""

    status: int
    body: Json
    retry_after: float


class LineChannel:
    """The clinic's LINE Official Account."""

    name = "line"
    rate: float | None = 2000.0
    rate_per_chat: float | None = None  # there is a limit, but LINE does not tell it
    resends_safely = True
    acknowledge_after = 0.5

    def __init__(
        self, channel_secret: str, channel_access_token: str, api_base: str | None = None
    ) -> None:
        self.channel_secret = channel_secret
        self._access_token = channel_access_token
        self._host = (api_base or OFFICIAL).rstrip("/")
        self._client: AsyncApiClient | None = None
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
        A reply has no such key, so an unknown one is settled by trying its token again.
        """
        messages = render.render(message)
        if reply is None:
            return await self._push(address, messages, key)
        if reply.tried and reply.age >= REPLY_TOKEN_SURELY_LIVES:
            return TokenDead()
        return await self._reply(messages, reply)

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Show the loading animation, in the background and only if that goes through at once."""
        match inbound.content:
            case TextReceived() | MediaReceived() | ButtonPressed() | DatePicked():
                if len(self._hints) < LOADING_AT_ONCE:
                    hint = asyncio.create_task(self._show_loading(address))
                    self._hints.add(hint)
                    hint.add_done_callback(self._hints.discard)

    async def profile(self, address: str) -> Mapping[str, Any]:
        """`language` (BCP 47) and `display_name`; {} for a patient who blocked us, or on error."""
        found = await self._ask(self._api().get_profile(address, _request_timeout=ASKING))
        told = {"language": found.language, "display_name": found.display_name} if found else {}
        return {name: value for name, value in told.items() if value}

    async def quota(self) -> Quota | None:
        """How much of the month's quota is used, approximately; None if LINE does not answer."""
        api = self._api()
        quota = await self._ask(api.get_message_quota(_request_timeout=ASKING))
        used = await self._ask(api.get_message_quota_consumption(_request_timeout=ASKING))
        if quota is None or used is None:
            return None
        return Quota(quota.value if quota.type == "limited" else None, used.total_usage)

    async def own_name(self) -> str | None:
        """The account's basic id (@...); None on error."""
        info = await self._ask(self._api().get_bot_info(_request_timeout=ASKING))
        return info.basic_id if info else None

    async def set_webhook(self, url: str) -> str | None:
        """Have LINE send its webhooks to `url` and try it out; what went wrong, or None."""
        api = self._api()
        wanted = SetWebhookEndpointRequest(endpoint=url)
        if await self._ask(api.set_webhook_endpoint(wanted, _request_timeout=ASKING)) is None:
            return "LINE did not take the webhook address"
        trial = TestWebhookEndpointRequest(endpoint=url)
        tried = await self._ask(api.test_webhook_endpoint(trial, _request_timeout=SENDING))
        if tried is None:
            return "LINE did not try the webhook address out"
        return None if tried.success else f"the webhook answered LINE with: {tried.reason}"

    async def close(self) -> None:
        """End the connections; hints still under way are dropped."""
        for hint in self._hints:
            hint.cancel()
        await asyncio.gather(*self._hints, return_exceptions=True)
        if self._client:
            client, self._client = self._client, None
            await client.close()

    async def _reply(self, messages: list[Json], reply: Reply) -> Outcome | TokenDead:
        """How the reply ended."""
        answer = await self._post("reply", {"replyToken": reply.token, "messages": messages})
        if not isinstance(answer, _Answer):
            return answer
        if answer.status != 400:
            return await self._outcome("reply", answer)
        if reply.tried and _names_reply_token(answer.body):
            return Sent()  # a token works once: the attempt nobody heard of went out
        return TokenDead()

    async def _push(self, address: str, messages: list[Json], key: UUID) -> Outcome:
        answer = await self._post("push", {"to": address, "messages": messages}, key)
        return await self._outcome("push", answer) if isinstance(answer, _Answer) else answer

    async def _outcome(self, call: str, answer: _Answer) -> Outcome:
        status, said = answer.status, str(answer.body.get("message", ""))[:120]
        if status < 300 or status == 409:  # 409: LINE had taken a push with this key before
            return Sent(_first_id(answer.body))
        if status == 429:
            if call == "push" and await self._is_quota_spent(said):
                return NotSent("monthly quota", quota=True)
            return NotSent("rate limit", answer.retry_after, whole_channel=True)
        if status >= 500 or status == 408:
            return Unknown(f"status {status}")
        if status in (401, 403):
            return Refused("unauthorised")
        # LINE says this of users it does not know, or knows under another provider only.
        return Refused(f"status {status}: {said}", gone="failed to send messages" in said.lower())

    async def _is_quota_spent(self, said: str) -> bool:
        """Tell the month's quota from the rate limit: both are 429 and the words may change."""
        now = asyncio.get_running_loop().time()
        if self._quota_asked_at is None or now >= self._quota_asked_at + QUOTA_REMEMBERED:
            quota = await self.quota()
            self._quota_spent = quota.spent if quota else "monthly limit" in said.lower()
            self._quota_asked_at = now
        return self._quota_spent

    async def _post(
        self, call: str, body: Json, key: UUID | None = None
    ) -> _Answer | NotSent | Unknown:
        """Post to /v2/bot/message/`call`, by the SDK's HTTP layer; its models double the cost."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if key is not None:
            headers["X-Line-Retry-Key"] = str(key)
        try:
            client = self._connected()
            response = await client.rest_client.request(
                "POST",
                f"{self._host}/v2/bot/message/{call}",
                headers=client.default_headers | headers,
                body=body,
                _request_timeout=SENDING,
            )
        except ApiException as error:
            answer = _Answer(error.status, _json(error.body), _retry_after(error.headers))
            request_id = error.headers.get("x-line-request-id", "") if error.headers else ""
            log.warning("LINE %s: status %s, request %s", call, answer.status, request_id)
            return answer
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
        return _Answer(response.status, _json(response.data), 0.0)

    async def _show_loading(self, address: str) -> None:
        await self._ask(
            self._connected().call_api(
                "/v2/bot/chat/loading/start",
                "POST",
                header_params={"Content-Type": "application/json"},
                body={"chatId": address, "loadingSeconds": LOADING_SECONDS},
                response_types_map={},
                _request_timeout=HINTING,
            )
        )

    async def _ask(self, call: Awaitable[Any]) -> Any:
        """What a call answers (True if it answers nothing), or None if it failed."""
        try:
            answer = await call
            return True if answer is None else answer
        except ApiException as error:
            log.info("LINE: status %s", error.status)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError) as error:
            log.info("LINE: no answer, %s", type(error).__name__)
        return None

    def _api(self) -> AsyncMessagingApi:
        return AsyncMessagingApi(self._connected())

    def _connected(self) -> AsyncApiClient:
        """The SDK's client, made once and inside the running loop."""
        if self._client is None:
            configuration = Configuration(host=self._host, access_token=self._access_token)
            configuration.proxy = _proxy(self._host)
            self._client = AsyncApiClient(configuration)
            rest = self._client.rest_client
            rest.pool_manager.detach()
            connector = aiohttp.TCPConnector(limit=CONNECTIONS)
            rest.pool_manager = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._client


def _proxy(host: str) -> str | None:
    parts = urlsplit(host)
    if proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)


def _names_reply_token(body: Json) -> bool:
    """Whether an error is about the reply token. LINE says "Invalid reply token" today."""
    return "replytoken" in json.dumps(body).lower().replace(" ", "")


def _first_id(body: Json) -> str | None:
    match body.get("sentMessages"):
        case [{"id": first}, *_]:
            return str(first)
    return None


def _json(raw: str | bytes | None) -> Json:
    try:
        body = json.loads(raw or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(headers: Mapping[str, str] | None) -> float:
    """Seconds to wait; 1 where the answer names none (LINE documents no such header)."""
    try:
        return min(max(1.0, float((headers or {}).get("Retry-After", ""))), 3600.0)
    except ValueError:
        return 1.0
