"""Passkeys (WebAuthn): a key in a device or browser, unlocked by its owner's finger, face or PIN.

That is two steps in one. They are an extra for who has a code app already. The library comes with
X.509 and all: a tenth of a second, so it is loaded when somebody uses a passkey.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from secrets import token_bytes

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.staff.sessions import open_session
from clinic.staff.types import Came, Opened, PasskeyRow, Staff

LIFE = timedelta(minutes=5)  # of a question that a passkey answers
NAME_LENGTH = 60
MOST = 10  # of one person
ADDED = "staff:account:passkey_add"  # in the audit trail


@dataclass(frozen=True, slots=True)
class Site:
    """The panel as browsers know it: `host` without a port, `origin` with scheme and port."""

    host: str
    origin: str


async def listed(tx: Tx, staff_id: int) -> tuple[PasskeyRow, ...]:
    """Somebody's passkeys, oldest first."""
    rows = await tx.fetch(
        "select id, name, created_at, used_at from passkey where staff_id = $1 order by id",
        staff_id,
    )
    return tuple(PasskeyRow(*row) for row in rows)


async def remove(tx: Tx, staff: Staff, passkey_id: int) -> bool:
    """Take one of the own passkeys away; False if it is none of them."""
    removed = await tx.fetchval(
        "delete from passkey where id = $1 and staff_id = $2 returning id", passkey_id, staff.id
    )
    if removed is not None:
        await record(tx, "staff", staff.id, "staff:account:passkey_remove", staff.id)
    return removed is not None


async def begin_adding(tx: Tx, keys: KeyRing, staff: Staff, site: Site, clinic: str) -> str:
    """What the browser needs to make a passkey (JSON)."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    rows = await tx.fetch("select credential_id from passkey where staff_id = $1", staff.id)
    return options_to_json(
        generate_registration_options(
            rp_id=site.host,
            rp_name=clinic,
            user_name=staff.name,
            user_id=keys.mark("passkey-user", str(staff.id), 32),
            challenge=await _question(tx, keys, await _adding(tx, staff)),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=_bytes(row["credential_id"])) for row in rows
            ],
        )
    )


async def add(tx: Tx, keys: KeyRing, staff: Staff, site: Site, answer: str, name: str) -> bool:
    """Keep a passkey that the browser made (JSON); False if the answer is not good.

    An answer counts once: what was asked before the last one was kept is no question any more.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    await tx.execute("select from staff where id = $1 for update", staff.id)  # one after another
    credential = _read(answer)
    asked = await _asked(tx, keys, await _adding(tx, staff), credential)
    if credential is None or asked is None or len(await listed(tx, staff.id)) >= MOST:
        return False
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=asked[0],
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except WebAuthnException:
        return False
    kept = await tx.fetchval(
        """insert into passkey (staff_id, credential_id, public_key, sign_count, name)
           values ($1, $2, $3, $4, $5) on conflict (credential_id) do nothing returning id""",
        staff.id,
        _text(made.credential_id),
        made.credential_public_key,
        made.sign_count,
        name.strip()[:NAME_LENGTH],
    )
    if kept is not None:
        await record(tx, "staff", staff.id, ADDED, staff.id)
    return kept is not None


async def begin_sign_in(tx: Tx, keys: KeyRing, site: Site) -> str:
    """What the browser needs to sign in with whichever passkey it has for us (JSON)."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    return options_to_json(
        generate_authentication_options(
            rp_id=site.host,
            challenge=await _question(tx, keys, "sign-in"),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


async def sign_in(tx: Tx, keys: KeyRing, site: Site, answer: str, came: Came) -> Opened | None:
    """Open a session for the owner of the passkey that answered; None if the answer is not good.

    An answer counts once: the question must be younger than the passkey's last use.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    credential = _read(answer)
    asked = await _asked(tx, keys, "sign-in", credential)
    if credential is None or asked is None:
        return None
    row = await tx.fetchrow(
        """select k.id, k.staff_id, k.public_key, k.sign_count, k.used_at
           from passkey k join staff s on s.id = k.staff_id
           where k.credential_id = $1 and s.disabled_at is null for update of k""",
        str(credential.get("id")),
    )
    if row is None or (row["used_at"] is not None and row["used_at"] >= asked[1]):
        return None
    try:
        shown = verify_authentication_response(
            credential=credential,
            expected_challenge=asked[0],
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=row["public_key"],
            credential_current_sign_count=row["sign_count"],
            require_user_verification=True,
        )
    except WebAuthnException:
        return None
    await tx.execute(
        "update passkey set sign_count = $2, used_at = clock_timestamp() where id = $1",
        row["id"],
        shown.new_sign_count,
    )
    return Opened(await open_session(tx, row["staff_id"], came, proved=True))


async def _adding(tx: Tx, staff: Staff) -> str:
    """What a question for a new passkey is for; another one for each that was ever kept."""
    kept = await tx.fetchval(
        """select count(*) from audit
           where actor_kind = 'staff' and actor_id = $1 and action = $2
             and at > now() - $3::interval * 2""",
        staff.id,
        ADDED,
        LIFE,
    )
    return f"add:{staff.id}:{kept}"


async def _question(tx: Tx, keys: KeyRing, purpose: str) -> bytes:
    """An instant, random bytes and our mark: nothing has to be kept until the answer comes."""
    now: datetime = await tx.fetchval("select clock_timestamp()")
    body = int(now.timestamp() * 1_000_000).to_bytes(8, "big") + token_bytes(16)
    return body + keys.mark(f"passkey:{purpose}", body.hex(), 16)


async def _asked(
    tx: Tx, keys: KeyRing, purpose: str, credential: dict[str, object] | None
) -> tuple[bytes, datetime] | None:
    """Our own question that an answer names, and when we asked it; None if it is none of ours."""
    try:
        response = (credential or {}).get("response")
        if not isinstance(response, dict):
            return None
        said = json.loads(_bytes(response["clientDataJSON"]))
        question = _bytes(said["challenge"])
    except (KeyError, TypeError, ValueError):
        return None
    body, mark = question[:24], question[24:]
    if not compare_digest(mark, keys.mark(f"passkey:{purpose}", body.hex(), 16)):
        return None
    row = await tx.fetchrow(
        """select to_timestamp($1::float8 / 1000000) as at, clock_timestamp() as now""",
        int.from_bytes(body[:8], "big"),
    )
    return (question, row["at"]) if row["now"] - row["at"] < LIFE else None


def _read(answer: str) -> dict[str, object] | None:
    try:
        read = json.loads(answer)
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
