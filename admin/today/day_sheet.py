"""The sheet of a day as a file to print before the power goes."""

import asyncio
from datetime import date

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import speech_of, staff_of
from clinic.reception.sheets import place
from clinic.staff.access.day_sheet import access_day_sheet, access_ready_sheet
from clinic.staff.access.visits import today


async def as_pdf(request: web.Request) -> web.Response:
    """The sheet of a day, today's unless `on` says another, as it is now.

    With `made` as the worker made it in the evening, if it did so on this machine.
    """
    app = request.app
    clinic = app[SETTINGS].clinic
    async with app[DATABASE].transaction() as tx:
        try:
            on = date.fromisoformat(request.query.get("on", ""))
        except ValueError:
            on = await today(tx, clinic.time_zone)
    if "made" in request.query and (found := await _made(request, on)):
        return _answer(found, on)
    return _answer(await _drawn(request, on), on)


async def _made(request: web.Request, on: date) -> bytes | None:
    try:
        content = await asyncio.to_thread(place(request.app[SETTINGS].data_dir, on).read_bytes)
    except OSError:
        return None
    async with request.app[DATABASE].transaction() as tx:
        allowed = await access_ready_sheet(tx, staff_of(request), on)
    return content if allowed else None


async def _drawn(request: web.Request, on: date) -> bytes:
    from admin.today.sheet_pdf import document  # what draws is loaded when something is drawn

    app, speech = request.app, speech_of(request)
    async with app[DATABASE].transaction() as tx:
        rows = await access_day_sheet(tx, app[KEYS], staff_of(request), on, speech.language)
    return document(rows, on, speech, app[SETTINGS].clinic.name)


def _answer(content: bytes, on: date) -> web.Response:
    return web.Response(
        body=content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="day-sheet-{on}.pdf"'},
    )
