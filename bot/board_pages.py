"""The board of a waiting room: the numbers that are called and that wait, for a screen on the wall.

Numbers and rooms only, readable from five metres. The page asks for its own content every three
seconds; without script the browser loads it anew.
"""

import base64
import hashlib
import time
from pathlib import Path

from aiohttp import web
from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from bot.channels.rate_limit import Bucket, LocalLimiter
from bot.channels.webchat.page import COMMON
from bot.environment import Environment
from clinic.booking.search import in_language
from clinic.reception.board import find_board
from clinic.reception.service import numbers
from flows import texts

STYLE = (
    "*{box-sizing:border-box}html,body{height:100%;margin:0}"
    "body{font-family:system-ui,sans-serif;background:#0c1a1a;color:#fff;display:flex;"
    "flex-direction:column;padding:2vmin 4vmin}"
    "header{display:flex;justify-content:space-between;gap:2rem;font-size:max(1.25rem,3vmin)}"
    "h1,h2,p,ul{margin:0;padding:0;font-size:inherit;font-weight:600}ul{list-style:none}"
    "main{flex:1;display:flex;flex-direction:column;gap:3vmin;min-height:0}"
    "h2{font-size:max(1.5rem,5vmin);color:#bfe3dd}"
    ".called{display:flex;flex-wrap:wrap;gap:2vmin 6vmin;align-items:baseline}"
    ".called li{font-weight:700;font-size:14vmin;line-height:1.1;font-variant-numeric:tabular-nums}"
    ".called li:first-child{font-size:30vmin;color:#ffe08a}"
    ".called span{display:block;font-size:max(1.25rem,5vmin);font-weight:600}"
    ".waiting{display:flex;flex-wrap:wrap;gap:1vmin 4vmin;font-size:max(1.5rem,8vmin);"
    "font-variant-numeric:tabular-nums}"
    ".calm{font-size:max(2rem,9vmin)}"
    "#stale{display:none;color:#0c1a1a;background:#ffe08a;padding:1vmin 2vmin;"
    "font-size:max(1.25rem,4vmin)}.is-stale #stale{display:block}"
)
SCRIPT = (
    "let missed=0,last='';const main=document.querySelector('main');setInterval(async()=>{try{"
    "const answer=await fetch(location.pathname+'?part=1'+location.search.replace('?','&'),"
    "{cache:'no-store'});if(!answer.ok)throw 0;const said=await answer.text();"
    "if(last!==said)main.innerHTML=last=said;missed=0}catch{missed+=1}"
    "document.body.classList.toggle('is-stale',missed>4)},3000)"
)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"connect-src 'self'; style-src 'sha256-{_hash(STYLE)}'; script-src 'sha256-{_hash(SCRIPT)}'"
)
HEADERS = COMMON | {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
WORDS = {
    "title": "board.title",
    "called": "board.called",
    "waiting": "board.waiting",
    "nobody": "board.nobody",
    "stale": "board.stale",
}
MICROSECONDS = 1_000_000
RATE, BURST = 5.0, 60.0  # from one address: the screens of a clinic; nobody guesses 144 bits
_templates = Templates(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)


def routes(env: Environment) -> list[web.RouteDef]:
    """/board/TOKEN; `?part=1` is its content alone, `?language=` one of the clinic's."""
    return [web.get("/board/{token}", Board(env).show)]


class Board:
    """The handler."""

    def __init__(self, env: Environment) -> None:
        self._env, self._limiter = env, LocalLimiter()

    async def show(self, request: web.Request) -> web.Response:
        """The numbers of the site whose address this is."""
        bucket = Bucket(f"board {request.remote}", RATE, BURST)
        if self._limiter.take("boards", (bucket,), time.monotonic() * MICROSECONDS):
            raise web.HTTPTooManyRequests
        clinic = self._env.settings.clinic
        asked = request.query.get("language")
        language = next((one for one in clinic.languages if one == asked), clinic.languages[0])
        async with self._env.database.transaction() as tx:
            site = await find_board(tx, self._env.keys, request.match_info["token"])
            if site is None:
                raise web.HTTPNotFound
            shown = await numbers(tx, site.id, language)
        alone = request.query.get("part") == "1"
        html = _templates.get_template(
            "waiting_room_part.html" if alone else "waiting_room.html"
        ).render(
            language=language,
            style=STYLE,
            script=SCRIPT,
            clinic=clinic.name,
            site=in_language(site.name, language),
            shown=shown,
            words={name: texts.text(key, {}, language) for name, key in WORDS.items()},
        )
        return web.Response(text=html, content_type="text/html", charset="utf-8", headers=HEADERS)
