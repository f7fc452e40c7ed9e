"""From a file's bytes to numbered lines of text: encodings, line ends, limits, and the digest.

A file is gone through twice and never held whole: `survey` finds out what it is and whether it is
within the limits, `lines` then gives its text. Both take bytes in chunks of any size.
"""

import codecs
import hashlib
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from clinic.importer.detect import HEAD, Detected, detect
from clinic.importer.types import Issue

Encoding = Literal["utf-8", "utf-16", "cp932"]

LARGEST = 100_000_000  # bytes of a file, and of a member of a ZIP
MOST_LINES = 2_000_000
# Bytes of a line. Receipts allow 2,400; HL7 and NDJSON put whole documents into one.
LONGEST_LINE = 65_536
LONGEST_DOCUMENT = 16_000_000
CHUNK = 262_144
_END = re.compile(rb"\r\n|\r|\n")
_MOST_ISSUES = 100  # lines with bad characters that are named one by one


class Unreadable(Exception):
    """The bytes stop making sense while they are read. `issue` says why, without any of them."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.reason)
        self.issue = issue


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read again and again: `chunks` begins anew at every call.

    Reading may raise Unreadable (a damaged ZIP); what `survey` went through whole does not.
    """

    name: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file is. `digest`: sha256 that does not see line ends, 0x1A and the byte order mark.

    `encoding` and `lines` are for the forms read line by line. `issues` warn of lines that hold
    characters which the encoding does not have; they are read with U+FFFD in their place.
    """

    detected: Detected
    digest: str
    size: int
    encoding: Encoding = "utf-8"
    lines: int = 0
    issues: tuple[Issue, ...] = ()


def survey(source: Source) -> Survey | Issue:
    """Goes through a file once; an Issue (severity refuse) if it is not taken."""
    try:
        head = b""
        for chunk in source.chunks():
            head += chunk
            if len(head) >= HEAD:
                break
        detected = detect(head[:HEAD], source.name)
        if isinstance(detected, Issue):
            return detected
        if detected.form in ("json", "xlsx", "xls"):
            return _survey_whole(source, detected)
        return _survey_lines(source, detected, head)
    except Unreadable as refused:
        return refused.issue


def lines(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[tuple[int, str]]:
    """The numbered lines (from 1) of a text, without their ends, 0x1A and NUL.

    Splits at CRLF, CR and LF only. What `encoding` cannot say becomes U+FFFD, on its line alone.
    """
    codec = "utf-8" if encoding == "utf-16" else encoding
    for number, line in enumerate(_raw_lines(_as_bytes(chunks, encoding), LONGEST_DOCUMENT), 1):
        yield number, line.decode(codec, "replace")


def whole(source: Source) -> bytes:
    """The bytes of a surveyed file, at most LARGEST, for forms that cannot be read piece by piece.

    Raises Unreadable.
    """
    return b"".join(_within(source.chunks()))


def _survey_whole(source: Source, detected: Detected) -> Survey:
    digest, size = hashlib.sha256(), 0
    for chunk in _within(source.chunks()):
        digest.update(chunk)
        size += len(chunk)
    return Survey(detected, digest.hexdigest(), size)


def _survey_lines(source: Source, detected: Detected, head: bytes) -> Survey:
    room = LONGEST_LINE if detected.kind in ("uke", "table", "master") else LONGEST_DOCUMENT
    is_wide = head.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    is_marked = is_wide or head.startswith(BOM_UTF8)
    size = _Size()
    digest = hashlib.sha256()
    utf8, cp932 = _Faults("utf-8"), _Faults("cp932")
    count = 0
    chunks = _as_bytes(size.counted(_within(source.chunks())), "utf-16" if is_wide else "utf-8")
    for count, line in enumerate(_raw_lines(chunks, room), 1):
        if count > MOST_LINES:
            raise Unreadable(Issue("refuse", "too_many_lines", values={"limit": MOST_LINES}))
        if line:
            digest.update(line + b"\n")
        if not line.isascii():
            utf8.look(count, line)
            if not is_marked:
                cp932.look(count, line)
    # Japanese in cp932 is practically never valid UTF-8, so lines that are prove what the file is,
    # even if another one was damaged.
    is_utf8 = is_marked or utf8.good > utf8.bad or not utf8.bad
    encoding: Encoding = "utf-16" if is_wide else "utf-8" if is_utf8 else "cp932"
    faults = cp932 if encoding == "cp932" else utf8
    return Survey(detected, digest.hexdigest(), size.bytes, encoding, count, faults.issues())


class _Size:
    def __init__(self) -> None:
        self.bytes = 0

    def counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.bytes += len(chunk)
            yield chunk


class _Faults:
    """How well lines that are not ASCII go with an encoding."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.good = self.bad = 0
        self.first: list[int] = []

    def look(self, number: int, line: bytes) -> None:
        try:
            is_good = "\ufffd" not in line.decode(self.encoding)
        except UnicodeDecodeError:
            is_good = False
        if is_good:
            self.good += 1
            return
        self.bad += 1
        if len(self.first) < _MOST_ISSUES:
            self.first.append(number)

    def issues(self) -> tuple[Issue, ...]:
        named = [Issue("warn", "bad_characters", number) for number in self.first]
        if self.bad > len(named):
            values: dict[str, int | str] = {"lines": self.bad - len(named)}
            named.append(Issue("warn", "bad_characters_more", values=values))
        return tuple(named)


def _within(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise Unreadable(Issue("refuse", "too_large", values={"limit": LARGEST}))
        yield chunk


def _as_bytes(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text's bytes in an encoding that can be split at line ends, without byte order mark."""
    if encoding == "utf-16":
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
        return
    start: bytes | None = b""
    for chunk in chunks:
        if start is None:
            yield chunk
            continue
        start += chunk
        if len(start) >= len(BOM_UTF8):
            yield start.removeprefix(BOM_UTF8)
            start = None
    if start is not None:
        yield start.removeprefix(BOM_UTF8)


def _raw_lines(chunks: Iterable[bytes], room: int) -> Iterator[bytes]:
    rest: list[bytes] = []  # of a line that goes on in the next chunk
    length = 0
    held = b""  # a CR at a chunk's end, whose LF may follow
    for chunk in chunks:
        joined = held + chunk
        held = b"\r" if joined.endswith(b"\r") else b""
        first, *others = _END.split(joined.removesuffix(b"\r"))
        rest.append(first)
        length += len(first)
        if length > room or any(len(other) > room for other in others):
            raise Unreadable(Issue("refuse", "line_too_long", values={"limit": room}))
        if others:
            yield _clean(b"".join(rest))
            for line in others[:-1]:
                yield _clean(line)
            rest, length = [others[-1]], len(others[-1])
    last = _clean(b"".join(rest))
    if last:
        yield last


def _clean(line: bytes) -> bytes:
    return line.translate(None, b"\x1a\x00") if b"\x1a" in line or b"\x00" in line else line
