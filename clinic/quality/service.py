"""The sample of a month's conversations, in the database."""

import hashlib
import json
from datetime import date
from functools import cache
from pathlib import Path

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.quality import rules
from clinic.quality.types import Stratum
from clinic.questionnaire.read import read
from clinic.questionnaire.types import Questionnaire
from clinic.triage.load import catalogue
from clinic.triage.rules import versions

CHECKLIST = Path(__file__).with_name("checklist.json")
# In every query here $1 is the first day of the month and $2 the clinic's time zone.
BEGINS = "($1::date::timestamp at time zone $2::text)"
ENDS = "(($1::date::timestamp + interval '1 month') at time zone $2::text)"


def _in_month(instant: str) -> str:
    return f"({instant} >= {BEGINS} and {instant} < {ENDS})"


# Staff who came into a conversation: by what they wrote in it, by when they last took it over, or
# by how long it waits for them now.
_SIGNS: dict[Stratum, str] = {
    "level_4": f"""exists (select from escalation e where e.conversation_id = c.id and e.level = 4
          and {_in_month("e.created_at")})
        or exists (select from triage_run r where r.conversation_id = c.id and r.level = 4
          and {_in_month("r.created_at")})""",  # noqa: S608  # constants
    "triage": f"""exists (select from triage_run r where r.conversation_id = c.id
          and {_in_month("r.created_at")})""",
    "handoff": f"""c.owner = 'queue' and {_in_month("c.queued_at")}
        or exists (select from timer t where t.key = 'taken:' || c.id and {_in_month("t.due_at")})
        or exists (select from outbox o where o.account_id = c.account_id
          and o.staff_id is not null and {_in_month("o.created_at")})""",  # noqa: S608  # constants
    "questionnaire": f"""c.account_id in (select a.account_id from questionnaire_response a
          where {_in_month("a.authored_at")})""",  # noqa: S608  # constants
}


@cache
def checklist() -> Questionnaire:
    """The expert's checklist."""
    found = read(json.loads(CHECKLIST.read_text("utf-8")))
    if not isinstance(found, Questionnaire):
        raise TypeError("the checklist is not understood")
    return found


async def population(tx: Tx, month: date, zone: str) -> dict[int, Stratum]:
    """All conversations of a month with their strata: those in which a patient said something, or
    something grave happened. The chats of staff with the bot are none."""
    signs = ", ".join(f"({sql}) as {name}" for name, sql in _SIGNS.items())
    rows = await tx.fetch(
        f"""with talk as (
              select c.id, exists (select from inbound i where i.account_id = c.account_id
                       and {_in_month("i.received_at")}) as said, {signs}
              from conversation c
              where greatest(c.last_patient_at, c.updated_at) >= {BEGINS}
                and not exists (select from staff_account s where s.account_id = c.account_id))
            select * from talk where said or level_4""",  # noqa: S608  # constants
        month,
        zone,
    )
    return {row["id"]: rules.stratum([name for name in _SIGNS if row[name]]) for row in rows}


async def draw(tx: Tx, keys: KeyRing, month: date, zone: str, red_flags: str) -> int:
    """Draw the sample of a month, or what is missing in it; how many conversations that were.

    `red_flags` names the state of the red-flag rules. Two who draw at once draw one sample.
    """
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('quality', 0))")
    talks = await population(tx, month, zone)
    rows = await tx.fetch("select conversation_id from quality_review where month = $1", month)
    found = rules.sample(
        talks,
        {row["conversation_id"] for row in rows},
        lambda talk: keys.mark("quality", f"{month}:{talk}"),
    )
    went_by = await _went_by(tx, month, zone, list(found))
    await tx.executemany(
        """insert into quality_review (key, month, conversation_id, stratum, rules)
           values ($1, $2, $3, $4, $5) on conflict (month, conversation_id) do nothing""",
        [
            (new_key(), month, talk, of, _sets(red_flags) | went_by.get(talk, {}))
            for talk, of in found.items()
        ],
    )
    return len(found)


async def last_month(tx: Tx, zone: str) -> date:
    """The month that ended last in a time zone, by PostgreSQL's clock."""
    return rules.month_before(await tx.fetchval("select (now() at time zone $1)::date", zone))


async def first_time(tx: Tx, month: date, zone: str) -> bool:
    """Whether a month that is over is to be drawn by itself: true once for each.

    A timer tells, fired as soon as it is written, so that it also holds where nothing was drawn.
    """
    key = f"quality:{month:%Y-%m}"
    if await tx.fetchval("select exists (select from timer where key = $1)", key):
        return False
    made = await tx.fetchval(
        f"""insert into timer (key, kind, due_at, state, settled_at)
            select $3, 'quality', {ENDS}, 'fired', now()
            on conflict (key) do nothing returning id""",
        month,
        zone,
        key,
    )
    return made is not None


async def _went_by(tx: Tx, month: date, zone: str, talks: list[int]) -> dict[int, dict[str, str]]:
    """The scripts that conversations went through in a month, with their (last) versions."""
    rows = await tx.fetch(
        f"""(select r.conversation_id as talk, 'presentation' as kind, r.presentation as name,
                    r.rules ->> 'presentation' as version, r.created_at as at
             from triage_run r
             where r.conversation_id = any ($3) and {_in_month("r.created_at")})
            union all
            (select c.id, 'questionnaire', q.name, q.version::text, a.authored_at
             from conversation c join questionnaire_response a on a.account_id = c.account_id
             join questionnaire q on q.id = a.questionnaire_id
             where c.id = any ($3) and {_in_month("a.authored_at")})
            order by at""",  # noqa: S608  # constants
        month,
        zone,
        talks,
    )
    found: dict[int, dict[str, str]] = {}
    for row in rows:
        name = rules.script(row["kind"], row["name"])
        found.setdefault(row["talk"], {})[name] = row["version"] or ""
    return found


def _sets(red_flags: str) -> dict[str, str]:
    """The sets of rules in force, each by a name of its state."""
    stated = [f"{name} {versions(one)}" for name, one in sorted(catalogue().items())]
    triage = hashlib.sha256("\n".join(stated).encode()).hexdigest()[:12]
    return {"red_flags": red_flags, "triage": triage}
