"""R30: a doctor hears of a red flag within ten seconds, whatever dies on the way."""

import asyncio
import signal

from bot.local.simulators.telegram_state import chance
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import add_accounts
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import line_user
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.sizes import Size, sizes
from tests.e2e.reliability.waiting import Condition, until

FLAG = "I have chest pain"
DOCTOR = 900_000  # the number of the doctor's own account
ALERT_WITHIN = 10.0  # s
MOVES_WITHIN = 15.0  # s more, where a worker dies with the alert in hand: its lease is 10 s


async def test_an_alert_is_written_and_sent_though_every_process_on_the_way_is_killed_once(
    rigs: Rigs,
) -> None:
    async with rigs.open(seed=1) as rig:
        await _doctor(rig)
        web = await rig.web(0, KAYOI_CRASH_AT="turn_committed")
        await rig.line.control("webhook", url=rig.webhook("line"), redelivery_after=1.0)
        await rig.line.act("say", line_user(1), text=FLAG)
        assert await asyncio.wait_for(web.ended, 10) == -signal.SIGKILL
        rig.kills += 1
        # The patient's turn and the call for a doctor are one: both are there.
        assert await rig.value("select count(*) from escalation where state = 'open'") == 1
        assert await _written(rig) == 0
        for point in ("alert_written", "outbox_claimed", "inflight_committed"):
            worker = await rig.worker(KAYOI_CRASH_AT=point)
            assert await asyncio.wait_for(worker.ended, 20) == -signal.SIGKILL, point
            rig.kills += 1
            if point == "alert_written":
                assert await _written(rig) == 0  # not yet committed: the next one begins anew
        await rig.worker()
        took = await until(_delivered(rig, 1), ALERT_WITHIN + MOVES_WITHIN, "the alert came")
        await until(rig.settled, 20, "everything is settled")
        books = await close_books(rig)
        note("R30 named points", hit=rig.kills, took=round(took, 1), **books.figures())
        assert books.faults == []
        assert _alerts(rig) == 1


@sizes(Size(patients=8, kills=4), Size(patients=100, kills=40))
async def test_every_red_flag_alerts_once_while_processes_are_killed(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed, webs=2, workers=2) as rig:
        await _doctor(rig)

        async def kill() -> None:
            for n in range(size.kills):
                await asyncio.sleep(0.3 + chance(seed, "pause", n) * 0.6)
                name = ("web", "worker")[n % 2]
                alive = [one for one in rig.children if one.name == name and one.alive]
                await rig.kill(alive[n // 2 % len(alive)])
                await (rig.web() if name == "web" else rig.worker())

        async def speak() -> None:
            for n in range(size.patients):
                await rig.line.act("say", line_user(n), text=FLAG)
                await asyncio.sleep(chance(seed, "say", n) * 0.5)

        await asyncio.gather(kill(), speak())
        await until(_delivered(rig, size.patients), 40 + size.patients / 4, "every alert has come")
        await until(rig.settled, 40, "everything is settled")
        slowest = await rig.value(
            """select max(extract(epoch from o.settled_at - e.created_at))::float8
               from escalation e join outbox o on o.escalation_id = e.id"""
        )
        books = await close_books(rig)
        note("R30", seed=seed, kills=rig.kills, slowest=round(slowest, 1), **books.figures())
        assert await rig.value("select count(*) from escalation") == size.patients
        assert _alerts(rig) == size.patients
        assert slowest <= ALERT_WITHIN + MOVES_WITHIN
        assert books.faults == []
        assert books.twice["line"] == 0
        assert await inbound_faults(rig, {}) == []
        assert rig.complaints() == []


async def test_a_doctor_is_alerted_within_ten_seconds_while_valkey_is_dead(
    own_rigs: Rigs,
) -> None:
    async with own_rigs.open(seed=1, webs=1, workers=1) as rig:
        await _doctor(rig)
        async with rig.stores.valkey_down(0.0, erase=True):
            await rig.line.act("say", line_user(1), text=FLAG)
            took = await until(_delivered(rig, 1), ALERT_WITHIN, "the alert came")
        note("R30 Valkey dead", took=round(took, 1))


async def _doctor(rig: Rig) -> None:
    """A doctor whose own LINE account takes the alerts."""
    account = (await add_accounts(rig, "line", [DOCTOR]))[DOCTOR]
    await rig.rows(
        """with s as (insert into staff (name, role) values ('Dr. Sato', 'doctor') returning id)
           insert into staff_account (staff_id, account_id) select id, $1 from s""",
        account,
    )


async def _written(rig: Rig) -> int:
    count: int = await rig.value("select count(*) from outbox where purpose = 'alert'")
    return count


def _alerts(rig: Rig) -> int:
    """What came to the doctor's chat, by the platform's own ledger."""
    return sum(entry["chat"] == line_user(DOCTOR) for entry in rig.line.ledger())


def _delivered(rig: Rig, wanted: int) -> Condition:
    return lambda: _alerts(rig) >= wanted
