"""The visits of a day, by practitioner or by room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.i18n import Speech
from admin.keys import DATABASE, SETTINGS
from admin.page import is_partial, page, part, speech_of, staff_of
from clinic.booking.types import AppointmentStatus
from clinic.staff.access.visits import (
    STEPS,
    DayVisit,
    access_day,
    access_set_status,
    access_visit,
    today,
)

FAR = timedelta(days=3650)  # further away nobody books


@dataclass(frozen=True, slots=True)
class Group:
    """The visits under one heading. `name` None: no room."""

    name: str | None
    visits: tuple[DayVisit, ...]


async def show(request: web.Request) -> web.Response:
    """A day, today unless `on` says another."""
    by = "room" if request.query.get("by") == "room" else "practitioner"
    async with request.app[DATABASE].transaction() as tx:
        now_on = await today(tx, request.app[SETTINGS].clinic.time_zone)
        on = _day(request.query.get("on", ""), now_on)
        visits = await access_day(tx, staff_of(request), on)
        return await page(
            request,
            tx,
            "today/templates/day.html",
            "today",
            on=on,
            today=now_on,
            before=on - timedelta(days=1),
            after=on + timedelta(days=1),
            by=by,
            groups=grouped(visits, by, speech_of(request)),
            steps=STEPS,
            total=len(visits),
        )


async def set_status(request: web.Request) -> web.StreamResponse:
    """Say what became of a visit; the visit's new line."""
    visit_id = int(request.match_info["visit"])
    form = await request.post()
    try:
        status = AppointmentStatus(str(form.get("status")))
    except ValueError:
        raise web.HTTPUnprocessableEntity from None
    async with request.app[DATABASE].transaction() as tx:
        staff = staff_of(request)
        changed = await access_set_status(tx, staff, visit_id, status)
        visit = await access_visit(tx, staff, visit_id)
    if visit is None:
        raise web.HTTPNotFound
    if is_partial(request):
        return part(
            request,
            "today/templates/visit.html",
            visit=visit,
            steps=STEPS,
            by=str(form.get("by", "")),
            changed=changed,
        )
    on = visit.starts_at.astimezone(ZoneInfo(visit.time_zone)).date()
    return web.HTTPSeeOther(f"/today?on={on}#visit-{visit_id}")


def grouped(visits: Iterable[DayVisit], by: str, words: Speech) -> list[Group]:
    """Visits under the names of practitioners or of rooms and devices; a visit in two rooms stands
    under both, one without any under the last heading."""
    found: dict[str | None, list[DayVisit]] = {}
    for visit in visits:
        names: list[str | None] = (
            [words.name(visit.practitioner)]
            if by == "practitioner"
            else [words.name(place) for place in visit.places] or [None]
        )
        for name in names:
            found.setdefault(name, []).append(visit)
    order = sorted(found, key=lambda name: (name is None, name or ""))
    return [Group(name, tuple(found[name])) for name in order]


def _day(text: str, default: date) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return default
    return on if abs(on - default) < FAR else default
