"""Time that is blocked in the calendar, and opened again."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from admin.keys import DATABASE
from admin.page import go_to, page, speech_of, staff_of
from admin.schedule.look import read_wall
from admin.settings.shown import actor_of, number, posted
from clinic.booking import rota, setup
from clinic.booking.search import in_language
from clinic.booking.setup_rules import ClosingDraft, Fault, read_closing
from clinic.db import Tx
from clinic.staff.access.calendar import seen_practitioner
from clinic.staff.access.setup import access_standing, may_set_hours

USUAL = timedelta(minutes=60)


async def ask(request: web.Request) -> web.Response:
    """The form, with the time that was drawn in the calendar."""
    values = {**request.query}
    at, until = read_wall(values.get("at", "")), read_wall(values.get("until", ""))
    if at is not None:
        until = until if until is not None and until > at else at + USUAL
        closes = f"{until:%H:%M}" if until.date() == at.date() else "24:00"
        values |= {"on": f"{at:%Y-%m-%d}", "opens": f"{at:%H:%M}", "closes": closes}
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx, values)


async def block(request: web.Request) -> web.StreamResponse:
    """Close the time. Visits that stand in it stay, and are shown."""
    values, staff = {**await posted(request), "kind": "closed"}, staff_of(request)
    draft = read_closing(values)
    async with request.app[DATABASE].transaction() as tx:
        if not isinstance(draft, ClosingDraft):
            return await _form(request, tx, values, faults=draft)
        if draft.resource_id is None or not await may_set_hours(tx, staff, draft.resource_id):
            raise web.HTTPNotFound
        added = await rota.add_closing(tx, actor_of(request), draft)
        if added is None:
            raise web.HTTPNotFound
        if added[1]:
            return await _form(request, tx, values, standing=added[1], made=added[0])
    return go_to(f"/calendar?on={draft.days[0]}&done=blocked")


async def remove(request: web.Request) -> web.StreamResponse:
    """Open blocked time again."""
    async with request.app[DATABASE].transaction() as tx:
        gone = await rota.remove_exception(tx, actor_of(request), number(request, "exception"))
        if gone is None or not await may_set_hours(tx, staff_of(request), gone.resource_id):
            raise web.HTTPNotFound  # and with it the removal
    return go_to(f"/calendar?on={gone.on}&done=unblocked")


async def _form(
    request: web.Request,
    tx: Tx,
    values: dict[str, str],
    *,
    faults: tuple[Fault, ...] = (),
    standing: tuple[int, ...] = (),
    made: tuple[int, ...] = (),
) -> web.Response:
    staff, language = staff_of(request), speech_of(request).language
    own = await seen_practitioner(tx, staff, None)
    people: list[Any] = [
        (one.id, in_language(one.name, language))
        for one in await setup.resources(tx)
        if one.active and own in (None, one.id)
    ]
    return await page(
        request,
        tx,
        "schedule/templates/block.html",
        "schedule",
        status=422 if faults else 200,
        values=values,
        faults=faults,
        people=people,
        standing=await access_standing(tx, staff, standing, language) if standing else [],
        made=made,
    )
