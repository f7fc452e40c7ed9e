"""What the clinic is made of: its sites, resources and services, as staff lay them down.

Nothing is ever deleted, since visits refer to it: what is no longer offered is made inactive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from clinic.audit.service import record
from clinic.booking.setup_rules import (
    Fault,
    Faults,
    ResourceDraft,
    ServiceDraft,
    SiteDraft,
    Words,
)
from clinic.db import Tx
from clinic.ids import new_key

# One look at what is ahead, however much has been.
_AHEAD = """select {0} as id, count(*) as n from appointment
  where status = 'booked' and starts_at > now() group by {0}"""
Gap = Literal["site", "practitioner", "service", "hours"]


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as the settings show it. `ahead`: booked visits that have not begun."""

    id: int
    name: Words
    address: Words
    time_zone: str
    active: bool
    ahead: int


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A practitioner, room or device; `ahead` as of a site, `hours`: it has weekly hours."""

    id: int
    kind: str
    name: Words
    site_id: int | None
    site_name: Words | None
    staff_id: int | None
    staff_name: str | None
    active: bool
    hours: bool
    ahead: int


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service. `practitioners`: how many active ones offer it; with none it is not bookable."""

    id: int
    name: Words
    numbers: Mapping[str, int]
    reminders: tuple[int, ...]
    resources: tuple[int, ...]
    active: bool
    practitioners: int


async def gaps(tx: Tx) -> tuple[Gap, ...]:
    """What is still missing before anything can be booked, in the order to fill it in."""
    row = await tx.fetchrow(
        """select exists (select from site where active) as site,
             exists (select from resource where active and kind = 'practitioner') as practitioner,
             exists (select from service s join service_resource n on n.service_id = s.id
                     join resource r on r.id = n.resource_id
                     where s.active and r.active and r.kind = 'practitioner') as service,
             exists (select from schedule w join resource r on r.id = w.resource_id
                     where r.active and r.kind = 'practitioner'
                       and (w.valid_until is null or w.valid_until >= current_date)) as hours"""
    )
    order: tuple[Gap, ...] = ("site", "practitioner", "service", "hours")
    return tuple(gap for gap in order if not row[gap])


async def sites(tx: Tx) -> list[SiteRow]:
    """All sites, those in use first."""
    rows = await tx.fetch(
        f"""select i.*, coalesce(v.n, 0) as ahead from site i
            left join ({_AHEAD.format("site_id")}) v on v.id = i.id
            order by i.active desc, i.id"""  # noqa: S608  # constants
    )
    return [
        SiteRow(r["id"], r["name"], r["address"], r["time_zone"], r["active"], r["ahead"])
        for r in rows
    ]


async def save_site(tx: Tx, staff_id: int, site_id: int | None, draft: SiteDraft) -> int | None:
    """Add a site, or change one; its id, None if there is no such one."""
    values = (draft.name, draft.address, draft.time_zone, draft.active)
    if site_id is None:
        saved = await tx.fetchval(
            """insert into site (code, name, address, time_zone, active)
               values ($1, $2, $3, $4, $5) returning id""",
            _code("site"),
            *values,
        )
    else:
        saved = await tx.fetchval(
            """update site set name = $2, address = $3, time_zone = $4, active = $5
               where id = $1 returning id""",
            site_id,
            *values,
        )
    return await _noted(tx, staff_id, "site", saved)


async def resources(tx: Tx) -> list[ResourceRow]:
    """All practitioners, rooms and devices, those in use first."""
    rows = await tx.fetch(
        f"""select r.*, i.name as site_name, s.name as staff_name,
             exists (select from schedule w where w.resource_id = r.id) as hours,
             coalesce(v.n, 0) as ahead
           from resource r left join site i on i.id = r.site_id
                left join staff s on s.id = r.staff_id
                left join ({_AHEAD.format("practitioner_id")}) v on v.id = r.id
           order by r.active desc, array_position(array['practitioner', 'room', 'device'],
             r.kind::text), r.id"""  # noqa: S608  # constants
    )
    return [
        ResourceRow(
            r["id"],
            r["kind"],
            r["name"],
            r["site_id"],
            r["site_name"],
            r["staff_id"],
            r["staff_name"],
            r["active"],
            r["hours"],
            r["ahead"],
        )
        for r in rows
    ]


