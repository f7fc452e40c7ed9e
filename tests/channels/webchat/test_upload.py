"""Which files the web chat takes, whatever they are called."""

import pytest

from bot.channels.webchat.upload import Taken, look
from tests.channels.webchat.files import (
    GIF,
    HTML,
    SVG,
    WEBP,
    WEBP_PLAIN,
    WEBP_WHOLE,
    jpeg,
    png,
)


@pytest.mark.parametrize(
    ("content", "kind", "content_type"),
    [
        (jpeg(), "image", "image/jpeg"),
        (b"\xff\xd8\xff\xff\xd0" + jpeg()[2:], "image", "image/jpeg"),  # filling, a bare marker
        (png(), "image", "image/png"),
        (GIF, "image", "image/gif"),
        (WEBP, "image", "image/webp"),
        (WEBP_PLAIN, "image", "image/webp"),
        (WEBP_WHOLE, "image", "image/webp"),
        (b"%PDF-1.7 ...", "file", "application/pdf"),
        (b"OggS...", "audio", "audio/ogg"),
        (b"ID3...", "audio", "audio/mpeg"),
        (b"\0\0\0\x20ftypM4A ", "audio", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "video", "video/mp4"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: str, content_type: str) -> None:
    assert look(content) == Taken(kind, content_type)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SVG,
        HTML,
        b"\xef\xbb\xbf" + SVG,
        b"\xff\xd8\xff" + HTML,  # a page with a picture's first bytes
        b"\xff\xd8\xff\xe0\x00\x01" + HTML,  # a length that leads nowhere
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + HTML,
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
        b"GIF89a",
        b"RIFF....WEBPVP9 ....",
        b"<!--..:.WEBPVP8X" + bytes(20),
        b"\0\0\0\x20ftypheic",
        b"\0\0\0\x20ftypavif",
        b"PK\x03\x04 a document with macros",
        b"MZ\x90\0 a program",
        b"\x7fELF",
        b"#!/bin/sh",
        png(60_000, 60_000),  # some hundred bytes that would take 10 GB to show
        jpeg(65_535, 65_535),
    ],
)
def test_what_could_run_or_is_not_what_it_seems_is_not_taken(content: bytes) -> None:
    assert look(content) is None
