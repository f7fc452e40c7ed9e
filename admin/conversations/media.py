"""Pictures, voice and files that patients sent, fetched from their platform when staff look at
them. Nothing of them is stored here."""

from aiohttp import web

from admin.keys import CHANNELS, DATABASE, KEYS
from admin.page import go_to, staff_of
from bot.channels.channel import KeepsMedia, Malformed, MediaReceived
from bot.channels.media import LARGEST, kind_of
from clinic.staff.access.messages import access_media
from clinic.staff.access.thread import KindOfMedia

_PDF = b"%PDF-"


def kind_of_media(request: web.Request) -> KindOfMedia:
    """Tells what a stored event holds besides words."""

    def kind(channel: str, payload: bytes) -> str | None:
        media = _media(request, channel, payload)
        return media.kind if media is not None else None

    return kind


async def show(request: web.Request) -> web.StreamResponse:
    """The content. What a browser could run is never shown, but saved under a name of ours."""
    inbound_id = int(request.match_info["inbound"])
    async with request.app[DATABASE].transaction() as tx:
        stored = await access_media(tx, request.app[KEYS], staff_of(request), inbound_id)
    if stored is None:
        raise web.HTTPNotFound
    away = go_to(f"/conversations/{stored.conversation_id}?problem=media")
    channel = request.app[CHANNELS].get(stored.channel)
    media = _media(request, stored.channel, stored.payload)
    if media is None or not isinstance(channel, KeepsMedia):
        return away
    content = await channel.fetch(media, LARGEST)
    if not isinstance(content, bytes):
        return away
    shown = kind_of(content)
    headers = {"Content-Type": shown or "application/octet-stream"}
    if shown is None:
        end = "pdf" if content.startswith(_PDF) else "bin"
        headers["Content-Disposition"] = f'attachment; filename="message-{inbound_id}.{end}"'
    return web.Response(body=content, headers=headers)


def _media(request: web.Request, channel: str, payload: bytes) -> MediaReceived | None:
    found = request.app[CHANNELS].get(channel)
    if not isinstance(found, KeepsMedia):
        return None
    try:
        return found.media_of(payload)
    except Malformed:
        return None
