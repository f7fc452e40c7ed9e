"""The ladder of alerts: from an escalation that is due to rows in the outbox."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from bot import alerts
from bot.crash import crash_point
from bot.environment import Environment
from clinic.audit.service import record
from clinic.db import Tx
from clinic.escalation import ladder, rules
from clinic.escalation.accounts import Reachable, reachable, read_rota
from clinic.escalation.service import Due
from clinic.escalation.types import Rung
from clinic.staff.types import Role
from scheduler.due import safely

log = logging.getLogger(__name__)
AT_ONCE = 20
AFTER_A_BUG = timedelta(seconds=30)  # until an escalation that could not be alerted is tried again
Write = Callable[[Tx, Environment, Due, Reachable], Awaitable[bool]]


async def alert_due(env: Environment) -> int:
    """Do what is due for escalations that are not closed; how many there were.

    Several workers may do so: each takes what no other has. Raises DatabaseDown.
    """
    async with env.database.transaction() as tx:
        claimed = await ladder.claim_due(tx, env.keys, AT_ONCE)
        if claimed:
            chats = await reachable(tx, env.channels)
            now = env.local(claimed[0].now)
            people = _People(chats, rules.on_call_now(await read_rota(tx), now))
            for due in claimed:
                await _alert(tx, env, due, people)
            crash_point("alert_written")
    return len(claimed)


class _People:
    """Who can be reached at this moment, each in one or more chats, and who is on call."""

    def __init__(self, chats: Iterable[Reachable], rota: Iterable[int]) -> None:
        self.chats: dict[int, list[Reachable]] = {}
        for one in chats:
            self.chats.setdefault(one.staff_id, []).append(one)
        self._rota = tuple(it for it in rota if it in self.chats)

    def alerted(self, rung: Rung) -> tuple[int, ...]:
        """Whom a rung of the ladder means; without doctors, everybody who can be reached."""
        doctors = [it for it, (one, *_) in self.chats.items() if one.role == Role.DOCTOR]
        return rules.alerted(rung, self._rota, doctors) or tuple(self.chats)


async def _alert(tx: Tx, env: Environment, due: Due, people: _People) -> None:
    """One that fails must keep no other from being alerted.

    It is tried at once with the rule alone, for any of the rest may be at fault; then soon again.
    """
    plain = replace(due, reasons=(), name="", birth_on=None, sex=None, said="")
    for one in (due, plain):
        if await safely(tx, "alert", due.id, _carry_on(tx, env, one, people)) is None:
            return
    await ladder.settle(tx, due.id, AFTER_A_BUG)


async def _carry_on(tx: Tx, env: Environment, due: Due, people: _People) -> None:
    step = rules.next_step(due.state, due.since_acknowledged, repeated=due.repeated)
    if step.do in ("repeat", "remind") and due.owner_id not in people.chats:
        if await ladder.ring_owner(tx, due.id):
            await ladder.settle(tx, due.id, rules.RUNG)
            await _note(tx, due, "ring", [due.owner_id] if due.owner_id else [])
        else:
            await ladder.reopen(tx, due.id)
        return
    to: tuple[int, ...] = (due.owner_id,) if due.owner_id else ()
    match step.do:
        case "alert":
            to = people.alerted("everybody" if due.risen else rules.rung(due.round, due.age))
            if not to and await ladder.note_unreached(tx, due.id):
                log.error("nobody can be alerted: escalation=%s", due.id)
            for one in to:
                await _write(tx, env, due, people.chats[one], "alert", alerts.alert)
        case "tell":
            await _tell_others(tx, env, due, people)
        case "repeat":
            if not due.repeated_before:  # else that was done
                await _tell_others(tx, env, due, people)
            # Its owner has answered, so nobody is said to be waiting for an answer.
            again = replace(due, age=timedelta(0))
            await _write(tx, env, again, people.chats[to[0]], "alert", _alert_owner)
        case "remind":
            await _write(tx, env, due, people.chats[to[0]], "remind", alerts.remind)
    if step.do != "tell":
        await _note(tx, due, step.do, to)
    repeated = step.do == "repeat"
    await ladder.settle(tx, due.id, step.after, rounds=step.do != "tell", repeated=repeated)


async def _write(
    tx: Tx, env: Environment, due: Due, chats: list[Reachable], kind: str, write: Write
) -> None:
    """Write to all the chats of one person.

    Rows are named by person, and the panel looks for them so: the name is that of the newest
    chat's row, and those of others have the account's id behind it.
    """
    for one in reversed(chats):
        if await write(tx, env, due, one) and one is not chats[0]:
            await tx.execute(
                "update outbox set dedup_key = dedup_key || ':' || account_id where dedup_key = $1",
                f"{kind}:{due.id}:{due.round}:{one.staff_id}",
            )


async def _alert_owner(tx: Tx, env: Environment, due: Due, to: Reachable) -> bool:
    """An alert that goes out though somebody has the escalation, for it is they who get it."""
    written = await alerts.alert(tx, env, due, to)
    if written:
        name = alerts.name_of(due.id, due.round, to.staff_id)
        await tx.execute("update outbox set purpose = 'on_call' where dedup_key = $1", name)
    return written


async def _tell_others(tx: Tx, env: Environment, due: Due, people: _People) -> None:
    """Tell who has it to those who were alerted of it, in the chats where they were; once."""
    told = await _told_before(tx, due, people)
    for staff, chats in people.chats.items():
        those = [it for it in chats if it.account_id in told]
        if staff != due.owner_id:
            await _write(tx, env, due, those, "told", alerts.tell)


async def _told_before(tx: Tx, due: Due, people: _People) -> set[int]:
    """The accounts to which an alert of this escalation was written."""
    names = [
        name
        for round in range(due.round)
        for staff, chats in people.chats.items()
        for plain in (alerts.name_of(due.id, round, staff),)
        for name in (plain, *(f"{plain}:{it.account_id}" for it in chats))
    ]
    rows = await tx.fetch("select account_id from outbox where dedup_key = any ($1)", names)
    return {row["account_id"] for row in rows}


async def _note(tx: Tx, due: Due, act: str, to: Iterable[int]) -> None:
    await record(
        tx,
        "system",
        None,
        f"system:escalation:{act}",
        due.id,
        {"round": due.round, "staff": list(to)},
    )
