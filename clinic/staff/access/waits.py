"""What waits on top of the day: escalations, tasks that are due, conversations of the queue."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.access import VISIBLE_CONVERSATION
from clinic.staff.access.escalations import EscalationRow, find_open, row_of
from clinic.staff.access.heads import HEAD_ROWS, ConversationHead, head_of, lasting
from clinic.staff.access.tasks import TaskRow, find_due, task_of
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

GRAVE_AT_MOST = 10
SHOWN_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Waits:
    """The first of each, in the order in which to do them. `mark` names this state."""

    escalations: tuple[EscalationRow, ...]
    tasks: tuple[TaskRow, ...]
    conversations: tuple[ConversationHead, ...]
    mark: str


async def access_waits(
    tx: Tx, keys: KeyRing, staff: Staff, language: str, *, whole: bool, seen: str = ""
) -> Waits | None:
    """What waits; of a day that is not `whole` the escalations only, which no filter hides.

    None if nothing changed since what was marked `seen`: that shows nothing and leaves no audit
    row. Waiting times grow on the page.
    """
    grave = await find_open(tx, staff, GRAVE_AT_MOST)
    tasks = await find_due(tx, staff, SHOWN_AT_MOST) if whole else []
    heads = await _queue(tx, staff) if whole else []
    shown = [lasting(row) for row in (*grave, *tasks, *heads)]
    mark = hashlib.sha256(repr((whole, shown)).encode()).hexdigest()[:16]
    if mark == seen:
        return None
    if shown:
        detail = {"escalations": grave, "tasks": tasks, "conversations": heads}
        ids = {name: [row["id"] for row in rows] for name, rows in detail.items() if rows}
        await record(tx, "staff", staff.id, "staff:task:list", None, ids)
    return Waits(
        escalations=tuple(row_of(keys, staff, row) for row in grave),
        tasks=tuple(task_of(keys, row, language) for row in tasks),
        conversations=tuple(head_of(keys, row) for row in heads),
        mark=mark,
    )


async def _queue(tx: Tx, staff: Staff) -> Sequence[Mapping[str, Any]]:
    """The rows of those that wait longest for a person, what is grave first."""
    everybody = sees_all_patients(staff.role)
    first = await tx.fetch(
        f"""select c.id from conversation c where c.owner = 'queue' and {VISIBLE_CONVERSATION}
            order by exists (select from escalation e where e.conversation_id = c.id
                             and e.state <> 'closed') desc, c.queued_at, c.id
            limit {SHOWN_AT_MOST}""",  # noqa: S608  # constants
        staff.id,
        everybody,
    )
    rows: Sequence[Mapping[str, Any]] = await tx.fetch(
        f"""select * from ({HEAD_ROWS} where c.id = any ($3)) heads
            order by urgent desc, queued_at, id""",  # noqa: S608  # constants
        staff.id,
        everybody,
        [row["id"] for row in first],
    )
    return rows
