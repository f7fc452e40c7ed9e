"""The timeline of a record: everything that happened and is to come, page by page."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import is_partial, page, part, speech_of, staff_of
from clinic.booking.search import in_language
from clinic.db import Tx
from clinic.staff.access.patients import access_patient
from clinic.staff.access.timeline import (
    FILTERS,
    Place,
    Timeline,
    access_last_words,
    access_timeline,
)

AT = "patients"  # the menu's entry
DAYS_ONLY = ("encounter", "receipt")  # kinds whose time of day nobody told


async def show(request: web.Request) -> web.StreamResponse:
    """A page of it; for the page's script the lines alone."""
    only = next((one for one in FILTERS if one == request.query.get("only")), None)
    after = _place(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await first_page(request, tx, only, after)
        if found is None:
            raise web.HTTPNotFound
        if is_partial(request):
            name = "rows" if after else "timeline"
            return part(request, f"patients/templates/{name}.html", **found)
        person = await access_patient(tx, staff_of(request), int(request.match_info["patient"]))
        assert person is not None
        template = "patients/templates/whole_timeline.html"
        return await page(request, tx, template, AT, person=person, **found)


async def last(request: web.Request) -> web.StreamResponse:
    """What was written last in a chat, once somebody asks for it."""
    patient, talk = (int(request.match_info[name]) for name in ("patient", "conversation"))
    async with request.app[DATABASE].transaction() as tx:
        words = await access_last_words(tx, request.app[KEYS], staff_of(request), patient, talk)
        if words is None:
            raise web.HTTPNotFound
        return part(request, "patients/templates/last_words.html", words=words, conversation=talk)


async def first_page(
    request: web.Request, tx: Tx, only: str | None = None, after: Place | None = None
) -> dict[str, Any] | None:
    """What the templates of the timeline need; None if one may not see the patient."""
    patient, zone = int(request.match_info["patient"]), request.app[SETTINGS].clinic.time_zone
    found: Timeline | None = await access_timeline(
        tx, staff_of(request), patient, zone, only=only, after=after
    )
    if found is None:
        return None
    language = speech_of(request).language
    return {
        "timeline": found,
        "patient_id": patient,
        "only": only,
        "filters": tuple(FILTERS),
        "days_only": DAYS_ONLY,
        "local": lambda at: at.astimezone(ZoneInfo(zone)).date(),
        "called": lambda names: in_language(names, language) if names else "",
        "now": await tx.fetchval("select now()"),
    }


def _place(request: web.Request) -> Place | None:
    query = request.query
    try:
        at, number = datetime.fromisoformat(query.get("at", "")), int(query.get("id", "")[:18])
    except ValueError:
        return None
    kind = query.get("kind", "")
    known = any(kind in kinds for kinds in FILTERS.values())
    return Place(at, kind, number) if known and at.tzinfo is not None else None
