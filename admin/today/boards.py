"""The public boards of the queue's numbers: their addresses, for the screens of waiting rooms."""

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from clinic.reception.board import board_token
from clinic.staff.access.reception import access_boards, access_set_board


async def listing(request: web.Request) -> web.Response:
    """Each site with the address of its board."""
    keys, server = request.app[KEYS], request.app[SETTINGS].server
    base = (server.public_url or f"http://{server.host}:{server.port}").rstrip("/")
    async with request.app[DATABASE].transaction() as tx:
        boards = [
            (
                one,
                f"{base}/board/{board_token(keys, one.site_id, one.version)}"
                if one.version is not None
                else "",
            )
            for one in await access_boards(tx, speech_of(request).language)
        ]
        return await page(request, tx, "today/templates/boards.html", "today", boards=boards)


async def open_anew(request: web.Request) -> web.StreamResponse:
    """Give a site's board an address, or a new one: the old one is dead."""
    return await _set(request, on=True)


async def close(request: web.Request) -> web.StreamResponse:
    """Take a site's board from the network."""
    return await _set(request, on=False)


async def _set(request: web.Request, *, on: bool) -> web.StreamResponse:
    site = int(request.match_info["site"])
    async with request.app[DATABASE].transaction() as tx:
        if await access_set_board(tx, request.app[KEYS], staff_of(request), site, on=on) is None:
            raise web.HTTPNotFound
    return go_to("/queue/boards")
