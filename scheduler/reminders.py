"""Reminders of visits: from a due timer to a row in the outbox, in one transaction."""

from datetime import timedelta
from typing import Any

from bot.environment import Environment
from bot.reminding import write_reminder
from clinic.db import Tx
from clinic.policy.types import LeftOut, Wanted
from scheduler.due import FAILED, recipient, safely, settle_timer

PATIENCE = timedelta(hours=3)  # without a reply to the first reminder staff call
AT_ONCE = 50
WANTED = Wanted("reminders", "reminder")


async def fire_due(env: Environment) -> int:
    """Handle reminder and call timers that are due; how many there were. Raises DatabaseDown."""
    async with env.database.transaction() as tx:
        rows = await tx.fetch(
            """select t.id, t.key, t.kind, t.version, t.appointment_id, now() as now,
                      v.version as current, v.status, v.starts_at, v.ends_at, v.confirmed_at,
                      v.patient_id, v.account_id, v.site_id, s.time_zone, s.name as site,
                      p.name as patient_name, p.deceased_on
               from timer t join appointment v on v.id = t.appointment_id
               join site s on s.id = v.site_id join patient p on p.id = v.patient_id
               where t.state = 'waiting' and t.due_at <= now() and t.kind in ('reminder', 'call')
               order by t.due_at limit $1
               for key share of v skip locked for update of t skip locked""",
            AT_ONCE,
        )
        for row in rows:
            reason = await safely(tx, "timer", row["id"], _fire(tx, env, row))
            if reason == FAILED:
                await _call(tx, row, "reminder_failed")
            await settle_timer(tx, row["id"], reason)
    return len(rows)


async def _fire(tx: Tx, env: Environment, row: Any) -> str | None:
    """Do what the timer is for; the reason if it is no longer wanted."""
    if row["version"] != row["current"]:
        return "visit_changed"
    if row["status"] != "booked":
        return "visit_not_booked"
    if row["starts_at"] <= row["now"]:
        return "visit_over"
    if row["deceased_on"] is not None:
        return "deceased"
    if row["kind"] == "call":
        if row["confirmed_at"] is None:
            await _call(tx, row, "unconfirmed")
        return None
    account = await recipient(tx, env, WANTED, row["patient_id"], row["account_id"])
    if isinstance(account, LeftOut):
        why = account.reason if account.reason == "call_only" else "no_channel"
        await _call(tx, row, why)
        return why
    clinic = env.settings.clinic.name
    if await write_reminder(tx, env.keys, clinic, row, account, row["key"]) is None:
        return "written_already"
    if row["confirmed_at"] is None:
        await _expect_reply(tx, row)
    return None


async def _expect_reply(tx: Tx, row: Any) -> None:
    """No reply by then puts the visit on the list of patients to be called."""
    await tx.execute(
        """insert into timer (key, kind, due_at, useful_until, appointment_id, version)
           values ($1, 'call', now() + least($2::interval, ($3 - now()) / 2), $3, $4, $5)
           on conflict (key) do nothing""",
        f"call:{row['appointment_id']}:{row['version']}",
        PATIENCE,
        row["starts_at"],
        row["appointment_id"],
        row["version"],
    )


async def _call(tx: Tx, row: Any, reason: str) -> None:
    await tx.execute(
        """insert into task (key, kind, patient_id, appointment_id, detail)
           values ($1, 'call', $2, $3, $4) on conflict (key) do nothing""",
        f"call:{row['appointment_id']}:{row['version']}",
        row["patient_id"],
        row["appointment_id"],
        {"reason": reason},
    )
