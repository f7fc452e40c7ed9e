"""What staff have to do."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from admin.i18n import Speech
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of, words_of
from admin.schedule.look import read_id
from bot.offers import tell_freed
from bot.relinked import tell_others
from clinic.booking.actor import Actor
from clinic.booking.types import Visit
from clinic.campaign.consider import Setting
from clinic.campaign.phoning import said_by_phone
from clinic.campaign.types import Composed
from clinic.db import Tx
from clinic.patient.types import RELATIONS
from clinic.staff.access.colleagues import access_colleagues
from clinic.staff.access.escalations import access_escalations
from clinic.staff.access.patients import access_patients
from clinic.staff.access.task_calls import (
    access_assign,
    access_call_result,
    access_snooze,
    access_task_phone,
)
from clinic.staff.access.tasks import (
    LINK_REQUEST,
    TaskRow,
    access_approve_link,
    access_close_task,
    access_task,
    access_tasks,
)
from clinic.staff.access.waitlist import access_free_visit
from clinic.task.types import AGAIN, OUTCOMES, RESULT_LENGTH
from flows.reasons import reason
from flows.texts import shown

_DOTS = "••••"
DONE = ("noted", "again", "assigned", "snoozed")


async def listing(request: web.Request) -> web.Response:
    """All that is open: escalations, then what is due by its kind, then what was put off."""
    speech = speech_of(request)
    language, done = speech.language, request.query.get("done")
    async with request.app[DATABASE].transaction() as tx:
        grave = await access_escalations(tx, request.app[KEYS], staff_of(request))
        now = await tx.fetchval("select now()")
        tasks = await access_tasks(tx, request.app[KEYS], staff_of(request), language)
        due = [one for one in tasks if one.due_at is None or one.due_at <= now]
        values: dict[str, Any] = {
            "escalations": [(it, reason(it.rule, it.reasons, language)) for it in grave],
            "may_free": request.app[SETTINGS].waitlist.free_unconfirmed,
            "groups": _by_kind(due, speech),
            "later": [(kind_of(one, speech), one) for one in tasks if one not in due],
            "messages": await _messages(request, tx, tasks),
            "colleagues": await access_colleagues(tx),
            "again": AGAIN,
            "limit": RESULT_LENGTH,
            "masked_phone": _masked,
            "masked": masked,
            "done": done if done in DONE else None,
        }
        return await page(request, tx, "tasks/templates/list.html", "tasks", **values)


async def close(request: web.Request) -> web.StreamResponse:
    """It is done."""
    async with request.app[DATABASE].transaction() as tx:
        await access_close_task(tx, staff_of(request), _id(request))
    return go_to("/tasks")


async def phone(request: web.Request) -> web.StreamResponse:
    """The number in full, to be called."""
    async with request.app[DATABASE].transaction() as tx:
        number = await access_task_phone(tx, request.app[KEYS], staff_of(request), _id(request))
    if number is None:
        raise web.HTTPNotFound
    return part(request, "tasks/templates/number.html", number=number)


async def result(request: web.Request) -> web.StreamResponse:
    """How a call ended, with what follows from it."""
    app, staff, form = request.app, staff_of(request), await request.post()
    outcome = next((one for one in OUTCOMES if one == form.get("outcome")), None)
    again = next((one for one in AGAIN if str(one) == form.get("again")), 0)
    words = str(form.get("words", "")).strip()
    if outcome is None or len(words) > RESULT_LENGTH:
        raise web.HTTPUnprocessableEntity
    settings, keys = app[SETTINGS], app[KEYS]
    actor = Actor("staff", staff.id, speech_of(request).language, settings, keys)
    async with app[DATABASE].transaction() as tx:
        made = await access_call_result(tx, keys, staff, actor, _id(request), outcome, words, again)
        if made == "gone" or made == "changed":
            raise web.HTTPConflict
        if isinstance(made, Visit):
            await tell_freed(tx, keys, settings, made)
    return go_to(f"/tasks?done={'again' if outcome == 'unreached' and again else 'noted'}")


async def assign(request: web.Request) -> web.StreamResponse:
    """Give it to a colleague, or to anybody."""
    to = str((await request.post()).get("to", ""))
    if to and not (to.isascii() and to.isdecimal() and len(to) < 19):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await access_assign(tx, staff_of(request), _id(request), int(to) if to else None):
            raise web.HTTPConflict
    return go_to("/tasks?done=assigned")


async def snooze(request: web.Request) -> web.StreamResponse:
    """Put it off, or have it now after all."""
    minutes = str((await request.post()).get("minutes", ""))
    wanted = next((one for one in (*AGAIN, 0) if str(one) == minutes), None)
    if wanted is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await access_snooze(tx, staff_of(request), _id(request), wanted):
            raise web.HTTPConflict
    return go_to("/tasks?done=snoozed")


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
        given = task.note.get("name", "")
        words = await words_of(request) if request.method == "POST" else given
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
    patient, relation = read_id(str(form.get("patient", ""))), str(form.get("relation", ""))
    known = next((one for one in RELATIONS if one == relation), None)
    if known is None or patient is None:
        raise web.HTTPUnprocessableEntity
    keys, settings = request.app[KEYS], request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        outcome = await access_approve_link(
            tx, keys, staff_of(request), _id(request), patient, known
        )
        if isinstance(outcome, int):
            await tell_others(tx, keys, settings, outcome, patient)
    if outcome == "gone":
        raise web.HTTPConflict
    if outcome == "no_patient":
        raise web.HTTPNotFound
    return go_to("/tasks")


async def _messages(request: web.Request, tx: Tx, tasks: Iterable[TaskRow]) -> dict[int, Composed]:
    """What did not reach whom staff are to call, by task."""
    setting = Setting(request.app[SETTINGS], request.app[KEYS], shown)
    calls = {
        one.id: (int(one.detail["campaign"]), one.patient.id)
        for one in tasks
        if one.kind == "unreached" and one.patient is not None and "campaign" in one.detail
    }
    said = await said_by_phone(tx, setting, calls.values())
    return {task: said[whom] for task, whom in calls.items() if whom in said}


def _by_kind(tasks: Iterable[TaskRow], speech: Speech) -> list[tuple[str, list[TaskRow]]]:
    """Tasks under their kinds: the kind of the one that waits longest first."""
    found: dict[str, list[TaskRow]] = {}
    for one in tasks:
        found.setdefault(kind_of(one, speech), []).append(one)
    return list(found.items())


def kind_of(task: TaskRow, speech: Speech) -> str:
    """The key of the kind's words."""
    if task.detail.get("reason") == "nobody_reachable":
        return "unheard"
    if task.kind == "call" and task.detail.get("activity"):
        return "plan_call"
    return task.kind if f"task.{task.kind}" in speech else "other"


def _masked(task: TaskRow) -> str:
    return masked(task.patient.phone if task.patient else task.note.get("phone"))


def masked(number: str | None) -> str:
    """As much of a number as tells staff which one it is; "" if there is none."""
    return f"{number[:3]} {_DOTS} {number[-3:]}" if number else ""


def _id(request: web.Request) -> int:
    return int(request.match_info["task"])
