"""What staff begin from a record: a message to the patient, and the end of a chat's link."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.config import Settings
from clinic.conversation.service import take_over
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.link.service import unbind
from clinic.message.service import Outgoing, enqueue
from clinic.message.types import Message
from clinic.policy.service import choose, judge
from clinic.policy.types import Go, Later, LeftOut, Wanted
from clinic.staff.access.heads import find_head
from clinic.staff.access.records import desk, visible
from clinic.staff.types import Staff

USEFUL = timedelta(hours=24)  # a night's rest and a morning
_PLAIN = Wanted("care", "staff")


@dataclass(frozen=True, slots=True)
class Way:
    """By which chat a message would go now. `until`: it waits so long, because of `reason`."""

    go: Go
    until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A message that waits to be sent, and the conversation where the answer will come."""

    outbox_id: int
    conversation_id: int


async def access_way(
    tx: Tx, settings: Settings, staff: Staff, patient_id: int
) -> Way | LeftOut | None:
    """How a message would reach a patient now, or why it would not; None: one may not see them."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    now: datetime = await tx.fetchval("select now()")
    chosen = (await choose(tx, settings, [patient_id], _PLAIN, now))[patient_id]
    if isinstance(chosen, LeftOut):
        return chosen
    zone = ZoneInfo(settings.clinic.time_zone)
    match (await judge(tx, settings, zone, [patient_id], _PLAIN, now))[patient_id]:
        case Later(until, reason):
            return Way(chosen, until, reason)
        case LeftOut() as left:
            return left
    return Way(chosen)


async def access_write_to(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, patient_id: int, key: UUID, text: str
) -> Written | LeftOut | None:
    """Write to a patient by the chat they prefer, and take their conversation for the answer.

    The gate looks again when it is sent. `key`: the same one writes once. `taken`: a colleague is
    answering them. None: one may not see them.
    """
    way = await access_way(tx, settings, staff, patient_id)
    if way is None or isinstance(way, LeftOut):
        return way
    conversation: int = await tx.fetchval(
        "select id from conversation where account_id = $1", way.go.account_id
    )
    head = await find_head(tx, staff, conversation, lock=True)
    if head is None:
        return None
    minutes = settings.policy.staff_lease_minutes
    if not await take_over(tx, conversation, staff.id, minutes):
        return LeftOut("taken")
    written = await enqueue(
        tx,
        keys,
        Outgoing(
            account_id=way.go.account_id,
            message=Message(text, way.go.language),
            dedup_key=f"record:{patient_id}:{key}",
            purpose="staff",
            useful_for=USEFUL,
            link_version=way.go.link_version,
            staff_id=staff.id,
            consent_purpose=_PLAIN.purpose,
            patient_id=patient_id,
        ),
    )
    if written is None:  # sent off twice
        return LeftOut("already")
    await record(tx, "staff", staff.id, "staff:patient:write", patient_id, {"outbox": written})
    return Written(written, conversation)


async def access_end_link(tx: Tx, staff: Staff, patient_id: int, conversation_id: int) -> bool:
    """Let a chat speak for a patient no more; what waits for it does not go out. False if it does
    not speak for them, or this staff member may not."""
    if not await desk(tx, staff, patient_id):
        return False
    account = await tx.fetchval(
        "select account_id from conversation where id = $1", conversation_id
    )
    if account is None or not await unbind(tx, account, patient_id):
        return False
    detail = {"conversation": conversation_id}
    await record(tx, "staff", staff.id, "staff:patient:unlink", patient_id, detail)
    return True


async def access_others(
    tx: Tx, staff: Staff, patient_id: int
) -> Mapping[int, tuple[tuple[int, str, str], ...]]:
    """For whom else each chat of a patient speaks: id, name and relation, by conversation."""
    if not await desk(tx, staff, patient_id):
        return {}
    rows = await tx.fetch(
        """select c.id as conversation, p.id, p.name, o.relation
           from link l join conversation c on c.account_id = l.account_id
           join link o on o.account_id = l.account_id and o.ended_at is null
             and o.patient_id <> l.patient_id
           join patient p on p.id = o.patient_id and p.merged_into_id is null
           where l.patient_id = $1 and l.ended_at is null order by c.id, o.id limit 50""",
        patient_id,
    )
    found: dict[int, tuple[tuple[int, str, str], ...]] = {}
    for row in rows:
        one = (row["id"], row["name"], row["relation"])
        found[row["conversation"]] = (*found.get(row["conversation"], ()), one)
    if rows:
        detail = {"patients": sorted({row["id"] for row in rows})}
        await record(tx, "staff", staff.id, "staff:patient:others", patient_id, detail)
    return found


async def access_askable(
    tx: Tx, staff: Staff, patient_id: int
) -> list[tuple[int, Mapping[str, str]]]:
    """The questionnaires in use that this patient may be asked: id and title by language."""
    if not await desk(tx, staff, patient_id):
        return []
    rows = await tx.fetch("select id, title from questionnaire where status = 'active' order by id")
    return [(row["id"], row["title"]) for row in rows]
