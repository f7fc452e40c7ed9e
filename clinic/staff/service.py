"""Accounts of staff, the one-time links that sign them in, and their sessions.

Tokens have 256 random bits and are stored as SHA-256 only. What is still good is decided by
PostgreSQL's `now()`.
"""

from collections.abc import Mapping
from typing import Any

from clinic.audit.service import record
from clinic.db import Tx
from clinic.escalation.ladder import reopen_all_of
from clinic.ids import new_secret
from clinic.staff.rules import ABSOLUTE, IDLE, LINK_LIFE, read_name, token_hash
from clinic.staff.types import Role, Session, Staff, StaffProblem, StaffRow

_STAFF = "s.id, s.name, s.role, s.language"


async def add_staff(
    tx: Tx, name: str, role: Role, *, by: Staff | None = None
) -> Staff | StaffProblem:
    """Make an account. `by` is the admin who does it, None from the command line."""
    good = read_name(name)
    if good is None:
        return StaffProblem.BAD_NAME
    row = await tx.fetchrow(
        f"""insert into staff as s (name, role) values ($1, $2)
            on conflict (name) do nothing returning {_STAFF}""",  # noqa: S608  # a constant
        good,
        role,
    )
    if row is None:
        return StaffProblem.NAME_TAKEN
    staff = _staff(row)
    await _record(tx, by, "account:add", staff.id, {"role": role})
    return staff


async def find_staff(tx: Tx, name: str) -> Staff | None:
    """The account of a name, if there is one that is not disabled."""
    row = await tx.fetchrow(
        f"select {_STAFF} from staff s where s.name = $1 and s.disabled_at is null",  # noqa: S608  # a constant
        read_name(name),
    )
    return _staff(row) if row else None


async def access_staff(tx: Tx, acting: Staff) -> list[StaffRow]:
    """All accounts, for an admin; nobody else gets any."""
    if acting.role is not Role.ADMIN:
        return []
    rows = await tx.fetch(
        f"""select {_STAFF}, s.disabled_at is not null as disabled,
                   (select max(seen_at) from staff_session t where t.staff_id = s.id) as seen_at
            from staff s order by disabled, s.name"""  # noqa: S608  # a constant
    )
    return [StaffRow(_staff(row), row["disabled"], row["seen_at"]) for row in rows]


async def set_disabled(tx: Tx, staff_id: int, disabled: bool, *, by: Staff) -> bool:
    """Close an account, which ends its sessions and links at once, or open it again.

    What its owner had acknowledged is everybody's again in the same moment.
    False if there is no such account, or an admin means the own one: somebody has to stay.
    """
    if staff_id == by.id:
        return False
    known = await tx.fetchval(
        """update staff set disabled_at = case when $2 then coalesce(disabled_at, now()) end
           where id = $1 returning id""",
        staff_id,
        disabled,
    )
    if known is None:
        return False
    await tx.execute(
        "update staff_session set ended_at = now() where staff_id = $1 and ended_at is null",
        staff_id,
    )
    await tx.execute(
        "update sign_in_link set used_at = now() where staff_id = $1 and used_at is null", staff_id
    )
    if disabled:
        await reopen_all_of(tx, staff_id, by.id)
    await _record(tx, by, "account:disable" if disabled else "account:enable", staff_id)
    return True


async def set_language(tx: Tx, staff: Staff, language: str) -> None:
    """Keep the language that somebody chose for the panel (BCP 47)."""
    await tx.execute("update staff set language = $2 where id = $1", staff.id, language)


async def make_sign_in_link(tx: Tx, staff_id: int, *, by: Staff | None = None) -> str | None:
    """A token that signs a staff member in once within 15 minutes; None for a closed account.

    It belongs into `/sign-in?token=`. `by` is the admin who does it, None from the command line.
    """
    token = new_secret()
    made = await tx.fetchval(
        """insert into sign_in_link (token_hash, staff_id, expires_at)
           select $1, id, now() + $3 from staff where id = $2 and disabled_at is null
           returning id""",
        token_hash(token),
        staff_id,
        LINK_LIFE,
    )
    if made is None:
        return None
    await _record(tx, by, "account:link", staff_id)
    return token


async def sign_in(tx: Tx, link_token: str) -> str | None:
    """Use a link up and open a session; the session's token, None if the link is not good."""
    staff_id = await tx.fetchval(
        """update sign_in_link l set used_at = now() from staff s
           where l.token_hash = $1 and l.used_at is null and l.expires_at > now()
             and s.id = l.staff_id and s.disabled_at is null
           returning l.staff_id""",
        token_hash(link_token),
    )
    if staff_id is None:
        return None
    token = new_secret()
    session_id = await tx.fetchval(
        """insert into staff_session (token_hash, staff_id, csrf_token) values ($1, $2, $3)
           returning id""",
        token_hash(token),
        staff_id,
        new_secret(),
    )
    await record(tx, "staff", staff_id, "staff:session:begin", session_id)
    return token


async def session_of(tx: Tx, token: str, *, prolong: bool) -> Session | None:
    """The session of a cookie, if it is still good. `prolong`: a person did something.

    What a page fetches by itself must not prolong, or a screen left alone would never lock.
    """
    good = """t.token_hash = $1 and t.ended_at is null and s.id = t.staff_id
              and s.disabled_at is null and t.seen_at > now() - $2::interval
              and t.created_at > now() - $3::interval"""
    wanted = f"{_STAFF}, t.id as session, t.csrf_token"
    row = await tx.fetchrow(
        f"update staff_session t set seen_at = now() from staff s where {good} returning {wanted}"  # noqa: S608  # constants
        if prolong
        else f"select {wanted} from staff_session t, staff s where {good}",  # noqa: S608  # constants
        token_hash(token),
        IDLE,
        ABSOLUTE,
    )
    return Session(row["session"], _staff(row), row["csrf_token"]) if row else None


async def end_session(tx: Tx, session: Session) -> None:
    """Sign a browser out."""
    await tx.execute("update staff_session set ended_at = now() where id = $1", session.id)
    await record(tx, "staff", session.staff.id, "staff:session:end", session.id)


def _staff(row: Mapping[str, Any]) -> Staff:
    return Staff(row["id"], row["name"], Role(row["role"]), row["language"])


async def _record(
    tx: Tx, by: Staff | None, action: str, staff_id: int, detail: dict[str, object] | None = None
) -> None:
    source = "staff" if by else "system"
    await record(
        tx,
        "staff" if by else "system",
        by.id if by else None,
        f"{source}:{action}",
        staff_id,
        detail,
    )
