"""The second step of a sign-in: codes of an app (TOTP), and recovery codes for when it is lost."""

import hmac
import secrets
from datetime import datetime
from urllib.parse import urlsplit

import pyotp

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.rules import RECOVERY_CODES, read_code
from clinic.staff.types import Staff

SECONDS = 30  # that a code of the app is shown for
_SIGNS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # none that is taken for another one


async def begin_app(tx: Tx, keys: KeyRing, staff: Staff) -> None:
    """Make a new secret for an app. It counts only once a code of it was given."""
    await tx.execute(
        "update staff set totp_pending = $2 where id = $1",
        staff.id,
        keys.seal(pyotp.random_base32().encode(), "staff.totp_pending", staff.id),
    )


async def pending_app(tx: Tx, keys: KeyRing, staff: Staff, issuer: str) -> tuple[str, str] | None:
    """The secret that waits for its first code, and the address that apps read from a QR code."""
    sealed = await tx.fetchval("select totp_pending from staff where id = $1", staff.id)
    if sealed is None:
        return None
    secret = keys.open(sealed, "staff.totp_pending", staff.id).decode()
    address = pyotp.TOTP(secret).provisioning_uri(name=staff.name, issuer_name=issuer)
    assert urlsplit(address).scheme == "otpauth"
    return secret, address


async def confirm_app(tx: Tx, keys: KeyRing, staff: Staff, code: str) -> bool:
    """Take the new secret into use, if this is a code of it."""
    row = await tx.fetchrow(
        "select totp_pending, now() as now from staff where id = $1 for update", staff.id
    )
    if row["totp_pending"] is None:
        return False
    secret = keys.open(row["totp_pending"], "staff.totp_pending", staff.id)
    step = matching_step(secret.decode(), read_code(code), row["now"])
    if step is None:
        return False
    await tx.execute(
        """update staff set totp_secret = $2, totp_pending = null, totp_step = $3 where id = $1""",
        staff.id,
        keys.seal(secret, "staff.totp_secret", staff.id),
        step,
    )
    await record(tx, "staff", staff.id, "staff:account:code_app", staff.id)
    return True


async def new_recovery_codes(tx: Tx, keys: KeyRing, staff: Staff) -> list[str]:
    """Ten new codes, to be shown once; those from before count no more."""
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    await tx.execute("delete from recovery_code where staff_id = $1", staff.id)
    await tx.executemany(
        "insert into recovery_code (staff_id, code_index) values ($1, $2)",
        [(staff.id, _index(keys, staff.id, code)) for code in codes],
    )
    await record(tx, "staff", staff.id, "staff:account:recovery_codes", staff.id)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


async def use_code(tx: Tx, keys: KeyRing, staff_id: int, typed: str) -> bool:
    """Whether this is a code of the app that was not used before, or a recovery code. Either is
    used up by that."""
    code = read_code(typed)
    row = await tx.fetchrow(
        "select totp_secret, totp_step, now() as now from staff where id = $1 for update", staff_id
    )
    if row is None or row["totp_secret"] is None:
        return False
    if code.isdecimal():
        secret = keys.open(row["totp_secret"], "staff.totp_secret", staff_id)
        step = matching_step(secret.decode(), code, row["now"])
        if step is None or step <= (row["totp_step"] or 0):
            return False
        await tx.execute("update staff set totp_step = $2 where id = $1", staff_id, step)
        return True
    used = await tx.fetchval(
        """update recovery_code set used_at = now()
           where staff_id = $1 and code_index = $2 and used_at is null returning id""",
        staff_id,
        _index(keys, staff_id, code),
    )
    if used is not None:
        await record(tx, "staff", staff_id, "staff:account:recovery_code_used", staff_id)
    return used is not None


async def codes_left(tx: Tx, staff_id: int) -> int:
    """How many recovery codes were not used."""
    left: int = await tx.fetchval(
        "select count(*) from recovery_code where staff_id = $1 and used_at is null", staff_id
    )
    return left


async def forget(tx: Tx, staff_id: int) -> None:
    """Take the second step away, with all that stands in for it."""
    await tx.execute(
        """update staff set totp_secret = null, totp_pending = null, totp_step = null
           where id = $1""",
        staff_id,
    )
    await tx.execute("delete from recovery_code where staff_id = $1", staff_id)
    await tx.execute("delete from passkey where staff_id = $1", staff_id)


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The number of the half minute that a code belongs to: this one, the one before or the next.

    Clocks of telephones are off by some seconds, and people need some to type (RFC 6238, 5.2).
    """
    app = pyotp.TOTP(secret, interval=SECONDS)
    now = int(at.timestamp()) // SECONDS
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode()):
            return step
    return None


def _new_code() -> str:
    """49 random bits as 10 signs, one of which is a letter: codes of an app have none."""
    while True:
        code = "".join(secrets.choice(_SIGNS) for _ in range(10))
        if not code.isdecimal():
            return code


def _index(keys: KeyRing, staff_id: int, code: str) -> str:
    return keys.index("recovery_code", f"{staff_id}:{code}")
