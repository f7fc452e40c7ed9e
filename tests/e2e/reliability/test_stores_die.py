"""R7 and R8: the stores die under the running service, and it goes on by itself."""

import asyncio
import time

from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import Visit, add_visits
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import Event, line_event, line_user
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.sizes import SAYINGS, Size, sizes
from tests.e2e.reliability.talk import talking
from tests.e2e.reliability.waiting import Condition, until

ANSWER_WITHIN = 1.5  # s, also while PostgreSQL is down
RECOVER_WITHIN = 5.0  # s after PostgreSQL accepts connections again
VALKEY_RECOVER_WITHIN = 30.0  # s
PACE = 0.05  # s between two webhooks


@sizes(Size(patients=100, kills=2), Size(patients=1000, kills=8))
async def test_nothing_is_lost_when_valkey_dies_and_comes_back_empty(
    own_rigs: Rigs, size: Size, seed: int
) -> None:
    async with own_rigs.open(seed=seed, webs=1, workers=2) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=0.1)
        slowest = 0.0
        async with talking(rig):
            for n in range(size.kills):
                first, last = (part * size.patients // size.kills for part in (n, n + 1))
                await add_visits(rig, "line", [Visit(i) for i in range(first, last)])
                await add_visits(rig, "telegram", [Visit(i) for i in range(first, last, 4)])
                before = len(rig.line.ledger())
                async with rig.stores.valkey_down(0.5 + chance(seed, "down", n), erase=n % 2 == 0):
                    pass
                slowest = max(slowest, await until(_more(rig, before), 30, "work goes on"))
        await until(rig.settled, 60 + size.patients / 10, "everything is sent")
        books = await close_books(rig)
        alive = sum(child.alive for child in rig.children)
        note("R7", seed=seed, kills=size.kills, on_again=round(slowest, 2), **books.figures())
        assert slowest <= VALKEY_RECOVER_WITHIN
        assert alive == len(rig.children)
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert await inbound_faults(rig, {}) == []
        assert rig.complaints() == []


@sizes(Size(patients=30, kills=3), Size(patients=200, kills=8))
async def test_postgresql_may_stop_at_once_and_nothing_that_was_taken_is_missing(
    own_rigs: Rigs, size: Size, seed: int
) -> None:
    async with own_rigs.open(seed=seed, workers=1) as rig:
        for number in range(2):
            await rig.web(number)
        stream = Stream(rig, size.patients)
        async with stream:
            for n in range(size.kills):
                first, last = (part * size.patients // size.kills for part in (n, n + 1))
                await add_visits(rig, "line", [Visit(i) for i in range(first, last)])
                await until(stream.succeeded_since(time.monotonic()), 10, "webhooks are taken")
                down = 0.3 + chance(seed, "down", n) * min(4.7, 0.6 * size.kills)
                async with rig.stores.postgres_down(down):
                    pass
                up = time.monotonic()
                stream.back.append(
                    await until(stream.succeeded_since(up), 20, "a webhook is taken again")
                )
        await until(rig.settled, 60 + size.patients, "everything is handled and sent")
        books = await close_books(rig, ambiguous=stream.refused)
        alive = sum(child.alive for child in rig.children)
        note(
            "R8",
            seed=seed,
            stops=size.kills,
            taken=len(stream.taken),
            refused=stream.refused,
            slowest_answer=round(stream.slowest, 2),
            first_success=[round(seconds, 2) for seconds in stream.back],
            **books.figures(),
        )
        assert stream.refused > 0
        assert stream.strange == []
        assert stream.slowest <= ANSWER_WITHIN
        assert max(stream.back) <= RECOVER_WITHIN
        assert alive == len(rig.children)
        assert await inbound_faults(rig, {"line": stream.taken}) == []
        assert books.faults == []
        assert books.twice["line"] == 0
        assert rig.complaints() == []


class Stream:
    """Webhooks at a steady pace to both processes; what was not taken comes again in the end."""

    def __init__(self, rig: Rig, patients: int) -> None:
        self._rig = rig
        self._patients = patients
        self._tasks: set[asyncio.Task[None]] = set()
        self._pacer: asyncio.Task[None] | None = None
        self._untaken: list[Event] = []
        self._last = 0.0  # when the last taken event was sent
        self.taken: set[str] = set()
        self.refused = 0
        self.strange: list[int] = []  # statuses that are neither 200 nor 503
        self.slowest = 0.0
        self.back: list[float] = []

    async def __aenter__(self) -> None:
        self._pacer = asyncio.create_task(self._pace())

    async def __aexit__(self, *_: object) -> None:
        assert self._pacer
        self._pacer.cancel()
        await asyncio.gather(self._pacer, *self._tasks, return_exceptions=True)
        while self._untaken:
            await self._post(0, self._untaken.pop())

    def succeeded_since(self, at: float) -> Condition:
        """Whether an event sent after that was taken."""
        return lambda: self._last > at

    async def _pace(self) -> None:
        number = 0
        while True:
            text, user = SAYINGS[number % len(SAYINGS)], line_user(500 + number % self._patients)
            event = line_event(number, user, time.time(), text)
            task = asyncio.create_task(self._post(number, event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            number += 1
            await asyncio.sleep(PACE)

    async def _post(self, number: int, event: Event) -> None:
        began = time.monotonic()
        url = self._rig.webhook("line", number % len(self._rig.ports))
        status = await event.post(self._rig.line.session, url)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if status == 200:
            self.taken.add(event.event_id)
            self._last = max(self._last, began)
        else:
            self._untaken.append(event)
            self.refused += 1
            if status != 503:
                self.strange.append(status)


def _more(rig: Rig, before: int) -> Condition:
    return lambda: len(rig.line.ledger()) > before
