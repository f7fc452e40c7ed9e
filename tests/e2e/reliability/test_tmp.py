import asyncio, time
from tests.e2e.reliability.rig import Rigs, until
from tests.e2e.reliability.clinic_rows import *
import psutil
async def test_tmp(rigs):
    async with rigs.open(seed=1) as rig:
        await add_greetings(rig, "line", range(5))
        t=time.monotonic()
        w = await rig.worker()
        print("hatched", time.monotonic()-t)
        await until(rig.settled, 40, "x")
        print("settled", time.monotonic()-t, psutil.Process(w.pid).cpu_times())
        t=time.monotonic()
        w = await rig.web()
        print("web", time.monotonic()-t, psutil.Process(w.pid).cpu_times())
