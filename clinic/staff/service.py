"""Accounts of staff and the one-time links that let them in.

Tokens have 256 random bits and are stored as SHA-256 only. What is still good is decided by
PostgreSQL's `now()`.
"""

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.escalation.ladder import reopen_all_of
from clinic.ids import new_secret
from clinic.staff import passkeys, second_step
from clinic.staff.rules import LINK_LIFE, read_name, token_hash
from clinic.staff.sessions import STAFF, end_all, list_sessions, renew, staff_of
from clinic.staff.types import Account, Role, Session, Staff, StaffProblem, StaffRow


async def add_staff(
    tx: Tx, name: str, role: Role, *, by: Staff | None = None
) -> Staff | StaffProblem:
    """Make an account. `by` is the admin who does it, None from the command line."""
    good = read_name(name)
    if good is None:
        return StaffProblem.BAD_NAME
    row = await tx.fetchrow(
        f"""insert into staff as s (name, role) values ($1, $2)
            on conflict (name) do nothing returning {STAFF}""",  # noqa: S608  # a constant
        good,
        role,
    )
    if row is None:
        return StaffProblem.NAME_TAKEN
    staff = staff_of(row)
    await _record(tx, by, "account:add", staff.id, {"role": role})
    return staff


async def find_staff(tx: Tx, name: str) -> Staff | None:
    """The account of a name, if there is one that is not disabled."""
    row = await tx.fetchrow(
        f"select {STAFF} from staff s where s.name = $1 and s.disabled_at is null",  # noqa: S608  # a constant
        read_name(name),
    )
    return staff_of(row) if row else None


async def access_staff(tx: Tx, acting: Staff) -> list[StaffRow]:
    """All accounts, for an admin; nobody else gets any."""
    if acting.role is not Role.ADMIN:
        return []
    rows = await tx.fetch(
        f"""select {STAFF}, s.disabled_at is not null as disabled,
                   (select max(seen_at) from staff_session t where t.staff_id = s.id) as seen_at,
                   s.totp_secret is not null as secured
            from staff s order by disabled, s.name"""  # noqa: S608  # a constant
    )
    return [
        StaffRow(staff_of(row), row["disabled"], row["seen_at"], row["secured"]) for row in rows
    ]


async def access_account(tx: Tx, session: Session) -> Account:
    """What somebody signs in with, for the person's own page."""
    staff = session.staff
    row = await tx.fetchrow(
        """select password_hash is not null as password, totp_secret is not null as secured
           from staff where id = $1""",
        staff.id,
    )
    return Account(
        row["password"],
        row["secured"],
        await second_step.codes_left(tx, staff.id),
        await list_sessions(tx, session),
        await passkeys.listed(tx, staff.id),
    )


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
    await _shut_out(tx, staff_id)
    if disabled:
        await reopen_all_of(tx, staff_id, by.id)
    await _record(tx, by, "account:disable" if disabled else "account:enable", staff_id)
    return True


async def set_role(tx: Tx, staff_id: int, role: Role, *, by: Staff) -> bool:
    """Give an account another role. Its browsers are signed out at once: what they may is another.

    False if there is no such account, or an admin means the own one: somebody has to stay.
    """
    if staff_id == by.id:
        return False
    known = await tx.fetchval(
        "update staff set role = $2 where id = $1 and role <> $2 returning id", staff_id, role
    )
    if known is None:
        return False
    await _shut_out(tx, staff_id)
    await _record(tx, by, "account:role", staff_id, {"role": role})
    return True


async def reset_second_step(tx: Tx, staff_id: int, *, by: Staff | None = None) -> bool:
    """Take the second step of an account away, with password, recovery codes and passkeys: it lets
    in by a link only, until a new one is set up. False if there is no such account.

    `by` is the admin who does it, None from the command line.
    """
    known = await tx.fetchval(
        "update staff set password_hash = null where id = $1 returning id", staff_id
    )
    if known is None:
        return False
    await second_step.forget(tx, staff_id)
    await _shut_out(tx, staff_id)
    await _record(tx, by, "account:reset", staff_id)
    return True


async def set_password(tx: Tx, session: Session, password_hash: str) -> str:
    """Set the own password; the token of the new session, as all others end."""
    await tx.execute(
        "update staff set password_hash = $2 where id = $1", session.staff.id, password_hash
    )
    await _record(tx, session.staff, "account:password", session.staff.id)
    return await renew(tx, session)


async def finish_app(
    tx: Tx, keys: KeyRing, session: Session, code: str
) -> tuple[str, list[str]] | None:
    """Take an app into use by its first code: the token of the new session and the recovery codes,
    to be shown once. None for a wrong code."""
    if not await second_step.confirm_app(tx, keys, session.staff, code):
        return None
    codes = await second_step.new_recovery_codes(tx, keys, session.staff)
    return await renew(tx, session), codes


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


async def _shut_out(tx: Tx, staff_id: int) -> None:
    """Nobody is in, half way in, or holds a link."""
    await end_all(tx, staff_id)
    await tx.execute(
        "update sign_in_link set used_at = now() where staff_id = $1 and used_at is null", staff_id
    )


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
