"""Who waits for an earlier time, and what became of the times that visits gave free."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of, words_of
from admin.schedule.look import read_id
from clinic.booking.actor import Actor
from clinic.db import Tx
from clinic.staff.access.patients import access_patient, access_patients
from clinic.staff.access.waitlist import (
    access_asking,
    access_join,
    access_leave,
    access_mapping,
    access_rescues,
    access_set_mapping,
    access_waitlist,
    services_with_practitioners,
)
from clinic.waitlist.entries import Joining
from clinic.waitlist.types import PARTS, Wishes

AT = "waitlist"  # the menu's entry
USUALLY = timedelta(days=30)  # that somebody waits


async def listing(request: web.Request) -> web.Response:
    """Who waits for what since when, who is being asked now, and this month's figures."""
    async with request.app[DATABASE].transaction() as tx:
        staff, language = staff_of(request), speech_of(request).language
        today = await _today(request, tx)
        return await page(
            request,
            tx,
            "waitlist/templates/list.html",
            AT,
            rows=await access_waitlist(tx, staff, language),
            asking=await access_asking(tx, staff, language),
            board=await _board(request, tx, today),
            month=today,
        )


async def remove(request: web.Request) -> web.StreamResponse:
    """Take somebody off the list."""
    async with request.app[DATABASE].transaction() as tx:
        entry = int(request.match_info["entry"])
        if not await access_leave(tx, staff_of(request), _actor(request), entry):
            raise web.HTTPConflict
    return go_to("/waitlist")


async def choose(request: web.Request) -> web.Response:
    """Whom to put on the list."""
    words = await words_of(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await access_patients(tx, request.app[KEYS], staff_of(request), words)
        return await page(request, tx, "waitlist/templates/choose.html", AT, q=words, found=found)


async def ask(request: web.Request) -> web.Response:
    """What they wait for."""
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx)


async def add(request: web.Request) -> web.StreamResponse:
    """Put them on the list."""
    posted = await request.post()
    async with request.app[DATABASE].transaction() as tx:
        wanted = _joining(request, dict(posted), posted.getall("weekdays", []))
        joined = wanted and await access_join(tx, staff_of(request), _actor(request), wanted)
        if not joined:
            return await _form(request, tx, status=422)
    return go_to("/waitlist")


async def freed(request: web.Request) -> web.Response:
    """Each freed time of a month with its offers and how they ended."""
    async with request.app[DATABASE].transaction() as tx:
        today = await _today(request, tx)
        month = _month(request.query.get("month", ""), today)
        board = await _board(request, tx, month)
        before = month.replace(day=1) - timedelta(days=1)
        after = month.replace(day=28) + timedelta(days=4)
        return await page(
            request,
            tx,
            "waitlist/templates/freed.html",
            AT,
            board=board,
            month=month,
            before=before,
            after=after.replace(day=1) if after <= today else None,
        )


async def mapping(request: web.Request) -> web.Response:
    """Which groups of patients may be offered freed times of which service."""
    async with request.app[DATABASE].transaction() as tx:
        services = await access_mapping(tx, speech_of(request).language)
        return await page(
            request,
            tx,
            "waitlist/templates/groups.html",
            AT,
            services=services,
            saved=request.query.get("done") == "saved",
        )


async def set_mapping(request: web.Request) -> web.StreamResponse:
    """Let people of these groups be offered a service."""
    posted = await request.post()
    ids = [read_id(str(one)) for one in posted.getall("group", [])]
    groups = [one for one in ids if one is not None]
    async with request.app[DATABASE].transaction() as tx:
        service = int(request.match_info["service"])
        if not await access_set_mapping(tx, staff_of(request), service, groups):
            raise web.HTTPNotFound
    return go_to("/waitlist/groups?done=saved")


def _joining(request: web.Request, posted: dict[str, Any], weekdays: list[Any]) -> Joining | None:
    what, _, whom = str(posted.get("what", "")).partition("-")
    service, practitioner = read_id(what), read_id(whom)
    part = next((one for one in PARTS if one == posted.get("part")), None)
    try:
        until = date.fromisoformat(str(posted.get("until", "")))
        begin = date.fromisoformat(str(posted.get("from", "")))
    except ValueError:
        return None
    days = tuple(int(day) for day in map(str, weekdays) if day in "0123456" and len(day) == 1)
    if service is None or part is None or until < begin:
        return None
    return Joining(
        int(request.match_info["patient"]),
        service,
        practitioner,
        Wishes(begin, until, days, part),
    )


async def _form(request: web.Request, tx: Tx, *, status: int = 200) -> web.Response:
    patient = await access_patient(tx, staff_of(request), int(request.match_info["patient"]))
    if patient is None:
        raise web.HTTPNotFound
    today = await _today(request, tx)
    return await page(
        request,
        tx,
        "waitlist/templates/form.html",
        AT,
        status=status,
        patient=patient,
        services=await services_with_practitioners(tx, speech_of(request).language),
        parts=PARTS,
        today=today,
        until=today + USUALLY,
        wrong=status != 200,
    )


async def _board(request: web.Request, tx: Tx, month: date) -> Any:
    zone = ZoneInfo(request.app[SETTINGS].clinic.time_zone)
    language = speech_of(request).language
    return await access_rescues(tx, staff_of(request), month, zone, language)


async def _today(request: web.Request, tx: Tx) -> date:
    """The clinic's date, by the database's clock."""
    today: date = await tx.fetchval(
        "select (now() at time zone $1)::date", request.app[SETTINGS].clinic.time_zone
    )
    return today


def _month(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today
    return found if date(2000, 1, 1) <= found <= today else today


def _actor(request: web.Request) -> Actor:
    staff, app = staff_of(request), request.app
    return Actor("staff", staff.id, speech_of(request).language, app[SETTINGS], app[KEYS])
