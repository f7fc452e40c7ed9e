"""A copy of the clinic's database sends nothing until an admin says that it is the clinic's now."""

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, staff_of
from clinic.installation.service import release


async def let_go(request: web.Request) -> web.StreamResponse:
    """Let messages go out from here."""
    async with request.app[DATABASE].transaction() as tx:
        await release(tx, request.app[SETTINGS].data_dir, staff_of(request).id)
    return go_to("/today")
