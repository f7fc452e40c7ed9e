"""Emergency access, for doctors: the record of somebody else's patient for an hour, and what the
patient's own doctors hear of it."""

from typing import Literal

from aiohttp import web

from admin.keys import CHANNELS, DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, staff_of
from bot.emergency_notice import tell_admins
from clinic.staff.access.emergency import (
    EmergencyOpened,
    access_end_emergency,
    access_notice_seen,
    access_open_emergency,
)
from clinic.staff.rules import EMERGENCY, REASON


async def ask(request: web.Request) -> web.Response:
    """The form: whom, and why."""
    return await _form(request)


async def begin(request: web.Request) -> web.StreamResponse:
    """Open the record, and tell the admins."""
    app, staff, form = request.app, staff_of(request), await request.post()
    keys, channels = app[KEYS], app[CHANNELS]
    chart, reason = str(form.get("chart", "")), str(form.get("reason", ""))
    async with request.app[DATABASE].transaction() as tx:
        made = await access_open_emergency(tx, keys, staff, chart, reason)
        if isinstance(made, EmergencyOpened):
            language = app[SETTINGS].clinic.languages[0]
            await tell_admins(tx, keys, staff, made.id, channels, language)
    if isinstance(made, EmergencyOpened):
        return go_to(f"/patients/{made.patient_id}")
    return await _form(request, 422, made, chart, reason)


async def end(request: web.Request) -> web.StreamResponse:
    """Close it before the hour is over."""
    access_id = int(request.match_info["emergency"])
    async with request.app[DATABASE].transaction() as tx:
        ended = await access_end_emergency(tx, staff_of(request), access_id)
    if not ended:
        raise web.HTTPNotFound
    return go_to("/")


async def seen(request: web.Request) -> web.StreamResponse:
    """A colleague opened the record of a patient of one's own: it is seen, and one sees when."""
    notice = int(request.match_info["notice"])
    async with request.app[DATABASE].transaction() as tx:
        patient = await access_notice_seen(tx, staff_of(request), notice)
    if patient is None:
        raise web.HTTPNotFound
    return go_to(f"/patients/{patient}/timeline?only=access")


async def _form(
    request: web.Request,
    status: int = 200,
    problem: Literal["reason", "no_patient"] | None = None,
    chart: str = "",
    reason: str = "",
) -> web.Response:
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "emergency/templates/emergency.html",
            "emergency",
            status=status,
            problem=problem,
            chart=chart,
            reason=reason,
            minutes=int(EMERGENCY.total_seconds() // 60),
            least=REASON[0],
            most=REASON[1],
        )
