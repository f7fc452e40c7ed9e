"""One call of a program: who it is, whether it may, what it says; carried out, noted, answered.

All of it is one transaction, and what was not carried out leaves nothing but its line in the audit
trail. Neither address nor body is ever logged.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.api.problem import BY_STATUS, Problem, invalid, not_valid
from bot.api.route import Call, Done, Route
from bot.channels.rate_limit import MICROSECONDS, Bucket, LocalLimiter
from bot.environment import Environment
from clinic.api_key.service import begin_deed, end_deed, recognise
from clinic.api_key.types import ApiKey, Repeated
from clinic.audit.service import record
from clinic.db import COLLISIONS, Tx
from clinic.errors import DatabaseDown

log = logging.getLogger(__name__)
BODY_TIME = 10.0  # s in which a body has to come in
# Calls at a time in this process: patients who chat need the database's connections too.
MOST_AT_ONCE = 4
ROOM_TIME = 5.0  # s that a call waits for its turn
# Wrong keys from one source.
WRONG_RATE, WRONG_BURST = 1.0, 60.0
IDEMPOTENCY_KEY = r"^[A-Za-z0-9_.:-]{8,64}$"
_IDEMPOTENCY_KEY = re.compile(IDEMPOTENCY_KEY, re.ASCII)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Manner(Protocol):
    """How one of our interfaces speaks: its media type, its errors, and what it reads."""

    media_type: str

    def refusal(self, problem: Problem) -> tuple[str, bytes]:
        """A problem as a media type and a body."""

    def content(self, found: Any) -> bytes:
        """An answer as a body."""

    def takes(self, media_type: str) -> bool:
        """Whether a body of this type may be sent."""

    def query(self, route: Route, request: web.Request, /) -> Any:
        """The parameters of a call, or the Problem with them."""

    def body(self, route: Route, body: bytes, /) -> Any:
        """The body of a call, or the Problem with it."""


class Plain:
    """The manner of the API: JSON in and out."""

    media_type = "application/json"

    def refusal(self, problem: Problem) -> tuple[str, bytes]:
        """RFC 9457."""
        return "application/problem+json", problem.body.model_dump_json(exclude_none=True).encode()

    def content(self, found: BaseModel) -> bytes:
        """The model as JSON."""
        return found.model_dump_json().encode()

    def takes(self, media_type: str) -> bool:
        """JSON only."""
        return media_type == self.media_type

    def query(self, route: Route, request: web.Request) -> Any:
        """The route's model of parameters; one that comes twice is wrong."""
        given = request.query
        if twice := [name for name in given if len(given.getall(name)) > 1]:
            return invalid((twice[0][:40], "twice"))
        try:
            return route.query.model_validate_strings(dict(given))
        except ValidationError as error:
            return not_valid(error, pointers=False)

    def body(self, route: Route, body: bytes) -> Any:
        """The route's model of a body. Strict: a number is no text."""
        if route.body is None:
            return None
        try:
            return route.body.model_validate_json(body, strict=True)
        except ValidationError as error:
            if any(one["type"] == "json_invalid" for one in error.errors(include_input=False)):
                return Problem(400, "malformed")
            return not_valid(error, pointers=True)


