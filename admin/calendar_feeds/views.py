"""Calendar feeds: a doctor's own, and for an admin everybody's."""

from aiohttp import web

from admin.api_keys.views import public_address
from admin.keys import DATABASE
from admin.page import go_to, page, speech_of, staff_of
from clinic.booking.search import in_language
from clinic.calendar_feed.service import access_add_feed, access_calendars, access_revoke_feed
from clinic.db import Tx

AT = "calendar_feeds"  # the menu's entry
PATH = "/settings/calendar-feeds"


async def listing(request: web.Request) -> web.Response:
    """The practitioners with their feeds."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def add(request: web.Request) -> web.Response:
    """Make a feed and show its address, this once."""
    practitioner = int(request.match_info["practitioner"])
    initials = (await request.post()).get("initials") == "yes"
    async with request.app[DATABASE].transaction() as tx:
        token = await access_add_feed(
            tx,
            staff_of(request),
            practitioner,
            initials=initials,
            language=speech_of(request).language,
        )
        if token is None:
            raise web.HTTPNotFound
        return await _show(request, tx, token=token, of=practitioner)


async def revoke(request: web.Request) -> web.StreamResponse:
    """End a feed for good."""
    async with request.app[DATABASE].transaction() as tx:
        done = await access_revoke_feed(tx, staff_of(request), int(request.match_info["feed"]))
    if not done:
        raise web.HTTPNotFound
    return go_to(PATH)


async def _show(
    request: web.Request, tx: Tx, *, token: str = "", of: int | None = None
) -> web.Response:
    language = speech_of(request).language
    url = f"{public_address(request)}/calendar/{token}.ics" if token else ""
    return await page(
        request,
        tx,
        "calendar_feeds/templates/list.html",
        AT,
        calendars=[
            (one, in_language(one.name, language))
            for one in await access_calendars(tx, staff_of(request))
        ],
        url=url,
        webcal=f"webcal://{url.partition('://')[2]}",
        of=of,
    )
