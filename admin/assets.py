"""Style sheets, scripts and icons: read once, served compressed, named by their content."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web
from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
SERVED = (".css", ".js", ".svg")
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    plain: bytes
    packed: bytes
    kind: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """All files the browser may ask for, by name."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in SERVED:
            plain = path.read_bytes()
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            version = hashlib.sha256(plain).hexdigest()[:12]
            packed = gzip.compress(plain, mtime=0)
            found[path.relative_to(STATIC).as_posix()] = Asset(plain, packed, kind, version)
    return found


def static(name: str) -> str:
    """The address of a file, which changes with its content. Raises KeyError."""
    return f"/static/{name}?v={assets()[name].version}"


@cache
def icon(name: str) -> Markup:
    """An icon to stand beside words, hidden from screen readers. Raises KeyError."""
    picture = assets()[f"vendor/icons/{name}.svg"].plain.decode()
    start = picture.index("<svg") + len("<svg")
    return Markup('<svg aria-hidden="true" focusable="false"' + picture[start:])  # noqa: S704  # our own file


async def serve(request: web.Request) -> web.Response:
    """One file. It holds nobody's data and may be kept for ever under the name of its content."""
    asset = assets().get(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    headers = {
        "Content-Type": asset.kind + ("; charset=utf-8" if asset.kind != "image/svg+xml" else ""),
        "Vary": "Accept-Encoding",
        "Cache-Control": FOREVER if request.query.get("v") == asset.version else "no-cache",
        **({"Content-Encoding": "gzip"} if packed else {}),
    }
    return web.Response(body=asset.packed if packed else asset.plain, headers=headers)
