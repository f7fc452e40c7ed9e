"""Bytes of HL7 v2 files into messages, whatever they are wrapped in.

A file holds one message or many: one after the other, in MLLP's bytes as they went over the line,
or in the envelopes of a batch (FHS, BHS, BTS, FTS). Segments should end with a carriage return;
files that were edited or mailed have other line ends. Segments that nobody reads (results,
documents of any size) are let go at once.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LARGEST = 256_000  # bytes of a message's segments that are read
LONGEST_LINE = 10_000_000  # bytes; what is longer is cut, so that no line fills the memory
READ = (b"MSH", b"EVN", b"PID", b"MRG", b"PV1", b"DG1", b"SCH", b"AIS", b"AIG", b"AIL", b"AIP",
        b"ORC", b"RXE", b"TQ1")  # fmt: skip
# Neither line ends nor MLLP's marks occur inside a character of a charset that HL7 v2 names.
_END = re.compile(rb"\r\n|\r|\n|\x1c")
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}[^\w\s]")
_ENVELOPES = (b"FHS", b"BHS", b"BTS", b"FTS")


@dataclass(frozen=True, slots=True)
class Framed:
    """A message's segments, still bytes. `too_large`: they are not all here."""

    line: int  # of MSH, from 1
    segments: tuple[bytes, ...]
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Stray:
    """A line before the first message that is no part of any."""

    line: int


def frames(chunks: Iterable[bytes]) -> Iterator[Framed | Stray]:
    """The messages of a file that comes in chunks of any size."""
    segments: list[bytes] = []
    begun = size = 0
    for line, raw in _lines(chunks):
        segment = raw.removeprefix(b"\xef\xbb\xbf").strip(b"\x0b\x1a \t")
        name = segment[:3] if _SEGMENT.match(segment) else b""
        if segments and name in (b"MSH", *_ENVELOPES):
            yield Framed(begun, tuple(segments), size > LARGEST)
            segments, size = [], 0
        if name == b"MSH":
            begun = line
        elif not segments:
            if segment and name not in _ENVELOPES:
                yield Stray(line)
            continue
        if name in READ:
            size += len(segment)
            segments += [segment] if size <= LARGEST else []
    if segments:
        yield Framed(begun, tuple(segments), size > LARGEST)


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Numbered lines. One that is too long is cut."""
    rest, line = b"", 1
    for chunk in chunks:
        text = rest + chunk
        # The line feed of a last carriage return may come with the next chunk.
        held = b"\r" if text.endswith(b"\r") else b""
        *whole, last = _END.split(text.removesuffix(b"\r"))
        yield from _numbered(line, whole)
        line += len(whole)
        rest = last[:LONGEST_LINE] + held
    yield from _numbered(line, _END.split(rest))


def _numbered(first: int, lines: list[bytes]) -> Iterator[tuple[int, bytes]]:
    return zip(range(first, first + len(lines)), lines, strict=True)
