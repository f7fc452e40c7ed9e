"""Telegram's Bot API: sending, and what each way of ending means.

Outcomes: a refused connection or a 429 surely did not go out; a time-out, a reset or a 5xx may
have; Telegram has no idempotency key, so nothing can be looked up afterwards.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import aiohttp
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.channel import (
    Inbound,
    MediaReceived,
    NoMedia,
    NotSent,
    Outcome,
    Refused,
    Reply,
    Sent,
    Started,
    TextReceived,
    Unknown,
    WebhookState,
)
from bot.channels.media import TOO_LARGE, read_at_most
from bot.channels.telegram import parse as parsing
from bot.channels.telegram import render as rendering
from clinic.message.types import Message

log = logging.getLogger(__name__)
# The library writes whole requests, and so patients' words, into its debug log.
logging.getLogger("telegram").setLevel(logging.WARNING)

API = "https://api.telegram.org"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
CONNECT_TIMEOUT = 3.0  # seconds, with the wait for a free connection
READ_TIMEOUT = 10.0
FETCH_TIMEOUT = 20.0
ACKNOWLEDGE_TIMEOUT = 2.0
UNFETCHED_FOR = 600.0  # seconds in which a picture that Telegram did not take is left out
UNAUTHORISED = "unauthorised"
CONNECTIONS = 64
# Descriptions of a 400 that mean the account takes no message at all, not only this one.
GONE = ("chat not found", "user is deactivated", "peer_id_invalid")


class NotConnected(TelegramError):
    """No connection was had: the request was not written."""


class TooMany(TelegramError):
    """429, with the seconds to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


class AiohttpRequest(BaseRequest):
    """The library's requests over aiohttp: five times as many a second as over its httpx.

    Raises NotConnected and TooMany itself, because the library tells neither reliably: it knows a
    429 only by its body, and its RetryAfter warns or changes type with PTB_TIMEDELTA.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds."""
        return READ_TIMEOUT

    async def initialize(self) -> None:
        """Nothing: the session is made in the loop that first uses it."""

    async def shutdown(self) -> None:
        """Close the connections. Later requests open new ones."""
        if self._session:
            await self._session.close()
            self._session = None

    async def do_request(  # type: ignore[override]  # the time-outs always come by name
        self, url: str, method: str, request_data: RequestData | None = None, **timeouts: Any
    ) -> tuple[int, bytes]:
        """Status and body of one request. Raises NotConnected, TooMany or TelegramError."""
        read = timeouts.get("read_timeout")
        timeout = aiohttp.ClientTimeout(
            total=None,
            connect=CONNECT_TIMEOUT,
            sock_read=read if isinstance(read, int | float) else READ_TIMEOUT,
        )
        parameters = request_data.parameters if request_data else None
        try:
            async with self._connected().request(
                method, url, json=parameters, timeout=timeout, allow_redirects=False
            ) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(type(error).__name__) from error
        except (aiohttp.ClientError, OSError) as error:
            raise TelegramError(type(error).__name__) from error
        if status == 429:
            raise TooMany(_retry_after(body))
        return status, body

    async def read(self, url: str, most: int) -> bytes | NoMedia:
        """A file, of at most `most` bytes. Raises TelegramError."""
        timeout = aiohttp.ClientTimeout(total=FETCH_TIMEOUT, connect=CONNECT_TIMEOUT)
        try:
            async with self._connected().get(url, timeout=timeout, allow_redirects=False) as answer:
                if answer.status != 200:
                    return NoMedia(f"status {answer.status}")
                return await read_at_most(answer.content, most)
        except (aiohttp.ClientError, OSError) as error:
            raise TelegramError(type(error).__name__) from error

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """As the library's, but without logging the payload, which may hold a patient's words."""
        try:
            return json.loads(payload)
        except ValueError as error:
            raise TelegramError("no JSON in the answer") from error


def _retry_after(body: bytes) -> float:
    try:
        seconds = float(json.loads(body)["parameters"]["retry_after"])
    except (ValueError, KeyError, TypeError):
        return 1.0
    return max(seconds, 1.0)


