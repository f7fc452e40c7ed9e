"""The visits of a day by practitioner, room or site, and what waits: the desk's own page."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from admin.schedule.look import read_id
from admin.today.waits import day_of, waits
from bot.reception import tell_queue
from clinic.booking.actor import Actor
from clinic.booking.types import DaySheetRow
from clinic.db import Tx
from clinic.staff.access.day_sheet import access_ready_sheets
from clinic.staff.access.reception import (
    access_call,
    access_call_next,
    access_strip,
)
from clinic.staff.access.tasks import access_counts
from clinic.staff.access.visits import (
    STEPS,
    Day,
    access_day,
    access_step,
    access_take_back,
    may_see_visit,
    today,
    visit_day,
    visit_site,
)

GROUPINGS = ("practitioner", "room", "site")
_UNCHANGED = 204


@dataclass(frozen=True, slots=True)
class Group:
    """The visits under one heading. `name` None: no room. `id`: of the practitioner, if it is
    one."""

    name: str | None
    visits: tuple[DaySheetRow, ...]
    id: int | None = None


async def show(request: web.Request) -> web.Response:
    """A day, today unless `on` says another."""
    async with request.app[DATABASE].transaction() as tx:
        values = await _values(request, tx)
        on = values["on"]
        on_top = await waits(request, tx, whole=on == values["today"])
        assert on_top is not None  # of a page that nobody saw before
        return await page(
            request,
            tx,
            "today/templates/day.html",
            "today",
            before=on - timedelta(days=1),
            after=on + timedelta(days=1),
            groupings=GROUPINGS,
            sheets=await access_ready_sheets(tx, staff_of(request), values["today"]),
            **on_top,
            **values,
        )


async def live(request: web.Request) -> web.Response:
    """The day again, if anything changed."""
    async with request.app[DATABASE].transaction() as tx:
        values = await _values(request, tx)
    if values["mark"] == request.query.get("seen"):
        return web.Response(status=_UNCHANGED)
    return part(request, "today/templates/live.html", **values)


async def set_status(request: web.Request) -> web.StreamResponse:
    """Say what became of a visit; the visit's new line."""
    visit_id = int(request.match_info["visit"])
    form = await request.post()
    version = read_id(str(form.get("version", ""))[:9])
    step = next((one for one in STEPS if one == form.get("status")), None)
    if step is None or version is None:
        raise web.HTTPUnprocessableEntity
    staff, actor = staff_of(request), actor_of(request)
    async with request.app[DATABASE].transaction() as tx:
        outcome = await access_step(tx, staff, actor, visit_id, version, step)
        return await _line(request, tx, visit_id, outcome)


async def undo(request: web.Request) -> web.StreamResponse:
    """Take the last press on a visit back; the visit's new line."""
    visit_id = int(request.match_info["visit"])
    async with request.app[DATABASE].transaction() as tx:
        outcome = await access_take_back(tx, staff_of(request), actor_of(request), visit_id)
        return await _line(request, tx, visit_id, outcome)


async def call(request: web.Request) -> web.StreamResponse:
    """Call the number of a visit; the visit's new line."""
    visit_id = int(request.match_info["visit"])
    async with request.app[DATABASE].transaction() as tx:
        if not await may_see_visit(tx, staff_of(request), visit_id):
            raise web.HTTPNotFound
        called = await access_call(tx, actor_of(request), visit_id)
        return await _line(request, tx, visit_id, "changed" if called is None else "done")


async def call_next(request: web.Request) -> web.StreamResponse:
    """Call the next number of a practitioner, unless it is not the one that was shown as next: a
    second press, or a colleague's, calls nobody else."""
    practitioner = int(request.match_info["practitioner"])
    form = await request.post()
    visit_id = read_id(str(form.get("visit", "")))
    if visit_id is None:
        raise web.HTTPUnprocessableEntity
    app, staff = request.app, staff_of(request)
    async with app[DATABASE].transaction() as tx:
        ticket = await access_call_next(tx, staff, actor_of(request), practitioner, visit_id)
        if ticket is None:
            raise web.HTTPConflict
        if ticket != "changed":
            await tell_queue(tx, app[KEYS], app[SETTINGS], ticket.site_id)
        if is_partial(request):
            return part(request, "today/templates/live.html", **await _values(request, tx))
    return go_to(f"/today?by={_by(form.get('by'))}")


def grouped(visits: Iterable[DaySheetRow], by: str) -> list[Group]:
    """Visits under the names of practitioners, of rooms and devices, or of sites; a visit in two
    rooms stands under both, one without any under the last heading."""
    found: dict[tuple[str | None, int | None], list[DaySheetRow]] = {}
    for visit in visits:
        headings: Iterable[tuple[str | None, int | None]] = [
            (visit.practitioner_name, visit.practitioner_id)
        ]
        if by == "site":
            headings = [(visit.site_name, None)]
        elif by == "room":
            headings = [(name, None) for name in visit.rooms] or [(None, None)]
        for heading in headings:
            found.setdefault(heading, []).append(visit)
    order = sorted(found, key=lambda one: (one[0] is None, one[0] or "", one[1] or 0))
    return [Group(name, tuple(found[name, number]), number) for name, number in order]


def actor_of(request: web.Request) -> Actor:
    """The staff member as booking knows one."""
    staff, app = staff_of(request), request.app
    return Actor("staff", staff.id, speech_of(request).language, app[SETTINGS], app[KEYS])


async def _line(
    request: web.Request, tx: Tx, visit_id: int, outcome: str | None
) -> web.StreamResponse:
    """The visit's new line, once those in the queue have been told what it means for them."""
    app, staff = request.app, staff_of(request)
    on = await visit_day(tx, visit_id)
    if outcome is None or on is None:
        raise web.HTTPNotFound
    if outcome == "done":
        await tell_queue(tx, app[KEYS], app[SETTINGS], await visit_site(tx, visit_id))
    by = _by((await request.post()).get("by"))
    if not is_partial(request):
        return go_to(f"/today?on={on}&by={by}")
    day = await access_day(tx, staff, on, speech_of(request).language)
    return part(
        request,
        "today/templates/visit.html",
        visit=next(visit for visit in day.visits if visit.id == visit_id),
        day=day,
        by=by,
        changed=outcome == "changed",
    )


async def _values(request: web.Request, tx: Tx) -> dict[str, Any]:
    """What the page shows of a day, and a mark of that."""
    settings, staff = request.app[SETTINGS], staff_of(request)
    zone = settings.clinic.time_zone
    now_on = await today(tx, zone)
    on = day_of(request.query.get("on", ""), now_on)
    by = _by(request.query.get("by"))
    day = await access_day(tx, staff, on, speech_of(request).language)
    counts = await access_counts(tx, staff)
    strip = await access_strip(tx, staff, counts.queued, zone)
    return {
        "on": on,
        "today": now_on,
        "by": by,
        "day": day,
        "groups": grouped(day.visits, by),
        "strip": strip,
        "mark": _mark(day, strip, by),
    }


def _mark(day: Day, *others: object) -> str:
    """Names what the page shows; the clock alone changes it only where a press becomes possible."""
    shown = [
        (visit, day.steps(visit), day.tickets.get(visit.id), day.expected(visit))
        for visit in day.visits
    ]
    behind = [day.behind(one) for one in sorted({visit.practitioner_id for visit in day.visits})]
    parts = (shown, sorted(day.late), sorted(day.undo), sorted(day.delays.items()), behind, others)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _by(value: object) -> str:
    return next((one for one in GROUPINGS if one == value), GROUPINGS[0])
