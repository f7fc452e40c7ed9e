"""The record of one patient, as staff see and change it. Every look leaves an audit row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from clinic.audit.service import record
from clinic.config import Settings
from clinic.contact.service import follow_addresses
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.importer.service import follow_up
from clinic.lapse import rules as lapse
from clinic.lapse.service import horizon
from clinic.lapse.types import State, Told
from clinic.record import edit, erasure
from clinic.record.edit import Fault, Flag
from clinic.record.export import Export, read_export
from clinic.record.summary import read_erased, read_record
from clinic.record.types import Erased, NoteKind, Record
from clinic.staff.access import OWN_PATIENTS
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Role, Staff

Sealed = Literal["phone", "email", "address", "insurer", "insured"]
SEALED: tuple[Sealed, ...] = ("phone", "email", "address", "insurer", "insured")


@dataclass(frozen=True, slots=True)
class Standing:
    """How the patient stands in a group, and why."""

    group: str
    name: Mapping[str, str]
    state: State
    reason: Told


@dataclass(frozen=True, slots=True)
class Shown:
    """A record with what lists say of the patient, and the doubts that name them."""

    record: Record
    standings: tuple[Standing, ...]
    doubts: tuple[int, ...]


async def access_record(
    tx: Tx, keys: KeyRing, settings: Settings, staff: Staff, patient_id: int
) -> Shown | Erased | int | None:
    """The record; the id of the one that it was joined into; what is left of an erased one; None
    if there is none that this staff member may see."""
    if not await visible(tx, staff, patient_id):
        return None
    row = await tx.fetchrow("select merged_into_id from patient where id = $1", patient_id)
    erased = await read_erased(tx, patient_id)
    if erased is not None:
        return erased
    if row["merged_into_id"] is not None:
        kept: int = row["merged_into_id"]
        return kept
    found = await read_record(tx, keys, patient_id)
    assert found is not None
    await record(tx, "staff", staff.id, "staff:patient:record", patient_id)
    return Shown(
        found,
        await _standings(tx, settings, patient_id),
        await _doubts(tx, patient_id) if sees_all_patients(staff.role) else (),
    )


async def access_reveal(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int, field: Sealed
) -> str | None:
    """One field that the page masks; None if this staff member may not see the patient."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    row = await tx.fetchrow(
        f"select key, {field} as sealed from patient where id = $1",  # noqa: S608  # one of SEALED
        patient_id,
    )
    await record(tx, "staff", staff.id, "staff:patient:reveal", patient_id, {"field": field})
    sealed = row["sealed"]
    return keys.open(sealed, f"patient.{field}", row["key"]).decode() if sealed else ""


async def access_edit(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    patient_id: int,
    posted: Mapping[str, str],
) -> list[Fault] | None:
    """Write what staff say of identity, contact and membership; what is wrong with it, or [].

    None: this staff member may not.
    """
    if not await desk(tx, staff, patient_id):
        return None
    today = await tx.fetchval("select (now() at time zone $1)::date", settings.clinic.time_zone)
    wanted = edit.read_fields(posted, settings.clinic.country, settings.clinic.languages, today)
    if isinstance(wanted, list):
        return wanted
    changed = await edit.write_fields(tx, keys, patient_id, wanted)
    if isinstance(changed, Fault):
        return [changed]
    if changed:
        await follow_addresses(tx, [patient_id])
        await record(tx, "staff", staff.id, "staff:patient:edit", patient_id, {"fields": changed})
    return []


async def access_flag(
    tx: Tx, settings: Settings, staff: Staff, patient_id: int, flag: Flag, on: date | None
) -> int | Fault | None:
    """Note that a patient died or moved, or take that back (`on` None): how many messages that
    stopped. None: this staff member may not."""
    if not await desk(tx, staff, patient_id):
        return None
    zone = settings.clinic.time_zone
    if on is not None and on > await tx.fetchval("select (now() at time zone $1)::date", zone):
        return Fault(f"{flag}_on", "bad_date")
    stopped = await edit.set_flag(tx, patient_id, flag, on)
    detail = {"set": on is not None, "stopped": stopped}
    await record(tx, "staff", staff.id, f"staff:patient:{flag}", patient_id, detail)
    await follow_up(tx, settings, [patient_id])
    return stopped