class TelegramChannel:
    """One bot. `api_base` is https://host of another server of the Bot API, or None."""

    name = "telegram"
    rate: float | None = 29.5  # Telegram allows about 30 a second, undocumented
    rate_per_chat: float | None = 1.0  # a burst of a few passes
    burst = 12.0  # what stalls on its way comes at once too, and Telegram counts as it comes
    resends_safely = False
    acknowledge_after = 0.0

    def __init__(self, token: str, webhook_secret: str, api_base: str | None = None) -> None:
        base = (api_base or API).rstrip("/")
        self.webhook_secret = webhook_secret
        self._request = AiohttpRequest()
        self._bot = Bot(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )
        self._username: str | None = None
        self._unfetched: dict[str, float] = {}  # until when by the loop's clock, by address

    def split(self, message: Message) -> tuple[Message, ...]:
        """See render.split."""
        return rendering.split(message)

    def parse(self, payload: bytes) -> Inbound:
        """See parse.parse."""
        return parsing.parse(payload)

    async def send(
        self,
        address: str,
        message: Message,
        *,
        key: UUID,  # noqa: ARG002  # Telegram has no idempotency key
        reply: Reply | None = None,  # noqa: ARG002  # nor reply tokens
    ) -> Outcome:
        """Send one message that `split` gave to the private chat `address`.

        Telegram fetches a picture by itself. If it cannot, nothing went out: then the words go
        alone, and for some minutes that picture is not tried again.
        """
        loop, picture = asyncio.get_running_loop(), message.picture
        if picture and self._unfetched.get(picture.url, 0.0) > loop.time():
            message = replace(message, picture=None)
        outcome = await self._send(message, address)
        if picture and message.picture and isinstance(outcome, Refused) and not outcome.gone:
            if outcome.reason == UNAUTHORISED:
                return outcome
            log.warning("telegram: a picture was not taken: %s", outcome.reason)
            self._unfetched = {picture.url: loop.time() + UNFETCHED_FOR}
            return await self._send(replace(message, picture=None), address)
        return outcome

    def fit_together(self, messages: Sequence[Message]) -> bool:
        """Whether these go as one text."""
        return rendering.joined(messages) is not None

    async def send_together(
        self, address: str, messages: Sequence[Message], *, key: UUID
    ) -> Outcome:
        """Send messages that fit together as one text."""
        whole = rendering.joined(messages)
        if whole is None:
            raise ValueError("these messages do not go as one")
        return await self.send(address, whole, key=key)

    async def _send(self, message: Message, address: str) -> Outcome:
        parameters = rendering.render(message, address)
        chat_id = parameters.pop("chat_id")
        try:
            if photo := parameters.pop("photo", None):
                sent = await self._bot.send_photo(chat_id, photo, api_kwargs=parameters)
            else:
                text = parameters.pop("text")
                sent = await self._bot.send_message(chat_id, text, api_kwargs=parameters)
        except TelegramError as error:
            return outcome_of(error)
        except (KeyError, TypeError, ValueError):
            # It was accepted; only the description of the message is one the library cannot read.
            return Sent()
        return Sent(str(sent.message_id))

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Stop the pressed button's spinner, or show typing. Never raises; at most 2 s."""
        try:
            async with asyncio.timeout(ACKNOWLEDGE_TIMEOUT):
                if inbound.callback_id:
                    await self._bot.answer_callback_query(inbound.callback_id)
                elif isinstance(inbound.content, TextReceived | Started):
                    await self._bot.send_chat_action(int(address), "typing")
        except (TelegramError, TimeoutError, ValueError) as error:
            # Such as "query is too old": the turn goes on without it.
            log.debug("telegram: not acknowledged: %s", type(error).__name__)

    async def show_typing(self, address: str) -> None:
        """The word "typing" above the chat, for five seconds. Never raises; at most 2 s."""
        try:
            async with asyncio.timeout(ACKNOWLEDGE_TIMEOUT):
                await self._bot.send_chat_action(int(address), "typing")
        except (TelegramError, TimeoutError, ValueError) as error:
            log.debug("telegram: typing not shown: %s", type(error).__name__)

    async def profile(self, address: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Empty: every update brings the language and the name with it."""
        return {}

    async def set_webhook(self, url: str) -> str | None:
        """Have updates sent to `url`; what went wrong, or None. At most once a second."""
        try:
            await self._bot.set_webhook(
                url,
                secret_token=self.webhook_secret,
                allowed_updates=list(ALLOWED_UPDATES),
                max_connections=40,
            )
        except TelegramError as error:
            return f"Telegram did not take the webhook address: {outcome_of(error).reason}"
        return None

    async def webhook_state(self) -> WebhookState | None:
        """What Telegram says of our address; None if it is silent.

        https://core.telegram.org/bots/api#webhookinfo
        """
        try:
            info = await self._bot.get_webhook_info()
        except TelegramError as error:
            log.warning("telegram: getWebhookInfo failed: %s", outcome_of(error).reason)
            return None
        fault = info.last_error_message if info.pending_update_count else None
        return WebhookState(info.url or None, fault and fault[:200], info.pending_update_count)

    async def own_name(self) -> str | None:
        """The name in links to the bot (https://t.me/NAME?start=...); None while out of reach."""
        if self._username is None:
            try:
                self._username = (await self._bot.get_me()).username
            except TelegramError as error:
                log.warning("telegram: getMe failed: %s", outcome_of(error).reason)
        return self._username

    def media_of(self, payload: bytes) -> MediaReceived | None:
        """What a stored update brought besides words. Raises Malformed."""
        return parsing.media_of(payload)

    async def fetch(self, media: MediaReceived, most: int) -> bytes | NoMedia:
        """The content of a file that the bot was sent. Telegram gives away 20 MB at most."""
        try:
            file = await self._bot.get_file(media.media_id, read_timeout=FETCH_TIMEOUT)
            path = file.file_path or ""
            if (file.file_size or 0) > most:
                return TOO_LARGE
            # The library makes the whole address of the path; another host's is never called.
            if not path.startswith(self._bot.base_file_url):
                return NoMedia("no file")
            return await self._request.read(path, most)
        except (TelegramError, ValueError) as error:
            # The address holds the bot's token: only the kind of the fault is told.
            log.info("telegram file: %s", type(error).__name__)
            return NoMedia(type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        await self._request.shutdown()


def outcome_of(error: TelegramError) -> Refused | NotSent | Unknown:
    """What a failed call means. BadRequest is a NetworkError to the library, so it comes first."""
    match error:
        case NotConnected():
            return NotSent("not connected")
        case TooMany(seconds=seconds):
            # The limit of one chat and that of the bot look alike, so the whole channel waits.
            return NotSent("too many requests", retry_after=seconds, whole_channel=True)
        case InvalidToken():
            return Refused(UNAUTHORISED)
        case Forbidden():
            return Refused(_reason(error), gone=True)
        case BadRequest():
            description = error.message.lower()
            return Refused(_reason(error), gone=any(words in description for words in GONE))
    return Unknown(_reason(error))


def _reason(error: TelegramError) -> str:
    """Telegram's description up to where it, or the library, could quote a message."""
    return re.split(r"""[:.] | ['"]""", error.message.removeprefix("Forbidden: "))[0][:100]
