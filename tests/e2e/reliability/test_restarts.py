"""R13: rolling restarts in the middle of sending."""

import asyncio

from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import Visit, add_greetings, add_visits
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.rig import Rigs
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.talk import talking
from tests.e2e.reliability.waiting import until

STOPS_WITHIN = 10.0  # s


@sizes(Size(patients=80, kills=6), Size(patients=2000, kills=40))
async def test_a_restart_in_order_leaves_nothing_unknown(rigs: Rigs, size: Size, seed: int) -> None:
    async with rigs.open(seed=seed, webs=2, workers=2) as rig:
        await rig.line.control("faults", rates={"delay": 1.0}, delay=0.4)
        stops = []
        async with talking(rig):
            for n in range(size.kills):
                first, last = (part * size.patients // size.kills for part in (n, n + 1))
                await add_visits(rig, "line", [Visit(i) for i in range(first, last)])
                await add_greetings(rig, "line", [100_000 + i for i in range(first, last)])
                await add_greetings(rig, "telegram", range(first, last))
                await asyncio.sleep(0.3 + chance(seed, "pause", n) * 0.7)
                name = ("worker", "web")[n % 2]
                alive = [one for one in rig.children if one.name == name and one.alive]
                stops.append(await rig.stop(alive[n // 2 % len(alive)]))
                await (rig.web() if name == "web" else rig.worker())
        took = await until(rig.settled, 30 + size.patients / 10, "everything is sent")
        books = await close_books(rig)
        unknowns = await rig.value("select coalesce(sum(unknowns), 0) from outbox")
        note(
            "R13",
            seed=seed,
            restarts=len(stops),
            slowest_stop=round(max(stops), 2),
            settled=round(took, 1),
            unknowns=int(unknowns),
            **books.figures(),
        )
        assert max(stops) <= STOPS_WITHIN
        assert unknowns == 0
        assert books.faults == []
        assert books.twice == {"line": 0, "telegram": 0}
        assert await inbound_faults(rig, {}) == []
        assert rig.complaints() == []
