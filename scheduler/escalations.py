"""The ladder of alerts: from an escalation that is due to rows in the outbox."""

import logging
from datetime import timedelta

import asyncpg

from bot import alerts
from bot.crash import crash_point
from bot.environment import Environment
from clinic.audit.service import record
from clinic.db import Tx
from clinic.escalation import rules, service
from clinic.escalation.accounts import Reachable, reachable, read_rota
from clinic.escalation.service import Due
from clinic.escalation.types import Rung
from clinic.staff.types import Role

log = logging.getLogger(__name__)
AT_ONCE = 20
AFTER_A_BUG = timedelta(seconds=30)  # until an escalation that could not be alerted is tried again


async def alert_due(env: Environment) -> int:
    """Do what is due for escalations that are not closed; how many there were.

    Several workers may do so: each takes what no other has. Raises DatabaseDown.
    """
    async with env.database.transaction() as tx:
        claimed = await service.claim_due(tx, env.keys, AT_ONCE)
        if claimed:
            staff = {it.staff_id: it for it in await reachable(tx)}
            now = env.local(claimed[0].now)
            rota = rules.on_call_now(await read_rota(tx), now)
            people = _People(staff, tuple(it for it in rota if it in staff))
            for due in claimed:
                await _safely(tx, env, due, people)
            crash_point("alert_written")
    return len(claimed)


class _People:
    """Who can be reached at this moment. `rota`: those of them on call, in their order."""

    def __init__(self, reachable: dict[int, Reachable], rota: tuple[int, ...]) -> None:
        self.reachable, self.rota = reachable, rota

    def alerted(self, rung: Rung) -> list[Reachable]:
        """Whom a rung of the ladder means; without doctors, everybody who can be reached."""
        doctors = [it.staff_id for it in self.reachable.values() if it.role == Role.DOCTOR]
        found = rules.alerted(rung, self.rota, doctors) or tuple(self.reachable)
        return [self.reachable[it] for it in found]


async def _safely(tx: Tx, env: Environment, due: Due, people: _People) -> None:
    """One that fails must keep no other from being alerted, and is tried again soon."""
    try:
        async with tx.transaction():
            await _carry_on(tx, env, due, people)
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
        raise
    except Exception as error:
        log.error("alert failed: escalation=%s %s", due.id, type(error).__name__)
        await service.settle(tx, due.id, AFTER_A_BUG)


async def _carry_on(tx: Tx, env: Environment, due: Due, people: _People) -> None:
    step = rules.next_step(due.state, due.since_acknowledged)
    match step.do:
        case "alert":
            to = people.alerted(rules.rung(due.round, due.age))
            for one in to:
                await alerts.alert(tx, env, due, one)
            await _note(tx, due, "alert", to)
        case "tell":
            told = await _told_before(tx, due, people)
            to = [it for it in people.reachable.values() if it.account_id in told]
            to = [it for it in to if it.staff_id != due.owner_id]
            for one in to:
                await alerts.tell(tx, env, due, one)
        case "remind":
            owner = people.reachable.get(due.owner_id or 0)
            to = [owner] if owner else []
            for one in to:
                await alerts.remind(tx, env, due, one)
            await _note(tx, due, "remind", to)
    await service.settle(tx, due.id, step.after, rounds=step.do != "tell")


async def _told_before(tx: Tx, due: Due, people: _People) -> set[int]:
    """The accounts to which an alert of this escalation was written."""
    names = [
        alerts.name_of(due.id, round, staff)
        for round in range(due.round)
        for staff in people.reachable
    ]
    rows = await tx.fetch("select account_id from outbox where dedup_key = any ($1)", names)
    return {row["account_id"] for row in rows}


async def _note(tx: Tx, due: Due, act: str, to: list[Reachable]) -> None:
    await record(
        tx,
        "system",
        None,
        f"system:escalation:{act}",
        due.id,
        {"round": due.round, "staff": [it.staff_id for it in to]},
    )
