"""Visits of today and tomorrow of which nobody has said that they come."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.today.views import actor_of
from bot.offers import tell_freed
from bot.reminding import ask_again
from clinic.booking.service import confirm_visit
from clinic.booking.types import Visit
from clinic.staff.access.reception import access_free_unconfirmed, access_unconfirmed
from clinic.staff.access.visits import may_see_visit
from clinic.staff.rules import sees_all_patients

DONE = ("asked", "freed", "confirmed")


async def listing(request: web.Request) -> web.Response:
    """Whom to ask again, to call, or whose time to give to others."""
    settings, staff = request.app[SETTINGS], staff_of(request)
    done = request.query.get("done")
    why = request.query.get("why", "")
    async with request.app[DATABASE].transaction() as tx:
        visits = await access_unconfirmed(
            tx, staff, settings.clinic.time_zone, speech_of(request).language
        )
        return await page(
            request,
            tx,
            "today/templates/unconfirmed.html",
            "today",
            visits=visits,
            may_free=settings.waitlist.free_unconfirmed and sees_all_patients(staff.role),
            done=done if done in DONE else None,
            why=why if f"left_out_{why}" in speech_of(request) else None,
        )


async def ask(request: web.Request) -> web.StreamResponse:
    """Send the reminder with its buttons once more, through the policy's gate."""
    app, visit_id = request.app, _id(request)
    async with app[DATABASE].transaction() as tx:
        if not await may_see_visit(tx, staff_of(request), visit_id):
            raise web.HTTPNotFound
        outcome = await ask_again(tx, app[KEYS], app[SETTINGS], actor_of(request), visit_id)
    if outcome is None:
        return go_to("/unconfirmed?done=asked")
    return go_to(f"/unconfirmed?why={outcome}")


async def confirm(request: web.Request) -> web.StreamResponse:
    """The patient said on the telephone that they come."""
    version = str((await request.post()).get("version", ""))
    if not version.isdecimal():
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await may_see_visit(tx, staff_of(request), _id(request)):
            raise web.HTTPNotFound
        outcome = await confirm_visit(tx, actor_of(request), _id(request), int(version[:9]))
        if not isinstance(outcome, Visit):
            raise web.HTTPConflict
    return go_to("/unconfirmed?done=confirmed")


async def free(request: web.Request) -> web.StreamResponse:
    """Give the time to others, and tell whoever booked it."""
    app = request.app
    settings, keys = app[SETTINGS], app[KEYS]
    version = str((await request.post()).get("version", ""))
    if not version.isdecimal() or not settings.waitlist.free_unconfirmed:
        raise web.HTTPUnprocessableEntity
    async with app[DATABASE].transaction() as tx:
        actor = actor_of(request)
        visit = await access_free_unconfirmed(
            tx, staff_of(request), actor, _id(request), int(version[:9])
        )
        if visit is None:
            raise web.HTTPConflict
        await tell_freed(tx, keys, settings, visit)
    return go_to("/unconfirmed?done=freed")


def _id(request: web.Request) -> int:
    return int(request.match_info["visit"])
