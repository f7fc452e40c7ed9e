"""What leaves the panel: a patient's data as files, and sheets with a one-time code."""

import asyncio
from typing import Literal

from aiohttp import web

from admin.keys import ACCOUNTS, DATABASE, KEYS, SETTINGS
from admin.page import speech_of, staff_of
from admin.patients.deep_links import deep_links
from clinic.link.rules import LIFE, shown
from clinic.record.export import Export
from clinic.staff.access.patients import access_link_code
from clinic.staff.access.records import access_patient_export


async def as_json(request: web.Request) -> web.Response:
    """Everything that is stored of the patient, for machines."""
    found = await _export(request, "json")
    return _file(found.as_json(), "application/json", f"patient-{_id(request)}.json")


async def as_pdf(request: web.Request) -> web.Response:
    """The same for people."""
    found = await _export(request, "pdf")
    from admin.patients import pdf  # what draws is loaded when something is drawn

    clinic, speech = request.app[SETTINGS].clinic, speech_of(request)
    body = await asyncio.to_thread(pdf.document, found, speech, clinic.name, clinic.time_zone)
    return _file(body, "application/pdf", f"patient-{_id(request)}.pdf")


async def code_sheet(request: web.Request) -> web.Response:
    """A new one-time code as a page or as labels. Nobody can call it up again."""
    from admin.patients import sheet

    posted = await request.post()
    first = str(posted.get("first", "1"))
    if not (first.isascii() and first.isdigit() and 1 <= int(first[:4]) <= sheet.LABELS):
        raise web.HTTPUnprocessableEntity
    settings, speech = request.app[SETTINGS], speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        handed = await access_link_code(tx, request.app[KEYS], staff_of(request), _id(request))
    if handed is None:
        raise web.HTTPNotFound
    links = deep_links(settings, request.app[ACCOUNTS], handed.code)
    minutes = int(LIFE.total_seconds() // 60)
    patient, code = handed.patient, shown(handed.code)
    draw = sheet.labels if posted.get("form") == "labels" else sheet.one_page
    content = sheet.Content(
        settings.clinic.name, patient.name, patient.chart, code, tuple(links), minutes
    )
    body = draw(content, speech, int(first))
    return _file(body, "application/pdf", f"code-{_id(request)}.pdf")


async def _export(request: web.Request, form: Literal["json", "pdf"]) -> Export:
    async with request.app[DATABASE].transaction() as tx:
        found = await access_patient_export(
            tx, request.app[KEYS], request.app[SETTINGS], staff_of(request), _id(request), form
        )
    if found is None:
        raise web.HTTPNotFound
    return found


def _file(body: bytes, kind: str, name: str) -> web.Response:
    return web.Response(
        body=body,
        headers={
            "Content-Type": kind,
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["patient"])
