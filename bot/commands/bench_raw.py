"""The raw loop that the bench measures the product against: aiohttp and asyncpg, and nothing else.

A process of its own. For each message it does one transaction of the same rows as the product,
those of the figures too, with contents of the same size, and one HTTP reply; it checks, decides and
protects nothing.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web

from bot.commands.bench_clinic import Patient
from clinic.db import connect_arguments
from clinic.ids import new_key

CONNECTIONS = 10
HOLD = timedelta(minutes=5)
USEFUL = timedelta(hours=12)
PATIENCE = timedelta(minutes=30)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """What one message of a booking costs the product: bytes of contents, and rows it adds."""

    payload: int
    text: int
    state: int
    content: int
    reply: list[Json]  # the message objects sent
    appointments: int
    audits: int
    reminders: int
    figures: int


def write_task(
    path: Path,
    *,
    url: str,
    port: int,
    api_base: str,
    token: str,
    steps: Sequence[Step],
    patients: Sequence[Patient],
) -> None:
    """Write down what the raw process is told."""
    people = {one.user: asdict(one) | {"starts_at": one.starts_at.isoformat()} for one in patients}
    task = {
        "url": url,
        "port": port,
        "api_base": api_base,
        "token": token,
        "steps": [asdict(step) for step in steps],
        "patients": people,
    }
    path.write_text(json.dumps(task))


class Raw:
    """The handler of webhooks."""

    def __init__(self, task: Json, pool: asyncpg.Pool, session: aiohttp.ClientSession) -> None:
        """Do as the task says."""
        self._task, self._pool, self._session = task, pool, session
        self._steps = [Step(**step) for step in task["steps"]]
        # What is encrypted does not compress, so ours may not either.
        self._noise = os.urandom(max((max(it.state, it.content) for it in self._steps), default=0))
        self._held: dict[int, int] = {}  # appointments by conversation

    async def book(self, request: web.Request) -> web.Response:
        """One message of a booking."""
        [event] = json.loads(await request.read())["events"]
        patient = self._task["patients"][event["source"]["userId"]]
        async with self._pool.acquire() as connection, connection.transaction():
            step = await self._write(connection, event, patient)
        async with self._session.post(
            f"{self._task['api_base']}/v2/bot/message/reply",
            json={"replyToken": event["replyToken"], "messages": step.reply},
            headers={"Authorization": f"Bearer {self._task['token']}"},
        ) as answer:
            await answer.read()
        return web.Response()

    async def store(self, request: web.Request) -> web.Response:
        """One event put into the ledger, and no more."""
        body = await request.read()
        [event] = json.loads(body)["events"]
        patient = self._task["patients"][event["source"]["userId"]]
        async with self._pool.acquire() as connection, connection.transaction():
            await self._store(connection, event, patient, body, None)
        return web.Response()

    async def page(self, _: web.Request) -> web.Response:
        """A page with nothing on it, after one question to the database."""
        async with self._pool.acquire() as connection:
            await connection.fetchval("select 1")
        return web.Response(text="<!doctype html><title></title>", content_type="text/html")

    async def _write(self, tx: Any, event: Json, patient: Json) -> Step:
        conversation, account = patient["conversation_id"], patient["account_id"]
        turn = await tx.fetchval(
            "select turn from conversation where id = $1 for update", conversation
        )
        step: Step = self._steps[turn % len(self._steps)]
        await self._store(tx, event, patient, self._noise[: step.payload], self._noise[: step.text])
        await tx.execute(
            """update conversation set turn = $2, state = $3, updated_at = now(),
                 last_patient_at = now() where id = $1""",
            conversation,
            turn + 1,
            self._noise[: step.state],
        )
        await tx.execute(
            """insert into timer (key, kind, due_at, conversation_id, version)
               values ($1, 'wait', now() + $2, $3, $4) on conflict (key) do update
               set due_at = excluded.due_at, version = excluded.version, state = 'waiting'""",
            f"wait:{conversation}",
            PATIENCE,
            conversation,
            turn + 1,
        )
        await tx.execute(
            """insert into outbox (key, dedup_key, account_id, purpose, delivery_class, content,
                 send_at, useful_until, state, attempts)
               values ($1, $2, $3, 'dialogue', 'must_arrive', $4, now(), now() + $5, 'sent', 1)""",
            new_key(),
            f"turn:{conversation}:{turn + 1}:0",
            account,
            self._noise[: step.content],
            USEFUL,
        )
        if step.appointments:
            await self._hold(tx, patient)
        elif step.reminders:
            await self._confirm(tx, patient, step.reminders)
        if step.audits:
            await tx.executemany(
                """insert into audit (actor_kind, actor_id, action, subject_id, detail)
                   values ('patient', $1, 'patient:appointment:bench', $2, '{}')""",
                [(account, conversation)] * step.audits,
            )
        if step.figures:
            await tx.executemany(
                "insert into figure_event (figure, kind, subject) values ('bench', 'bench', $1)",
                [(conversation,)] * step.figures,
            )
        return step

    async def _store(
        self, tx: Any, event: Json, patient: Json, payload: bytes, text: bytes | None
    ) -> None:
        await tx.execute(
            """insert into inbound (channel, event_id, account_id, payload, text, occurred_at,
                 state, handled_at) values ('line', $1, $2, $3, $4, now(), 'done', now())""",
            event["webhookEventId"],
            patient["account_id"],
            payload,
            text,
        )

    async def _hold(self, tx: Any, patient: Json) -> None:
        """An appointment with its allocations; one that the patient held before is given back."""
        held = self._held.get(patient["conversation_id"])
        if held is not None:
            await tx.execute("update appointment set status = 'expired' where id = $1", held)
            await tx.execute(
                "update allocation set status = 'released' where appointment_id = $1", held
            )
        starts_at = datetime.fromisoformat(patient["starts_at"])
        ends_at = starts_at + timedelta(minutes=30)
        held = await tx.fetchval(
            """insert into appointment (key, status, patient_id, service_id, site_id,
                 practitioner_id, account_id, during, starts_at, ends_at, held_until)
               values ($1, 'held', $2, $3, $4, $5, $6, tstzrange($7, $8), $7, $8, now() + $9)
               returning id""",
            new_key(),
            patient["patient_id"],
            patient["service_id"],
            patient["site_id"],
            patient["practitioner_id"],
            patient["account_id"],
            starts_at,
            ends_at,
            HOLD,
        )
        await tx.executemany(
            """insert into allocation (appointment_id, resource_id, during, status)
               values ($1, $2, tstzrange($3, $4), 'held')""",
            [
                (held, patient[resource], starts_at, ends_at)
                for resource in ("practitioner_id", "room_id")
            ],
        )
        self._held[patient["conversation_id"]] = held

    async def _confirm(self, tx: Any, patient: Json, reminders: int) -> None:
        """The held appointment booked, and its reminders."""
        held = self._held.pop(patient["conversation_id"])
        await tx.execute("update appointment set status = 'booked' where id = $1", held)
        await tx.execute("update allocation set status = 'booked' where appointment_id = $1", held)
        await tx.executemany(
            """insert into timer (key, kind, due_at, appointment_id, version)
               values ($1, 'reminder', now() + interval '1 day', $2, 2)""",
            [(f"reminder:{held}:2:{n}", held) for n in range(reminders)],
        )


async def _serve(task: Json) -> None:
    pool = await asyncpg.create_pool(
        **connect_arguments(task["url"]),
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        reset=_leave,  # the product saves itself this trip to the server too
    )
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with pool, aiohttp.ClientSession() as session:
        raw, app = Raw(task, pool, session), web.Application()
        app.router.add_post("/book", raw.book)
        app.router.add_post("/store", raw.store)
        app.router.add_get("/page", raw.page)
        app.router.add_get("/readyz", _ready)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", task["port"]).start()
        await stopped.wait()
        await runner.cleanup()


async def _leave(_: asyncpg.Connection) -> None:
    """Give a connection back to the pool as it is."""


async def _ready(_: web.Request) -> web.Response:
    return web.Response()


if __name__ == "__main__":
    asyncio.run(_serve(json.loads(Path(sys.argv[1]).read_text())))
