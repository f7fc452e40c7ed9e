"""Signing in: by a one-time link or a name and password, and then a code of the app.

Who has a second step is asked for it whatever came first. A password alone signs nobody in, so an
account without a second step takes links only. What is still good is decided by PostgreSQL's
`now()`.
"""

from dataclasses import dataclass

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.ids import new_secret
from clinic.staff import second_step
from clinic.staff.rules import (
    FREE_OF_ADDRESS,
    LONGEST_WAIT,
    STEP_LIFE,
    WINDOW,
    WRONG_CODES,
    WRONG_CODES_IN_ALL,
    network,
    read_name,
    token_hash,
    wait_after,
)
from clinic.staff.sessions import open_session
from clinic.staff.types import Asked, Came, Later, Opened, Session

KNOWN_FOR = "30 days"  # that an address somebody signed in from counts as theirs


@dataclass(frozen=True, slots=True)
class Try:
    """A try that is counted as wrong until it turns out to be right."""

    id: int
    name_index: str
    network: str


@dataclass(frozen=True, slots=True)
class Knock:
    """A name and password that are to be looked at. `password_hash` None: there is none to compare
    with, which must cost the same time."""

    counted: Try
    staff_id: int | None
    password_hash: str | None


async def use_link(tx: Tx, link_token: str, came: Came | None = None) -> Opened | Asked | None:
    """Use a link up: a session, or the question for a code; None if the link is not good."""
    row = await tx.fetchrow(
        """update sign_in_link l set used_at = now() from staff s
           where l.token_hash = $1 and l.used_at is null and l.expires_at > now()
             and s.id = l.staff_id and s.disabled_at is null
           returning l.staff_id, s.totp_secret is not null as secured""",
        token_hash(link_token),
    )
    if row is None:
        return None
    if row["secured"]:
        return await _ask(tx, row["staff_id"])
    return Opened(await open_session(tx, row["staff_id"], came, proved=False))


async def knock(tx: Tx, keys: KeyRing, name: str, came: Came) -> Knock | Later:
    """Count a try to sign in by a password, and find what it has to match."""
    good = read_name(name)
    counted = await count_try(tx, keys, good or name[:200], came)
    if isinstance(counted, Later):
        return counted
    row = await tx.fetchrow(
        """select id, password_hash, totp_secret is not null as secured from staff
           where name = $1 and disabled_at is null""",
        good,
    )
    if row is None:
        return Knock(counted, None, None)
    return Knock(counted, row["id"], row["password_hash"] if row["secured"] else None)


async def answer(tx: Tx, knocked: Knock, right: bool) -> Asked | None:
    """Ask for the code of whose password was right; None if it was not."""
    if not right or knocked.staff_id is None:
        await record(tx, "system", None, "system:session:refused", knocked.staff_id)
        return None
    await tx.execute("delete from sign_in_try where id = $1", knocked.counted.id)
    return await _ask(tx, knocked.staff_id)


async def give_code(
    tx: Tx, keys: KeyRing, step_token: str, code: str, came: Came
) -> Opened | Asked | Later | None:
    """Finish a sign-in: a session; the same question again after a wrong code; None if the question
    is over, and one begins again."""
    row = await tx.fetchrow(
        """select t.id, t.staff_id, t.wrong, s.name from sign_in_step t
           join staff s on s.id = t.staff_id
           where t.token_hash = $1 and t.used_at is null and t.created_at > now() - $2::interval
             and s.disabled_at is null for update of t""",
        token_hash(step_token),
        STEP_LIFE,
    )
    if row is None or row["wrong"] >= WRONG_CODES:
        return None
    if await _guessed_at(tx, row["staff_id"], came):
        return Later(int(LONGEST_WAIT.total_seconds()))
    counted = await count_try(tx, keys, row["name"], came)
    if isinstance(counted, Later):
        return counted
    if not await second_step.use_code(tx, keys, row["staff_id"], code):
        await tx.execute("update sign_in_step set wrong = wrong + 1 where id = $1", row["id"])
        await record(tx, "system", None, "system:session:refused", row["staff_id"])
        return Asked(step_token) if row["wrong"] + 1 < WRONG_CODES else None
    await tx.execute("update sign_in_step set used_at = now() where id = $1", row["id"])
    await forget_tries(tx, counted)
    return Opened(await open_session(tx, row["staff_id"], came, proved=True))


async def count_try(tx: Tx, keys: KeyRing, name: str, came: Came) -> Try | Later:
    """Count a try by a name from an address as wrong, or say that it is not looked at yet.

    Whom it keeps waiting is this address alone: nobody can lock somebody else out.
    """
    one = Try(0, keys.index("sign_in_name", name), network(came.address))
    # Many tries at once are counted one after the other.
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))", f"sign-in {one.network}"
    )
    row = await tx.fetchrow(
        """select count(*) filter (where name_index = $2) as own, count(*) as every,
             extract(epoch from clock_timestamp() - max(at) filter (where name_index = $2))::float8
               as own_age,
             extract(epoch from clock_timestamp() - max(at))::float8 as age
           from sign_in_try where address = $1 and at > clock_timestamp() - $3::interval""",
        one.network,
        one.name_index,
        WINDOW,
    )
    left = max(
        wait_after(row["own"]).total_seconds() - (row["own_age"] or 0),
        wait_after(row["every"], FREE_OF_ADDRESS).total_seconds() - (row["age"] or 0),
    )
    if left > 0:
        return Later(int(left) + 1)
    await tx.execute("delete from sign_in_try where at < now() - interval '1 day'")
    made = await tx.fetchval(
        "insert into sign_in_try (name_index, address, at) values ($1, $2, clock_timestamp())"
        " returning id",
        one.name_index,
        one.network,
    )
    return Try(made, one.name_index, one.network)


async def forget_tries(tx: Tx, counted: Try) -> None:
    """It was right: what this address got wrong about this name before counts no more."""
    await tx.execute(
        "delete from sign_in_try where name_index = $1 and address = $2",
        counted.name_index,
        counted.network,
    )


async def prove(tx: Tx, keys: KeyRing, session: Session, code: str) -> bool | Later:
    """Show a code anew within a session, for what needs one.

    Tries are counted by the session: who stole it may come from a thousand addresses.
    """
    came = Came(f"session {session.id}", "")
    counted = await count_try(tx, keys, session.staff.name, came)
    if isinstance(counted, Later):
        return counted
    if not await second_step.use_code(tx, keys, session.staff.id, code):
        return False
    await forget_tries(tx, counted)
    await tx.execute("update staff_session set proved_at = now() where id = $1", session.id)
    return True


async def _ask(tx: Tx, staff_id: int) -> Asked:
    token = new_secret()
    await tx.execute(
        "insert into sign_in_step (token_hash, staff_id) values ($1, $2)",
        token_hash(token),
        staff_id,
    )
    return Asked(token)


async def _guessed_at(tx: Tx, staff_id: int, came: Came) -> bool:
    """Whether somebody who knows the password tries codes from many addresses. The person's own
    addresses are not kept waiting for that."""
    guessed: bool = await tx.fetchval(
        f"""select (select coalesce(sum(wrong), 0) from sign_in_step
                    where staff_id = $1 and created_at > now() - $2::interval) >= $3
              and not exists (select 1 from staff_session where staff_id = $1 and address = $4
                              and created_at > now() - interval '{KNOWN_FOR}')""",  # noqa: S608  # a constant
        staff_id,
        WINDOW,
        WRONG_CODES_IN_ALL,
        came.address,
    )
    return guessed
