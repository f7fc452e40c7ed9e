"""Which files the web chat takes, by what they hold. Pure.

What a browser told of a file (its name, its type) proves nothing and is not read. A picture must
have its frame, so that a page of HTML with a picture's first bytes is none.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.media import kind_of

MOST = 10 * 1024 * 1024  # bytes of one file: a telephone's picture, some pages of a letter
MOST_PIXELS = 250_000_000  # more would fill the memory of whoever looks at it
# What may follow "ftyp" in a video that browsers show; HEIC and AVIF pictures have "ftyp" too.
_VIDEO = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"MSNV", b"3gp")
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # JPEG's markers without a length


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is taken: what it is called on every channel, and its media type."""

    kind: str  # image, audio, video, file
    content_type: str


def look(content: bytes) -> Taken | None:
    """What kind of file it is; None for every kind that is not taken."""
    if content.startswith(b"%PDF-"):
        return Taken("file", "application/pdf")
    found = kind_of(content)
    if found is not None and found in _FRAMES:
        width, height = _FRAMES[found](content)
        fits = 0 < width * height <= MOST_PIXELS
        return Taken("image", found) if fits else None
    if found == "video/mp4":
        return Taken("video", found) if content[8:].startswith(_VIDEO) else None
    if found in ("audio/ogg", "audio/mp4") or content.startswith(b"ID3"):
        return Taken("audio", found or "audio/mpeg")
    return None


def _jpeg(content: bytes) -> tuple[int, int]:
    at = 2
    while content[at : at + 1] == b"\xff":
        marker = content[at + 1 : at + 2]
        if marker == b"\xff":  # filling
            at += 1
            continue
        if marker and marker[0] in _BARE:
            at += 2
            continue
        if marker and marker[0] in _START_OF_FRAME:
            return _number(content, at + 7, 2), _number(content, at + 5, 2)
        length = _number(content, at + 2, 2)
        if length < 2:
            break
        at += 2 + length
    return 0, 0


def _png(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        return 0, 0
    return _number(content, 16, 4), _number(content, 20, 4)


def _gif(content: bytes) -> tuple[int, int]:
    return _little(content, 6, 2), _little(content, 8, 2)


def _webp(content: bytes) -> tuple[int, int]:
    if content[:4] != b"RIFF":
        return 0, 0
    match content[12:16]:
        case b"VP8X":
            return _little(content, 24, 3) + 1, _little(content, 27, 3) + 1
        case b"VP8L":
            bits = _little(content, 21, 4)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return _little(content, 26, 2) & 0x3FFF, _little(content, 28, 2) & 0x3FFF
    return 0, 0


def _number(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "big")


def _little(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "little")


_FRAMES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
}
