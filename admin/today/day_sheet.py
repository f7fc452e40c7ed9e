"""The sheet of a day as a file to print before the power goes."""

from datetime import date

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import speech_of, staff_of
from clinic.staff.access.day_sheet import access_day_sheet
from clinic.staff.access.visits import today


async def as_pdf(request: web.Request) -> web.Response:
    """The sheet of a day, today's unless `on` says another."""
    from admin.today.sheet_pdf import document  # what draws is loaded when something is drawn

    app, speech = request.app, speech_of(request)
    clinic = app[SETTINGS].clinic
    async with app[DATABASE].transaction() as tx:
        try:
            on = date.fromisoformat(request.query.get("on", ""))
        except ValueError:
            on = await today(tx, clinic.time_zone)
        rows = await access_day_sheet(tx, app[KEYS], staff_of(request), on, speech.language)
    return web.Response(
        body=document(rows, on, speech, clinic.name),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="day-sheet-{on}.pdf"'},
    )
