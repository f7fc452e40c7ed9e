"""The plans of patients: begun, edited for one of them, decided about, stopped."""

from datetime import date, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.i18n import LANGUAGES
from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.plans import shown
from clinic.plan.read import read_step
from clinic.plan.types import FURTHEST, UNITS, After, Step
from clinic.staff.access.care_plans import (
    STOPS,
    access_add_step,
    access_decide,
    access_drop_step,
    access_enrol,
    access_move_anchor,
    access_move_step,
    access_plan,
    access_plans_of,
    access_stop,
)
from clinic.staff.access.plans import access_definitions

AT = "plans"
DONE = ("begun", "stopped", "changed", "decided")
ADDED = ("message", "call")  # what a step of one's own can be


async def of_patient(request: web.Request) -> web.Response:
    """The plans of one patient, and those that can be begun."""
    patient = int(request.match_info["patient"])
    async with request.app[DATABASE].transaction() as tx:
        rows = await access_plans_of(tx, staff_of(request), patient)
        if rows is None:
            raise web.HTTPNotFound
        plans = await access_definitions(tx, staff_of(request))
        return await page(
            request,
            tx,
            "plans/templates/patient.html",
            AT,
            patient=patient,
            rows=rows,
            plans=[one for one in plans if one.stored.status == "active"],
            today=await _today(request, tx),
            **_words(request),
        )


async def begin(request: web.Request) -> web.StreamResponse:
    """Begin a plan for a patient, counted from a day."""
    posted = await request.post()
    definition, on = _whole(posted.get("plan")), _day(posted.get("on"))
    if definition is None or on is None:
        raise web.HTTPUnprocessableEntity
    patient = int(request.match_info["patient"])
    async with request.app[DATABASE].transaction() as tx:
        made = await access_enrol(tx, _zone(request), staff_of(request), definition, patient, on)
    if made is None:
        raise web.HTTPNotFound
    return go_to(f"/care-plans/{made}?done=begun")


async def show(request: web.Request) -> web.Response:
    """One plan, with what became of each step."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access_plan(tx, staff_of(request), _id(request))
        if found is None:
            raise web.HTTPNotFound
        done = request.query.get("done")
        return await page(
            request,
            tx,
            "plans/templates/care_plan.html",
            AT,
            plan=found,
            row=found.row,
            stops=STOPS,
            units=UNITS,
            added=ADDED,
            furthest=FURTHEST,
            done=done if done in DONE else None,
            **_words(request),
        )


async def stop(request: web.Request) -> web.StreamResponse:
    """End it, with the reason."""
    reason = str((await request.post()).get("reason", ""))
    if reason not in STOPS:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await access_stop(tx, staff_of(request), _id(request), reason):
            raise web.HTTPNotFound
    return go_to(f"/care-plans/{_id(request)}?done=stopped")


async def add_step(request: web.Request) -> web.StreamResponse:
    """One more step for this patient: something said to them, or a call."""
    posted = await request.post()
    words = " ".join(str(posted.get("text", "")).split())
    step = read_step(
        {
            "id": "own",
            "what": str(posted.get("what", "")),
            "after": _after(posted),
            "at": str(posted.get("at", "")),
            "text": dict.fromkeys(LANGUAGES, words),
            "past": "ask",
            "useful_days": 7,
        }
    )
    if not isinstance(step, Step) or step.kind not in ADDED or step.at < time(6):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        done = await access_add_step(tx, _zone(request), staff_of(request), _id(request), step)
    return _changed(request, done)


async def move_step(request: web.Request) -> web.StreamResponse:
    """A step at another time."""
    posted = await request.post()
    after = _after(posted)
    unit = next(iter(after))
    amount, step = after[unit], str(posted.get("step", ""))
    if amount is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        done = await access_move_step(
            tx, _zone(request), staff_of(request), _id(request), step, After(amount, unit)
        )
    return _changed(request, done)


async def drop_step(request: web.Request) -> web.StreamResponse:
    """Leave a step out."""
    step = str((await request.post()).get("step", ""))
    async with request.app[DATABASE].transaction() as tx:
        done = await access_drop_step(tx, _zone(request), staff_of(request), _id(request), step)
    return _changed(request, done)


async def move_anchor(request: web.Request) -> web.StreamResponse:
    """Count the plan from another day."""
    on = _day((await request.post()).get("on"))
    if on is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        done = await access_move_anchor(tx, _zone(request), staff_of(request), _id(request), on)
    return _changed(request, done)


async def decide(request: web.Request) -> web.StreamResponse:
    """Say now what was past at the beginning, or leave it out."""
    what = (await request.post()).get("do")
    if what not in ("send", "skip"):
        raise web.HTTPUnprocessableEntity
    activity = int(request.match_info["activity"])
    async with request.app[DATABASE].transaction() as tx:
        plan = await access_decide(tx, staff_of(request), activity, send=what == "send")
    if plan is None:
        raise web.HTTPConflict
    return go_to(f"/care-plans/{plan}?done=decided")


def _changed(request: web.Request, done: bool) -> web.Response:
    if not done:
        raise web.HTTPConflict
    return go_to(f"/care-plans/{_id(request)}?done=changed")


def _after(posted: Any) -> dict[Any, Any]:
    unit = next((one for one in UNITS if one == posted.get("unit")), "days")
    amount = _whole(posted.get("amount"))
    most = {"days": FURTHEST, "weeks": FURTHEST // 7, "months": FURTHEST // 30}[unit]
    return {unit: amount if amount is not None and amount <= most else None}


def _words(request: web.Request) -> dict[str, Any]:
    speech = speech_of(request)
    return {
        "when": partial(shown.when, speech),
        "end": partial(shown.end, speech),
        "words": lambda said: shown.in_words(said, speech.language),
    }


async def _today(request: web.Request, tx: Any) -> date:
    day: date = await tx.fetchval("select (now() at time zone $1)::date", _zone(request).key)
    return day


def _zone(request: web.Request) -> ZoneInfo:
    return ZoneInfo(request.app[SETTINGS].clinic.time_zone)


def _id(request: web.Request) -> int:
    return int(request.match_info["plan"])


def _whole(text: object) -> int | None:
    words = str(text)
    return int(words) if words.isascii() and words.isdecimal() and len(words) <= 18 else None


def _day(text: object) -> date | None:
    try:
        on = date.fromisoformat(str(text))
    except ValueError:
        return None
    return on if 1900 <= on.year < 2200 else None
