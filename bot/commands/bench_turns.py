"""`kayoi bench turns`: whole bookings through signed webhooks, against the raw loop."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

import asyncpg
import psutil

from bot.commands.bench_clinic import Patient, most_patients
from bot.commands.bench_house import House, house, raw, web
from bot.commands.bench_load import (
    BenchFailed,
    Pace,
    Times,
    all_book,
    booking,
    milliseconds,
)
from bot.commands.bench_raw import Step
from clinic.db import connect_arguments
from clinic.errors import KayoiError

PATIENTS = 400  # at full load; half as many at half load
ROUNDS = 6  # the two sides take turns, so that a busy machine is unkind to both
AT_ONCE = 32  # patients who write side by side at full load
AT_ONCE_PACED = 64  # more than ever wait at once at half load
BOOKED = """
select patient_id, practitioner_id, starts_at,
       (select array_agg(resource_id order by resource_id) from allocation l
        where l.appointment_id = a.id and l.status = 'booked')
from appointment a where status = 'booked'
"""
COUNTED = ("appointments", "audits", "reminders", "figures")  # rows that a message may add
SETTLE_WITHIN = 10.0  # s until how the last sendings ended stands in the outbox


async def turns(size: int | None) -> dict[str, Any]:
    """Book `size` visits (default PATIENTS) at full load and half as many at half of it.

    Raises KayoiError if there are too many, BenchFailed if anything was lost, doubled or wrong.
    """
    count = PATIENTS if size is None else size
    warm, paced = min(AT_ONCE, count), max(count // 2, 1)
    everybody = 1 + 2 * warm + 2 * count + paced
    if count < 1 or everybody > most_patients():
        raise KayoiError(f"a bench books from 1 to {(most_patients() - 1 - 2 * AT_ONCE) * 2 // 5}")
    async with house(everybody) as place, web(place) as process:
        first, *others = place.patients
        steps = await learn(place, first)
        async with raw(place, steps) as raw_process:
            limit = _Side(place, raw_process, first)
            ours, typing = _Side(place, process), _Side(place, process, typing=True)
            await limit.book(others[:warm])
            await ours.book(others[:warm])
            both, others = others[: warm + count], others[warm + count :]
            await typing.book(others[:warm])
            for side in (limit, ours, typing):
                side.begin()
            crowd, typists = both[warm:], others[warm : warm + count]
            rounds = max(min(ROUNDS, count // AT_ONCE), 1)
            for turn in range(rounds):
                for side in (limit, ours):
                    await side.book(crowd[turn::rounds])
                await typing.book(typists[turn::rounds])
        rate, raw_rate, typed_rate = (median(side.rates) for side in (ours, limit, typing))
        half = Times()
        place.to_product()
        calm = await all_book(
            place.line,
            others[warm + count :],
            half,
            at_once=AT_ONCE_PACED,
            pace=Pace(rate / 2),
        )
        memory = process.memory_info().rss
        await check(place, len(steps), both)
    return {
        "bench": "turns",
        "bookings": everybody,
        "messages_per_booking": len(steps),
        "at_once": AT_ONCE,
        "messages": ours.messages,
        "messages_per_second": round(rate, 1),
        "raw_messages_per_second": round(raw_rate, 1),
        "ratio": round(rate / raw_rate, 3),
        "typed": {
            "messages_per_second": round(typed_rate, 1),
            "of_pressed": round(typed_rate / rate, 3),
            "reply_ms": milliseconds(typing.times.replies),
        },
        "answer_ms": milliseconds(ours.times.answers),
        "reply_ms": milliseconds(ours.times.replies),
        "raw_reply_ms": milliseconds(limit.times.replies),
        "half_load": {
            "messages": calm.messages,
            "messages_per_second": round(rate / 2, 1),
            "answer_ms": milliseconds(half.answers),
            "reply_ms": milliseconds(half.replies),
        },
        "web_cpu_ms_per_message": round(ours.cpu_ms, 2),
        "raw_cpu_ms_per_message": round(limit.cpu_ms, 2),
        "web_rss_mb": round(memory / 2**20, 1),
    }


class _Side:
    """The product or the raw loop, and what it has done since `begin`."""

    def __init__(
        self,
        place: House,
        process: psutil.Process,
        plan: Patient | None = None,
        *,
        typing: bool = False,
    ) -> None:
        """`plan`: whose visit the raw loop offers to everybody; None is the product.

        `typing`: the patients type.
        """
        self._place, self._process, self._plan, self._typing = place, process, plan, typing
        self.begin()

    def begin(self) -> None:
        """Forget what was done so far."""
        self.times = Times()
        self.rates: list[float] = []
        self.messages = 0
        self._busy = 0.0

    async def book(self, patients: Sequence[Patient]) -> None:
        """Have a crowd book here."""
        if self._plan is None:
            self._place.to_product()
        else:
            self._place.to_raw("book")
        before = self._cpu()
        run = await all_book(
            self._place.line,
            patients,
            self.times,
            at_once=AT_ONCE,
            plan=self._plan,
            typing=self._typing,
        )
        self._busy += self._cpu() - before
        self.rates.append(run.rate)
        self.messages += run.messages

    @property
    def cpu_ms(self) -> float:
        """What a message costs its process, in milliseconds of a processor."""
        return 1000 * self._busy / self.messages

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


async def learn(place: House, patient: Patient) -> list[Step]:
    """Book one visit, and see what each of its messages writes."""
    place.to_product()
    connection = await asyncpg.connect(**connect_arguments(place.url))
    try:
        steps: list[Step] = []
        before: Counter[str] = Counter()
        async for _, reply in booking(place.line, patient, Times()):
            row = await connection.fetchrow(
                """select (select length(payload) from inbound order by id desc limit 1) as payload,
                     (select coalesce(length(text), 0) from inbound order by id desc limit 1)
                       as text,
                     (select length(state) from conversation where id = $1) as state,
                     (select length(content) from outbox order by id desc limit 1) as content,
                     (select count(*) from appointment) as appointments,
                     (select count(*) from audit) as audits,
                     (select count(*) from timer where kind = 'reminder') as reminders,
                     (select count(*) from figure_event) as figures""",
                patient.conversation_id,
            )
            now = Counter({name: row[name] for name in COUNTED})
            sizes = {name: row[name] for name in ("payload", "text", "state", "content")}
            steps.append(Step(**sizes, reply=reply, **_more(now, before)))
            before = now
        return steps
    finally:
        await connection.close()


def _more(now: Counter[str], before: Counter[str]) -> dict[str, int]:
    return {name: count - before[name] for name, count in now.items()}


async def check(place: House, each: int, raw: Sequence[Patient]) -> None:
    """See that every visit is booked once and every answer came once; else raise BenchFailed.

    `each`: messages of one booking. `raw`: who booked through the raw loop too.
    """
    messages, raw_messages = each * len(place.patients), each * len(raw)
    delivered = Counter({one.user: each for one in place.patients})
    delivered.update({one.user: each for one in raw})
    wanted = sorted(
        (one.patient_id, one.practitioner_id, one.starts_at, [one.practitioner_id, one.room_id])
        for one in place.patients
    )
    connection = await asyncpg.connect(**connect_arguments(place.url))
    try:
        async with asyncio.timeout(SETTLE_WITHIN):
            while await connection.fetchval("select count(*) from outbox where state <> 'sent'"):  # noqa: ASYNC110  # it waits for others
                await asyncio.sleep(0.05)
        booked = await connection.fetch(BOOKED)
        events = await connection.fetchval("select count(*) from inbound where state = 'done'")
        answers = await connection.fetchval("select count(*) from outbox")
    except TimeoutError:
        raise BenchFailed("some messages are not sent") from None
    finally:
        await connection.close()
    limit = await asyncpg.connect(**connect_arguments(place.raw_url))
    try:
        raw_booked = await limit.fetch(BOOKED)
    finally:
        await limit.close()
    right = {
        "visits": sorted(map(tuple, booked)) == wanted,
        "visits of the raw loop": len(raw_booked) == len(raw),
        "events": events == messages,
        "answers": answers == messages,
        "webhooks": place.line.statuses == {200: messages + raw_messages},
        "deliveries": place.line.delivered() == delivered,
    }
    if wrong := [name for name, is_right in right.items() if not is_right]:
        raise BenchFailed(f"the work was not done right: {', '.join(wrong)}")
