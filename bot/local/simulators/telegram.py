"""A simulator of Telegram on loopback: the Bot API, the people in its chats, and their ledger.

Used by the tests and by `kayoi bench`; in a process of its own:
`python -m bot.local.simulators.telegram --port 9020 --ledger FILE`.
"""

import argparse
import asyncio
import contextlib
import json
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.local.simulators.telegram_control import add_control
from bot.local.simulators.telegram_methods import (
    ApiError,
    BotApi,
    Json,
    Query,
    User,
    too_many,
)
from bot.local.simulators.telegram_state import Faults, Ledger, SimulatedTime
from bot.local.simulators.telegram_webhooks import Webhooks

TOKEN = "123456789:kayoi-simulator-token"  # noqa: S105  # opens only this simulator
RETRY_AFTER = 2  # seconds of a scripted or seeded 429
# rate and burst over all chats, rate and burst of one chat: undocumented, about these.
LIMITS = (30.0, 30.0, 1.0, 4.0)
# Parameters that are JSON inside a form, and those that are numbers.
NESTED = {"reply_markup", "link_preview_options", "entities", "allowed_updates"}
NUMBERS = {"chat_id", "message_id", "max_connections", "cache_time"}
FLAGS = {"disable_notification", "protect_content", "show_alert", "drop_pending_updates"}

# Problems of a method's parameters by the published schema; none if the tuple is empty.
Validator = Callable[[str, Json], tuple[str, ...]]


class TelegramSimulator:
    """Use as `async with TelegramSimulator() as telegram`. Its state is plain to read in tests."""

    def __init__(
        self,
        token: str = TOKEN,
        ledger: Path | None = None,
        *,
        seed: int = 0,
        rates: Mapping[str, float] | None = None,
        limits: tuple[float, float, float, float] = LIMITS,
        manual_time: bool = False,
        validator: Validator | None = None,
    ) -> None:
        self.token = token
        self.time = SimulatedTime(manual_time)
        self.faults = Faults(seed, rates)
        self.ledger = Ledger(ledger)
        self.webhooks = Webhooks(self.time, seed)
        self.api = BotApi(self.time, self.ledger, self.webhooks, limits)
        self.calls: list[tuple[str, Json]] = []
        self.answers: Counter[str] = Counter()  # by "method status"
        self.spec_problems: list[str] = []
        self._validator = validator
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def open(self, port: int = 0) -> str:
        """Listen on loopback and return the address, for `api_base`."""
        app = web.Application(client_max_size=1_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        add_control(app, self)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def close(self) -> None:
        """Stop listening and delivering; the ledger's file is closed."""
        self._closing.set()
        await self.webhooks.close()
        if self._runner:
            await self._runner.cleanup()
        self.ledger.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    # What people do. Each queues an update and returns its update_id.

    def user(self, user_id: int, **told: Any) -> User:
        """The person with this id, who is made at first mention: first_name, language_code ..."""
        if user_id not in self.api.users:
            told = {"first_name": f"Patient{user_id}", **told}
            self.api.users[user_id] = User(user_id, **told)
        return self.api.users[user_id]

    def start(self, user_id: int, payload: str = "") -> int:
        """Open the bot, by a link with `payload` if there is one; unblocks it."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise ValueError("a start payload is at most 64 of A-Z a-z 0-9 _ -")
        user = self.user(user_id)
        if user.blocked:
            self.unblock(user_id)
        user.started = True
        text = f"/start {payload}".strip()
        command = {"type": "bot_command", "offset": 0, "length": len("/start")}
        return self._message(user, {"text": text, "entities": [command]})

    def say(self, user_id: int, text: str) -> int:
        """Write a text."""
        return self._message(self._active(user_id), {"text": text})

    def send_media(self, user_id: int, kind: str, content: bytes = b"", caption: str = "") -> int:
        """Send a photo, voice, document or sticker."""
        file_id = f"{kind}-{len(self.api.files) + 1:08d}"
        self.api.files[file_id] = content
        file: Json = {"file_id": file_id, "file_unique_id": file_id[-8:]}
        if kind in ("photo", "sticker"):
            file |= {"width": 512, "height": 512}
        if kind == "sticker":
            file |= {"type": "regular", "is_animated": False, "is_video": False}
        if kind == "voice":
            file |= {"duration": 3}
        media = {kind: [file] if kind == "photo" else file}
        return self._message(
            self._active(user_id), media | ({"caption": caption} if caption else {})
        )

    def share_contact(self, user_id: int, phone: str, owner: int | None = None) -> int:
        """Share a telephone number: one's own, or that of another account or of none (0)."""
        user = self._active(user_id)
        owner = user_id if owner is None else owner
        contact: Json = {"phone_number": phone, "first_name": user.first_name}
        user.keyboard = None  # asked for one time only
        return self._message(user, {"contact": contact | ({"user_id": owner} if owner else {})})

    def edit(self, user_id: int, message_id: int, text: str) -> int:
        """Change a message sent before."""
        user = self._active(user_id)
        content = self._envelope(user, message_id) | {"text": text}
        content["edit_date"] = content["date"]
        return self.webhooks.put("edited_message", user_id, content)

    def press(self, user_id: int, button: str, message_id: int | None = None) -> int:
        """Press an inline button by its label or data, on the newest message that has it.

        Raises LookupError if no message the person received shows it.
        """
        user = self._active(user_id)
        for message in reversed(user.messages.values()):
            if message_id not in (None, message["message_id"]):
                continue
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for shown in row:
                    if button in (shown["text"], shown.get("callback_data")):
                        return self._pressed(user, message, shown)
        raise LookupError(f"no button {button!r} in the chat of {user_id}")

    def block(self, user_id: int) -> int:
        """Block the bot."""
        user = self._active(user_id)
        user.blocked = True
        return self._membership(user, "member", "kicked")

    def unblock(self, user_id: int) -> int:
        """Unblock the bot."""
        user = self.user(user_id)
        user.blocked = False
        return self._membership(user, "kicked", "member")

    def deactivate(self, user_id: int) -> None:
        """Delete the account. The bot is not told."""
        self.user(user_id).deactivated = True

    def received(self, user_id: int) -> list[str]:
        """The texts that a person was sent, in order, by the ledger."""
        return [entry["text"] for entry in self.ledger.entries if entry["chat_id"] == user_id]

    def _active(self, user_id: int) -> User:
        user = self.user(user_id)
        if not user.started or user.blocked or user.deactivated:
            raise ValueError(f"{user_id} has no open chat with the bot")
        return user

    def _envelope(self, user: User, message_id: int) -> Json:
        when = int(self.time.now())
        chat, person = user.chat(), user.as_json()
        return {"message_id": message_id, "from": person, "chat": chat, "date": when}

    def _message(self, user: User, content: Json) -> int:
        envelope = self._envelope(user, self.api.next_message_id())
        return self.webhooks.put("message", user.id, envelope | content)

    def _pressed(self, user: User, message: Json, shown: Json) -> int:
        if "callback_data" not in shown:
            raise LookupError(f"the button {shown['text']!r} opens an address")
        query_id = f"{user.id}{len(self.api.queries) + 1:06d}"
        self.api.queries[query_id] = Query(user, self.time.now())
        content = {
            "id": query_id,
            "from": user.as_json(),
            "message": message,
            "chat_instance": str(user.id),
            "data": shown["callback_data"],
        }
        return self.webhooks.put("callback_query", user.id, content)

    def _membership(self, user: User, old: str, new: str) -> int:
        def member(status: str) -> Json:
            banned = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.api.me, "status": status} | banned

        content = {
            "chat": user.chat(),
            "from": user.as_json(),
            "date": int(self.time.now()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
        return self.webhooks.put("my_chat_member", user.id, content)

    # The Bot API over HTTP.

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fault = ""
        try:
            self._check_token(request)
            if method.lower() not in self.api.methods:
                raise ApiError(404, "Not Found: method not found")
            params = await _parameters(request)
            self.calls.append((method, params))
            if self._validator:
                self.spec_problems += self._validator(method, params)
            fault = self.faults.next(method)
            if fault == "500":
                raise ApiError(500, "Internal Server Error")
            if fault == "429":
                self.api.shut(RETRY_AFTER)
                raise too_many(RETRY_AFTER)
            if fault == "reset":
                return self._drop(request)
            if fault == "delay":
                await self.time.sleep(self.faults.delay)
            result = self.api.methods[method.lower()](params | {"_fault": fault})
            if fault == "accept_then_500":
                raise ApiError(500, "Internal Server Error")
        except ApiError as error:
            self.answers[f"{method} {error.code}"] += 1
            return _refusal(error)
        if fault in ("accept_then_silence", "accept_then_reset"):
            if fault == "accept_then_silence":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), self.faults.silence)
            return self._drop(request)
        self.answers[f"{method} 200"] += 1
        return web.json_response({"ok": True, "result": result})

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", token):
            raise ApiError(404, "Not Found")
        if token != self.token:
            raise ApiError(401, "Unauthorized")

    @staticmethod
    def _drop(request: web.Request) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def _download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request)
            file = self.api.files.get(request.match_info["path"].removeprefix("files/"))
            if file is None:
                raise ApiError(404, "Not Found")
        except ApiError as error:
            return _refusal(error)
        return web.Response(body=file)


