"""Files as patients and attackers send them."""

import struct
import zlib


def _chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def png(width: int = 8, height: int = 8) -> bytes:
    """A picture that browsers show."""
    rows = b"".join(b"\0" + b"\x2a\x9d\x8f" * 8 for _ in range(8))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jpeg(width: int = 640, height: int = 480, comment: bytes = b"") -> bytes:
    """The frame of a picture, with a comment before it."""
    said = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + bytes(9)
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(9) + said + frame + b"\xff\xd9"


GIF = b"GIF89a" + struct.pack("<HH", 8, 8) + b"\x80\0\0"
WEBP = b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x07\0\0\x07\0\0"
WEBP_PLAIN = b"RIFF\x40\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x08\0\x08\0"
WEBP_WHOLE = b"RIFF\x40\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x07\xc0\x01\0"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"
HTML = b"<!doctype html><script>alert(1)</script>"
