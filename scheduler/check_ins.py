"""Asks patients the day after a triage that ended in self-care how it goes."""

from datetime import timedelta
from typing import Any

from bot.environment import Environment
from bot.tokens import Tokens
from clinic.db import Tx
from clinic.message.service import Outgoing, enqueue
from clinic.policy.service import why_not
from clinic.policy.types import Wanted
from clinic.triage.service import KIND
from flows import texts
from flows.effects import Choice, Say
from scheduler.due import safely, settle_timer

AT_ONCE = 50
WANTED = Wanted("care", "check_in")
USEFUL = timedelta(hours=24)  # nobody is asked today how it went the day before yesterday
CHOICES = (  # their values are actions of `bot.tokens`
    Choice("g", "check_in.better"),
    Choice("s", "check_in.same"),
    Choice("w", "check_in.worse"),
)


async def ask_due(env: Environment) -> int:
    """Handle the check-ins that are due; how many there were. Raises DatabaseDown."""
    async with env.database.transaction() as tx:
        rows = await tx.fetch(
            """select t.id, t.key, t.due_at < now() - $3::interval as late,
                      a.id as account_id, a.language, a.link_version
               from timer t join conversation c on c.id = t.conversation_id
               join chat_account a on a.id = c.account_id
               where t.kind = $2 and t.state = 'waiting' and t.due_at <= now()
               order by t.due_at limit $1 for update of t skip locked""",
            AT_ONCE,
            KIND,
            USEFUL,
        )
        for row in rows:
            reason = await safely(tx, "check-in", row["id"], _ask(tx, env, row))
            await settle_timer(tx, row["id"], reason)
    return len(rows)


async def _ask(tx: Tx, env: Environment, row: Any) -> str | None:
    """Write the question into the outbox; the reason if it is no longer wanted."""
    run_id = int(row["key"].split(":")[1])
    run = await tx.fetchrow(
        """select r.patient_id, p.name,
                  exists (select from triage_run o where o.before_id = r.id) as again
           from triage_run r left join patient p on p.id = r.patient_id where r.id = $1""",
        run_id,
    )
    if row["late"]:
        return "too_late"
    if barred := await why_not(tx, row["account_id"], run["patient_id"], WANTED):
        return barred
    if run["again"]:
        return "asked_anew"
    language = row["language"] or env.settings.clinic.languages[0]
    # Lock-screen safe: of whom, but not about what.
    params = {"clinic": env.settings.clinic.name, "name": run["name"] or ""}
    tokens = Tokens(env.keys, row["account_id"])
    (message,), _ = texts.compose(
        [Say("check_in.ask", params, CHOICES)],
        language,
        lambda i: tokens.standing(CHOICES[i].value, run_id, 0),
    )
    outgoing = Outgoing(
        account_id=row["account_id"],
        message=message,
        dedup_key=row["key"],
        purpose="check_in",
        link_version=row["link_version"] if run["patient_id"] else None,
        useful_for=USEFUL,
        consent_purpose=WANTED.purpose,
        patient_id=run["patient_id"],
    )
    return None if await enqueue(tx, env.keys, outgoing) else "written_already"