class _Undone(Exception):
    """Takes back what a handler did before it found the problem; never leaves this module."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class Server:
    """Serves routes of one interface. `nudge`: an account has a message that waits."""

    def __init__(
        self,
        env: Environment,
        nudge: Callable[[int], None],
        manner: Manner,
        room: asyncio.Semaphore,
    ) -> None:
        self._env, self._nudge, self._manner, self._room = env, nudge, manner, room
        self._wrong = LocalLimiter()

    def handler(self, route: Route) -> Handler:
        """aiohttp's handler for a route of the table."""

        async def handle(request: web.Request) -> web.Response:
            body = await self._read(request, route)
            if isinstance(body, Problem):
                return self.refuse(body)
            try:
                async with asyncio.timeout(ROOM_TIME):
                    await self._room.acquire()
            except TimeoutError:
                return self.refuse(Problem(503, "unavailable", wait=1))
            try:
                outcome = await self._env.database.retrying(
                    lambda tx: self._call(tx, route, request, body)
                )
            except (DatabaseDown, *COLLISIONS):
                return self.refuse(Problem(503, "unavailable", wait=1))
            finally:
                self._room.release()
            if isinstance(outcome, Problem):
                return self.refuse(outcome)
            if outcome.account is not None:
                self._nudge(outcome.account)
            return self._answer(route, outcome)

        return handle

    @property
    def middleware(self) -> Any:
        """What else can go wrong, said in the same manner."""

        @web.middleware
        async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPException as error:
                if error.status not in BY_STATUS:
                    raise
                allow = error.headers.get("Allow")
                headers = {"Allow": allow} if allow else {}
                return self.refuse(Problem(error.status, BY_STATUS[error.status], headers=headers))
            except Exception as error:
                # Neither the address nor the body: both may hold a patient's words.
                log.error("call failed: %s", type(error).__name__)
                return self.refuse(Problem(500, "internal"))

        return errors

    def refuse(self, problem: Problem) -> web.Response:
        """A problem as a response."""
        media_type, body = self._manner.refusal(problem)
        headers = {"Cache-Control": "no-store", **problem.headers}
        if problem.wait is not None:
            headers["Retry-After"] = str(int(problem.wait) + 1)
        response = web.Response(
            body=body, status=problem.status, content_type=media_type, headers=headers
        )
        if problem.status in (408, 413, 415):
            response.force_close()
        return response

    def _answer(self, route: Route, done: Done) -> web.Response:
        headers = {"Cache-Control": "no-store"}
        if done.detail.get("again"):
            headers["Idempotency-Replayed"] = "true"
        return web.Response(
            body=self._manner.content(done.content),
            status=route.status,
            content_type=self._manner.media_type,
            headers=headers,
        )

    async def _read(self, request: web.Request, route: Route) -> bytes | Problem:
        """The body, as it came. A route that takes none may be sent none."""
        if request.headers.get("Content-Encoding", "identity") != "identity":
            return Problem(415, "bad_media_type")
        try:
            async with asyncio.timeout(BODY_TIME):
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return Problem(413, "too_large")
        except TimeoutError:
            return Problem(408, "too_slow")
        if route.method == "GET":
            return b""
        charset = request.charset or "utf-8"
        if charset.lower() != "utf-8" or not self._manner.takes(request.content_type):
            return Problem(415, "bad_media_type")
        return body

    async def _call(
        self, tx: Tx, route: Route, request: web.Request, body: bytes
    ) -> Done | Problem:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        key = await recognise(tx, secret.strip()) if kind.lower() == "bearer" else None
        if key is None:
            return self._stranger(request)
        wait = await self._env.limiter.wait_time(f"api {key.id}", key.rate / 60, key.rate)
        if wait:  # not in the audit trail: it would grow as fast as they come
            return Problem(429, "too_many", wait=wait)
        outcome = await self._judged(tx, route, key, request, body)
        status, subject, detail = (
            (outcome.status, None, {"code": outcome.code})
            if isinstance(outcome, Problem)
            else (route.status, outcome.subject, dict(outcome.detail))
        )
        await record(
            tx,
            "api_key",
            key.id,
            f"api_key:call:{route.name}",
            subject,
            {"status": status, **detail},
        )
        return outcome

    def _stranger(self, request: web.Request) -> Problem:
        bucket = Bucket(f"from {request.remote}", WRONG_RATE, WRONG_BURST)
        wait = self._wrong.take("api", (bucket,), time.monotonic() * MICROSECONDS)
        if wait:
            return Problem(429, "too_many", wait=wait / MICROSECONDS)
        return Problem(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})

    async def _judged(
        self, tx: Tx, route: Route, key: ApiKey, request: web.Request, sent: bytes
    ) -> Done | Problem:
        if route.scope not in key.scopes:
            return Problem(403, "no_scope", scope=route.scope)
        query = self._manner.query(route, request)
        if isinstance(query, Problem):
            return query
        body = self._manner.body(route, sent)
        if isinstance(body, Problem):
            return body
        call = Call(tx, self._env, key, request.match_info, query, body)
        try:
            async with tx.transaction():
                outcome = await self._once(call, route, request.headers, request.path, sent)
                if isinstance(outcome, Problem):
                    raise _Undone(outcome)
        except _Undone as undone:
            return undone.problem
        return outcome

    async def _once(
        self, call: Call, route: Route, headers: Mapping[str, str], path: str, sent: bytes
    ) -> Done | Problem:
        """Carry the call out, unless it was before under the same Idempotency-Key."""
        if route.again is None:
            return await route.handler(call)
        name = headers.get("Idempotency-Key", "")
        if not _IDEMPOTENCY_KEY.fullmatch(name):
            return Problem(400, "no_idempotency_key")
        # Keyed: what patients are sent could be guessed from a plain hash.
        said = call.env.keys.index("api_deed", f"{path}\0{sent.hex()}")
        deed = await begin_deed(call.tx, call.key.id, name, said)
        if isinstance(deed, Repeated):
            if not deed.same:
                return Problem(422, "key_reused")
            assert deed.subject_id is not None
            again = await route.again(call, deed.subject_id)
            if isinstance(again, Problem):
                return again
            return Done(again.content, again.subject, {**again.detail, "again": True})
        outcome = await route.handler(call)
        if isinstance(outcome, Done):
            assert outcome.subject is not None
            await end_deed(call.tx, deed, outcome.subject)
        return outcome
