"""The pictures of campaigns, for platforms and patients' own screens.

Whoever has the address may see one: nothing of a patient is in it, its name cannot be guessed, and
what is behind a name never changes.
"""

from collections import OrderedDict

from aiohttp import web

from bot.environment import Environment
from clinic.picture import service
from clinic.picture.types import FOLDER

KEPT = 32  # files in memory: a campaign's picture is fetched by everybody at once
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Robots-Tag": "noindex",
}


def routes(env: Environment) -> list[web.RouteDef]:
    """/pictures/NAME.jpg, and NAME-small.jpg."""
    return [web.get(FOLDER + r"/{name:[0-9a-f]{64}}{small:(-small)?}.jpg", Pictures(env).show)]


class Pictures:
    """The handler."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._kept: OrderedDict[tuple[str, bool], bytes] = OrderedDict()

    async def show(self, request: web.Request) -> web.Response:
        """A picture or its preview."""
        name, small = request.match_info["name"], bool(request.match_info["small"])
        tag = f"{name[:32]}{'s' if small else ''}"
        headers = {**HEADERS, "ETag": f'"{tag}"'}
        if any(tag == known.value for known in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        file = self._kept.get((name, small))
        if file is None:
            async with self._env.database.transaction() as tx:
                file = await service.read(tx, name, small=small)
            if file is None:
                raise web.HTTPNotFound
            self._kept[name, small] = file
        self._kept.move_to_end((name, small))
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return web.Response(body=file, content_type="image/jpeg", headers=headers)
