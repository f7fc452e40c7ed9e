"""The queue of conversations, and answering one."""

from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, part, staff_of
from clinic.staff.access.alarm import access_unclosed
from clinic.staff.access.conversations import (
    TEXT_LENGTH,
    Listing,
    access_answer,
    access_conversation,
    access_conversations,
    access_hand_back,
    access_take_over,
)
from clinic.staff.access.notes import NOTE_LENGTH, access_notes, access_write_note

_UNCHANGED = 204


async def listing(request: web.Request) -> web.Response:
    """Who waits, whom I answer, and everybody lately."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access_conversations(tx, request.app[KEYS], staff_of(request))
        assert found is not None
        return await page(
            request, tx, "conversations/templates/list.html", "conversations", **_parts(found)
        )


async def live_listing(request: web.Request) -> web.Response:
    """The lists again, if they changed."""
    async with request.app[DATABASE].transaction() as tx:
        seen = request.query.get("seen", "")
        found = await access_conversations(tx, request.app[KEYS], staff_of(request), seen)
    if found is None:
        return web.Response(status=_UNCHANGED)
    return part(request, "conversations/templates/lists.html", **_parts(found))


async def show(request: web.Request) -> web.Response:
    """One conversation."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access_conversation(tx, request.app[KEYS], staff_of(request), _id(request))
        if found is None:
            raise web.HTTPNotFound
        return await page(
            request,
            tx,
            "conversations/templates/conversation.html",
            "conversations",
            opened=found,
            notes=await access_notes(tx, request.app[KEYS], staff_of(request), found.head.id),
            note_limit=NOTE_LENGTH,
            escalation=await access_unclosed(tx, found.head.id),
            lease=request.app[SETTINGS].policy.staff_lease_minutes,
            limit=TEXT_LENGTH,
            problem=request.query.get("problem"),
        )


async def live(request: web.Request) -> web.Response:
    """The messages of a conversation and who answers it, if anything changed."""
    async with request.app[DATABASE].transaction() as tx:
        seen = request.query.get("seen", "")
        found = await access_conversation(
            tx, request.app[KEYS], staff_of(request), _id(request), seen
        )
    if found is None:
        return web.Response(status=_UNCHANGED)
    return part(request, "conversations/templates/thread.html", opened=found)


async def take_over(request: web.Request) -> web.StreamResponse:
    """Answer a conversation from here on."""
    minutes = request.app[SETTINGS].policy.staff_lease_minutes
    async with request.app[DATABASE].transaction() as tx:
        taken = await access_take_over(tx, staff_of(request), _id(request), minutes)
    if taken is None:
        raise web.HTTPNotFound
    return _to(request, "" if taken else "taken")


async def answer(request: web.Request) -> web.StreamResponse:
    """Say something to the patient."""
    # A browser sends line ends as CR LF; a chat shows both.
    text = str((await request.post()).get("text", "")).replace("\r\n", "\n").strip()
    if not text or len(text) > TEXT_LENGTH:
        return _to(request, "length")
    minutes = request.app[SETTINGS].policy.staff_lease_minutes
    async with request.app[DATABASE].transaction() as tx:
        written = await access_answer(
            tx, request.app[KEYS], staff_of(request), _id(request), text, minutes
        )
    return _to(request, "" if written is not None else "not_mine")


async def hand_back(request: web.Request) -> web.StreamResponse:
    """Give the conversation back to the bot and go on with the queue."""
    async with request.app[DATABASE].transaction() as tx:
        returned = await access_hand_back(tx, staff_of(request), _id(request))
    return go_to("/conversations") if returned else _to(request, "not_mine")


async def write_note(request: web.Request) -> web.StreamResponse:
    """Tell colleagues something about a conversation. The patient never gets it."""
    text = str((await request.post()).get("note", "")).replace("\r\n", "\n").strip()
    if not text or len(text) > NOTE_LENGTH:
        return _to(request, "note")
    async with request.app[DATABASE].transaction() as tx:
        written = await access_write_note(
            tx, request.app[KEYS], staff_of(request), _id(request), text
        )
    if written is None:
        raise web.HTTPNotFound
    return _to(request, "")


def _parts(found: Listing) -> dict[str, Any]:
    heads = found.heads
    return {
        "queue": [head for head in heads if head.owner == "queue"],
        "mine": [head for head in heads if head.mine],
        "others": [head for head in heads if head.owner != "queue" and not head.mine],
        "mark": found.mark,
    }


def _id(request: web.Request) -> int:
    return int(request.match_info["conversation"])


def _to(request: web.Request, problem: str) -> web.Response:
    query = f"?problem={problem}" if problem else ""
    return go_to(f"/conversations/{_id(request)}{query}")
