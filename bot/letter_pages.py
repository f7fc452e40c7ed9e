"""The pages behind the links of e-mails and SMS: into the web chat, and out of the list.

Looking at a page changes nothing, so that previews, scanners and HEAD use nothing up: what is done
is done by a button's POST. The pages need no script.
"""

import base64
import hashlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs

from aiohttp import web
from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from bot.channels.rate_limit import Bucket, LocalLimiter
from bot.channels.webchat.page import COMMON, accepted, choose_language
from bot.environment import Environment
from bot.web_links import Session, redeem
from clinic.contact import unsubscribing, web_link
from flows import texts

LARGEST_FORM = 4 * 1024  # bytes
FORM = "application/x-www-form-urlencoded"
STYLE = (
    "body{max-width:34rem;margin:0 auto;padding:2rem 1rem;font:1.25rem/1.6 system-ui,sans-serif;"
    "color:#12211f;background:#fff}h1{font-size:1.4rem}"
    "button,a.button{display:block;width:100%;box-sizing:border-box;margin:1.5rem 0;padding:1rem;"
    "font:inherit;font-weight:600;text-align:center;text-decoration:none;color:#fff;"
    "background:#0b5f57;border:0;border-radius:.75rem}"
    "button:focus-visible,a:focus-visible{outline:3px solid #12211f;outline-offset:3px}"
)
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
HEADERS = COMMON | {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
MICROSECONDS = 1_000_000
# From one source: a waiting room shares an address, and nobody guesses 144 bits.
RATE, BURST = 1.0, 30.0
_templates = Templates(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def routes(env: Environment, nudge: Callable[[int], None]) -> list[web.RouteDef]:
    """/l/TOKEN opens the web chat, /u/TOKEN ends e-mail. `nudge`: an account has a message."""
    pages = Pages(env, nudge)
    return [
        web.get("/l/{token}", pages.limited(pages.ask)),
        web.post("/l/{token}", pages.limited(pages.open)),
        web.get("/u/{token}", pages.limited(pages.ask_leaving)),
        web.post("/u/{token}", pages.limited(pages.leave)),
    ]


class Pages:
    """The handlers."""

    def __init__(self, env: Environment, nudge: Callable[[int], None]) -> None:
        self._env, self._nudge = env, nudge
        self._limiter = LocalLimiter()

    def limited(self, handler: Handler) -> Handler:
        """Let a source ask about once a second, and keep what a browser is told to itself."""

        async def handle(request: web.Request) -> web.StreamResponse:
            now = time.monotonic() * MICROSECONDS
            bucket = Bucket(f"from {request.remote}", RATE, BURST)
            if wait := self._limiter.take("letters", (bucket,), now):
                response = self._page(request, "letter.too_many", status=429)
                response.headers["Retry-After"] = str(int(wait / MICROSECONDS) + 1)
                return response
            return await handler(request)

        return handle

    async def ask(self, request: web.Request) -> web.Response:
        """The page with the one button."""
        async with self._env.database.transaction() as tx:
            found = await web_link.find(tx, self._env.keys, request.match_info["token"])
        if found is None or found.state != "good":
            return self._shut(request, found)
        return self._page(request, "letter.ready", found.language, button="letter.open_chat")

    async def open(self, request: web.Request) -> web.Response:
        """Use the link up and go to the chat, which takes its secret from the address.

        It stands behind the # and so is sent to no server, and the chat takes it out again.
        """
        opened = await redeem(self._env, request.match_info["token"])
        if not isinstance(opened, Session):
            return self._shut(request, opened)
        self._nudge(opened.account_id)
        location = f"../chat#s={opened.secret}"
        return web.Response(status=303, headers=HEADERS | {"Location": location})

    async def ask_leaving(self, request: web.Request) -> web.Response:
        """Whether e-mail is to end; or to begin again, if it has ended."""
        async with self._env.database.transaction() as tx:
            account = await unsubscribing.find(tx, self._env.keys, request.match_info["token"])
        if account is None:
            return self._shut(request, None)
        if account["opted_out_at"] is not None:
            return self._left(request, account["language"])
        return self._page(request, "letter.leave", account["language"], button="letter.leave_yes")

    async def leave(self, request: web.Request) -> web.Response:
        """End e-mail at once: the mail program's own POST, or our page's. `again=yes` takes it
        back."""
        again = await _asks_again(request)
        async with self._env.database.transaction() as tx:
            account = await unsubscribing.find(tx, self._env.keys, request.match_info["token"])
            if account is not None and again == (account["opted_out_at"] is not None):
                version = self._env.settings.clinic.notice_in_force
                await unsubscribing.subscribe(tx, account["id"], version, wanted=again)
        if account is None:
            return self._shut(request, None)
        if again:
            return self._page(request, "letter.back", account["language"])
        return self._left(request, account["language"])

    def _left(self, request: web.Request, language: str | None) -> web.Response:
        return self._page(
            request, "letter.left", language, button="letter.back_yes", name="again", value="yes"
        )

    def _shut(self, request: web.Request, found: web_link.Found | None) -> web.Response:
        """A link that opens nothing: why, and how to go on."""
        if found is not None and found.state == "used":
            return self._page(request, "letter.used", found.language, status=410, chat=True)
        if found is not None:
            return self._page(request, "letter.over", found.language, status=410)
        return self._page(request, "letter.unknown", status=404)

    def _page(
        self,
        request: web.Request,
        key: str,
        language: str | None = None,
        *,
        status: int = 200,
        button: str = "",
        name: str = "do",
        value: str = "yes",
        chat: bool = False,
    ) -> web.Response:
        clinic = self._env.settings.clinic
        offered = clinic.languages
        spoken = language or choose_language(
            accepted(request.headers.get("Accept-Language", "")), offered
        )
        html = _templates.get_template("letters.html").render(
            language=spoken,
            style=STYLE,
            clinic=clinic.name,
            phone=clinic.phone,
            words=texts.text(key, {"phone": clinic.phone}, spoken).split("\n"),
            button=button and texts.text(button, {}, spoken),
            name=name,
            value=value,
            chat=chat and texts.text("letter.to_chat", {}, spoken),
            call=texts.text("letter.call_us", {}, spoken),
        )
        return web.Response(
            text=html, status=status, content_type="text/html", charset="utf-8", headers=HEADERS
        )


async def _asks_again(request: web.Request) -> bool:
    """Whether our own page's form says so. Mail programs post forms of parts, in which there is
    nothing to read, and to read thousands of parts would hold everybody up."""
    posted = await request.clone(client_max_size=LARGEST_FORM).read()
    if request.content_type != FORM:
        return False
    return parse_qs(posted.decode("utf-8", "replace")).get("again") == ["yes"]
