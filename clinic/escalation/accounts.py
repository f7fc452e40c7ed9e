"""The chat accounts of staff, the codes that bind them, and the rota of who is on call."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation.types import CodeRefused, Shift
from clinic.link import rules as codes
from clinic.link.service import count_try, may_try
from clinic.staff.types import StaffName


@dataclass(frozen=True, slots=True)
class Reachable:
    """A staff member's own chat account that takes messages."""

    staff_id: int
    name: str
    role: str
    account_id: int
    language: str | None  # BCP 47
    link_version: int


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """A chat account that is a staff member's own."""

    id: int
    staff: StaffName
    channel: str
    unreachable: bool
    linked_at: datetime


async def reachable(tx: Tx, channels: Collection[str]) -> list[Reachable]:
    """The chats in which staff can be alerted, through these channels; each one's newest first.

    A web chat takes messages with its page shut too, and nobody sees them: it counts only where
    nothing rings.
    """
    rows = await tx.fetch(
        """select staff_id, name, role, account_id, language, link_version from (
             select s.id as staff_id, s.name, s.role, a.id as account_id, o.id as linked, a.channel,
                    coalesce(s.language, a.language) as language, a.link_version,
                    bool_or(a.channel <> 'webchat') over (partition by s.id) as rings
             from staff_account o join staff s on s.id = o.staff_id
             join chat_account a on a.id = o.account_id
             where s.disabled_at is null and a.unreachable_at is null and a.channel = any ($1)
           ) own where channel <> 'webchat' or not rings order by staff_id, linked desc""",
        list(channels),
    )
    return [Reachable(*row) for row in rows]


async def read_rota(tx: Tx) -> list[Shift]:
    """Everybody's hours on call."""
    rows = await tx.fetch(
        """select o.staff_id, o.weekday, o.since, o.until, o.position from on_call o
           join staff s on s.id = o.staff_id where s.disabled_at is null
           order by o.weekday, o.since, o.position, o.id"""
    )
    return [
        Shift(
            row["staff_id"],
            row["weekday"],
            time.fromisoformat(row["since"]),
            time.fromisoformat(row["until"]),
            row["position"],
        )
        for row in rows
    ]


async def write_rota(tx: Tx, shifts: Sequence[Shift]) -> None:
    """Replace the whole rota."""
    await tx.execute("delete from on_call")
    await tx.executemany(
        """insert into on_call (staff_id, weekday, since, until, position)
           values ($1, $2, $3, $4, $5)""",
        [
            (it.staff_id, it.weekday, f"{it.since:%H:%M}", f"{it.until:%H:%M}", it.position)
            for it in shifts
        ],
    )


async def make_staff_code(tx: Tx, keys: KeyRing, staff_id: int) -> str | None:
    """A one-time code for a staff member's own chat; earlier ones die. None for a closed account.

    Good for 10 minutes; only its keyed hash is stored.
    """
    await tx.execute(
        "update staff_link_code set expires_at = now() where staff_id = $1 and used_at is null",
        staff_id,
    )
    code = codes.new_code()
    made = await tx.fetchval(
        """insert into staff_link_code (code_hash, staff_id, expires_at)
           select $1, id, now() + $3 from staff where id = $2 and disabled_at is null
           returning id""",
        keys.index("staff_link_code", code),
        staff_id,
        codes.LIFE,
    )
    return code if made is not None else None


async def try_staff_code(
    tx: Tx, keys: KeyRing, account_id: int, code: str
) -> StaffName | CodeRefused:
    """Make the account the staff member's own whom a code is for.

    `code` is as `escalation.rules.read_staff_code` gives it. Tries are counted together with those
    at patients' codes. What was queued for the account under its old links will not go out.
    """
    if not await may_try(tx, account_id):
        return CodeRefused("too_many")
    row = await tx.fetchrow(
        """update staff_link_code c set used_at = now() from staff s
           where c.code_hash = $1 and c.used_at is null and c.expires_at > now()
             and s.id = c.staff_id and s.disabled_at is null
           returning s.id, s.name""",
        keys.index("staff_link_code", code),
    )
    await count_try(tx, account_id, ok=row is not None)
    if row is None:
        return CodeRefused("wrong")
    await tx.execute(
        """with bumped as (
             update chat_account set link_version = link_version + 1 where id = $2)
           insert into staff_account (staff_id, account_id) values ($1, $2)
           on conflict (account_id)
             do update set staff_id = excluded.staff_id, created_at = now()""",
        row["id"],
        account_id,
    )
    await record(tx, "staff", row["id"], "staff:account:bind", account_id)
    return StaffName(row["id"], row["name"])


async def read_accounts(tx: Tx) -> list[LinkedAccount]:
    """All chat accounts of staff, by name."""
    rows = await tx.fetch(
        """select o.id, s.id as staff_id, s.name, a.channel,
                  a.unreachable_at is not null as unreachable, o.created_at
           from staff_account o join staff s on s.id = o.staff_id
           join chat_account a on a.id = o.account_id order by s.name, o.id"""
    )
    return [
        LinkedAccount(
            row["id"],
            StaffName(row["staff_id"], row["name"]),
            row["channel"],
            row["unreachable"],
            row["created_at"],
        )
        for row in rows
    ]


async def unlink_account(tx: Tx, by: int, linked_id: int) -> bool:
    """A chat account is no longer a staff member's own. False if it is none."""
    row = await tx.fetchrow(
        "delete from staff_account where id = $1 returning staff_id, account_id", linked_id
    )
    if row is None:
        return False
    await tx.execute(
        "update chat_account set link_version = link_version + 1 where id = $1", row["account_id"]
    )
    await record(tx, "staff", by, "staff:account:unbind", row["account_id"])
    return True
