"""The weekly rota of who is alerted, and the chats to which alerts go."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.keys import ACCOUNTS, DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, staff_of
from admin.patients.deep_links import deep_links
from clinic import clock
from clinic.escalation.rules import on_call_now
from clinic.escalation.types import Shift
from clinic.link.rules import LIFE
from clinic.staff.access.colleagues import access_colleagues
from clinic.staff.access.on_call import (
    access_linked_accounts,
    access_rota,
    access_staff_code,
    access_unlink_account,
    access_write_rota,
)

AT = "on_call"  # the menu's entry
EVERY_DAY = "every"
LAST_POSITION = 9


async def show(request: web.Request) -> web.Response:
    """The rota, who is on call now, and whose chats get alerts."""
    return await _show(request)


async def add(request: web.Request) -> web.StreamResponse:
    """Hours for somebody, on one weekday or on every day."""
    form = await request.post()
    async with request.app[DATABASE].transaction() as tx:
        known = {one.id for one in await access_colleagues(tx)}
        shifts = read_shifts(form)
        good = [it for it in shifts if it.staff_id in known]
        if good:
            rota = await access_rota(tx, staff_of(request))
            rota += [it for it in good if it not in rota]
            await access_write_rota(tx, staff_of(request), rota)
    return go_to("/on-call") if good else await _show(request, status=422, problem=True)


async def remove(request: web.Request) -> web.StreamResponse:
    """Take hours out of the rota."""
    gone = read_shifts(await request.post())
    async with request.app[DATABASE].transaction() as tx:
        rota = await access_rota(tx, staff_of(request))
        left = [it for it in rota if it not in gone]
        if len(left) < len(rota):
            await access_write_rota(tx, staff_of(request), left)
    return go_to("/on-call")


async def make_code(request: web.Request) -> web.Response:
    """A one-time code for one's own chat. Nobody can call it up again."""
    async with request.app[DATABASE].transaction() as tx:
        code = await access_staff_code(tx, request.app[KEYS], staff_of(request))
        if code is None:
            raise web.HTTPConflict
        return await page(
            request,
            tx,
            "on_call/templates/code.html",
            AT,
            code=code,
            links=deep_links(request.app[SETTINGS], request.app[ACCOUNTS], code),
            minutes=int(LIFE.total_seconds() // 60),
        )


async def unlink(request: web.Request) -> web.StreamResponse:
    """No alerts to this chat any more."""
    async with request.app[DATABASE].transaction() as tx:
        linked = int(request.match_info["account"])
        if not await access_unlink_account(tx, staff_of(request), linked):
            raise web.HTTPNotFound
    return go_to("/on-call")


def read_shifts(form: Mapping[str, Any]) -> list[Shift]:
    """The hours that a form names: one weekday, or all seven; none if it is not filled in well."""
    staff, weekday, position = (str(form.get(it, "")) for it in ("staff", "weekday", "position"))
    try:
        since, until = (time.fromisoformat(str(form.get(it, ""))) for it in ("since", "until"))
    except ValueError:
        return []
    days = range(7) if weekday == EVERY_DAY else [int(weekday)] if _is_digit(weekday, 0, 6) else []
    if not (staff.isdecimal() and len(staff) < 19 and _is_digit(position, 1, LAST_POSITION)):
        return []
    since, until = (it.replace(second=0, microsecond=0, tzinfo=None) for it in (since, until))
    return [Shift(int(staff), day, since, until, int(position) - 1) for day in days]


def _is_digit(text: str, least: int, most: int) -> bool:
    return len(text) == 1 and text in "0123456789" and least <= int(text) <= most


async def _show(request: web.Request, *, status: int = 200, problem: bool = False) -> web.Response:
    now = clock.now().astimezone(ZoneInfo(request.app[SETTINGS].clinic.time_zone))
    async with request.app[DATABASE].transaction() as tx:
        rota = await access_rota(tx, staff_of(request))
        colleagues = {one.id: one for one in await access_colleagues(tx)}
        return await page(
            request,
            tx,
            "on_call/templates/rota.html",
            AT,
            status=status,
            rota=rota,
            colleagues=colleagues,
            now=[colleagues[it] for it in on_call_now(rota, now) if it in colleagues],
            accounts=await access_linked_accounts(tx, staff_of(request)),
            every_day=EVERY_DAY,
            last_position=LAST_POSITION,
            problem=problem,
        )
