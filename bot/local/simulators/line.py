"""A simulator of LINE on loopback, as strict as the platform: for tests, the bench, kill runs.

`python -m bot.local.simulators.line --port 9010 --ledger FILE` runs it by itself; `/_control/`
on the same port then drives it: see `_control`.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.local.simulators.line_platform import Answer, Json, LinePlatform
from bot.local.simulators.line_webhooks import BOT_USER, Webhooks
from bot.local.simulators.telegram_state import Faults, Ledger, SimulatedTime

MAX_BODY = 2 * 1024 * 1024
Validator = Callable[[str, str, Any], None]  # method, path, JSON body


class LineSimulator:
    """The platform behind HTTP. `platform` holds its state, `webhooks` what it sends us.

    `validator` is called with each request, before anything else looks at it.
    """

    def __init__(
        self,
        channel_secret: str = "simulated-secret",  # noqa: S107 - a simulator keeps no secrets
        channel_access_token: str = "simulated-token",  # noqa: S107
        *,
        strict: bool = True,
        anyone: bool = False,
        quota: int | None = None,
        seed: int = 0,
        ledger: Path | None = None,
        time: SimulatedTime | None = None,
        validator: Validator | None = None,
    ) -> None:
        self.channel_secret, self.channel_access_token = channel_secret, channel_access_token
        self.time, self.ledger = time or SimulatedTime(), Ledger(ledger)
        self.platform = LinePlatform(
            self.time, self.ledger, strict=strict, anyone=anyone, quota=quota
        )
        self.webhooks = Webhooks(self.time, channel_secret, self.platform.delivered, seed)
        self.faults = Faults(seed, stream="line")
        self.validator = validator
        self.calls: Counter[str] = Counter()  # "push 200" -> how many
        self.base = ""
        self._requests = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on loopback; the base address, to be used as `api_base`."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.base

    async def stop(self) -> None:
        """End the server, what it still sends, and the ledger's file."""
        await self.webhooks.close()
        if self._runner:
            await self._runner.cleanup()
        self.ledger.close()

    async def say(self, user: str, text: str) -> list[int]:
        """The user writes; the statuses our webhook answered, 0 for none within 2 s."""
        return await self.webhooks.deliver([self.platform.text(user, text)])

    async def press(self, user: str, token: str) -> list[int]:
        """The user presses the button with this token."""
        return await self.webhooks.deliver([self.platform.tap(user, token)])

    async def pick_date(self, user: str, token: str, day: date) -> list[int]:
        """The user picks a day."""
        return await self.webhooks.deliver([self.platform.tap(user, token, day)])

    async def follow(self, user: str) -> list[int]:
        """The user adds or unblocks the account."""
        return await self.webhooks.deliver([self.platform.follow(user)])

    async def unfollow(self, user: str) -> list[int]:
        """The user blocks the account."""
        return await self.webhooks.deliver([self.platform.unfollow(user)])

    async def unsend(self, user: str, message_id: str) -> list[int]:
        """The user takes a message back."""
        return await self.webhooks.deliver([self.platform.unsend(user, message_id)])

    def buttons(self, user: str) -> dict[str, str]:
        """Label -> token of the buttons in the user's chat; of one label, the latest."""
        found: dict[str, str] = {}

        def look(value: Any) -> None:
            if isinstance(value, dict):
                if value.get("type") in ("postback", "datetimepicker"):
                    found[value["label"]] = value["data"]
                for child in value.values():
                    look(child)
            elif isinstance(value, list):
                for child in value:
                    look(child)

        look(self.platform.received(user))
        return found

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path, raw = request.path, await request.read()
        if path.startswith("/_control/"):
            return await self._control(path.removeprefix("/_control/"), raw)
        self._requests += 1
        request_id = f"00000000-0000-4000-8000-{self._requests:012d}"
        if request.headers.get("Authorization") != f"Bearer {self.channel_access_token}":
            self.calls[f"{path} 401"] += 1
            return _response(Answer(401, {"message": "Authentication failed."}), request_id)
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            said = "The request body could not be parsed as JSON"
            return _response(Answer(400, {"message": said}), request_id)
        if self.validator:
            self.validator(request.method, path, body if raw else None)
        call = path.removeprefix("/v2/bot/message/")
        if call in ("push", "reply", "multicast") and request.method == "POST":
            return await self._send(request, call, body, request_id)
        if path.endswith("/content"):
            return self._content(path.split("/")[-2])
        answer = await self._other(request.method, path, body)
        self.calls[f"{path} {answer.status}"] += 1
        return _response(answer, request_id)

    async def _send(
        self, request: web.Request, call: str, body: Json, request_id: str
    ) -> web.StreamResponse:
        fault = self.faults.next()
        if fault == "delay":
            await self.time.sleep(self.faults.delay)
        if fault == "reset":
            return self._reset(request)
        if fault == "500":
            answer = Answer(500, {"message": "Internal server error"})
        elif fault == "429":
            answer = Answer(429, {"message": "The API rate limit has been exceeded."})
        else:
            platform = self.platform
            takes = {"reply": platform.reply, "push": platform.push}
            take = takes.get(call, platform.multicast)
            retry_key = request.headers.get("X-Line-Retry-Key")
            answer = platform.too_fast(call) or take(body, retry_key, request_id)
        self.calls[f"{call} {answer.status}"] += 1
        if fault == "accept_then_silence":
            await self.time.sleep(self.faults.silence)
        if fault in ("accept_then_silence", "accept_then_reset"):
            return self._reset(request)
        if fault == "accept_then_500":
            answer = Answer(500, {"message": "Internal server error"})
        return _response(answer, request_id)

    async def _other(self, method: str, path: str, body: Json) -> Answer:
        platform = self.platform
        match method, path.strip("/").split("/"):
            case "GET", ["v2", "bot", "profile", user]:
                if user in platform.blocked or not platform.knows(user):
                    return Answer(404, {"message": "Not found"})
                profile = {"displayName": f"Patient {user[-4:]}", "userId": user}
                if user in platform.languages:
                    profile["language"] = platform.languages[user]
                return Answer(200, profile)
            case "GET", ["v2", "bot", "info"]:
                return Answer(200, BOT_INFO)
            case "GET", ["v2", "bot", "message", "quota"]:
                if platform.quota is None:
                    return Answer(200, {"type": "none"})
                return Answer(200, {"type": "limited", "value": platform.quota})
            case "GET", ["v2", "bot", "message", "quota", "consumption"]:
                return Answer(200, {"totalUsage": platform.used})
            case "POST", ["v2", "bot", "message", "validate", "reply" | "push"]:
                return platform.validate(body)
            case "POST", ["v2", "bot", "chat", "loading", "start"]:
                return platform.show_loading(body)
            case "GET", ["v2", "bot", "channel", "webhook", "endpoint"]:
                if not self.webhooks.url:
                    return Answer(404, {"message": "Webhook endpoint not found"})
                return Answer(200, {"endpoint": self.webhooks.url, "active": True})
            case "PUT", ["v2", "bot", "channel", "webhook", "endpoint"]:
                endpoint = str(body.get("endpoint", ""))
                if not endpoint.startswith(("https://", "http://127.0.0.1")) or len(endpoint) > 500:
                    return Answer(400, {"message": "Invalid webhook endpoint URL"})
                self.webhooks.url = endpoint
                return Answer(200, {})
            case "POST", ["v2", "bot", "channel", "webhook", "test"]:
                return await self._test_webhook()
        return Answer(404, {"message": "Not found"})

    async def _test_webhook(self) -> Answer:
        """LINE tries a webhook out with a batch without events."""
        [status] = await self.webhooks.deliver([])
        reason = (
            "OK" if status == 200 else "REQUEST_TIMEOUT" if status == 0 else "ERROR_STATUS_CODE"
        )
        body = {"success": status == 200, "statusCode": status, "reason": reason}
        return Answer(200, body | {"timestamp": "2026-01-01T00:00:00.000Z", "detail": str(status)})

    def _content(self, message_id: str) -> web.Response:
        if message_id in self.platform.unsent:
            return web.Response(status=410)
        content = self.platform.media.get(message_id)
        if content is None:
            return web.Response(status=404)
        return web.Response(body=content, content_type="image/jpeg")

    def _reset(self, request: web.Request) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return web.Response(status=500)

    async def _control(self, what: str, raw: bytes) -> web.Response:
        """Drive the simulator from outside its process: JSON in, JSON out.

        ledger {since}; stats; faults {rates, once, delay, silence, seed}; users {ids};
        webhook {url, redelivery_after}; redeliver; clock {advance}; quota {limit, used};
        act {do, user, ...}: do is say {text}, press {token}, pick_date {token, day}, follow,
        unfollow (the user blocks us) or unsend {message_id}.
        """
        asked: Json = json.loads(raw or b"{}")
        actions: dict[str, Callable[[Json], Awaitable[Any]]] = {
            "ledger": self._control_ledger,
            "stats": self._control_stats,
            "faults": self._control_faults,
            "users": self._control_users,
            "webhook": self._control_webhook,
            "redeliver": self._control_redeliver,
            "clock": self._control_clock,
            "quota": self._control_quota,
            "act": self._control_act,
        }
        if what not in actions:
            return web.json_response({"message": "no such control"}, status=404)
        return web.json_response(await actions[what](asked))

    async def _control_ledger(self, asked: Json) -> Any:
        return self.ledger.entries[int(asked.get("since", 0)) :]

    async def _control_stats(self, _asked: Json) -> Any:
        attempts = self.webhooks.attempts
        return {
            "calls": self.calls,
            "received": len(self.ledger.entries),
            "used": self.platform.used,
            "loading": len(self.platform.loading),
            "faults": self.faults.injected,
            "changed_retries": self.platform.changed_retries,
            "webhooks": Counter(str(attempt.status) for attempt in attempts),
            "slowest_webhook": max((attempt.seconds for attempt in attempts), default=0.0),
            "untaken": list(self.webhooks.untaken),
        }

    async def _control_faults(self, asked: Json) -> Any:
        self.faults.seed = int(asked.get("seed", self.faults.seed))
        self.faults.rates = asked.get("rates", self.faults.rates)
        self.faults.delay = asked.get("delay", self.faults.delay)
        self.faults.silence = asked.get("silence", self.faults.silence)
        self.faults.once(*asked.get("once", ()))
        return {}

    async def _control_users(self, asked: Json) -> Any:
        self.platform.users.update(asked.get("ids", ()))
        return {"users": len(self.platform.users)}

    async def _control_webhook(self, asked: Json) -> Any:
        self.webhooks.url = asked.get("url", self.webhooks.url)
        self.webhooks.redelivery_after = asked.get("redelivery_after")
        return {}

    async def _control_redeliver(self, _asked: Json) -> Any:
        return {"statuses": await self.webhooks.redeliver()}

    async def _control_clock(self, asked: Json) -> Any:
        self.time.advance(float(asked.get("advance", 0)))
        return {"now": self.time.now()}

    async def _control_quota(self, asked: Json) -> Any:
        self.platform.quota = asked.get("limit")
        self.platform.used = int(asked.get("used", self.platform.used))
        return {}

    async def _control_act(self, asked: Json) -> Any:
        match asked:
            case {"do": "say", "user": user, "text": text}:
                statuses = await self.say(user, text)
            case {"do": "press", "user": user, "token": token}:
                statuses = await self.press(user, token)
            case {"do": "pick_date", "user": user, "token": token, "day": day}:
                statuses = await self.pick_date(user, token, date.fromisoformat(day))
            case {"do": "follow", "user": user}:
                statuses = await self.follow(user)
            case {"do": "unfollow", "user": user}:
                statuses = await self.unfollow(user)
            case {"do": "unsend", "user": user, "message_id": message_id}:
                statuses = await self.unsend(user, message_id)
            case _:
                return {"message": "no such act"}
        return {"statuses": statuses}


