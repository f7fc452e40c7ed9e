"""What a doctor must answer: the list, one of them, and what is done about it."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, part, speech_of, staff_of
from admin.tasks.views import masked
from clinic import clock
from clinic.db import Tx
from clinic.escalation.types import DISPOSITIONS, Gone, Mine, Owned, Taken, Theirs
from clinic.staff.access.alarm import access_watch
from clinic.staff.access.conversations import access_conversation
from clinic.staff.access.escalations import (
    NOTE_LENGTH,
    EscalationRow,
    access_acknowledge,
    access_called,
    access_close,
    access_escalation,
    access_escalation_phone,
    access_escalations,
    access_take_over,
)
from clinic.staff.access.triage import access_run_of
from flows.reasons import reason

AT = "escalations"  # the menu's entry
PROBLEMS = ("theirs", "closed", "busy", "disposition", "note")
_UNCHANGED = 204
_YEARS_FROM = 24  # months; younger children are told by their months


async def listing(request: web.Request) -> web.Response:
    """Those that are open, nobody's and the gravest first; or the closed ones."""
    closed = request.query.get("state") == "closed"
    async with request.app[DATABASE].transaction() as tx:
        values = await _listed(request, tx, closed=closed)
        return await page(request, tx, "escalations/templates/list.html", AT, **values)


async def live_listing(request: web.Request) -> web.Response:
    """The open ones again, if anything changed."""
    async with request.app[DATABASE].transaction() as tx:
        if (await access_watch(tx)).mark == request.query.get("seen"):
            return web.Response(status=_UNCHANGED)
        values = await _listed(request, tx, closed=False)
    return part(request, "escalations/templates/rows.html", **values)


async def show(request: web.Request) -> web.Response:
    """One of them, with the transcript beside."""
    return await _show(request, problem=request.query.get("problem"))


async def live(request: web.Request) -> web.Response:
    """How one of them stands, if that changed."""
    async with request.app[DATABASE].transaction() as tx:
        if (await access_watch(tx, _id(request))).mark == request.query.get("seen"):
            return web.Response(status=_UNCHANGED)
        values = await _one(request, tx)
    return part(request, "escalations/templates/case.html", **values)


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """Become its owner; of any number who press at once exactly one does."""
    async with request.app[DATABASE].transaction() as tx:
        owned = await access_acknowledge(tx, staff_of(request), _id(request))
    return _answered(request, owned)


async def phone(request: web.Request) -> web.StreamResponse:
    """The number in full, to be called."""
    async with request.app[DATABASE].transaction() as tx:
        number = await access_escalation_phone(
            tx, request.app[KEYS], staff_of(request), _id(request)
        )
    if number is None:
        raise web.HTTPNotFound
    return part(request, "tasks/templates/number.html", number=number)


async def called(request: web.Request) -> web.StreamResponse:
    """The patient was called."""
    async with request.app[DATABASE].transaction() as tx:
        owned = await access_called(tx, staff_of(request), _id(request))
    return _answered(request, owned)


async def take_over(request: web.Request) -> web.StreamResponse:
    """Own it, and answer the patient in the chat."""
    minutes = request.app[SETTINGS].policy.staff_lease_minutes
    async with request.app[DATABASE].transaction() as tx:
        taken = await access_take_over(tx, staff_of(request), _id(request), minutes)
        if taken == Taken(True):
            found = await access_escalation(tx, request.app[KEYS], staff_of(request), _id(request))
            assert found is not None
            return go_to(f"/conversations/{found.row.conversation_id}")
    return _answered(request, taken)


async def close(request: web.Request) -> web.StreamResponse:
    """Close it with how it ended, and not without."""
    form = await request.post()
    note = str(form.get("note", "")).replace("\r\n", "\n").strip()
    end = next((it for it in DISPOSITIONS if it == form.get("disposition")), None)
    if end is None or len(note) > NOTE_LENGTH:
        problem = "note" if end else "disposition"
        return await _show(request, status=422, problem=problem, note=note, end=end)
    async with request.app[DATABASE].transaction() as tx:
        owned = await access_close(
            tx, request.app[KEYS], staff_of(request), _id(request), end, note
        )
    return _answered(request, owned)


def _answered(request: web.Request, outcome: Owned | Taken) -> web.StreamResponse:
    problem = ""
    match outcome:
        case Gone():
            raise web.HTTPNotFound
        case Theirs("closed"):
            problem = "?problem=closed"
        case Theirs():
            problem = "?problem=theirs"
        case Taken(False):
            problem = "?problem=busy"
        case Mine() | Taken():
            pass
    return go_to(f"/escalations/{_id(request)}{problem}")


async def _show(
    request: web.Request,
    *,
    status: int = 200,
    problem: str | None = None,
    note: str = "",
    end: str | None = None,
) -> web.Response:
    async with request.app[DATABASE].transaction() as tx:
        values = await _one(request, tx)
        conversation = values["case"].row.conversation_id
        return await page(
            request,
            tx,
            "escalations/templates/one.html",
            AT,
            status=status,
            opened=await access_conversation(
                tx, request.app[KEYS], staff_of(request), conversation
            ),
            problem=problem if problem in PROBLEMS else None,
            limit=NOTE_LENGTH,
            note=note,
            end=end,
            ends=DISPOSITIONS,
            **values,
        )


async def _one(request: web.Request, tx: Tx) -> dict[str, Any]:
    found = await access_escalation(tx, request.app[KEYS], staff_of(request), _id(request))
    if found is None:
        raise web.HTTPNotFound
    watch = await access_watch(tx, found.row.id)
    return {
        "case": found,
        "run": await access_run_of(tx, found.row.id),
        "why": why_of(request, found.row),
        "age": age_of(request, found.row),
        "left": watch.next_alert.get(found.row.id),
        "mark": watch.mark,
        "masked": masked,
    }


async def _listed(request: web.Request, tx: Tx, *, closed: bool) -> dict[str, Any]:
    rows = await access_escalations(tx, request.app[KEYS], staff_of(request), closed=closed)
    watch = await access_watch(tx)
    return {
        "rows": [
            (row, why_of(request, row), age_of(request, row), watch.next_alert.get(row.id))
            for row in rows
        ],
        "closed": closed,
        "mark": watch.mark,
    }


def why_of(request: web.Request, row: EscalationRow) -> str:
    """The reasons in words."""
    return reason(row.rule, row.reasons, speech_of(request).language)


def age_of(request: web.Request, row: EscalationRow) -> str:
    """The patient's age in words, "" if nobody knows it."""
    if row.person is None or row.person.birth_on is None:
        return ""
    today = clock.now().astimezone(ZoneInfo(request.app[SETTINGS].clinic.time_zone)).date()
    months = months_between(row.person.birth_on, today)
    words = speech_of(request)
    if months < _YEARS_FROM:
        return words("age.months", n=months)
    return words("age.years", n=months // 12)


def months_between(born: date, today: date) -> int:
    """Whole months of a life, 0 for a birth date in the future."""
    months = (today.year - born.year) * 12 + today.month - born.month
    return max(0, months - (today.day < born.day))


def _id(request: web.Request) -> int:
    return int(request.match_info["escalation"])
