"""A practitioner is running late: how far, who hears of it, and why others do not."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.today.views import actor_of
from bot.reception import Waiting, late_for, tell_late
from clinic.db import Tx
from clinic.policy.types import Go
from clinic.reception.rules import LONGEST_DELAY
from clinic.reception.service import delays
from clinic.staff.access.reception import access_practitioner, access_set_delay, note_late_list
from clinic.staff.access.visits import today

CHOICES = (0, 10, 15, 20, 30, 45, 60, 90)  # minutes


async def show(request: web.Request) -> web.Response:
    """How far behind, and who is still to come."""
    told = request.query.get("told", "")
    async with request.app[DATABASE].transaction() as tx:
        practitioner, name = await _practitioner(request, tx)
        minutes, people = await _people(request, tx, practitioner)
        await note_late_list(
            tx, staff_of(request), practitioner, [it.appointment_id for it in people]
        )
        return await page(
            request,
            tx,
            "today/templates/late.html",
            "today",
            practitioner=practitioner,
            name=name,
            minutes=minutes,
            choices=sorted({*CHOICES, minutes}),
            longest=LONGEST_DELAY,
            reached=[one for one in people if isinstance(one.decision, Go)],
            others=[(one, _why(one)) for one in people if not isinstance(one.decision, Go)],
            told=int(told) if told.isdecimal() and len(told) < 6 else None,
        )


async def set_minutes(request: web.Request) -> web.StreamResponse:
    """Say how far behind; the times on the screen move with it."""
    minutes = str((await request.post()).get("minutes", ""))
    if not (minutes.isascii() and minutes.isdecimal()) or int(minutes[:6]) > LONGEST_DELAY:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        practitioner, _ = await _practitioner(request, tx)
        on = await today(tx, request.app[SETTINGS].clinic.time_zone)
        staff, actor = staff_of(request), actor_of(request)
        await access_set_delay(tx, staff, actor, practitioner, on, int(minutes))
    return go_to(f"/today/late/{practitioner}")


async def tell(request: web.Request) -> web.StreamResponse:
    """Tell those who are still to come, each once of one delay."""
    app = request.app
    async with app[DATABASE].transaction() as tx:
        practitioner, _ = await _practitioner(request, tx)
        minutes, people = await _people(request, tx, practitioner)
        if not minutes:
            raise web.HTTPConflict
        written = await tell_late(tx, app[KEYS], app[SETTINGS], people, minutes)
    return go_to(f"/today/late/{practitioner}?told={written}")


async def _practitioner(request: web.Request, tx: Tx) -> tuple[int, str]:
    practitioner = int(request.match_info["practitioner"])
    language = speech_of(request).language
    name = await access_practitioner(tx, staff_of(request), practitioner, language)
    if name is None:
        raise web.HTTPNotFound
    return practitioner, name


async def _people(request: web.Request, tx: Tx, practitioner: int) -> tuple[int, list[Waiting]]:
    settings = request.app[SETTINGS]
    on = await today(tx, settings.clinic.time_zone)
    minutes = (await delays(tx, on)).get(practitioner, 0)
    return minutes, await late_for(tx, settings, practitioner, on, minutes)


def _why(one: Waiting) -> str:
    """The reason as a code of the family `left_out_`."""
    assert not isinstance(one.decision, Go)
    return one.decision.reason
