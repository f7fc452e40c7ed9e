"""E-mail addresses and telephone numbers to which patients let the clinic write.

Each is a chat account like any other, linked to its patients: opt-out, unreachable and link_version
hold for it as for all. A family that shares a telephone is one account with several links.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.contact.types import LETTERS, PATIENT_COLUMN, Contact, LetterChannel
from clinic.conversation.service import account_of
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.normal import is_mobile
from clinic.link.service import unbind

_OF_PATIENT = """
select l.patient_id, l.created_at, a.id, a.channel, a.address, a.address_index,
       a.opted_out_at, a.unreachable_at,
       (select count(*) from link o where o.account_id = a.id and o.patient_id <> l.patient_id
          and o.ended_at is null) as others
from link l join chat_account a on a.id = l.account_id
where l.patient_id = any($1::bigint[]) and l.ended_at is null and a.channel in ('email', 'sms')
"""
_MOVED = """
and l.address_index is distinct from (
  select case a.channel when 'sms' then p.phone_index else p.email_index end
  from patient p where p.id = l.patient_id)
"""


async def contacts(tx: Tx, keys: KeyRing, patient_id: int) -> tuple[Contact, ...]:
    """How the patient stands on each channel."""
    rows = {row["channel"]: row for row in await tx.fetch(_OF_PATIENT, [patient_id])}
    found = []
    for channel in LETTERS:
        row, address = rows.get(channel), await address_of(tx, keys, patient_id, channel)
        if row is None:
            found.append(Contact(channel, address is not None))
        else:
            found.append(
                Contact(
                    channel,
                    has_address=address is not None,
                    since=row["created_at"],
                    opted_out=row["opted_out_at"] is not None,
                    unreachable=row["unreachable_at"] is not None,
                    others=row["others"],
                )
            )
    return tuple(found)


async def address_of(tx: Tx, keys: KeyRing, patient_id: int, channel: LetterChannel) -> str | None:
    """The address in the record, if the channel can use it: an SMS needs a mobile number."""
    column = PATIENT_COLUMN[channel]
    row = await tx.fetchrow(
        f"select key, {column} as sealed from patient where id = $1",  # noqa: S608  # ours
        patient_id,
    )
    if row is None or row["sealed"] is None:
        return None
    address = keys.open(row["sealed"], f"patient.{column}", row["key"]).decode()
    return None if channel == "sms" and not is_mobile(address) else address


async def ensure_account(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    patient_id: int,
    channel: LetterChannel,
    *,
    staff_id: int | None = None,
    run_id: int | None = None,
) -> int | None:
    """Write down that the patient may be written to at the record's address; the chat account.

    `staff_id` is who was told so, `run_id` the import whose list says so. None if the record has
    no such address. May be repeated. A "stop" that came from the address stays: only who reads
    there takes that back.
    """
    await tx.execute("select from patient where id = $1 for no key update", patient_id)
    address = await address_of(tx, keys, patient_id, channel)
    if address is None:
        return None
    account_id = (await account_of(tx, keys, channel, address)).account_id
    for row in await tx.fetch(_OF_PATIENT, [patient_id]):
        if row["channel"] == channel and row["id"] != account_id:
            await unbind(tx, row["id"], patient_id)
    made = await tx.fetchval(
        f"""insert into link (account_id, patient_id, relation, proof, address_index, run_id)
            select $1, id, 'self', 'staff', {PATIENT_COLUMN[channel]}_index, $3::bigint
            from patient where id = $2 and not exists (
              select 1 from link where account_id = $1 and patient_id = $2 and ended_at is null)
            returning id""",  # noqa: S608  # ours
        account_id,
        patient_id,
        run_id,
    )
    if made is None:
        return account_id
    version = settings.clinic.notice_in_force
    await tx.execute(
        """update chat_account a set consent_version = $2,
             language = coalesce(a.language, (select language from patient where id = $3))
           where a.id = $1""",
        account_id,
        version,
        patient_id,
    )
    await tx.execute(
        """insert into consent (account_id, purpose, notice_version, given)
           values ($1, 'messages', $2, true)""",
        account_id,
        version,
    )
    await _note(tx, "allow", patient_id, staff_id, {"channel": channel})
    return account_id


async def was_withdrawn(tx: Tx, patient_id: int, channel: LetterChannel) -> bool:
    """Whether it was allowed for the address in the record and is not any more: a list that still
    says yes is older than that."""
    ended: bool = await tx.fetchval(
        f"""select coalesce(bool_or(true) and not bool_or(l.ended_at is null), false)
            from link l join chat_account a on a.id = l.account_id
            join patient p on p.id = l.patient_id
            where l.patient_id = $1 and a.channel = $2
              and l.address_index = p.{PATIENT_COLUMN[channel]}_index""",  # noqa: S608  # ours
        patient_id,
        channel,
    )
    return ended


async def withdraw(
    tx: Tx, patient_id: int, channel: LetterChannel, *, staff_id: int | None = None
) -> bool:
    """The patient may not be written there any more; what is queued does not go out.

    False if they could not be anyway.
    """
    ended = False
    for row in await tx.fetch(_OF_PATIENT, [patient_id]):
        if row["channel"] == channel:
            ended |= await _end(tx, row, "withdrawn", staff_id)
    return ended


async def follow_addresses(tx: Tx, patient_ids: Sequence[int]) -> int:
    """End what was allowed for an address that is not in the patient's record any more.

    To be called after records changed; how many links ended. Agreeing to be written at one number
    says nothing of the next: it may be somebody else's telephone.
    """
    rows = await tx.fetch(_OF_PATIENT + _MOVED, list(patient_ids))
    for row in rows:
        await _end(tx, row, "address_changed", None)
    return len(rows)


async def _end(tx: Tx, row: Any, why: str, staff_id: int | None) -> bool:
    ended = await unbind(tx, row["id"], row["patient_id"])
    if ended:
        detail = {"channel": row["channel"], "reason": why}
        await _note(tx, "withdraw", row["patient_id"], staff_id, detail)
    return ended


async def _note(
    tx: Tx, deed: str, patient_id: int, staff_id: int | None, detail: Mapping[str, str]
) -> None:
    kind: Literal["staff", "system"] = "system" if staff_id is None else "staff"
    await record(tx, kind, staff_id, f"{kind}:contact:{deed}", patient_id, detail)