async def access_tag(tx: Tx, staff: Staff, patient_id: int, tag: str, *, add: bool) -> bool | None:
    """Put a word on a patient or take it off; False if nothing changed, None if one may not."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    done = await (edit.add_tag if add else edit.remove_tag)(tx, patient_id, tag)
    if done:
        deed = "tag" if add else "untag"
        await record(tx, "staff", staff.id, f"staff:patient:{deed}", patient_id)
    return done


async def access_add_note(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int, kind: NoteKind, words: str
) -> bool | None:
    """Write an allergy or a note for visits; False if there are no words, None if one may not."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    made = await edit.add_note(tx, keys, patient_id, kind, words, staff.id)
    if made is None:
        return False
    await record(tx, "staff", staff.id, "staff:patient:note", patient_id, {"note": made})
    return True


async def access_end_note(tx: Tx, staff: Staff, patient_id: int, note_id: int) -> bool | None:
    """Say that a note holds no more; False if there is none, None if one may not."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    done = await edit.end_note(tx, patient_id, note_id)
    if done:
        detail = {"note": note_id}
        await record(tx, "staff", staff.id, "staff:patient:end_note", patient_id, detail)
    return done


async def access_patient_export(
    tx: Tx,
    keys: KeyRing,
    settings: Settings,
    staff: Staff,
    patient_id: int,
    form: Literal["json", "pdf"],
) -> Export | None:
    """Everything that is stored of a patient, to be taken out; None if one may not."""
    if not await desk(tx, staff, patient_id):
        return None
    found = await read_export(tx, keys, settings, patient_id)
    await record(tx, "staff", staff.id, "staff:patient:export", patient_id, {"form": form})
    return found


async def access_erase(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int
) -> erasure.Refusal | None:
    """Erase a patient for good; None if that is done. Admins only."""
    if staff.role is not Role.ADMIN:
        return "gone"
    return await erasure.erase(tx, keys, patient_id, staff.id)


async def access_lift(tx: Tx, staff: Staff, patient_id: int) -> bool:
    """Let imports bring an erased patient back. False if they may already. Admins only."""
    if staff.role is not Role.ADMIN:
        return False
    lifted = await tx.fetchval(
        """update erasure set lifted_at = now() where patient_id = $1 and lifted_at is null
           returning id""",
        patient_id,
    )
    if lifted is not None:
        await record(tx, "staff", staff.id, "staff:patient:let_in", patient_id)
    return lifted is not None


async def desk(tx: Tx, staff: Staff, patient_id: int) -> bool:
    """What is the desk's: a record that stands, and not for doctors."""
    return sees_all_patients(staff.role) and await visible(tx, staff, patient_id, standing=True)


async def visible(tx: Tx, staff: Staff, patient_id: int, *, standing: bool = False) -> bool:
    """Whether a patient is one that this staff member may see.

    `standing`: not joined into another one, and not erased.
    """
    found = await tx.fetchval(
        f"""select p.id from patient p where p.id = $3 and ($2 or p.id in ({OWN_PATIENTS}))
              and (not $4 or p.merged_into_id is null
                and not exists (select 1 from erasure e where e.patient_id = p.id))""",  # noqa: S608  # constants
        staff.id,
        sees_all_patients(staff.role),
        patient_id,
        standing,
    )
    return found is not None


async def _standings(tx: Tx, settings: Settings, patient_id: int) -> tuple[Standing, ...]:
    rows = await tx.fetch(
        """select g.code, g.name, l.state, l.last_visit_on, l.expected_on, l.reason
           from lapse l join care_group g on g.id = l.group_id
           where l.patient_id = $1 and g.active order by g.position, g.id""",
        patient_id,
    )
    if not rows:
        return ()
    until = await horizon(tx, settings.clinic.time_zone, settings.lapse.horizon)
    return tuple(
        Standing(row["code"], row["name"], row["state"], _told(row, until)) for row in rows
    )


def _told(row: Mapping[str, Any], until: date) -> Told:
    return lapse.told(row["state"], row["reason"], row["last_visit_on"], row["expected_on"], until)


async def _doubts(tx: Tx, patient_id: int) -> tuple[int, ...]:
    rows = await tx.fetch(
        """select id from match_review where state = 'open' and exists (
             select 1 from jsonb_array_elements_text(candidates) one where one::bigint = $1)
           order by id limit 20""",
        patient_id,
    )
    return tuple(row["id"] for row in rows)
