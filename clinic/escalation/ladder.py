"""Escalations as the ladder of alerts has them: which are due, when again, and whose no more."""

import logging
from datetime import timedelta

import asyncpg

from clinic.audit.service import record
from clinic.crypto import KeyRing, Sealed
from clinic.db import Tx
from clinic.escalation.rules import LEAST_ALERTED
from clinic.escalation.service import Due, open_said
from clinic.staff.rules import IDLE

log = logging.getLogger(__name__)


async def claim_due(tx: Tx, keys: KeyRing, most: int) -> list[Due]:
    """The escalations that are due, locked until the transaction ends; by PostgreSQL's clock."""
    rows = await tx.fetch(
        """select e.*, now() as now, 
                  now() - coalesce(to_timestamp((e.detail ->> 'risen_at')::float8), e.created_at)
                    as age,
                  coalesce(now() - e.acknowledged_at, interval '0') as since_acknowledged,
                  s.name as owner_name, p.name as patient_name, p.birth_on, p.sex
           from escalation e left join staff s on s.id = e.owner_id
           left join patient p on p.id = e.patient_id
           where e.id in (
             select id from escalation where state = 'open' and next_alert_at <= now()
             union all
             select id from escalation where state = 'acknowledged' and next_alert_at <= now())
             and e.next_alert_at <= now()
           order by e.level desc, e.next_alert_at limit $1 for update of e skip locked""",
        most,
    )
    return [_due(keys, row) for row in rows]


async def settle(
    tx: Tx, escalation_id: int, after: timedelta, *, rounds: int = 0, repeated: bool = False
) -> None:
    """Look at a claimed escalation again after this time; `rounds` more alerts went out.

    `repeated`: the owner was alerted of what the patient said again.
    """
    await tx.execute(
        """update escalation set round = round + $3, next_alert_at = now() + $2,
             detail = case when $4 then detail - 'repeated'
               || jsonb_build_object('repeated_at', extract(epoch from now())) else detail end
           where id = $1""",
        escalation_id,
        after,
        rounds,
        repeated,
    )


async def ring_owner(tx: Tx, escalation_id: int) -> bool:
    """Let the panel ring for its owner, who has no chat to be reminded in but sits at the panel.

    False if the owner does not, or it rang for them before and they did nothing.
    """
    rings = await tx.fetchval(
        """update escalation e
           set detail = (e.detail - 'repeated') || '{"rings": true}'::jsonb
           where e.id = $1 and not e.detail ? 'rings' and exists (
             select from staff_session s
             where s.staff_id = e.owner_id and s.ended_at is null
               and s.seen_at > now() - $2::interval)
           returning true""",
        escalation_id,
        IDLE,
    )
    return bool(rings)


async def reopen(tx: Tx, escalation_id: int) -> None:
    """Take an acknowledged escalation from an owner who cannot be reached: it is alerted at once.

    That alert has the newest words; for who has it next they count as a repeat just told.
    """
    owner = await tx.fetchval(
        """update escalation
           set detail = detail || jsonb_build_object('repeated_at', extract(epoch from now()))
           where id = $1 returning owner_id""",
        escalation_id,
    )
    await _reopen(tx, [escalation_id])
    await record(
        tx,
        "system",
        None,
        "system:escalation:reopen",
        escalation_id,
        {"owner": owner, "reason": "owner_unreachable"},
    )


async def reopen_all_of(tx: Tx, owner_id: int, by: int) -> None:
    """Take all acknowledged escalations from a staff member; `by` is whose act it is."""
    rows = await tx.fetch(
        """select id from escalation where owner_id = $1 and state = 'acknowledged'
           order by id for update""",
        owner_id,
    )
    await _reopen(tx, [row["id"] for row in rows])
    for row in rows:
        detail = {"owner": owner_id, "reason": "owner_disabled"}
        await record(tx, "staff", by, "staff:escalation:reopen", row["id"], detail)


async def _reopen(tx: Tx, ids: list[int]) -> None:
    await tx.execute(
        """update escalation set state = 'open', owner_id = null, acknowledged_at = null,
             detail = detail - array['repeated', 'rings']::text[],
             next_alert_at = case when level >= $2 then now() end where id = any ($1)""",
        ids,
        LEAST_ALERTED,
    )


async def note_unreached(tx: Tx, escalation_id: int) -> bool:
    """A task for whoever opens the panel: nobody could be alerted. Once; False if it is there."""
    made = await tx.fetchval(
        """insert into task (key, kind, conversation_id, patient_id, detail)
           select 'undelivered:escalation:' || id, 'undelivered', conversation_id, patient_id,
                  jsonb_build_object('escalation', id, 'reason', 'nobody_reachable')
           from escalation where id = $1 on conflict (key) do nothing returning id""",
        escalation_id,
    )
    return made is not None


def _due(keys: KeyRing, row: asyncpg.Record) -> Due:
    """What the ladder needs. What a row has that cannot be read is left out: it is alerted."""
    try:
        said = open_said(keys, row["said"], row["key"])
    except (Sealed, UnicodeDecodeError) as error:
        log.error("escalation unreadable: escalation=%s %s", row["id"], type(error).__name__)
        said = ""
    detail = row["detail"] if isinstance(row["detail"], dict) else {}
    reasons = detail.get("reasons")
    return Due(
        id=row["id"],
        state=row["state"],
        source=row["source"],
        rule=row["rule"],
        level=row["level"],
        reasons=tuple(map(str, reasons)) if isinstance(reasons, list) else (),
        round=row["round"],
        age=row["age"],
        risen="risen_at" in detail,
        since_acknowledged=row["since_acknowledged"],
        now=row["now"],
        owner_id=row["owner_id"],
        owner_name=row["owner_name"] or "",
        name=row["patient_name"] or "",
        birth_on=row["birth_on"],
        sex=row["sex"],
        said=said,
        repeated="repeated" in detail,
        repeated_before="repeated_at" in detail,
    )
