"""Joining a patient's chat to the record: find the patient, hand out a code."""

from typing import Any

from aiohttp import web

from admin.keys import ACCOUNTS, DATABASE, KEYS, SETTINGS
from admin.page import is_partial, page, part, staff_of, words_of
from admin.patients.deep_links import deep_links
from clinic.link.rules import LIFE, shown
from clinic.staff.access.patients import FOUND_AT_MOST, access_link_code, access_patients
from clinic.staff.types import Role


async def search(request: web.Request) -> web.Response:
    """Patients by name, reading, chart number, telephone or birth date."""
    words = await words_of(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await access_patients(tx, request.app[KEYS], staff_of(request), words)
        values: dict[str, Any] = {"q": words, "found": found, "most": FOUND_AT_MOST}
        values["may_code"] = staff_of(request).role is not Role.DOCTOR
        if is_partial(request):
            return part(request, "patients/templates/found.html", **values)
        return await page(request, tx, "patients/templates/search.html", "patients", **values)


async def make_code(request: web.Request) -> web.Response:
    """A one-time code on a sheet to print or to show. Nobody can call it up again."""
    async with request.app[DATABASE].transaction() as tx:
        handed = await access_link_code(
            tx, request.app[KEYS], staff_of(request), int(request.match_info["patient"])
        )
        if handed is None:
            raise web.HTTPNotFound
        return await page(
            request,
            tx,
            "patients/templates/code.html",
            "patients",
            patient=handed.patient,
            code=shown(handed.code),
            links=deep_links(request.app[SETTINGS], request.app[ACCOUNTS], handed.code),
            minutes=int(LIFE.total_seconds() // 60),
        )
