"""The visits of a day, by practitioner or by room."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from clinic.booking.actor import Actor
from clinic.booking.types import DaySheetRow
from clinic.staff.access.visits import (
    STEPS,
    access_day,
    access_set_status,
    today,
    visit_day,
)

FAR = timedelta(days=3650)  # nobody books further away


@dataclass(frozen=True, slots=True)
class Group:
    """The visits under one heading. `name` None: no room."""

    name: str | None
    visits: tuple[DaySheetRow, ...]


async def show(request: web.Request) -> web.Response:
    """A day, today unless `on` says another."""
    by = _by(request.query.get("by"))
    async with request.app[DATABASE].transaction() as tx:
        now_on = await today(tx, request.app[SETTINGS].clinic.time_zone)
        on = _day(request.query.get("on", ""), now_on)
        day = await access_day(tx, staff_of(request), on, speech_of(request).language)
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
            groups=grouped(day.visits, by),
            day=day,
        )


async def set_status(request: web.Request) -> web.StreamResponse:
    """Say what became of a visit; the visit's new line."""
    visit_id = int(request.match_info["visit"])
    form = await request.post()
    version = str(form.get("version", ""))
    step = next((one for one in STEPS if one == form.get("status")), None)
    if step is None or not version.isdecimal():
        raise web.HTTPUnprocessableEntity
    staff, language = staff_of(request), speech_of(request).language
    actor = Actor("staff", staff.id, language, request.app[SETTINGS], request.app[KEYS])
    async with request.app[DATABASE].transaction() as tx:
        outcome = await access_set_status(tx, staff, actor, visit_id, int(version), step)
        on = await visit_day(tx, visit_id)
        if outcome is None or on is None:
            raise web.HTTPNotFound
        if not is_partial(request):
            return go_to(f"/today?on={on}&by={_by(form.get('by'))}")
        day = await access_day(tx, staff, on, language)
    return part(
        request,
        "today/templates/visit.html",
        visit=next(visit for visit in day.visits if visit.id == visit_id),
        day=day,
        by=_by(form.get("by")),
        changed=outcome == "changed",
    )


def grouped(visits: Iterable[DaySheetRow], by: str) -> list[Group]:
    """Visits under the names of practitioners or of rooms and devices; a visit in two rooms stands
    under both, one without any under the last heading."""
    found: dict[str | None, list[DaySheetRow]] = {}
    for visit in visits:
        names: Iterable[str | None] = (
            [visit.practitioner_name] if by == "practitioner" else visit.rooms or [None]
        )
        for name in names:
            found.setdefault(name, []).append(visit)
    order = sorted(found, key=lambda name: (name is None, name or ""))
    return [Group(name, tuple(found[name])) for name in order]


def _by(value: object) -> str:
    return "room" if value == "room" else "practitioner"


def _day(text: str, default: date) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return default
    return on if abs(on - default) < FAR else default
