"""The inbox: who waits, one conversation, and the patient beside it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from admin.conversations import shown
from admin.conversations.media import kind_of_media
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import is_partial, page, part, staff_of, words_of
from clinic.db import Tx
from clinic.staff.access.alarm import access_unclosed
from clinic.staff.access.cards import access_cards
from clinic.staff.access.colleagues import access_colleagues
from clinic.staff.access.conversations import (
    TEXT_LENGTH,
    Opened,
    access_conversation,
)
from clinic.staff.access.inbox import (
    ORDERS,
    TABS,
    Listing,
    Notice,
    Order,
    Tab,
    access_conversations,
    access_notices,
)
from clinic.staff.access.notes import NOTE_LENGTH

AT = "conversations"
CARDS = 4  # patients of one chat whose card is shown
_UNCHANGED = 204


@dataclass(frozen=True, slots=True)
class Where:
    """Which list somebody works through. `query` is it in an address, "" for the usual one."""

    tab: Tab
    order: Order
    query: str


def where(request: web.Request) -> Where:
    """The list that the address names."""
    asked = request.query
    tab = next((one for one in TABS if one == asked.get("tab")), TABS[0])
    order = next((one for one in ORDERS if one == asked.get("order")), ORDERS[0])
    named = {name: asked[name] for name in ("tab", "order") if asked.get(name)}
    return Where(tab, order, f"?{urlencode(named)}" if named else "")


def conversation_id(request: web.Request) -> int:
    """The conversation that the address names."""
    return int(request.match_info["conversation"])


async def listing(request: web.Request) -> web.Response:
    """A tab of the inbox."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "conversations/templates/list.html",
            AT,
            done=shown.done(request),
            **await _list(request, tx),
        )


async def find(request: web.Request) -> web.Response:
    """Conversations by the patient's name, reading, chart number or telephone; beside the one
    that is open, if a page's script asks."""
    words = await words_of(request)
    async with request.app[DATABASE].transaction() as tx:
        values = await _list(request, tx, words)
        if is_partial(request):
            return part(request, "conversations/templates/lists.html", **values)
        return await page(request, tx, "conversations/templates/list.html", AT, done=None, **values)


async def live_listing(request: web.Request) -> web.Response:
    """The list again, if it changed."""
    at, seen = where(request), request.query.get("seen", "")
    async with request.app[DATABASE].transaction() as tx:
        found = await access_conversations(
            tx,
            request.app[KEYS],
            staff_of(request),
            at.tab,
            order=at.order,
            seen=seen,
        )
    if found is None:
        return web.Response(status=_UNCHANGED)
    return part(request, "conversations/templates/lists.html", **_parts(request, found))


async def live_notices(request: web.Request) -> web.Response:
    """What colleagues want seen, if that changed."""
    async with request.app[DATABASE].transaction() as tx:
        found = await access_notices(tx, staff_of(request))
    mark = _notice_mark(found)
    if mark == request.query.get("seen", ""):
        return web.Response(status=_UNCHANGED)
    return part(request, "conversations/templates/notices.html", notices=found, mark=mark)


async def show(request: web.Request) -> web.Response:
    """One conversation."""
    return await shown_page(request, problem=request.query.get("problem"))


async def shown_page(
    request: web.Request,
    *,
    status: int = 200,
    problem: str | None = None,
    draft: str = "",
    note: str = "",
) -> web.Response:
    """The page of a conversation; with what somebody had begun to write, if that was not taken."""
    keys, staff, settings = request.app[KEYS], staff_of(request), request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        found = await access_conversation(
            tx, keys, staff, conversation_id(request), media=kind_of_media(request)
        )
        if found is None:
            raise web.HTTPNotFound
        patients = [patient.id for patient in found.head.patients[:CARDS]]
        cards = await access_cards(tx, keys, staff, patients)
        ready = await shown.canned(request, tx, found.head, cards)
        chosen = next((one for one in ready if str(one.id) == request.query.get("canned")), None)
        return await page(
            request,
            tx,
            "conversations/templates/conversation.html",
            AT,
            status=status,
            opened=found,
            cards=cards,
            canned=ready,
            draft=draft or (chosen.text if chosen else ""),
            note=note,
            note_limit=NOTE_LENGTH,
            colleagues=await access_colleagues(tx),
            escalation=await access_unclosed(tx, found.head.id),
            lease=settings.policy.staff_lease_minutes,
            limit=TEXT_LENGTH,
            problem=problem if problem in shown.PROBLEMS else None,
            done=shown.done(request),
            snoozes=shown.SNOOZES,
            earliest=shown.minute(settings),
            **await _list(request, tx),
        )


async def live(request: web.Request) -> web.Response:
    """The thread of a conversation and who answers it, if anything changed."""
    async with request.app[DATABASE].transaction() as tx:
        seen = request.query.get("seen", "")
        found: Opened | None = await access_conversation(
            tx,
            request.app[KEYS],
            staff_of(request),
            conversation_id(request),
            seen,
            kind_of_media(request),
        )
    if found is None:
        return web.Response(status=_UNCHANGED)
    return part(
        request, "conversations/templates/thread.html", opened=found, query=where(request).query
    )


async def _list(request: web.Request, tx: Tx, words: str = "") -> dict[str, Any]:
    at = where(request)
    found = await access_conversations(
        tx, request.app[KEYS], staff_of(request), at.tab, order=at.order, words=words
    )
    assert found is not None
    opened = str((await request.post()).get("open", ""))
    return _parts(request, found, words, opened)


def _parts(
    request: web.Request, found: Listing, words: str = "", opened: str = ""
) -> dict[str, Any]:
    at = where(request)
    open_one = (
        opened
        or request.match_info.get("conversation")
        or request.query.get("open")
        or request.query.get("of", "")
    )
    return {
        "heads": found.heads,
        "mark": found.mark,
        "counts": found.counts,
        "tabs": TABS,
        "orders": ORDERS,
        "tab": at.tab,
        "order": at.order,
        "words": words,
        "query": at.query,
        "open_id": int(open_one) if open_one.isdecimal() and len(open_one) < 19 else 0,
    }


def _notice_mark(found: list[Notice]) -> str:
    return "-".join(str(one.id) for one in found) or "none"
