"""Templates and documents as staff see, issue and void them. A doctor sees own patients'."""

from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.crypto import KeyRing
from clinic.db import Tx
from clinic.document import service
from clinic.document.types import Content, Document, Draft, Facts, Given, Reading, Template
from clinic.observation import service as observations
from clinic.observation.rules import shown
from clinic.record.summary import read_record
from clinic.staff.access.records import visible
from clinic.staff.types import Role, Staff

REASON_LENGTH = 500


async def access_save_template(
    tx: Tx, staff: Staff, template_id: int | None, draft: Draft
) -> int | None:
    """Write a template as `service.save_template` does; its id."""
    made = await service.save_template(tx, staff.id, template_id, draft)
    if made is not None:
        await record(tx, "staff", staff.id, "staff:document_template:write", made)
    return made


async def access_activate_template(tx: Tx, staff: Staff, template_id: int) -> bool:
    """Say that a draft was checked, and take it into use. False if it is no draft."""
    done = await service.activate(tx, staff.id, template_id)
    if done:
        await record(tx, "staff", staff.id, "staff:document_template:activate", template_id)
    return done


async def access_retire_template(tx: Tx, staff: Staff, template_id: int) -> bool:
    """Take a version out of use. False if it is out already."""
    done = await service.retire(tx, template_id)
    if done:
        await record(tx, "staff", staff.id, "staff:document_template:retire", template_id)
    return done


async def access_documents(
    tx: Tx, keys: KeyRing, staff: Staff, patient_id: int
) -> tuple[str, list[Document]] | None:
    """A patient's name and documents; None if this staff member may not see the patient."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    name = await tx.fetchval("select name from patient where id = $1", patient_id)
    await record(tx, "staff", staff.id, "staff:document:list", patient_id)
    return name, await service.documents_of(tx, keys, patient_id)


async def access_facts(
    tx: Tx, keys: KeyRing, zone: str, staff: Staff, patient_id: int
) -> Facts | None:
    """What the record knows that a document may say; None if one may not see the patient."""
    if not await visible(tx, staff, patient_id, standing=True):
        return None
    found = await read_record(tx, keys, patient_id)
    assert found is not None
    now = (await tx.fetchval("select now()")).astimezone(ZoneInfo(zone))
    coming = [
        one.starts_at.astimezone(now.tzinfo)
        for one in found.appointments
        if one.starts_at > now and one.status == "booked"
    ]
    readings: dict[str, Reading] = {}
    for one in await observations.listed(tx, ZoneInfo(zone), patient_id):
        if one.status != "entered-in-error":
            value = shown(one.value, one.second, one.unit)
            readings.setdefault(one.kind, Reading(one.kind, value, one.measured_at.date()))
    practitioners = await tx.fetch(
        """select id, name, staff_id from resource where kind = 'practitioner' and active
             and (staff_id = $1 or not $2)  -- a doctor signs for nobody else
           order by staff_id = $1 desc nulls last, id limit 200""",
        staff.id,
        staff.role is Role.DOCTOR,
    )
    await record(tx, "staff", staff.id, "staff:document:fill", patient_id)
    names = (one.what.name or one.what.code for one in found.conditions if one.ended_on is None)
    return Facts(
        patient_id=patient_id,
        name=found.person.name,
        kana=found.person.kana,
        birth_on=found.person.birth_on,
        chart=found.person.chart,
        language=found.person.language,
        diagnoses=tuple(dict.fromkeys(names)),
        next_visit=min(coming, default=None),
        readings=tuple(readings.values()),
        practitioners=tuple((row["id"], row["name"]) for row in practitioners),
        own_practitioner=next(
            (row["id"] for row in practitioners if row["staff_id"] == staff.id), None
        ),
        now=now,
    )


async def access_issue(
    tx: Tx,
    keys: KeyRing,
    staff: Staff,
    patient_id: int,
    template: Template,
    reserved: tuple[int, str],
    content: Content,
    pdf: bytes,
) -> bool:
    """Store a document of an active template; False if one may not, or it is not in use."""
    if not await visible(tx, staff, patient_id, standing=True) or template.status != "active":
        return False
    await service.issue(tx, keys, staff.id, reserved, patient_id, template.id, content, pdf)
    detail = {"document": reserved[0], "template": template.id}
    await record(tx, "staff", staff.id, "staff:document:issue", patient_id, detail)
    return True


async def access_document(
    tx: Tx, keys: KeyRing, staff: Staff, document_id: int, *, lock: bool = False
) -> Document | None:
    """One document; None if there is none that this staff member may see."""
    found = await service.find(tx, keys, document_id, lock=lock)
    if found is None or not await visible(tx, staff, found.patient_id):
        return None
    detail = {"document": document_id}
    await record(tx, "staff", staff.id, "staff:document:read", found.patient_id, detail)
    return found


async def access_document_details(
    tx: Tx, keys: KeyRing, document: Document
) -> tuple[str, Content, list[Given], str]:
    """Of a document that one has been let see: whose it is, what it says, what was answered, and
    why it was voided."""
    return (
        await tx.fetchval("select name from patient where id = $1", document.patient_id),
        await service.content_of(tx, keys, document.id),
        await service.answers_of(tx, document.id),
        await service.void_note(tx, keys, document),
    )


async def access_pdf(
    tx: Tx, keys: KeyRing, staff: Staff, document_id: int
) -> tuple[Document, bytes] | None:
    """The PDF of a document; None if one may not see it."""
    found = await access_document(tx, keys, staff, document_id)
    return None if found is None else (found, await service.pdf_of(tx, keys, document_id))


async def access_answer_pdf(
    tx: Tx, keys: KeyRing, staff: Staff, document_id: int, answer_id: int
) -> bytes | None:
    """The PDF of an answer to a document; None if there is none that one may see."""
    if await access_document(tx, keys, staff, document_id) is None:
        return None
    row = await tx.fetchrow(
        "select key, pdf from document_answer where id = $1 and document_id = $2",
        answer_id,
        document_id,
    )
    return keys.open(row["pdf"], "document_answer.pdf", row["key"]) if row else None


async def access_void(
    tx: Tx, keys: KeyRing, staff: Staff, document_id: int, why: str
) -> bool | None:
    """Say that a document holds no more; False without a reason, or if it was said before. None:
    one may not see it."""
    found = await access_document(tx, keys, staff, document_id)
    if found is None:
        return None
    reason = " ".join(why.split())[:REASON_LENGTH]
    done = bool(reason) and await service.void(tx, keys, staff.id, found, reason)
    if done:
        detail = {"document": document_id}
        await record(tx, "staff", staff.id, "staff:document:void", found.patient_id, detail)
    return done
