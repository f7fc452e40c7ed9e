"""Patients, as far as the chat makes them."""

from datetime import date

from clinic.db import Tx
from clinic.ids import new_key
from clinic.patient.types import PatientOption, Relation


async def add_provisional(
    tx: Tx, account_id: int, name: str, relation: Relation, birth_on: date | None
) -> PatientOption:
    """A patient known only from the chat, and the account's link to them."""
    patient_id = await tx.fetchval(
        """with made as (
             insert into patient (key, name, birth_on, provisional) values ($1, $2, $3, true)
             returning id),
           linked as (
             insert into link (account_id, patient_id, relation, proof)
             select $4, id, $5, 'none' from made),
           noted as (
             insert into audit (actor_kind, actor_id, action, subject_id)
             select 'patient', $4, 'patient:patient:add', id from made)
           select id from made""",
        new_key(),
        name,
        birth_on,
        account_id,
        relation,
    )
    return PatientOption(patient_id, name, relation, False, birth_on)
