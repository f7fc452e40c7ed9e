"""What waits on top of the day."""

from datetime import date, timedelta
from typing import Any

from aiohttp import web

from admin.escalations.views import age_of, why_of
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import part, speech_of, staff_of
from admin.tasks.views import kind_of
from clinic.db import Tx
from clinic.staff.access.visits import today
from clinic.staff.access.waits import access_waits

FAR = timedelta(days=3650)  # nobody books further away
_UNCHANGED = 204


async def live(request: web.Request) -> web.Response:
    """What waits, if that changed."""
    async with request.app[DATABASE].transaction() as tx:
        now_on = await today(tx, request.app[SETTINGS].clinic.time_zone)
        on = day_of(request.query.get("on", ""), now_on)
        found = await waits(request, tx, whole=on == now_on, seen=request.query.get("seen", ""))
    if found is None:
        return web.Response(status=_UNCHANGED)
    return part(request, "today/templates/waits.html", on=on, **found)


async def waits(
    request: web.Request, tx: Tx, *, whole: bool, seen: str = ""
) -> dict[str, Any] | None:
    """The values of the template; None if nothing changed since what was marked `seen`."""
    speech = speech_of(request)
    found = await access_waits(
        tx, request.app[KEYS], staff_of(request), speech.language, whole=whole, seen=seen
    )
    if found is None:
        return None
    return {
        "waits": found,
        "grave": [(row, why_of(request, row), age_of(request, row)) for row in found.escalations],
        "due": [(one, kind_of(one, speech)) for one in found.tasks],
    }


def day_of(text: str, default: date) -> date:
    """The day that an address asks for; the other where it asks for none, or for nonsense."""
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return default
    return on if abs(on - default) < FAR else default
