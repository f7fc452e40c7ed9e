"""A message to a patient, from the record; and the end of a chat's link."""

from uuid import UUID

from aiohttp import web

from admin.campaigns.shown import why
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from clinic.db import Tx
from clinic.ids import new_key
from clinic.policy.types import LeftOut
from clinic.staff.access.conversations import TEXT_LENGTH
from clinic.staff.access.patients import access_patient
from clinic.staff.access.record_deeds import (
    Written,
    access_end_link,
    access_way,
    access_write_to,
)

AT = "patients"  # the menu's entry
# Why a message was not written, though the patient can be reached.
PROBLEMS = ("length", "taken", "already")


async def ask(request: web.Request) -> web.Response:
    """The form: by which chat it would go, when, or why not."""
    async with request.app[DATABASE].transaction() as tx:
        return await _form(request, tx)


async def send(request: web.Request) -> web.StreamResponse:
    """Write it."""
    posted, app = await request.post(), request.app
    text = str(posted.get("text", "")).replace("\r\n", "\n").replace("\0", "").strip()
    try:
        key = UUID(str(posted.get("key", "")))
    except ValueError:
        key = new_key()
    async with app[DATABASE].transaction() as tx:
        if not 0 < len(text) <= TEXT_LENGTH:
            return await _form(request, tx, text, "length")
        done = await access_write_to(
            tx, app[KEYS], app[SETTINGS], staff_of(request), _id(request), key, text
        )
        match done:
            case Written(_, conversation):
                return go_to(f"/conversations/{conversation}")
            case LeftOut(reason):
                return await _form(request, tx, text, reason if reason in PROBLEMS else None)
    raise web.HTTPNotFound


async def end_link(request: web.Request) -> web.StreamResponse:
    """Let a chat speak for the patient no more."""
    talk = int(request.match_info["conversation"])
    async with request.app[DATABASE].transaction() as tx:
        if not await access_end_link(tx, staff_of(request), _id(request), talk):
            raise web.HTTPNotFound
    return go_to(f"/patients/{_id(request)}?done=unlinked#chats")


async def _form(
    request: web.Request, tx: Tx, text: str = "", problem: str | None = None
) -> web.Response:
    staff, speech = staff_of(request), speech_of(request)
    way = await access_way(tx, request.app[SETTINGS], staff, _id(request))
    person = await access_patient(tx, staff, _id(request))
    if way is None or person is None:
        raise web.HTTPNotFound
    left = why(speech, way.reason) if isinstance(way, LeftOut) else None
    return await page(
        request,
        tx,
        "patients/templates/message.html",
        AT,
        status=200 if request.method == "GET" else 409,
        person=person,
        way=None if isinstance(way, LeftOut) else way,
        left=left,
        later=why(speech, None if isinstance(way, LeftOut) else way.reason),
        text=text,
        most=TEXT_LENGTH,
        key=new_key(),
        problem=problem,
    )


def _id(request: web.Request) -> int:
    return int(request.match_info["patient"])
