import asyncio, time
from tests.e2e.reliability.rig import Rigs, until
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.platforms import line_user

async def test_smoke(rigs: Rigs) -> None:
    t=time.monotonic()
    async with rigs.open(seed=1, webs=2, workers=1) as rig:
        print("open", time.monotonic()-t)
        t=time.monotonic()
        st = await asyncio.gather(*(rig.line.act("say", line_user(n%20), text="hello") for n in range(100)))
        for n in range(20):
            await rig.telegram.control("start", user_id=200000000+n)
        print("said", time.monotonic()-t, st[:5])
        print(await until(rig.settled, 20, "settled"))
        books = await close_books(rig)
        print(books.figures(), books.faults[:10])
        print(await inbound_faults(rig, {}))
        print(await rig.line.stats()); print(await rig.telegram.stats())
        print(rig.complaints())
        for c in rig.children: print(c, await rig.stop(c))
        for c in rig.children: print(c.said()[:500])
