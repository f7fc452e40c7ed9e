"""Asks patients to answer questionnaires: by the clinic's rules, and when staff asked for it."""

from typing import Any

from bot.environment import Environment
from bot.tokens import Tokens
from clinic.booking.reminders import is_quiet
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.policy.types import LeftOut, Wanted
from clinic.questionnaire.service import USEFUL_DAYS, expire
from flows import texts
from flows.effects import Choice, Say
from scheduler.due import recipient, safely

AT_ONCE = 50
WANTED = Wanted("care", "form")
# A questionnaire about a visit that is longer ago is not sent any more.
LATEST_AFTER = f"{USEFUL_DAYS} days"
OPEN = Choice("f", "form.request_open", role="primary")  # the value is an action of `bot.tokens`


async def ask_due(env: Environment) -> int:
    """Make the requests that rules call for and send those that are due; how many were sent.

    Raises DatabaseDown.
    """
    async with env.database.transaction() as tx:
        await _by_rules(tx)
        await expire(tx, env.keys)
        await tx.execute(
            """update questionnaire_request r set state = 'cancelled', reason = 'visit_not_booked'
               from appointment v where v.id = r.appointment_id and r.state = 'waiting'
                 and v.status in ('cancelled', 'expired', 'noshow')"""
        )
        if is_quiet(await tx.fetchval("select now()"), env.settings.policy.quiet_hours, env.zone):
            return 0
        rows = await tx.fetch(
            """select r.id, r.key, r.useful_until, now() as now, p.id as patient_id, p.name,
                      v.account_id as booked_by
               from questionnaire_request r join patient p on p.id = r.patient_id
               left join appointment v on v.id = r.appointment_id
               where r.state = 'waiting' and r.send_at <= now()
               order by r.send_at limit $1 for update of r skip locked""",
            AT_ONCE,
        )
        for row in rows:
            reason = await safely(tx, "questionnaire", row["id"], _ask(tx, env, row))
            if reason is not None:
                await _cancel(tx, row, reason)
    return len(rows)


async def _by_rules(tx: Tx) -> None:
    """A request for each coming or past visit that a rule is about, once."""
    await tx.execute(
        f"""insert into questionnaire_request
              (key, questionnaire_id, patient_id, appointment_id, send_at, useful_until)
            select 'rule:' || l.id || ':' || v.id, q.id, v.patient_id, v.id,
                   case l.relation when 'before'
                     then greatest(now(), v.starts_at - make_interval(days => l.days))
                     else v.ends_at + make_interval(days => l.days) end,
                   case l.relation when 'before' then v.starts_at
                     else v.ends_at + make_interval(days => l.days) + interval '{LATEST_AFTER}' end
            from questionnaire_rule l
            join questionnaire q on q.url = l.url and q.status = 'active'
            join appointment v on v.service_id = l.service_id
            where l.active and case l.relation
              when 'before' then v.status = 'booked' and v.starts_at > now()
                and v.starts_at - make_interval(days => l.days) <= now()
              else v.status = 'fulfilled' and v.ends_at + make_interval(days => l.days) <= now()
                and v.ends_at + make_interval(days => l.days) > now() - interval '{LATEST_AFTER}'
              end
            on conflict (key) do nothing"""  # noqa: S608  # a constant
    )


async def _cancel(tx: Tx, row: Any, reason: str) -> None:
    await tx.execute(
        "update questionnaire_request set state = 'cancelled', reason = $2 where id = $1",
        row["id"],
        reason,
    )


async def _ask(tx: Tx, env: Environment, row: Any) -> str | None:
    """Write the request into the outbox; the reason if nobody can be asked."""
    account = await recipient(tx, env, WANTED, row["patient_id"], row["booked_by"])
    if isinstance(account, LeftOut):
        return "no_channel"
    language = account.language
    # Lock-screen safe: whose answers are wanted, but not about what.
    say = Say("form.request", {"clinic": env.settings.clinic.name, "name": row["name"]}, (OPEN,))
    tokens = Tokens(env.keys, account.account_id)
    (message,), _ = texts.compose(
        [say], language, lambda _: tokens.standing(OPEN.value, row["id"], 0)
    )
    outgoing = Outgoing(
        account_id=account.account_id,
        message=message,
        dedup_key=f"form:{row['id']}",
        purpose="form",
        link_version=account.link_version,
        consent_purpose=WANTED.purpose,
        patient_id=row["patient_id"],
        request_id=row["id"],
        **({"useful_for": row["useful_until"] - row["now"]} if row["useful_until"] else {}),
    )
    await enqueue(tx, env.keys, outgoing)
    await tx.execute(
        "update questionnaire_request set state = 'sent', sent_at = now() where id = $1", row["id"]
    )
    return None
