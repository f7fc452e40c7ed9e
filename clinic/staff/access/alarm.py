"""What rings in the panel, and how things stand with escalations: counts and marks, no patient."""

import hashlib
from dataclasses import dataclass

from clinic.db import Tx
from clinic.escalation.rules import LEAST_ALERTED
from clinic.staff.types import Staff


@dataclass(frozen=True, slots=True)
class Alarm:
    """Grave escalations that nobody has taken, and one's own that are overdue. `newest` is the id
    of the last of them, 0: none. `since`: ms since 1970 at which one of them came up, rose or
    brought a new reason, the latest; what was muted before that rings again."""

    count: int
    newest: int
    since: int


@dataclass(frozen=True, slots=True)
class Watch:
    """How escalations stand. `mark` names this state; `next_alert` is in s, by id, of open ones."""

    mark: str
    next_alert: dict[int, float]


async def access_alarm(tx: Tx, staff: Staff) -> Alarm:
    """Whether the panel rings for them. Shows nobody's data, so it leaves no audit row."""
    row = await tx.fetchrow(
        """select count(*) as count, coalesce(max(id), 0) as newest,
             coalesce(max(greatest(extract(epoch from created_at)::float8,
               (detail ->> 'risen_at')::float8, (detail ->> 'new_at')::float8)) * 1000, 0)::bigint
               as since
           from escalation
           where state = 'open' and level >= $1
             or state = 'acknowledged' and owner_id = $2 and detail ? 'rings'""",
        LEAST_ALERTED,
        staff.id,
    )
    return Alarm(row["count"], row["newest"], row["since"])


async def access_watch(tx: Tx, escalation_id: int | None = None) -> Watch:
    """Those that are not closed, or one. Shows nobody's data, so it leaves no audit row.

    The mark of one changes with what became of its last alert, too.
    """
    rows = await tx.fetch(
        """select e.id, e.state, e.level, e.round, e.owner_id, e.called_at, c.owner,
                  c.owner_staff_id, e.detail ? 'rings' as rings,
                  extract(epoch from e.next_alert_at - now())::float8 as next,
                  case when $1::bigint is not null then (
                    select string_agg(o.state, ',' order by o.id) from staff s join outbox o
                      on o.dedup_key = 'alert:' || e.id || ':' || (e.round - 1) || ':' || s.id
                  ) end as sent
           from escalation e join conversation c on c.id = e.conversation_id
           where case when $1::bigint is null then e.state <> 'closed' else e.id = $1 end
           order by e.id""",
        escalation_id,
    )
    lasting = [[value for name, value in row.items() if name != "next"] for row in rows]
    waiting = {row["id"]: row["next"] for row in rows if row["state"] == "open"}
    return Watch(
        mark=hashlib.sha256(repr(lasting).encode()).hexdigest()[:16],
        next_alert={one: max(0.0, left) for one, left in waiting.items() if left is not None},
    )


async def access_unclosed(tx: Tx, conversation_id: int) -> int | None:
    """The id of the gravest escalation of a conversation that is not closed, if there is one.

    For who may see the conversation. An id alone leaves no audit row.
    """
    found: int | None = await tx.fetchval(
        """select id from escalation where conversation_id = $1 and state <> 'closed'
           order by level desc, id limit 1""",
        conversation_id,
    )
    return found
