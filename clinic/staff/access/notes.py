"""What staff tell each other about a conversation. No patient ever sees it."""

from dataclasses import dataclass
from datetime import datetime

from clinic.audit.service import record
from clinic.conversation.rules import mentioned
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_key
from clinic.staff.access import VISIBLE_CONVERSATION
from clinic.staff.access.conversations import add_notice, tell
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff

SHOWN_AT_MOST = 100
NOTE_LENGTH = 2_000  # characters


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note and who wrote it."""

    id: int
    staff_name: str
    at: datetime
    note: str


async def access_notes(
    tx: Tx, keys: KeyRing, staff: Staff, conversation_id: int
) -> list[NoteRow] | None:
    """The notes about a conversation, oldest first; None if this staff member may not see it."""
    if not await _visible(tx, staff, conversation_id):
        return None
    rows = await tx.fetch(
        f"""select n.id, s.name, n.created_at, n.key, n.note from internal_note n
            join staff s on s.id = n.staff_id where n.conversation_id = $1
            order by n.id desc limit {SHOWN_AT_MOST}""",  # noqa: S608  # constants
        conversation_id,
    )
    if rows:
        await record(tx, "staff", staff.id, "staff:note:list", conversation_id)
    return [
        NoteRow(
            row["id"],
            row["name"],
            row["created_at"],
            keys.open(row["note"], "internal_note.note", row["key"]).decode(),
        )
        for row in reversed(rows)
    ]


async def access_write_note(
    tx: Tx, keys: KeyRing, staff: Staff, conversation_id: int, note: str
) -> int | None:
    """Write a note; its id, None if this staff member may not see the conversation.

    Colleagues whom it names (@name) are told, if they may see the conversation.
    """
    if not await _visible(tx, staff, conversation_id):
        return None
    key = new_key()
    written: int = await tx.fetchval(
        """insert into internal_note (key, conversation_id, staff_id, note)
           values ($1, $2, $3, $4) returning id""",
        key,
        conversation_id,
        staff.id,
        keys.seal(note[:NOTE_LENGTH].encode(), "internal_note.note", key),
    )
    named = await _mention(tx, staff, conversation_id, note)
    account_id = await tx.fetchval(
        "select account_id from conversation where id = $1", conversation_id
    )
    await tell(tx, account_id)
    detail = {"note": written, "to": named}
    await record(tx, "staff", staff.id, "staff:note:write", conversation_id, detail)
    return written


async def _mention(tx: Tx, staff: Staff, conversation_id: int, note: str) -> list[int]:
    """Have the colleagues whom a note names look at it, as far as they may; their ids."""
    rows = await tx.fetch("select id, name, role from staff where disabled_at is null")
    named = mentioned(note, [row["name"] for row in rows])
    told = []
    for row in rows:
        colleague = Staff(row["id"], row["name"], Role(row["role"]))
        other = row["name"] in named and colleague.id != staff.id
        if other and await _visible(tx, colleague, conversation_id):
            await add_notice(tx, "mentioned", conversation_id, colleague.id, staff.id)
            told.append(colleague.id)
    return told


async def _visible(tx: Tx, staff: Staff, conversation_id: int) -> bool:
    found: int | None = await tx.fetchval(
        f"select c.id from conversation c where c.id = $3 and {VISIBLE_CONVERSATION}",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        conversation_id,
    )
    return found is not None