BOT_INFO = {
    "userId": BOT_USER,
    "basicId": "@000simul",
    "displayName": "Simulated clinic",
    "chatMode": "bot",
    "markAsReadMode": "auto",
}


def _response(answer: Answer, request_id: str) -> web.Response:
    return web.Response(
        status=answer.status,
        body=json.dumps(answer.body).encode(),
        headers={
            "Content-Type": "application/json",
            "x-line-request-id": request_id,
            **answer.headers,
        },
    )


async def _serve(options: argparse.Namespace) -> None:
    simulator = LineSimulator(
        options.secret,
        options.token,
        strict=not options.loose,
        anyone=options.anyone,
        quota=options.quota,
        seed=options.seed,
        ledger=options.ledger,
    )
    simulator.webhooks.url = options.webhook
    simulator.webhooks.redelivery_after = options.redelivery_after
    base = await simulator.start(options.port)
    sys.stdout.write(json.dumps({"line": base}) + "\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    await stopped.wait()
    await simulator.stop()


def main() -> None:
    """Run the simulator until SIGTERM; the first line it prints names its address."""
    parser = argparse.ArgumentParser(prog="bot.local.simulators.line", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", type=Path)
    parser.add_argument("--secret", default="simulated-secret")
    parser.add_argument("--token", default="simulated-token")
    parser.add_argument("--webhook", default="")
    parser.add_argument("--redelivery-after", type=float)
    parser.add_argument("--quota", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--loose", action="store_true", help="skip the checks of message contents")
    parser.add_argument("--anyone", action="store_true", help="know every well-formed user id")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
