"""The manual in the reader's language, whole or of one page."""

from aiohttp import web

from admin.help.manual import Chapter, manual
from admin.keys import DATABASE, TABLE
from admin.menu import Entry, pages_of
from admin.page import is_partial, page, part, speech_of, staff_of

EVERYWHERE = Entry("panel", "/today", "keyboard")  # what is the same on every page
OF_A_KIND = {"base": "imports", "record": "patients"}  # pages that stand in no menu


async def listing(request: web.Request) -> web.Response:
    """Everything the manual tells about pages that this role may use."""
    chapters = manual(speech_of(request).language)
    shown = [
        (one, chapters[one.name])
        for one in [EVERYWHERE, *pages_of(staff_of(request).role, request.app[TABLE])]
        if one.name in chapters
    ]
    async with request.app[DATABASE].transaction() as tx:
        return await page(request, tx, "help/templates/list.html", "help", chapters=shown)


async def show(request: web.Request) -> web.Response:
    """What it tells about one page: whole, or as a part for the drawer of that page."""
    name = request.match_info["topic"]
    name = OF_A_KIND.get(name, name)
    entry, chapter = _chapter(request, name)
    if is_partial(request):
        return part(request, "help/templates/chapter.html", entry=entry, chapter=chapter)
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request, tx, "help/templates/show.html", "help", entry=entry, chapter=chapter
        )


def _chapter(request: web.Request, name: str) -> tuple[Entry, Chapter]:
    """Raises HTTPNotFound for a page that nothing is told about, or that is not this role's."""
    entries = [EVERYWHERE, *pages_of(staff_of(request).role, request.app[TABLE])]
    entry = next((one for one in entries if one.name == name), None)
    chapter = manual(speech_of(request).language).get(name)
    if entry is None or chapter is None:
        raise web.HTTPNotFound
    return entry, chapter
