"""Browsers that are signed in. What is still good is decided by PostgreSQL's `now()`."""

from collections.abc import Mapping
from typing import Any

from clinic.audit.service import record
from clinic.db import Tx
from clinic.ids import new_secret
from clinic.staff.rules import ABSOLUTE, IDLE, PROVED, token_hash
from clinic.staff.types import Came, Role, Session, SessionRow, Staff

STAFF = "s.id, s.name, s.role, s.language"  # of one, for `staff_of`
_GOOD = """t.ended_at is null and s.id = t.staff_id and s.disabled_at is null
    and t.seen_at > now() - $2::interval and t.created_at > now() - $3::interval"""


def staff_of(row: Mapping[str, Any]) -> Staff:
    """The person of a row that has `STAFF`."""
    return Staff(row["id"], row["name"], Role(row["role"]), row["language"])


async def open_session(tx: Tx, staff_id: int, came: Came | None, *, proved: bool) -> str:
    """Sign a browser in; the session's token. `proved`: a code or passkey was shown."""
    token = new_secret()
    session_id = await tx.fetchval(
        """insert into staff_session (token_hash, staff_id, csrf_token, address, browser, proved_at)
           values ($1, $2, $3, $4, $5, case when $6 then now() end) returning id""",
        token_hash(token),
        staff_id,
        new_secret(),
        came and came.address,
        came and came.browser,
        proved,
    )
    await record(tx, "staff", staff_id, "staff:session:begin", session_id)
    return token


async def session_of(tx: Tx, token: str, *, prolong: bool) -> Session | None:
    """The session of a cookie, if it is still good. `prolong`: a person did something.

    What a page fetches by itself must not prolong, or a screen left alone would never lock.
    """
    wanted = f"""{STAFF}, t.id as session, t.csrf_token, s.totp_secret is not null as secured,
                 coalesce(t.proved_at > now() - $4::interval, false) as proved"""
    row = await tx.fetchrow(
        f"""update staff_session t set seen_at = now() from staff s
            where t.token_hash = $1 and {_GOOD} returning {wanted}"""  # noqa: S608  # constants
        if prolong
        else f"select {wanted} from staff_session t, staff s where t.token_hash = $1 and {_GOOD}",  # noqa: S608  # constants
        token_hash(token),
        IDLE,
        ABSOLUTE,
        PROVED,
    )
    if row is None:
        return None
    return Session(row["session"], staff_of(row), row["csrf_token"], row["secured"], row["proved"])


async def end_session(tx: Tx, session: Session) -> None:
    """Sign a browser out."""
    await _end(tx, session.staff, [session.id])


async def end_one(tx: Tx, staff: Staff, session_id: int) -> bool:
    """Sign one of somebody's own browsers out; False if it is none of theirs, or out already."""
    ended = await tx.fetchval(
        """select id from staff_session
           where id = $1 and staff_id = $2 and ended_at is null for update""",
        session_id,
        staff.id,
    )
    if ended is not None:
        await _end(tx, staff, [session_id])
    return ended is not None


async def end_all(tx: Tx, staff_id: int) -> None:
    """Sign all browsers of somebody out, and let nobody in who is half way."""
    await tx.execute(
        "update staff_session set ended_at = now() where staff_id = $1 and ended_at is null",
        staff_id,
    )
    await tx.execute(
        "update sign_in_step set used_at = now() where staff_id = $1 and used_at is null", staff_id
    )


async def renew(tx: Tx, session: Session) -> str:
    """Give this browser a new session and end all others of the person: after something of the
    account changed. The day that a session may last goes on."""
    old = await tx.fetchrow(
        "select address, browser, created_at from staff_session where id = $1", session.id
    )
    await end_all(tx, session.staff.id)
    came = Came(old["address"], old["browser"])
    token = await open_session(tx, session.staff.id, came, proved=True)
    await tx.execute(
        "update staff_session set created_at = $2 where token_hash = $1",
        token_hash(token),
        old["created_at"],
    )
    return token


async def list_sessions(tx: Tx, session: Session) -> tuple[SessionRow, ...]:
    """Where the person is signed in now, the current browser first."""
    rows = await tx.fetch(
        f"""select t.id, t.browser, t.address, t.created_at, t.seen_at, t.id = $4 as current
            from staff_session t, staff s where t.staff_id = $1 and {_GOOD}
            order by t.id <> $4, t.seen_at desc limit 100""",  # noqa: S608  # constants
        session.staff.id,
        IDLE,
        ABSOLUTE,
        session.id,
    )
    return tuple(SessionRow(*row) for row in rows)


async def _end(tx: Tx, staff: Staff, session_ids: list[int]) -> None:
    await tx.execute(
        "update staff_session set ended_at = now() where id = any ($1)",
        session_ids,
    )
    for one in session_ids:
        await record(tx, "staff", staff.id, "staff:session:end", one)
