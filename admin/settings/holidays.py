"""Days that differ: holidays, closed days, extra hours, leave."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, speech_of, staff_of
from admin.schedule.look import read_id
from admin.settings.shown import actor_of, number, posted, setup_page
from clinic.booking import rota, setup
from clinic.booking.setup_rules import ClosingDraft, Fault, read_closing
from clinic.db import Tx
from clinic.staff.access.setup import (
    access_call_about,
    access_standing,
    may_set_hours,
    own_practitioner,
)
from clinic.staff.access.visits import today
from clinic.staff.rules import sees_all_patients


async def show(request: web.Request) -> web.Response:
    """What differs from today on; a doctor's own and what holds for everybody."""
    async with request.app[DATABASE].transaction() as tx:
        return await _page(request, tx)


async def bring(request: web.Request) -> web.StreamResponse:
    """Close on the holidays of the clinic's country."""
    settings = request.app[SETTINGS].clinic
    async with request.app[DATABASE].transaction() as tx:
        on = await today(tx, settings.time_zone)
        fresh = await rota.import_holidays(tx, actor_of(request), settings.country, on)
    return go_to(f"/settings/holidays?brought={'none' if fresh is None else fresh}")


async def add(request: web.Request) -> web.StreamResponse:
    """Close days, or open extra hours; the visits that stand in closed time come back."""
    values, staff = await posted(request), staff_of(request)
    draft = read_closing(values)
    async with request.app[DATABASE].transaction() as tx:
        if not isinstance(draft, ClosingDraft):
            return await _page(request, tx, values=values, faults=draft)
        if not await may_set_hours(tx, staff, draft.resource_id):
            raise web.HTTPNotFound
        added = await rota.add_closing(tx, actor_of(request), draft)
        if added is None:
            raise web.HTTPNotFound
        if added[1]:
            return await _page(request, tx, standing=added[1], undo=added[0])
    return go_to("/settings/holidays?saved")


async def remove(request: web.Request) -> web.StreamResponse:
    """Take a day that differs back."""
    async with request.app[DATABASE].transaction() as tx:
        gone = await rota.remove_exception(tx, actor_of(request), number(request, "exception"))
        if gone is None or not await may_set_hours(tx, staff_of(request), gone.resource_id):
            raise web.HTTPNotFound  # and with it the removal
    return go_to("/settings/holidays?saved")


async def call(request: web.Request) -> web.StreamResponse:
    """Put the patients of visits that stand in closed time on the call list."""
    values = await posted(request)
    ids = [read_id(one) for one in values.get("visits", "").split(",")]
    visits = [one for one in ids if one is not None][:300]
    async with request.app[DATABASE].transaction() as tx:
        await access_call_about(tx, staff_of(request), visits, "hours_changed")
    return go_to("/tasks")


async def _page(
    request: web.Request,
    tx: Tx,
    *,
    values: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    standing: Sequence[int] = (),
    undo: Sequence[int] = (),
) -> web.Response:
    staff, language = staff_of(request), speech_of(request).language
    own = None if sees_all_patients(staff.role) else await own_practitioner(tx, staff)
    rows = await rota.closings(tx, await today(tx, request.app[SETTINGS].clinic.time_zone))
    if not sees_all_patients(staff.role):
        rows = [row for row in rows if row.resource_id in (None, own)]
    resources = [
        one
        for one in await setup.resources(tx)
        if one.active and (sees_all_patients(staff.role) or one.id == own)
    ]
    return await setup_page(
        request,
        tx,
        "holidays",
        "holidays",
        status=422 if faults else 200,
        rows=rows,
        values=values or {},
        faults=faults,
        resources=resources,
        sites=[site for site in await setup.sites(tx) if site.active],
        every=sees_all_patients(staff.role),
        own=own,
        standing=await access_standing(tx, staff, standing, language) if standing else [],
        undo=undo,
        brought=_brought(request.query.get("brought", "")),
    )


def _brought(words: str) -> int | str | None:
    if words == "none":
        return "none"
    return int(words) if words.isdecimal() and len(words) < 4 else None
