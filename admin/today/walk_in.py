"""Somebody stands at the desk without a booking: who, for what, and the next free time."""

from datetime import date
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of, words_of
from admin.today.views import actor_of
from bot.reception import tell_queue
from clinic.booking.types import Visit
from clinic.db import Tx
from clinic.reception.walk_in import free_today
from clinic.record.edit import Fault
from clinic.staff.access.patients import access_patient, access_patients
from clinic.staff.access.waitlist import services_with_practitioners
from clinic.staff.access.walk_in import ASKED, access_register, access_walk_in

AT = "today"


async def who(request: web.Request) -> web.Response:
    """Search the patient, or register a new one."""
    words = await words_of(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await access_patients(tx, request.app[KEYS], staff_of(request), words)
        if is_partial(request):
            return part(request, "today/templates/walk_in_found.html", found=found, q=words)
        return await _who(request, tx, q=words, found=found)


async def register(request: web.Request) -> web.StreamResponse:
    """A new patient, unless there is one like that already: then they are shown first."""
    posted = await request.post()
    fields = {name: str(posted.get(name, "")) for name in ASKED if posted.get(name)}
    app, staff = request.app, staff_of(request)
    async with app[DATABASE].transaction() as tx:
        if posted.get("anyway") != "yes":
            alike = await _alike(request, tx, fields)
            if alike:
                return await _who(request, tx, values=fields, alike=alike, status=409)
        made = await access_register(tx, app[KEYS], app[SETTINGS], staff, fields)
        if isinstance(made, list):
            return await _who(request, tx, values=fields, faults=made, status=422)
    if made is None:
        raise web.HTTPNotFound
    return go_to(f"/walk-in/{made}")


async def choose(request: web.Request) -> web.Response:
    """What for, with whom, and the next free times of today."""
    async with request.app[DATABASE].transaction() as tx:
        return await _choose(request, tx)


async def check_in(request: web.Request) -> web.StreamResponse:
    """Book one of the times and check the patient in, by the same rules as every booking."""
    posted = await request.post()
    app, patient = request.app, int(request.match_info["patient"])
    service, practitioner = _what(str(posted.get("what", "")))
    if service is None:
        raise web.HTTPUnprocessableEntity
    async with app[DATABASE].transaction() as tx:
        slots = await free_today(tx, speech_of(request).language, service, practitioner)
        slot = next((one for one in slots if one.key == posted.get("slot")), None)
        if slot is None:
            return await _choose(request, tx, problem="taken", status=409)
        staff, actor = staff_of(request), actor_of(request)
        outcome = await access_walk_in(tx, staff, actor, patient, slot)
        if outcome is None:
            raise web.HTTPNotFound
        if not isinstance(outcome, Visit):
            problem = getattr(outcome, "reason", "taken")
            return await _choose(request, tx, problem=problem, status=409)
        await tell_queue(tx, app[KEYS], app[SETTINGS], outcome.site_id)
    return go_to(f"/today#visit-{outcome.id}")


async def _alike(request: web.Request, tx: Tx, fields: dict[str, str]) -> list[Any]:
    """Patients of the same name, or of the same number, whose birth date is not another."""
    keys, staff = request.app[KEYS], staff_of(request)
    found = {
        one.id: one
        for words in (fields.get("name", ""), fields.get("phone", ""))
        for one in await access_patients(tx, keys, staff, words)
    }
    try:
        born = date.fromisoformat(fields.get("birth_on", ""))
    except ValueError:
        born = None
    return [one for one in found.values() if None in (born, one.birth_on) or one.birth_on == born]


async def _who(
    request: web.Request,
    tx: Tx,
    *,
    q: str = "",
    found: list[Any] | None = None,
    values: dict[str, str] | None = None,
    faults: list[Fault] | None = None,
    alike: list[Any] | None = None,
    status: int = 200,
) -> web.Response:
    return await page(
        request,
        tx,
        "today/templates/walk_in.html",
        AT,
        status=status,
        q=q,
        found=found or [],
        values=dict.fromkeys(ASKED, "") | (values or {}),
        faults=faults or [],
        alike=alike or [],
    )


async def _choose(
    request: web.Request, tx: Tx, *, problem: str | None = None, status: int = 200
) -> web.Response:
    patient = await access_patient(tx, staff_of(request), int(request.match_info["patient"]))
    if patient is None:
        raise web.HTTPNotFound
    language = speech_of(request).language
    services = await services_with_practitioners(tx, language)
    chosen = (await request.post()).get("what") or request.query.get("what", "")
    service, practitioner = _what(str(chosen))
    if service is None and services:
        service = services[0][0].id
    slots = await free_today(tx, language, service, practitioner) if service else ()
    values: dict[str, Any] = {
        "patient": patient,
        "services": services,
        "what": f"{service}-{practitioner}" if practitioner else str(service or ""),
        "slots": slots,
        "problem": problem,
    }
    if is_partial(request):
        return part(request, "today/templates/walk_in_slots.html", **values)
    return await page(
        request, tx, "today/templates/walk_in_choose.html", AT, status=status, **values
    )


def _what(text: str) -> tuple[int | None, int | None]:
    """A service and a practitioner of a form's `service-practitioner`."""
    service, _, practitioner = text.partition("-")
    return (
        int(service) if service.isascii() and service.isdecimal() and len(service) < 19 else None,
        int(practitioner)
        if practitioner.isascii() and practitioner.isdecimal() and len(practitioner) < 19
        else None,
    )
