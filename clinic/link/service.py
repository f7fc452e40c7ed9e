"""Joins chat accounts to patients: by a code the clinic handed out, or by staff."""

from dataclasses import dataclass
from typing import Literal

from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.normal import kana_loose, same_name
from clinic.link import rules
from clinic.patient.types import PatientOption, Relation
from clinic.record.merge import merge
from clinic.webhook.announce import announce
from clinic.webhook.types import Kind

CODE_LOCK = 7_205_121  # counts tries of an account one after the other


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a code did not work, in a way that helps nobody guess."""

    reason: Literal["wrong", "too_many"]


async def make_link_code(tx: Tx, keys: KeyRing, patient_id: int, staff_id: int | None) -> str:
    """A one-time code for a patient; earlier ones of the same patient die."""
    await tx.execute(
        "update link_code set expires_at = now() where patient_id = $1 and used_at is null",
        patient_id,
    )
    code = rules.new_code()
    await tx.execute(
        """insert into link_code (code_hash, patient_id, staff_id, expires_at)
           values ($1, $2, $3, now() + $4)""",
        keys.index("link_code", code),
        patient_id,
        staff_id,
        rules.LIFE,
    )
    return code


async def try_code(tx: Tx, keys: KeyRing, account_id: int, text: str) -> PatientOption | Refusal:
    """Bind the account to the patient of a code.

    Unknown, used and expired codes are refused alike. A try and its row are one transaction: a code
    cannot be tried without being counted.
    """
    if not await may_try(tx, account_id):
        return Refusal("too_many")
    code = rules.read_code(text)
    patient_id = await tx.fetchval(
        """update link_code set used_at = now()
           where code_hash = $1 and used_at is null and expires_at > now()
           returning patient_id""",
        keys.index("link_code", code or ""),
    )
    await count_try(tx, account_id, ok=patient_id is not None)
    if patient_id is None:
        return Refusal("wrong")
    return await bind(tx, keys, account_id, patient_id, "self", "code")


async def may_try(tx: Tx, account_id: int) -> bool:
    """Whether the account may try a code. Others that it tries at the same time wait for us."""
    await tx.execute("select pg_advisory_xact_lock($1, $2)", CODE_LOCK, account_id % 2**31)
    wrong: int = await tx.fetchval(
        """select count(*) from link_attempt
           where account_id = $1 and not ok and at > now() - interval '1 hour'""",
        account_id,
    )
    return wrong < rules.TRIES_PER_ACCOUNT


async def count_try(tx: Tx, account_id: int, *, ok: bool) -> None:
    """Count a try at a code, right or wrong, in the transaction of the try."""
    await tx.execute("insert into link_attempt (account_id, ok) values ($1, $2)", account_id, ok)
    if not ok:
        await _alarm(tx)


async def _alarm(tx: Tx) -> None:
    """Tell staff when somebody seems to be guessing codes from many accounts."""
    wrong = await tx.fetchval(
        """select count(*) from (
             select 1 from link_attempt
             where not ok and at > now() - interval '1 hour' limit $1) wrong""",
        rules.TRIES_ALARM,
    )
    if wrong >= rules.TRIES_ALARM:
        await tx.execute(
            """insert into task (key, kind, detail)
               values ('link_alarm:' || to_char(now(), 'YYYYMMDDHH24'), 'link_alarm', '{}')
               on conflict (key) do nothing"""
        )


async def bind(
    tx: Tx,
    keys: KeyRing,
    account_id: int,
    patient_id: int,
    relation: Relation,
    proof: Literal["code", "staff"],
) -> PatientOption:
    """Let the account speak for the patient. Messages queued under the old links will not go out.

    Whoever the chat had made up for the same person becomes that person, visits and all. Other
    accounts of the same patient are told by the caller; the link of a helper stays.
    """
    row = await tx.fetchrow(
        """with old as (
             update link set ended_at = now()
             where account_id = $1 and patient_id = $2 and ended_at is null),
           made as (
             insert into link (account_id, patient_id, relation, proof) values ($1, $2, $3, $4)),
           bumped as (
             update chat_account set link_version = link_version + 1 where id = $1)
           select id, name, birth_on from patient where id = $2""",
        account_id,
        patient_id,
        relation,
        proof,
    )
    await tx.execute(
        """insert into audit (actor_kind, actor_id, action, subject_id, detail)
           values ('patient', $1, 'patient:link:bind', $2, $3)""",
        account_id,
        patient_id,
        {"proof": proof},
    )
    await announce(
        tx,
        Kind.PATIENT_LINKED,
        {"patient_id": patient_id, "account_id": account_id, "relation": relation},
    )
    await _join_provisional(tx, keys, account_id, patient_id)
    return PatientOption(row["id"], row["name"], relation, True, row["birth_on"])


async def _join_provisional(tx: Tx, keys: KeyRing, account_id: int, patient_id: int) -> None:
    rows = await tx.fetch(
        """select p.id, p.name, r.name as proven, r.kana from patient r, link l
           join patient p on p.id = l.patient_id
           where r.id = $2 and l.account_id = $1 and l.ended_at is null and l.proof = 'none'
             and p.provisional and p.merged_into_id is null
             and (p.birth_on is null or r.birth_on is null or p.birth_on = r.birth_on)""",
        account_id,
        patient_id,
    )
    for row in rows:
        same = same_name(row["name"], row["proven"])
        if same or (row["kana"] and kana_loose(row["name"]) == kana_loose(row["kana"])):
            await merge(tx, keys, patient_id, row["id"], None)


async def unbind(tx: Tx, account_id: int, patient_id: int) -> bool:
    """End the link; nothing queued for it goes out any more. False if there was none."""
    ended = await tx.fetchval(
        """with ended as (
             update link set ended_at = now()
             where account_id = $1 and patient_id = $2 and ended_at is null returning id),
           bumped as (
             update chat_account set link_version = link_version + 1
             where id = $1 and exists (select 1 from ended))
           select id from ended""",
        account_id,
        patient_id,
    )
    return ended is not None
