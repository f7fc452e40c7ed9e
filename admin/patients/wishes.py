"""How a patient wants to be written to, and to what: two small forms on the record page."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, staff_of
from clinic.policy.types import PURPOSES
from clinic.staff.access.wishes import HEARD, Heard, access_consents, access_prefer


async def prefer(request: web.Request) -> web.StreamResponse:
    """Write down the channel, "only call me" and "no greetings"."""
    posted = await request.post()
    patient, heard = int(request.match_info["patient"]), _heard(posted)
    async with request.app[DATABASE].transaction() as tx:
        done = await access_prefer(
            tx,
            staff_of(request),
            patient,
            channel=str(posted.get("channel", "")) or None,
            no_greetings=posted.get("no_greetings") == "yes",
            call_only=posted.get("call_only") == "yes",
            heard=heard,
        )
    if done is False:
        raise web.HTTPUnprocessableEntity
    return _back(patient, done)


async def consent(request: web.Request) -> web.StreamResponse:
    """Write down to what kinds of messages a chat says yes."""
    posted = await request.post()
    patient, heard = int(request.match_info["patient"]), _heard(posted)
    asked = set(map(str, posted.getall("purpose", [])))
    account = str(posted.get("account", ""))
    if not (account.isascii() and account.isdecimal() and len(account) < 19):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        done = await access_consents(
            tx,
            request.app[SETTINGS],
            staff_of(request),
            patient,
            int(account),
            [one for one in PURPOSES if one in asked],
            heard,
        )
    return _back(patient, done)


def _heard(posted: Any) -> Heard:
    heard = next((one for one in HEARD if one == posted.get("heard")), None)
    if heard is None:
        raise web.HTTPUnprocessableEntity
    return heard


def _back(patient: int, done: bool | None) -> web.StreamResponse:
    if done is None:
        raise web.HTTPNotFound
    return go_to(f"/patients/{patient}{'?done=edited' if done else ''}#wishes")
