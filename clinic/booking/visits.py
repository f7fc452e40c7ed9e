"""Reads visits as their patients may see them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.booking.actor import Actor
from clinic.booking.search import in_language
from clinic.booking.types import AppointmentStatus, Changed, Visit
from clinic.crypto import KeyRing
from clinic.db import Tx

Row = Mapping[str, Any]
NO_VISIT = ("held", "proposed", "expired")  # statuses of what only keeps a time

_VISIT = """
select a.id, a.key, a.version, a.status, a.patient_id, a.service_id, a.site_id, a.practitioner_id,
       a.account_id, a.starts_at, a.ends_at, a.held_until, a.confirmed_at, a.updated_at,
       p.name as patient_name, p.language as patient_language, p.zone as patient_zone,
       s.name as service_name,
       s.cancel_notice, s.reminders, r.name as practitioner_name, i.name as site_name,
       i.address as site_address, i.time_zone, now() as now
from appointment a join patient p on p.id = a.patient_id join service s on s.id = a.service_id
     join resource r on r.id = a.practitioner_id join site i on i.id = a.site_id
"""


async def read_row(tx: Tx, appointment_id: int, *, lock: bool = False) -> Row | None:
    """An appointment with the names that belong to it; `lock` keeps others from changing it."""
    row: Row | None = await tx.fetchrow(
        _VISIT + "where a.id = $1" + (" for update of a" if lock else ""), appointment_id
    )
    return row


async def read_row_by_key(tx: Tx, key: UUID) -> Row | None:
    """The same by its public key."""
    row: Row | None = await tx.fetchrow(_VISIT + "where a.key = $1", key)
    return row


def to_visit(row: Row, actor: Actor) -> Visit:
    """The visit in the actor's language. Whether the actor may see it is asked before."""
    zone = ZoneInfo(row["time_zone"])
    return Visit(
        id=row["id"],
        version=row["version"],
        status=AppointmentStatus(row["status"]),
        patient_id=row["patient_id"],
        patient_name=row["patient_name"],
        service_id=row["service_id"],
        service_name=in_language(row["service_name"], actor.language),
        practitioner_id=row["practitioner_id"],
        practitioner_name=in_language(row["practitioner_name"], actor.language),
        site_id=row["site_id"],
        site_name=in_language(row["site_name"], actor.language),
        site_address=in_language(row["site_address"], actor.language),
        starts_at=row["starts_at"].astimezone(zone),
        ends_at=row["ends_at"].astimezone(zone),
        confirmed=row["confirmed_at"] is not None,
        calendar_url=_calendar_url(actor, row["key"]),
    )


def may_see(row: Row | None, actor: Actor) -> bool:
    """Whether there is such a visit and the actor may see and change it."""
    return row is not None and actor.may_see(row["id"], row["patient_id"], row["account_id"])


async def list_visits(tx: Tx, actor: Actor) -> tuple[Visit, ...]:
    """Booked visits, not over yet, of everybody the actor speaks for, soonest first."""
    rows = await tx.fetch(
        _VISIT
        + """where (a.patient_id = any($1::bigint[]) or a.id = $2)
             and a.status in ('booked', 'arrived')
             and a.ends_at > now() order by a.starts_at, a.id""",
        list(actor.patient_ids),
        actor.shown_id,
    )
    return tuple(to_visit(row, actor) for row in rows if may_see(row, actor))


async def read_visit(tx: Tx, actor: Actor, appointment_id: int, version: int) -> Visit | Changed:
    """A visit that is still of this version, else how it stands now."""
    visit = await visit_now(tx, actor, appointment_id)
    return visit if visit is not None and visit.version == version else Changed(visit)


async def visit_now(tx: Tx, actor: Actor, appointment_id: int) -> Visit | None:
    """A visit as it stands; None if the actor has no such one, or only a hold."""
    row = await read_row(tx, appointment_id)
    if row is None or not may_see(row, actor) or row["status"] in NO_VISIT:
        return None
    return to_visit(row, actor)


def calendar_mark(keys: KeyRing, key: UUID) -> str:
    """What proves that an address of a calendar file was handed out by us."""
    return keys.mark("calendar", str(key)).hex()


def _calendar_url(actor: Actor, key: UUID) -> str:
    base = actor.settings.server.public_url
    if base is None:
        return ""
    return f"{base.rstrip('/')}/visits/{key}.ics?mark={calendar_mark(actor.keys, key)}"
