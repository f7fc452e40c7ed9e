"""Files as they are uploaded: one by one, or several in a ZIP, which is unpacked within limits."""

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BytesIO
from itertools import chain
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from clinic.importer.source import CHUNK, LARGEST, Source, Unreadable
from clinic.importer.types import Issue

MOST_MEMBERS = 100
LARGEST_TOTAL = 3 * LARGEST  # bytes of all members unpacked
# How many times smaller a member may be packed. Receipts come to about 12, an endless row of one
# character to 1,000.
_RATIO = 200
_RATIO_FROM = 1_000_000  # bytes unpacked, below which no ratio does harm
_MOST_CELLS = 4_000_000  # of the rectangle that a sheet spans: it is held in memory
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^<]*)")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{0,3})([0-9]{0,7})[\"']")
_LONGEST_TAG = 65_536
_OFFICE = "[Content_Types].xml"
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
# Everything that zipfile raises over damaged archives.
_DAMAGE = (
    *(BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError),
    *(zlib.error, struct.error, OverflowError, KeyError, IndexError),
)


def sources(open_file: Callable[[], BinaryIO], name: str) -> Iterator[Source | Issue]:
    """The files in an uploaded one: its members if it is a ZIP, else itself.

    `open_file` opens the upload for reading, once for each pass. A workbook (.xlsx) is one file,
    though a ZIP by its form; `workbook_refusal` looks into it. A ZIP that is refused
    as a whole gives that Issue alone. A ZIP in a ZIP is refused when it is surveyed.
    """
    with open_file() as file:
        is_zip = file.read(4) == b"PK\x03\x04"
        infos = _directory(file) if is_zip else []
    if isinstance(infos, Issue):
        yield infos
    elif not is_zip or any(info.filename == _OFFICE for info in infos):
        yield Source(name, partial(_plain, open_file))
    else:
        yield from _members(open_file, infos)


def workbook_refusal(data: bytes) -> Issue | None:
    """Why a workbook (.xlsx) would not be safe to open: a bomb, or a sheet that spans too much.

    Its reader unpacks all of it and makes room for every cell between the first and the last.
    """
    infos = _directory(BytesIO(data))
    if isinstance(infos, Issue):
        return Issue("refuse", "workbook_damaged")
    refusal = _refusal(infos)
    if refusal:
        return refusal
    try:
        with ZipFile(BytesIO(data)) as archive:
            for info in infos:
                with archive.open(info) as member:
                    if _spans_too_much(iter(partial(member.read, CHUNK), b"")):
                        return Issue("refuse", "sheet_too_large", values={"limit": _MOST_CELLS})
    except _DAMAGE:
        return Issue("refuse", "workbook_damaged")
    return None


def _spans_too_much(chunks: Iterable[bytes]) -> bool:
    """Whether the cells of a sheet (or of whatever the part is) need too large a rectangle."""
    row = column = last_row = last_column = 0
    for kind, attributes in _tags(chunks):
        if b"&#" in attributes or len(attributes) > _LONGEST_TAG:
            return True  # a place that hides from this look
        place = _PLACE.search(attributes)
        if kind == b"row":
            row, column = int(place[2] or 0) if place else row + 1, 0
        else:
            column = _column(place[1]) if place and place[1] else column + 1
            row = int(place[2]) if place and place[2] else max(row, 1)
        last_row, last_column = max(last_row, row), max(last_column, column)
        if last_row * last_column > _MOST_CELLS:
            return True
    return False


def _tags(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each row and cell that begins, with its attributes; also if they come in several chunks."""
    rest = b""
    for chunk in chain(chunks, [b"<"]):
        text = rest + chunk
        edge = max(text.rfind(b"<"), 0)
        rest = text[edge:]
        if len(rest) > 2 * _LONGEST_TAG:  # text of a cell, or a tag that is too long
            edge, rest = len(text), b""
        for tag in _TAG.finditer(text, 0, edge):
            yield tag[1], tag[2]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _members(open_file: Callable[[], BinaryIO], infos: list[ZipInfo]) -> Iterator[Source | Issue]:
    files = [info for info in infos if not _is_by_the_way(info)]
    refusal = _refusal(files)
    if refusal or not files:
        yield refusal or Issue("refuse", "file_empty")
        return
    for info in files:
        yield Source(_name(info), partial(_unpacked, open_file, info))


def _directory(file: BinaryIO) -> list[ZipInfo] | Issue:
    try:
        with ZipFile(file) as archive:
            return archive.infolist()
    except _DAMAGE:
        return Issue("refuse", "zip_damaged")


def _refusal(infos: list[ZipInfo]) -> Issue | None:
    if len(infos) > MOST_MEMBERS:
        return Issue("refuse", "zip_members", values={"limit": MOST_MEMBERS})
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        return Issue("refuse", "encrypted")
    if any(info.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for info in infos):
        return Issue("refuse", "zip_method")
    sizes = [info.file_size for info in infos]
    if max(sizes, default=0) > LARGEST or sum(sizes) > LARGEST_TOTAL:
        return Issue("refuse", "too_large", values={"limit": LARGEST})
    if any(_is_bomb(info) for info in infos):
        return Issue("refuse", "zip_ratio", values={"limit": _RATIO})
    return None


def _is_bomb(info: ZipInfo) -> bool:
    return info.file_size > _RATIO_FROM and info.file_size > _RATIO * info.compress_size


def _is_by_the_way(info: ZipInfo) -> bool:
    """Folders, and what file managers put beside the files."""
    *folders, last = info.filename.split("/")
    return "__MACOSX" in folders or last.startswith(".") or last in ("", "Thumbs.db", "desktop.ini")


def _name(info: ZipInfo) -> str:
    """The member's name. Old Japanese programs write it in cp932 and do not say so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        return info.orig_filename.encode("cp437").decode("cp932")
    except UnicodeError:
        return info.filename


def _plain(open_file: Callable[[], BinaryIO]) -> Iterator[bytes]:
    with open_file() as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _unpacked(open_file: Callable[[], BinaryIO], info: ZipInfo) -> Iterator[bytes]:
    """A member's bytes. zipfile gives no more than the directory says, which was checked."""
    try:
        with open_file() as file, ZipFile(file) as archive, archive.open(info) as member:
            while chunk := member.read(CHUNK):
                yield chunk
    except _DAMAGE:
        # Not `from` it: zipfile's words name the member.
        raise Unreadable(Issue("refuse", "zip_damaged")) from None