async def _parameters(request: web.Request) -> Json:
    """From the query and a JSON or form body, nested values decoded. Raises ApiError."""
    params: Json = dict(request.query)
    if request.content_type == "application/json" and request.can_read_body:
        try:
            body = await request.json()
        except ValueError as error:
            raise ApiError(400, "Bad Request: can't parse JSON object") from error
        if not isinstance(body, dict):
            raise ApiError(400, "Bad Request: can't parse JSON object")
        return params | body
    params |= {name: str(value) for name, value in (await request.post()).items()}
    try:
        for name in params:
            if name in NESTED | FLAGS or (name in NUMBERS and not params[name].startswith("@")):
                params[name] = json.loads(params[name])
    except ValueError as error:
        raise ApiError(400, f"Bad Request: can't parse {name}") from error
    return params


def _refusal(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after:
        body["parameters"] = {"retry_after": error.retry_after}
    return web.json_response(body, status=error.code)


async def _serve(options: argparse.Namespace) -> None:
    simulator = TelegramSimulator(
        options.token,
        options.ledger,
        seed=options.seed,
        rates={kind: float(rate) for kind, _, rate in (f.partition("=") for f in options.fault)},
    )
    stopped = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    url = await simulator.open(options.port)
    sys.stdout.write(json.dumps({"ready": True, "url": url}) + "\n")
    sys.stdout.flush()
    await stopped.wait()
    await simulator.close()


def main() -> None:
    """Run the simulator until it is told to stop; prints one JSON line when it listens."""
    parser = argparse.ArgumentParser(prog="bot.local.simulators.telegram")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", action="append", default=[], metavar="KIND=RATE")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
