"""One visit of the calendar: its card, moving it, cancelling it, its note."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, is_partial, page, part, speech_of, staff_of
from admin.patients.record import mask
from admin.schedule.look import read_day, read_id, read_wall
from admin.settings.shown import actor_of, number
from bot.visit_news import can_be_silent, tell_patient
from clinic.booking.desk import NotSo, Wish, free_starts
from clinic.booking.rota import site_of
from clinic.booking.search import list_practitioners
from clinic.booking.types import Changed, Visit
from clinic.db import Tx
from clinic.staff.access.calendar import (
    NOTE_LENGTH,
    UNDO,
    VisitCard,
    access_cancel,
    access_move,
    access_visit,
    access_write_note,
    seen_practitioner,
)
from clinic.staff.access.setup import access_call_about, take_call_back

SLOTS = 60  # free starts of a day that are shown


async def show(request: web.Request) -> web.Response:
    """The card of one visit, with the free times of a day to move it to."""
    async with request.app[DATABASE].transaction() as tx:
        return await _card(request, tx)


async def move(request: web.Request) -> web.StreamResponse:
    """Move a visit, or take a move back. The grid asks for JSON, the card for a page."""
    visit_id, form = number(request, "visit"), await request.post()
    words = {name: str(value) for name, value in form.items()}
    if "pick" in words:  # the card's free times: when, with whom and where in one field
        words |= dict(
            zip(("starts", "practitioner", "site"), words["pick"].split("|"), strict=False)
        )
    version, at = read_id(words.get("version", "")), read_wall(words.get("starts", ""))
    who, site = read_id(words.get("practitioner", "")), read_id(words.get("site", ""))
    if version is None or at is None or who is None or site is None:
        raise web.HTTPUnprocessableEntity
    actor, staff = actor_of(request), staff_of(request)
    async with request.app[DATABASE].transaction() as tx:
        before = await access_visit(tx, request.app[KEYS], staff, actor, visit_id)
        if before is None:
            raise web.HTTPNotFound
        if words.get("column") != "site":
            site = await site_of(tx, who, at, site)
        wish = Wish(site, who, at, read_id(words.get("room", "")) or None)
        undoing = "undo" in words
        silent = undoing and await can_be_silent(tx, visit_id, version)
        outcome = await access_move(tx, staff, actor, visit_id, version, wish)
        if outcome is None:
            raise web.HTTPNotFound
        if not isinstance(outcome, Visit):
            return await _refused(request, tx, outcome)
        told = True
        if silent:
            await take_call_back(tx, staff, "visit_moved", visit_id, version)
        else:
            told = await tell(request, tx, outcome, "moved")
    was = f"{before.starts_at:%Y-%m-%dT%H:%M}"
    if _wants_json(request):
        return web.json_response(
            {
                "moved": True,
                "version": outcome.version,
                "at": speech_of(request).clock(outcome.starts_at),
                "told": told,
                "undo": {
                    "starts": was,
                    "practitioner": before.practitioner_id,
                    "site": before.site_id,
                },
            }
        )
    done = "undone" if undoing else "moved"
    return go_to(
        f"/calendar?on={outcome.starts_at:%Y-%m-%d}&done={done}&visit={visit_id}"
        f"&version={outcome.version}&was={was}&was_with={before.practitioner_id}"
        f"&was_at={before.site_id}{'' if told else '&call'}"
    )


async def cancel(request: web.Request) -> web.StreamResponse:
    """Cancel a visit with a reason; the patient is told."""
    visit_id, form = number(request, "visit"), await request.post()
    version = read_id(str(form.get("version", "")))
    if version is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        reason = str(form.get("reason", "")).strip()
        outcome = await access_cancel(
            tx, staff_of(request), actor_of(request), visit_id, version, reason
        )
        if outcome is None:
            raise web.HTTPNotFound
        if isinstance(outcome, Changed):
            return await _card(request, tx, problem="changed", status=409)
        told = await tell(request, tx, outcome, "cancelled")
    on = f"{outcome.starts_at:%Y-%m-%d}"
    return go_to(f"/calendar?on={on}&done=cancelled{'' if told else '&call'}")


async def note(request: web.Request) -> web.StreamResponse:
    """Put a note on a visit."""
    visit_id, form = number(request, "visit"), await request.post()
    words = str(form.get("note", "")).replace("\x00", "").strip()
    async with request.app[DATABASE].transaction() as tx:
        staff, actor = staff_of(request), actor_of(request)
        if not await access_write_note(tx, staff, actor, visit_id, words):
            raise web.HTTPNotFound
        return await _card(request, tx, saved=True)


async def tell(request: web.Request, tx: Tx, visit: Visit, deed: Any) -> bool:
    """Tell the patient, or have somebody call; whether the patient is told."""
    settings = request.app[SETTINGS]
    told = await tell_patient(tx, request.app[KEYS], settings, visit, deed, UNDO) is not None
    if not told:
        await access_call_about(tx, staff_of(request), [visit.id], CALLS[deed])
    return told


CALLS: dict[str, Any] = {
    "booked": "visit_booked",
    "moved": "visit_moved",
    "cancelled": "visit_cancelled",
}


async def _refused(request: web.Request, tx: Tx, outcome: NotSo | Changed) -> web.StreamResponse:
    problem = outcome.reason if isinstance(outcome, NotSo) else "changed"
    if _wants_json(request):
        words = speech_of(request)(f"calendar.why.{problem}")
        return web.json_response({"moved": False, "why": words}, status=409)
    return await _card(request, tx, problem=problem, status=409)


async def _card(
    request: web.Request,
    tx: Tx,
    *,
    problem: str | None = None,
    saved: bool = False,
    status: int = 200,
) -> web.Response:
    staff, actor = staff_of(request), actor_of(request)
    visit = await access_visit(tx, request.app[KEYS], staff, actor, number(request, "visit"))
    if visit is None:
        raise web.HTTPNotFound
    values: dict[str, Any] = {
        "visit": visit,
        "phone": mask("phone", visit.phone),
        "problem": problem,
        "saved": saved,
        "note_length": NOTE_LENGTH,
        **await _free(request, tx, visit),
    }
    if is_partial(request):
        return part(request, "schedule/templates/card.html", status=status, **values)
    return await page(
        request, tx, "schedule/templates/visit.html", "schedule", status=status, **values
    )


async def _free(request: web.Request, tx: Tx, visit: VisitCard) -> dict[str, Any]:
    """The day and practitioner to look for free times of, and those times."""
    on = read_day(request.query.get("day", ""), max(visit.starts_at.date(), visit.now.date()))
    wanted = read_id(request.query.get("with", ""))
    staff, actor = staff_of(request), actor_of(request)
    who = await seen_practitioner(tx, staff, wanted or visit.practitioner_id)
    people = await list_practitioners(tx, visit.service_id, actor.language)
    slots = await free_starts(tx, actor, visit.service_id, who, on, SLOTS, visit.id)
    return {
        "day": on,
        "who": who,
        "people": [x for x in people if await seen_practitioner(tx, staff, x.id) == x.id],
        "slots": slots if visit.open else (),
    }


def _wants_json(request: web.Request) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
