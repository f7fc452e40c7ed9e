"""The pages behind the one-time links to documents.

Looking at a page uses nothing up. The button does, and from then on the PDF opens in that browser
alone, for ten minutes; each time is counted. Nothing is kept by the browser.
"""

from aiohttp import web

from bot import letter_pages
from bot.environment import Environment
from clinic.document import opening, service

COOKIE = "document"


def routes(env: Environment) -> list[web.RouteDef]:
    """/d/TOKEN shows the button, /d/TOKEN/document.pdf the document."""
    pages = Pages(env, lambda _account: None)
    return [
        web.get("/d/{token}", pages.limited(pages.ready)),
        web.post("/d/{token}", pages.limited(pages.use)),
        web.get("/d/{token}/document.pdf", pages.limited(pages.document)),
    ]


class Pages(letter_pages.Pages):
    """The handlers, on the paper of the letters' pages."""

    async def ready(self, request: web.Request) -> web.Response:
        """The page with the one button; the document itself for the browser that pressed it."""
        async with self._env.database.transaction() as tx:
            found = await opening.find(tx, self._env.keys, request.match_info["token"])
        if found is None or found.state == "over":
            return self._closed(request, found)
        if found.state == "used":
            if not self._mine(request, found):
                return self._closed(request, found)
            return self._to_pdf(request)
        return self._page(
            request, "document.page.ready", found.language, button="document.page.open"
        )

    async def use(self, request: web.Request) -> web.Response:
        """Use the link up, and give it to this browser."""
        keys = self._env.keys
        async with self._env.database.transaction() as tx:
            found = await opening.find(tx, keys, request.match_info["token"], lock=True)
            if found is None or found.state == "over":
                return self._closed(request, found)
            if found.state == "used":
                mine = self._mine(request, found)
                return self._to_pdf(request) if mine else self._closed(request, found)
            secret = await opening.use(tx, keys, found)
        answer = self._to_pdf(request)
        answer.set_cookie(
            COOKIE,
            secret,
            max_age=int(opening.LIFE.total_seconds()),
            path=request.path,
            httponly=True,
            samesite="Strict",
            secure=(self._env.settings.server.public_url or "").startswith("https://"),
        )
        return answer

    async def document(self, request: web.Request) -> web.Response:
        """The PDF, counted."""
        keys = self._env.keys
        async with self._env.database.transaction() as tx:
            found = await opening.find(tx, keys, request.match_info["token"])
            if found is None or not self._mine(request, found):
                return self._closed(request, found)
            await opening.view(tx, found)
            body = await service.pdf_of(tx, keys, found.document_id)
        name = f'inline; filename="{found.number}.pdf"'
        kind = {"Content-Type": "application/pdf", "Content-Disposition": name}
        return web.Response(body=body, headers=letter_pages.HEADERS | kind)

    def _mine(self, request: web.Request, found: opening.Found) -> bool:
        return opening.opened_by(self._env.keys, found, request.cookies.get(COOKIE, ""))

    def _to_pdf(self, request: web.Request) -> web.Response:
        # Relative: a proxy may have put a folder before our addresses.
        location = f"{request.match_info['token']}/document.pdf"
        return web.Response(status=303, headers=letter_pages.HEADERS | {"Location": location})

    def _closed(self, request: web.Request, found: opening.Found | None) -> web.Response:
        """A link that opens nothing: why, and how to go on."""
        if found is None:
            return self._page(request, "letter.unknown", status=404)
        key = "document.page.used" if found.state == "used" else "document.page.over"
        return self._page(request, key, found.language, status=410)
