"""Reading what patients send besides words, and what kind of file it is by its first bytes."""

import aiohttp

from bot.channels.channel import NoMedia

LARGEST = 20 * 1024 * 1024  # bytes; Telegram gives no more away
TOO_LARGE = NoMedia("too large")
# What a browser shows without harm, by what a file begins with. Whatever else comes is kept shut:
# an SVG or a page of HTML would run in the panel.
_BEGINNINGS: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"OggS", 0, "audio/ogg"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"\xff\xf1", 0, "audio/aac"),
    (b"ftypM4A", 4, "audio/mp4"),
    (b"ftyp", 4, "video/mp4"),
)


def kind_of(content: bytes) -> str | None:
    """The media type that a browser may show; None for all that is to be saved instead."""
    for sign, at, kind in _BEGINNINGS:
        if content[at : at + len(sign)] == sign:
            return kind
    return None


async def read_at_most(content: aiohttp.StreamReader, most: int) -> bytes | NoMedia:
    """The body of an answer, unless it is longer than `most` bytes. Raises what aiohttp raises."""
    body = bytearray()
    async for part in content.iter_chunked(64 * 1024):
        body += part
        if len(body) > most:
            return TOO_LARGE
    return bytes(body)
