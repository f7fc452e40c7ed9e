"""Answers kept ready, in the clinic's languages."""

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, staff_of
from clinic.canned.rules import problem_of, read_shortcut
from clinic.canned.service import add_shipped, canned_answers, remove_canned, save_canned
from clinic.canned.types import PLACEHOLDERS, TEXT_LENGTH, Problem

AT = "canned"


async def listing(request: web.Request) -> web.Response:
    """All of them, and a form for a new one."""
    return await _show(request)


async def save(request: web.Request) -> web.StreamResponse:
    """Write one: a new one, or one of a number."""
    form = await request.post()
    languages: tuple[str, ...] = request.app[SETTINGS].clinic.languages
    texts = {tag: str(form.get(tag, "")).replace("\r\n", "\n").strip() for tag in languages}
    written = {tag: text for tag, text in texts.items() if text}
    shortcut = read_shortcut(str(form.get("shortcut", "")))
    number = request.match_info.get("answer")
    problem: Problem | None = "shortcut" if shortcut is None else problem_of(written)
    saved = None
    if problem is None and shortcut is not None:
        async with request.app[DATABASE].transaction() as tx:
            saved = await save_canned(
                tx, staff_of(request), int(number) if number else None, shortcut, written
            )
        problem = "taken" if saved is None else None
    if problem is not None:
        begun = {"id": number, "shortcut": str(form.get("shortcut", "")), "texts": texts}
        return await _show(request, status=422, problem=problem, begun=begun)
    return go_to(f"/settings/canned?saved={saved}#answer-{saved}")


async def remove(request: web.Request) -> web.StreamResponse:
    """Take one away. The page that follows can put it back."""
    async with request.app[DATABASE].transaction() as tx:
        gone = await remove_canned(tx, staff_of(request), int(request.match_info["answer"]))
    if gone is None:
        raise web.HTTPNotFound
    return await _show(request, gone=gone)


async def fill_up(request: web.Request) -> web.StreamResponse:
    """Put in the ready-made ones."""
    async with request.app[DATABASE].transaction() as tx:
        await add_shipped(tx, staff_of(request), request.app[SETTINGS].clinic.languages)
    return go_to("/settings/canned")


async def _show(request: web.Request, *, status: int = 200, **values: object) -> web.Response:
    known: dict[str, object] = {"problem": None, "begun": None, "gone": None}
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "canned/templates/list.html",
            AT,
            status=status,
            answers=await canned_answers(tx),
            saved=request.query.get("saved"),
            placeholders=PLACEHOLDERS,
            limit=TEXT_LENGTH,
            **(known | values),
        )
