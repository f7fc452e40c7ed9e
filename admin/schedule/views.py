"""The calendar: a day or a week by practitioner, room or site, as a grid and as a table."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import page, speech_of, staff_of
from admin.schedule.grid import as_json, columns, sheet
from admin.schedule.look import BYS, SPANS, Look, read_id, read_look, read_wall
from clinic.booking import calendar, setup
from clinic.booking.search import in_language
from clinic.db import Tx
from clinic.staff.access.calendar import UNDO, access_calendar, seen_practitioner
from clinic.staff.access.visits import today
from clinic.staff.rules import sees_all_patients

DONE = ("booked", "moved", "cancelled", "blocked", "unblocked", "noted", "undone")


async def show(request: web.Request) -> web.Response:
    """The page with its table; the grid draws itself beside it."""
    speech, staff = speech_of(request), staff_of(request)
    async with request.app[DATABASE].transaction() as tx:
        look = await _look(request, tx)
        found = await sheet(tx, look, speech.language)
        visits = await access_calendar(
            tx,
            staff,
            look.first,
            look.last,
            speech.language,
            practitioner_id=look.who,
            site_id=look.site,
        )
        return await page(
            request,
            tx,
            "schedule/templates/calendar.html",
            "schedule",
            look=look,
            today=await today(tx, request.app[SETTINGS].clinic.time_zone),
            bys=BYS,
            spans=SPANS,
            visits=visits,
            columns=columns(found, look, speech("no_room")),
            practitioners=found.practitioners,
            sites=found.sites,
            closings=found.closings,
            named=lambda words: in_language(words, speech.language),
            limits=found.limits,
            every=sees_all_patients(staff.role),
            gaps=await setup.gaps(tx),
            most=calendar.MOST_VISITS,
            undo_ms=int(UNDO.total_seconds() * 1000),
            done=next((one for one in DONE if one == request.query.get("done")), None),
            call="call" in request.query,
            undo=_undo(request.query),
        )


async def events(request: web.Request) -> web.Response:
    """What the grid shows, as JSON; 204 if nothing changed since `seen`."""
    speech, staff = speech_of(request), staff_of(request)
    async with request.app[DATABASE].transaction() as tx:
        look = await _look(request, tx)
        mark = await calendar.mark_of(tx, look.first, look.last)
        if mark == request.query.get("seen"):
            return web.Response(status=204)
        found = await sheet(tx, look, speech.language)
        visits = await access_calendar(
            tx,
            staff,
            look.first,
            look.last,
            speech.language,
            practitioner_id=look.who,
            site_id=look.site,
        )
    closed = speech("calendar.blocked")
    return web.json_response({"mark": mark, **as_json(found, look, visits, closed)})


async def load(request: web.Request) -> web.Response:
    """How full each day of a week is: booked minutes of open minutes."""
    speech, staff = speech_of(request), staff_of(request)
    async with request.app[DATABASE].transaction() as tx:
        asked = {**request.query, "span": "week", "by": "practitioner"}
        look = await _look(request, tx, asked)
        found = await sheet(tx, look, speech.language)
        visits = await access_calendar(
            tx, staff, look.first, look.last, speech.language, practitioner_id=look.who
        )
        weekly = {one.id: found.weekly.get(one.id, ()) for one in found.practitioners}
        sites = [site.id for site in found.sites]
        return await page(
            request,
            tx,
            "schedule/templates/load.html",
            "schedule",
            look=look,
            days=look.days,
            rows=calendar.loads(weekly, found.exceptions, visits, look.days, sites),
            practitioners=found.practitioners,
            named=lambda words: in_language(words, speech.language),
        )


async def _look(request: web.Request, tx: Tx, query: Mapping[str, str] | None = None) -> Look:
    """What is asked for; a doctor is shown only what is that doctor's own."""
    on = await today(tx, request.app[SETTINGS].clinic.time_zone)
    asked = read_look(query or request.query, on)
    who = await seen_practitioner(tx, staff_of(request), asked.who)
    return Look(**{**asdict(asked), "who": who})


def _undo(query: Mapping[str, str]) -> dict[str, Any] | None:
    """A move that was just made, and where the visit was before it."""
    visit, version = read_id(query.get("visit", "")), read_id(query.get("version", ""))
    was = read_wall(query.get("was", ""))
    who, site = read_id(query.get("was_with", "")), read_id(query.get("was_at", ""))
    if query.get("done") != "moved" or None in (visit, version, was, who, site):
        return None
    return {"visit": visit, "version": version, "was": was, "with": who, "at": site}
