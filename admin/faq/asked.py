"""What patients asked in vain: for a new topic, or for an example of an old one."""

from aiohttp import web

from admin.keys import DATABASE, KEYS
from admin.page import go_to, page, staff_of
from clinic.faq.own import close_question, count_open, own_topics
from clinic.faq.types import OWN
from clinic.staff.access.asked import SHOWN_AT_MOST, access_asked


async def show(request: web.Request) -> web.Response:
    """The newest of them, and how many there are of each kind."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "faq/templates/asked.html",
            "faq",
            questions=await access_asked(tx, request.app[KEYS], staff_of(request)),
            counts=await count_open(tx),
            topics={f"{OWN}{one.id}": one.words for one in await own_topics(tx)},
            shown=SHOWN_AT_MOST,
            closed="closed" in request.query,
        )


async def close(request: web.Request) -> web.StreamResponse:
    """Take one off the list."""
    async with request.app[DATABASE].transaction() as tx:
        if not await close_question(tx, staff_of(request), int(request.match_info["question"])):
            raise web.HTTPNotFound
    return go_to("/faq/asked?closed")
