"""What staff do with a conversation: answer, give it away, put it off, take notes."""

from zoneinfo import ZoneInfo

from aiohttp import web

from admin.conversations.shown import opening
from admin.conversations.typing import show_typing
from admin.conversations.views import conversation_id, shown_page, where
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, staff_of
from clinic import clock
from clinic.canned.types import PLACEHOLDERS
from clinic.conversation.rules import snooze_until
from clinic.staff.access.conversations import (
    TEXT_LENGTH,
    access_answer,
    access_assign,
    access_hand_back,
    access_here,
    access_snooze,
    access_take_over,
)
from clinic.staff.access.messages import access_send_again
from clinic.staff.access.notes import NOTE_LENGTH, access_write_note


async def take_over(request: web.Request) -> web.StreamResponse:
    """Answer a conversation from here on."""
    minutes = request.app[SETTINGS].policy.staff_lease_minutes
    async with request.app[DATABASE].transaction() as tx:
        taken = await access_take_over(tx, staff_of(request), conversation_id(request), minutes)
    if taken is None:
        raise web.HTTPNotFound
    return _to(request, "" if taken else "taken")


async def answer(request: web.Request) -> web.StreamResponse:
    """Say something to the patient, unless something else was said meanwhile."""
    form = await request.post()
    text = _words(str(form.get("text", "")))
    if not text or len(text) > TEXT_LENGTH:
        return _to(request, "length")
    if any(f"{{{name}}}" in text for name in PLACEHOLDERS):
        return await shown_page(request, status=422, problem="placeholder", draft=text)
    minutes = request.app[SETTINGS].policy.staff_lease_minutes
    async with request.app[DATABASE].transaction() as tx:
        written = await access_answer(
            tx,
            request.app[KEYS],
            staff_of(request),
            conversation_id(request),
            text,
            minutes,
            str(form.get("seen", "")),
        )
    if written == "changed":
        return await shown_page(request, status=409, problem="changed", draft=text)
    return _to(request, "" if written is not None else "not_mine")


async def hand_back(request: web.Request) -> web.StreamResponse:
    """Give the conversation back to the bot and go on with the list."""
    async with request.app[DATABASE].transaction() as tx:
        returned = await access_hand_back(tx, staff_of(request), conversation_id(request))
    return _on(request, "handed_back") if returned else _to(request, "not_mine")


async def assign(request: web.Request) -> web.StreamResponse:
    """Give the conversation to a colleague, who is told."""
    colleague = str((await request.post()).get("colleague", ""))
    if not colleague.isdecimal() or len(colleague) > 18:
        return _to(request, "nobody")
    minutes = request.app[SETTINGS].policy.staff_lease_minutes
    async with request.app[DATABASE].transaction() as tx:
        how = await access_assign(
            tx, staff_of(request), conversation_id(request), int(colleague), minutes
        )
    return _on(request, "assigned") if how == "done" else _to(request, how)


async def snooze(request: web.Request) -> web.StreamResponse:
    """Put the conversation off: until a time, or until the patient writes."""
    form, settings = await request.post(), request.app[SETTINGS]
    now = clock.now().astimezone(ZoneInfo(settings.clinic.time_zone))
    until = snooze_until(
        str(form.get("for", "at")), str(form.get("until", "")), now, opening(settings)
    )
    if until is None:
        return _to(request, "snooze")
    async with request.app[DATABASE].transaction() as tx:
        done = await access_snooze(tx, staff_of(request), conversation_id(request), until)
    return _on(request, "snoozed") if done else _to(request, "not_mine")


async def write_note(request: web.Request) -> web.StreamResponse:
    """Tell colleagues something about a conversation. The patient never gets it."""
    text = _words(str((await request.post()).get("note", "")))
    if not text or len(text) > NOTE_LENGTH:
        return _to(request, "note")
    async with request.app[DATABASE].transaction() as tx:
        written = await access_write_note(
            tx, request.app[KEYS], staff_of(request), conversation_id(request), text
        )
    if written is None:
        raise web.HTTPNotFound
    return _to(request, "")


async def here(request: web.Request) -> web.StreamResponse:
    """The page tells by itself that somebody has it open, and whether that person writes."""
    form = await request.post()
    async with request.app[DATABASE].transaction() as tx:
        known = await access_here(
            tx,
            staff_of(request),
            conversation_id(request),
            typing=form.get("typing") == "yes",
            leaving=form.get("leaving") == "yes",
        )
    if not known:
        raise web.HTTPNotFound
    if form.get("typing") == "yes":
        await show_typing(request, staff_of(request), conversation_id(request))
    return web.Response(status=204)


async def send_again(request: web.Request) -> web.StreamResponse:
    """Send a person's message that did not arrive once more."""
    async with request.app[DATABASE].transaction() as tx:
        done = await access_send_again(
            tx, request.app[KEYS], staff_of(request), int(request.match_info["message"])
        )
    if done is None:
        raise web.HTTPNotFound
    talk, how = done
    problem = {"done": "", "not_mine": "not_mine", "no": "again"}[how]
    return go_to(f"/conversations/{talk}{_joined(where(request).query, 'problem', problem)}")


def _words(text: str) -> str:
    """As a chat takes them: a browser sends line ends as CR LF, and a chat shows both."""
    return text.replace("\r\n", "\n").strip()


def _to(request: web.Request, problem: str) -> web.Response:
    query = _joined(where(request).query, "problem", problem)
    return go_to(f"/conversations/{conversation_id(request)}{query}")


def _on(request: web.Request, done: str) -> web.Response:
    """On with the list, which says what was done and how to take it back."""
    query = where(request).query
    told = f"done={done}&of={conversation_id(request)}"
    return go_to(f"/conversations{query}{'&' if query else '?'}{told}")


def _joined(query: str, name: str, value: str) -> str:
    if not value:
        return query
    return f"{query}{'&' if query else '?'}{name}={value}"
