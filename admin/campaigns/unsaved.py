"""What is typed into the form of a campaign is kept as it is typed: a closed tab loses nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from admin.campaigns.pictures import FIELD
from admin.keys import DATABASE
from admin.page import go_to, staff_of
from clinic.campaign.unsaved import Turn, Typed
from clinic.staff.access import composing as access

LEFT_OUT = frozenset(
    {"csrf", "version", "then", "do", "typing", "turn", FIELD}
)  # no part of what is written
NOTHING = ("",)


async def keep(request: web.Request) -> web.StreamResponse:
    """Keep the fields, or forget them (`forget`); the page needs no answer."""
    posted = await request.post()
    campaign_id = int(request.match_info["campaign"])
    version = str(posted.get("version", ""))[:9]
    async with request.app[DATABASE].transaction() as tx:
        staff = staff_of(request)
        if posted.get("forget"):
            await access.access_forget_typed(tx, staff, campaign_id)
            return go_to(f"/campaigns/{campaign_id}/edit")
        kept = await access.access_keep_typed(
            tx,
            staff,
            campaign_id,
            int(version) if version.isascii() and version.isdigit() else 0,
            fields(posted.items()),
            turn_of(posted),
        )
    return web.Response(status=204 if kept else 409)


def turn_of(posted: Mapping[str, Any]) -> Turn | None:
    """When the form was read, by the clock of which browser; None without a script."""
    browser, at = str(posted.get("typing", ""))[:32], str(posted.get("turn", ""))[:15]
    if not (browser.isascii() and browser.isalnum() and at.isascii() and at.isdigit()):
        return None
    return Turn(browser, int(at))


def fields(posted: Iterable[tuple[str, Any]]) -> list[list[str]]:
    """The fields worth keeping, in order."""
    return [
        [name, value]
        for name, value in posted
        if name not in LEFT_OUT and not name.startswith("look-") and isinstance(value, str)
    ]


def posted_again(typed: Typed) -> MultiDictProxy[Any]:
    """The fields as the form sent them."""
    return MultiDictProxy(MultiDict(typed.fields))


def said_in(posted: Mapping[str, Any]) -> dict[str, str]:
    """One value of each field; files are none."""
    return {name: value for name, value in posted.items() if isinstance(value, str)}
