"""What the grid and the table of the calendar are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from admin.schedule.look import Look
from clinic.booking import rota, setup
from clinic.booking.calendar import CalendarVisit, closed_periods, open_minutes
from clinic.booking.hours import DAY, Exceptional, Weekly
from clinic.booking.search import in_language, minutes_of
from clinic.booking.setup import ResourceRow, SiteRow
from clinic.booking.setup_rules import clock
from clinic.db import Tx

NO_ROOM = 0  # the column of visits without a room; no resource has this id
USUAL = (8 * 60, 19 * 60)  # what the grid shows where nobody has hours


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything in some days of the calendar except visits."""

    practitioners: list[ResourceRow]
    rooms: list[ResourceRow]
    sites: list[SiteRow]
    weekly: Mapping[int, tuple[Weekly, ...]]
    exceptions: Sequence[Exceptional]
    closings: list[rota.ClosingRow]
    language: str
    limits: tuple[int, int]  # the first and the last minute of any hours

    def opened(self, on: date, who: Iterable[int], sites: Iterable[int]) -> int:
        """The minutes of a day in which any of these practitioners works at any of the sites."""
        minutes, at = 0, list(sites)
        for one in who:
            mine = [x for x in self.exceptions if x.resource_id in (None, one)]
            minutes |= open_minutes(self.weekly.get(one, ()), mine, on, at)
        return minutes


async def sheet(tx: Tx, look: Look, language: str) -> Sheet:
    """Read what a look needs."""
    resources = [one for one in await setup.resources(tx) if one.active]
    practitioners = [
        one for one in resources if one.kind == "practitioner" and look.who in (None, one.id)
    ]
    sites = [site for site in await setup.sites(tx) if site.active]
    ids = [one.id for one in practitioners]
    weekly = await rota.weekly_between(tx, ids)
    exceptions = await rota.exceptions_between(tx, ids, look.first, look.last)
    edges = [(w.opens, w.closes) for of_one in weekly.values() for w in of_one]
    edges += [(x.opens, x.closes) for x in exceptions if x.extra]
    first = min((opens for opens, _ in edges), default=USUAL[0])
    last = max((closes for _, closes in edges), default=USUAL[1])
    return Sheet(
        practitioners,
        [one for one in resources if one.kind != "practitioner"],
        sites,
        weekly,
        exceptions,
        [
            one
            for one in await rota.closings(tx, look.first, look.last)
            if one.resource_id is None or one.resource_id in ids
        ],
        language,
        (first // 60 * 60, min(-(-last // 60) * 60, DAY)),
    )


def columns(found: Sheet, look: Look, no_room: str) -> list[tuple[int, str]]:
    """The columns of the grid: ids of practitioners, rooms or sites, with their names."""
    rows: Iterable[ResourceRow | SiteRow] = found.practitioners
    if look.by == "site":
        rows = [site for site in found.sites if look.site in (None, site.id)]
    elif look.by == "room":
        rows = [room for room in found.rooms if look.site in (None, room.site_id)]
    named = [(row.id, in_language(row.name, found.language)) for row in rows]
    return [*named, (NO_ROOM, no_room)] if look.by == "room" else named


def as_json(
    found: Sheet, look: Look, visits: Iterable[CalendarVisit], blocked: str
) -> dict[str, Any]:
    """Visits, blocked time and closed hours as the grid's events."""
    return {
        "events": [
            *(_visit(visit, look) for visit in visits),
            *_blocks(found, look, blocked),
            *_closed(found, look),
        ]
    }


def _visit(visit: CalendarVisit, look: Look) -> dict[str, Any]:
    where = {
        "practitioner": [visit.practitioner_id],
        "room": [id for id, _ in visit.rooms] or [NO_ROOM],
        "site": [visit.site_id],
    }[look.by]
    return {
        "id": f"v{visit.id}",
        "resourceIds": where,
        "start": visit.begins.isoformat(),
        "end": visit.ends.isoformat(),
        "title": visit.patient_name,
        "editable": visit.open,
        "durationEditable": False,
        "classNames": [f"is-{visit.status}", *(["is-confirmed"] if visit.confirmed else [])],
        "extendedProps": {
            "visit": visit.id,
            "version": visit.version,
            "practitioner": visit.practitioner_id,
            "site": visit.site_id,
            "service": visit.service_name,
            "with": visit.practitioner_name,
            "rooms": ", ".join(name for _, name in visit.rooms),
            "begins": visit.begins.isoformat(),
        },
    }


def _blocks(found: Sheet, look: Look, blocked: str) -> list[dict[str, Any]]:
    """Time that is closed for one practitioner; what holds for a whole site is told above."""
    if look.by != "practitioner":
        return []
    return [
        {
            "id": f"b{one.id}",
            "resourceIds": [one.resource_id],
            "start": _wall(one.on, minutes_of(one.opens or "00:00")),
            "end": _wall(one.on, minutes_of(one.closes or "24:00")),
            "title": one.reason or blocked,
            "editable": False,
            "classNames": ["is-block"],
            "extendedProps": {"block": one.id},
        }
        for one in found.closings
        if one.resource_id is not None and not one.extra
    ]


def _closed(found: Sheet, look: Look) -> list[dict[str, Any]]:
    everybody = [one.id for one in found.practitioners]
    every_site = [site.id for site in found.sites]
    shown: list[tuple[int, list[int], list[int]]] = []
    if look.by == "practitioner":
        at = [look.site] if look.site else every_site
        shown = [(one, [one], at) for one in everybody]
    elif look.by == "site":
        shown = [(site, everybody, [site]) for site in every_site]
    return [
        {
            "resourceIds": [column],
            "start": _wall(on, begins),
            "end": _wall(on, ends),
            "display": "background",
            "classNames": ["is-closed"],
        }
        for column, who, at in shown
        for on in look.days
        for begins, ends in closed_periods(found.opened(on, who, at))
    ]


def _wall(on: date, minute: int) -> str:
    return (datetime.combine(on, time()) + timedelta(minutes=minute)).isoformat()


def shown_limits(limits: tuple[int, int]) -> tuple[str, str]:
    """The hours that the grid shows, as HH:MM."""
    return clock(limits[0]), clock(limits[1])
