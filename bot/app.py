"""The public web process: webhooks, the web chat, calendar files, health."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from aiohttp import web

from bot import board_pages, document_pages, letter_pages, picture_pages, sms_reports, trend_pages
from bot.api import app as api
from bot.channels.channel import Channel, Malformed, Received, Unsigned
from bot.channels.line import webhook as line_webhook
from bot.channels.sms import webhook as sms_webhook
from bot.channels.telegram import webhook as telegram_webhook
from bot.channels.webchat import api as webchat_api
from bot.environment import Environment
from bot.inbox import Inbox
from bot.metrics import REJECTED
from bot.outbox import Sender
from bot.runner import Runner
from bot.turns import Turns
from bot.webchat_backend import WebChatBackend
from clinic.booking.calendar_file import calendar_file
from clinic.config import Settings
from clinic.errors import DatabaseDown

log = logging.getLogger(__name__)
BODY_LIMIT = 256 * 1024  # bytes
BODY_TIME = 10.0  # s
Read = Callable[[Mapping[str, str], bytes], tuple[Received, ...]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def create_app(env: Environment) -> web.Application:
    """The application; `run` serves it with decompression off."""
    sender = Sender(env)
    turns = Turns(Runner(env, sender))
    inbox = Inbox(env.database, env.keys)
    backend = WebChatBackend(env, inbox, turns)
    app = web.Application(
        client_max_size=BODY_LIMIT,
        middlewares=[_headers, _behind_proxies(env.settings.server.trusted_proxies)],
    )
    app.on_response_prepare.append(_closing_headers(env.settings.server.public_url or ""))
    for name, read in _webhooks(env.settings).items():
        if name in env.channels:
            app.router.add_post(f"/webhooks/{name}", _webhook(name, read, env, inbox, turns))
    if "sms" in env.channels:
        app.router.add_post(f"{sms_webhook.PATH}/status/{{key}}", sms_reports.handler(env))
    if "webchat" in env.channels:
        app.router.add_routes(webchat_api.routes(backend))
    app.router.add_routes(letter_pages.routes(env, sender.nudge))
    app.router.add_routes(document_pages.routes(env))
    app.router.add_routes(board_pages.routes(env))
    app.router.add_routes(picture_pages.routes(env))
    app.router.add_routes(trend_pages.routes(env))
    app.router.add_get("/visits/{key}.ics", _calendar(env))
    api.mount(app, env, sender.nudge)
    app.router.add_get("/healthz", _healthy)
    app.router.add_get("/readyz", _ready(env))

    async def run(_: web.Application) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(backend.listen()),
            asyncio.create_task(_send_left_over(sender)),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await turns.stop()

    async def shut_streams(_: web.Application) -> None:
        backend.hub.close()

    app.cleanup_ctx.append(run)
    app.on_shutdown.append(shut_streams)
    return app


def _webhooks(settings: Settings) -> dict[str, Read]:
    line, telegram = settings.channels.line, settings.channels.telegram
    line_secret = line.channel_secret.get_secret_value() if line.channel_secret else ""
    secret = telegram.webhook_secret.get_secret_value() if telegram.webhook_secret else ""
    sms, base = settings.channels.sms, settings.server.public_url or ""
    sms_token = sms.token.get_secret_value() if sms.token else ""
    return {
        "line": lambda headers, body: line_webhook.read(headers, body, line_secret),
        "telegram": lambda headers, body: telegram_webhook.read(headers, body, secret),
        "sms": lambda headers, body: sms_webhook.read(headers, body, sms_token, base),
    }


def _webhook(name: str, read: Read, env: Environment, inbox: Inbox, turns: Turns) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        if request.headers.get("Content-Encoding", "identity") != "identity":
            return _reject(name, 415, "encoding")
        try:
            async with asyncio.timeout(BODY_TIME):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _reject(name, 413, "too_large")
        except TimeoutError:
            return _reject(name, 408, "too_slow")
        try:
            received = read(request.headers, body)
        except Unsigned:
            return _reject(name, 401, "unsigned")
        except Malformed:
            return _reject(name, 400, "malformed")
        try:
            stored = await asyncio.gather(*(inbox.accept(name, one) for one in received))
        except DatabaseDown:
            # Not 200: the platform sends it again when the database is back.
            return _reject(name, 503, "database_down")
        for event, kept in zip(received, stored, strict=True):
            if kept.account_id is not None:
                turns.wake(kept.account_id)
                if not kept.repeated:
                    _acknowledge(env.channels[name], event, turns, kept.account_id)
        # An SMS gateway would send a body of ours to the patient.
        return web.Response(status=204 if name == "sms" else 200)

    return handle


def _reject(name: str, status: int, reason: str) -> web.Response:
    REJECTED.labels(name, reason).inc()
    response = web.Response(status=status)
    if status in (408, 413, 415):
        response.force_close()
    return response


_under_way: set[asyncio.Task[None]] = set()  # the loop keeps only weak references


def _acknowledge(channel: Channel, received: Received, turns: Turns, account_id: int) -> None:
    """Show in the background that the event came in, unless the answer is out before."""

    async def show() -> None:
        with contextlib.suppress(Malformed):
            await channel.acknowledge(channel.parse(received.payload), received.address)

    turn = turns.under_way(account_id)

    def begin() -> None:
        # Not whether the account is busy by then: it may be with what was said to our answer.
        if not channel.acknowledge_after or (turn is not None and not turn.done()):
            task = asyncio.create_task(show())
            _under_way.add(task)
            task.add_done_callback(_under_way.discard)

    if channel.acknowledge_after:
        asyncio.get_running_loop().call_later(channel.acknowledge_after, begin)
    else:
        begin()


def _calendar(env: Environment) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            key = UUID(request.match_info["key"])
        except ValueError:
            raise web.HTTPNotFound from None
        mark = request.query.get("mark", "")
        async with env.database.transaction() as tx:
            file = await calendar_file(tx, env.keys, env.settings, key, mark)
        if file is None:
            raise web.HTTPNotFound
        return web.Response(
            body=file,
            content_type="text/calendar",
            charset="utf-8",
            headers={
                "Content-Disposition": 'attachment; filename="visit.ics"',
                "Cache-Control": "no-store",
            },
        )

    return handle


async def _healthy(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _ready(env: Environment) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        try:
            async with env.database.transaction() as tx:
                await tx.fetchval("select 1 from conversation limit 1")
        except DatabaseDown:
            return web.json_response({"status": "database_down"}, status=503)
        return web.json_response({"status": "ready"})

    return handle


async def _send_left_over(sender: Sender) -> None:
    """Send what had to wait for an earlier message of the same account."""
    while True:
        await sender.nudged(60)
        for pause in (0.05, 0.1, 0.2, 0.4):
            await asyncio.sleep(pause)
            # A fresh task: one whose connection broke is never used again.
            results = await asyncio.gather(
                asyncio.create_task(sender.sweep()), return_exceptions=True
            )
            if isinstance(results[0], Exception) and not isinstance(results[0], DatabaseDown):
                log.error("sweep failed: %s", type(results[0]).__name__)


@web.middleware
async def _headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as error:
        response = web.Response(status=error.status, text=error.reason)
    except DatabaseDown:
        response = web.Response(status=503)
    except Exception as error:
        # Neither the address nor the body: both may hold a patient's words.
        log.error("request failed: %s", type(error).__name__)
        response = web.Response(status=500)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response


def _closing_headers(public_url: str) -> Any:
    """On every answer, streams too: not what serves it, and that the address is only for https."""

    async def prepare(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.pop("Server", None)
        if public_url.startswith("https://"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    return prepare


def _behind_proxies(trusted: Sequence[str]) -> Any:
    """Let `request.remote` be the browser's address as the nearest proxies of ours saw it.

    Read from the right: what stands left of the first address that is not ours, anybody can write.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        # A proxy may add a header of its own after the one that the browser sent.
        chain = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        remote = request.remote
        while remote is not None and remote in trusted and chain:
            remote = chain.pop().strip() or remote
        if remote is not None and remote != request.remote:
            request = request.clone(remote=remote)
        return await handler(request)

    return middleware
