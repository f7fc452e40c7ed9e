from tests.e2e.reliability.rig import Rigs, until
from tests.e2e.reliability.clinic_rows import *
async def test_tmp(rigs):
    async with rigs.open(seed=1, workers=1) as rig:
        await add_visits(rig, "line", [Visit(n) for n in range(40, 60)])
        await until(rig.settled, 40, "x")
        print(await rig.rows("select * from timer limit 3"))
        print(await rig.rows("select state, reason, count(*) from timer group by 1,2"))
        print(await rig.rows("select * from task limit 3"))
