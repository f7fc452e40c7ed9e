"""The people who work at the clinic, as everybody there knows them."""

from dataclasses import dataclass

from clinic.db import Tx


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of them. `reachable`: alerts reach a chat of their own."""

    id: int
    name: str
    role: str
    reachable: bool


async def access_colleagues(tx: Tx) -> list[Colleague]:
    """Those whose account is open, by name. Shows no patient, so it leaves no audit row."""
    rows = await tx.fetch(
        """select s.id, s.name, s.role, exists (
             select 1 from staff_account o join chat_account a on a.id = o.account_id
             where o.staff_id = s.id and a.unreachable_at is null) as reachable
           from staff s where s.disabled_at is null order by s.name"""
    )
    return [Colleague(*row) for row in rows]
