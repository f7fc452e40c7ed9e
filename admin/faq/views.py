"""What the assistant tells patients about the clinic, in the clinic's own words."""

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, staff_of
from clinic.faq.own import count_open, own_topics
from clinic.faq.service import entries, save_answer, tidy
from clinic.faq.types import MAX_ANSWER, TOPICS


async def show(request: web.Request) -> web.Response:
    """All topics with their answers in the clinic's languages."""
    return await _show(request)


async def save(request: web.Request) -> web.StreamResponse:
    """Write the answers of one topic."""
    topic = next((one for one in TOPICS if one == request.match_info["topic"]), None)
    if topic is None:
        raise web.HTTPNotFound
    form = await request.post()
    languages = request.app[SETTINGS].clinic.languages
    answers = {tag: tidy(str(form[tag])) for tag in languages if tag in form}
    if any(len(answer) > MAX_ANSWER for answer in answers.values()):
        return await _show(request, status=422, too_long=True)
    async with request.app[DATABASE].transaction() as tx:
        for language, answer in answers.items():
            await save_answer(tx, staff_of(request), topic, language, answer)
    return go_to(f"/faq?saved={topic}#{topic}")


async def _show(request: web.Request, *, status: int = 200, too_long: bool = False) -> web.Response:
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "faq/templates/edit.html",
            "faq",
            status=status,
            topics=TOPICS,
            entries=await entries(tx),
            own=await own_topics(tx),
            waiting=sum((await count_open(tx)).values()),
            saved=request.query.get("saved"),
            retired=request.query.get("retired", ""),
            too_long=too_long,
            longest=MAX_ANSWER,
        )
