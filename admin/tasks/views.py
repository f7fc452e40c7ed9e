"""What staff have to do."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from bot.offers import tell_freed
from bot.relinked import tell_others
from clinic.booking.actor import Actor
from clinic.patient.types import RELATIONS
from clinic.staff.access.escalations import access_escalations
from clinic.staff.access.patients import access_patients
from clinic.staff.access.tasks import (
    LINK_REQUEST,
    access_approve_link,
    access_close_task,
    access_task,
    access_tasks,
)
from clinic.staff.access.waitlist import access_free_visit
from flows.reasons import reason


async def listing(request: web.Request) -> web.Response:
    """All that is open, escalations first."""
    language = speech_of(request).language
    async with request.app[DATABASE].transaction() as tx:
        grave = await access_escalations(tx, request.app[KEYS], staff_of(request))
        values: dict[str, Any] = {
            "escalations": [(it, reason(it.rule, it.reasons, language)) for it in grave],
            "may_free": request.app[SETTINGS].waitlist.free_unconfirmed,
            "tasks": await access_tasks(tx, request.app[KEYS], staff_of(request), language),
        }
        return await page(request, tx, "tasks/templates/list.html", "tasks", **values)


async def close(request: web.Request) -> web.StreamResponse:
    """It is done."""
    async with request.app[DATABASE].transaction() as tx:
        await access_close_task(tx, staff_of(request), _id(request))
    return go_to("/tasks")


async def free(request: web.Request) -> web.StreamResponse:
    """Nobody confirmed the visit: give its time to others, and tell whoever booked it."""
    app, staff = request.app, staff_of(request)
    settings, keys = app[SETTINGS], app[KEYS]
    if not settings.waitlist.free_unconfirmed:
        raise web.HTTPNotFound
    actor = Actor("staff", staff.id, speech_of(request).language, settings, keys)
    async with app[DATABASE].transaction() as tx:
        visit = await access_free_visit(tx, staff, actor, _id(request))
        if visit is None:
            raise web.HTTPConflict
        await tell_freed(tx, keys, settings, visit)
    return go_to("/tasks")


async def choose(request: web.Request) -> web.Response:
    """A request to be linked: whose record is it? Searches by what the patient gave at first."""
    async with request.app[DATABASE].transaction() as tx:
        task = await access_task(
            tx, request.app[KEYS], staff_of(request), _id(request), speech_of(request).language
        )
        if task is None or task.kind != LINK_REQUEST:
            raise web.HTTPNotFound
        words = request.query.get("q", task.note.get("name", ""))
        values: dict[str, Any] = {
            "task": task,
            "q": words,
            "found": await access_patients(tx, request.app[KEYS], staff_of(request), words),
            "relations": RELATIONS,
        }
        if is_partial(request):
            return part(request, "tasks/templates/candidates.html", **values)
        return await page(request, tx, "tasks/templates/link_request.html", "tasks", **values)


async def approve(request: web.Request) -> web.StreamResponse:
    """Let the chat speak for the chosen patient."""
    form = await request.post()
    patient, relation = str(form.get("patient", "")), str(form.get("relation", ""))
    known = next((one for one in RELATIONS if one == relation), None)
    if known is None or not patient.isdecimal():
        raise web.HTTPUnprocessableEntity
    keys, settings = request.app[KEYS], request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        outcome = await access_approve_link(
            tx, keys, staff_of(request), _id(request), int(patient), known
        )
        if isinstance(outcome, int):
            await tell_others(tx, keys, settings, outcome, int(patient))
    if outcome == "gone":
        raise web.HTTPConflict
    if outcome == "no_patient":
        raise web.HTTPNotFound
    return go_to("/tasks")


def _id(request: web.Request) -> int:
    return int(request.match_info["task"])
