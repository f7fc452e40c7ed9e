"""Weekly hours of each practitioner and device, by site, and from when until when they hold."""

from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, speech_of, staff_of
from admin.settings.shown import number, posted, setup_page
from clinic.booking import rota, setup
from clinic.booking.setup_rules import Fault, WeekDraft, read_week, shown
from clinic.db import Tx
from clinic.staff.access.setup import (
    StandingVisit,
    access_call_about,
    access_standing,
    may_set_hours,
    own_practitioner,
)
from clinic.staff.rules import sees_all_patients

NEW = "new"


async def listing(request: web.Request) -> web.StreamResponse:
    """Everybody who has, or needs, weekly hours; a doctor's own page at once."""
    staff = staff_of(request)
    async with request.app[DATABASE].transaction() as tx:
        if not sees_all_patients(staff.role):
            own = await own_practitioner(tx, staff)
            if own is not None:
                return go_to(f"/settings/hours/{own}")
            return await setup_page(request, tx, "hours", "hours", rows=[], weeks={})
        rows = [one for one in await setup.resources(tx) if one.active and one.kind != "room"]
        weeks = {one.id: await rota.weeks_of(tx, one.id) for one in rows}
        return await setup_page(request, tx, "hours", "hours", rows=rows, weeks=weeks)


async def show(request: web.Request) -> web.Response:
    """The weekly hours of one."""
    async with request.app[DATABASE].transaction() as tx:
        return await _page(request, tx)


async def save(request: web.Request) -> web.StreamResponse:
    """Change a block of hours. Visits that would stand outside are shown before it is done."""
    values, resource_id = await posted(request), number(request, "resource")
    staff, draft = staff_of(request), read_week(values)
    async with request.app[DATABASE].transaction() as tx:
        if not await may_set_hours(tx, staff, resource_id):
            raise web.HTTPNotFound
        block = values.get("block", NEW)
        old = next(
            (
                week.block
                for week in await rota.weeks_of(tx, resource_id)
                if week.block.key == block
            ),
            None,
        )
        if old is None and block != NEW:
            raise web.HTTPConflict
        if not isinstance(draft, WeekDraft):
            return await _page(request, tx, values=values, faults=draft)
        outside = await rota.outside_after(tx, resource_id, old, draft)
        if outside and "sure" not in values:
            standing = await access_standing(tx, staff, outside, speech_of(request).language)
            return await _page(request, tx, values=values, standing=standing, status=409)
        if not await rota.save_week(tx, staff.id, resource_id, old, draft):
            raise web.HTTPNotFound
        if "call" in values:
            await access_call_about(tx, staff, outside, "hours_changed")
    return go_to(f"/settings/hours/{resource_id}?saved")


async def _page(
    request: web.Request,
    tx: Tx,
    *,
    values: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    standing: Sequence[StandingVisit] = (),
    status: int = 200,
) -> web.Response:
    resource_id = number(request, "resource")
    one = next((x for x in await setup.resources(tx) if x.id == resource_id), None)
    if one is None or not await may_set_hours(tx, staff_of(request), resource_id):
        raise web.HTTPNotFound
    sites = [site for site in await setup.sites(tx) if site.active]
    blocks = [
        (week.block.key, _fields(week.block, [shown(periods) for periods in week.days]))
        for week in await rota.weeks_of(tx, resource_id)
    ]
    blocks.append((NEW, {"site": str(sites[0].id) if sites else ""}))
    if values is not None:  # what was typed stands where it was typed
        typed = values.get("block", NEW)
        blocks = [(key, dict(values) if key == typed else given) for key, given in blocks]
    return await setup_page(
        request,
        tx,
        "week",
        "hours",
        status=422 if faults else status,
        one=one,
        sites=sites,
        blocks=blocks,
        typed=values.get("block", NEW) if values is not None else "",
        faults=faults,
        standing=standing,
    )


def _fields(block: rota.Block, days: Sequence[str]) -> dict[str, str]:
    def on(day: date | None) -> str:
        return day.isoformat() if day else ""

    return {
        "site": str(block.site_id),
        "valid_from": on(block.valid_from),
        "valid_until": on(block.valid_until),
        **{f"day.{weekday}": words for weekday, words in enumerate(days)},
    }
