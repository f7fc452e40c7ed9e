"""Erasing a patient's data: asked twice, by admins only."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, staff_of
from admin.patients.record import AT
from clinic.db import Tx
from clinic.record.types import Person
from clinic.staff.access.records import Shown, access_erase, access_lift, access_record


async def ask(request: web.Request) -> web.StreamResponse:
    """What will go, and the second question."""
    async with request.app[DATABASE].transaction() as tx:
        return await _ask(request, tx)


async def erase(request: web.Request) -> web.StreamResponse:
    """Erase, if the patient's number was typed and the box is ticked."""
    posted = await request.post()
    async with request.app[DATABASE].transaction() as tx:
        found = await access_record(
            tx, request.app[KEYS], request.app[SETTINGS], staff_of(request), _id(request)
        )
        if not isinstance(found, Shown):
            raise web.HTTPNotFound
        typed = str(posted.get("typed", "")).strip()
        if posted.get("confirm") != "yes" or typed != typed_name(found.record.person):
            return await _ask(request, tx, "not_typed")
        problem = await access_erase(tx, request.app[KEYS], staff_of(request), _id(request))
        if problem is not None:
            return await _ask(request, tx, problem)
    return go_to(f"/patients/{_id(request)}")


async def let_in(request: web.Request) -> web.StreamResponse:
    """Let imports bring an erased patient back."""
    async with request.app[DATABASE].transaction() as tx:
        if not await access_lift(tx, staff_of(request), _id(request)):
            raise web.HTTPNotFound
    return go_to(f"/patients/{_id(request)}")


def typed_name(person: Person) -> str:
    """What has to be typed, so that nobody erases the wrong record: chart number, or name."""
    return person.chart or person.name


async def _ask(request: web.Request, tx: Tx, problem: str | None = None) -> web.Response:
    found = await access_record(
        tx, request.app[KEYS], request.app[SETTINGS], staff_of(request), _id(request)
    )
    if not isinstance(found, Shown):
        raise web.HTTPNotFound
    return await page(
        request,
        tx,
        "patients/templates/erase.html",
        AT,
        status=409 if problem else 200,
        person=found.record.person,
        record=found.record,
        doubts=found.doubts,
        wanted=typed_name(found.record.person),
        problem=problem,
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["patient"])