async def save_resource(
    tx: Tx, staff_id: int, resource_id: int | None, draft: ResourceDraft
) -> int | Faults | None:
    """Add a practitioner, room or device, or change one; its kind stays what it was.

    The id, None if there is no such one, or what is wrong: a site or an account that is not there.
    """
    faults = []
    if draft.site_id is not None and not await _there(tx, "site", draft.site_id):
        faults.append(Fault("site", "bad_choice"))
    if draft.staff_id is not None and not await _free_account(tx, draft.staff_id, resource_id):
        faults.append(Fault("staff", "bad_choice"))
    if faults:
        return tuple(faults)
    values = (draft.name, draft.site_id, draft.staff_id, draft.active, draft.kind)
    if resource_id is None:
        saved = await tx.fetchval(
            """insert into resource (code, name, site_id, staff_id, active, kind)
               values ($1, $2, $3, $4, $5, $6) returning id""",
            _code(draft.kind),
            *values,
        )
    else:
        saved = await tx.fetchval(
            """update resource set name = $2, site_id = $3, staff_id = $4, active = $5
               where id = $1 and kind = $6 returning id""",
            resource_id,
            *values,
        )
    return await _noted(tx, staff_id, "resource", saved)


async def services(tx: Tx) -> list[ServiceRow]:
    """All services in the clinic's order, those in use first."""
    rows = await tx.fetch(
        """select s.*, array(select n.resource_id from service_resource n
                             where n.service_id = s.id order by 1) as resources,
             (select count(*) from service_resource n join resource r on r.id = n.resource_id
              where n.service_id = s.id and r.active and r.kind = 'practitioner') as practitioners
           from service s order by s.active desc, s.position, s.id"""
    )
    return [
        ServiceRow(
            r["id"],
            r["name"],
            {field: r[field] for field in _NUMBERS},
            tuple(r["reminders"]),
            tuple(r["resources"]),
            r["active"],
            r["practitioners"],
        )
        for r in rows
    ]


_NUMBERS = (
    "duration",
    "buffer_before",
    "buffer_after",
    "step",
    "minimum_notice",
    "horizon_days",
    "cancel_notice",
    "position",
)


async def save_service(
    tx: Tx, staff_id: int, service_id: int | None, draft: ServiceDraft
) -> int | Faults | None:
    """Add a service, or change one; visits that are booked keep the length they have.

    The id, None if there is no such one, or what is wrong: a resource that is not there.
    """
    known = await tx.fetchval(
        "select count(*) from resource where id = any($1::bigint[])", list(draft.resources)
    )
    if known != len(draft.resources):
        return (Fault("resources", "bad_choice"),)
    values = (
        draft.name,
        list(draft.reminders),
        draft.active,
        *(draft.numbers[field] for field in _NUMBERS),
    )
    columns = ("name", "reminders", "active", *_NUMBERS)
    if service_id is None:
        places = ", ".join(f"${n}" for n in range(1, len(columns) + 2))
        saved = await tx.fetchval(
            f"insert into service (code, {', '.join(columns)}) values ({places}) returning id",  # noqa: S608  # our own names
            _code("service"),
            *values,
        )
    else:
        changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        saved = await tx.fetchval(
            f"update service set {changes} where id = $1 returning id",  # noqa: S608  # our own names
            service_id,
            *values,
        )
    if saved is not None:
        await _offer_with(tx, saved, draft.resources)
    return await _noted(tx, staff_id, "service", saved)


async def _offer_with(tx: Tx, service_id: int, resources: Sequence[int]) -> None:
    """Let these resources, and no others, serve a service."""
    await tx.execute(
        "delete from service_resource where service_id = $1 and resource_id <> all($2::bigint[])",
        service_id,
        list(resources),
    )
    await tx.execute(
        """insert into service_resource (service_id, resource_id)
           select $1, id from unnest($2::bigint[]) as wanted (id) on conflict do nothing""",
        service_id,
        list(resources),
    )


async def _there(tx: Tx, table: Literal["site", "resource"], id: int) -> bool:
    found: bool = await tx.fetchval(f"select exists (select from {table} where id = $1)", id)  # noqa: S608  # of the two above
    return found


async def _free_account(tx: Tx, account_id: int, resource_id: int | None) -> bool:
    """Whether a staff account is open and no other practitioner's."""
    free: bool = await tx.fetchval(
        """select exists (select from staff where id = $1 and disabled_at is null)
             and not exists (
               select from resource where staff_id = $1 and id is distinct from $2)""",
        account_id,
        resource_id,
    )
    return free


async def _noted(tx: Tx, staff_id: int, what: str, saved: Any) -> int | None:
    if saved is None:
        return None
    await record(tx, "staff", staff_id, f"staff:{what}:save", saved)
    return int(saved)


def _code(kind: str) -> str:
    """A code that nothing else has; people see names."""
    return f"{kind}-{new_key().hex[:12]}"
