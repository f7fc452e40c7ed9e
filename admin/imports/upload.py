"""Taking files in: what is uploaded goes to a file without a name, and from there, encrypted, into
the database."""

import io
import os
from typing import Any, BinaryIO, cast

from aiohttp import web

from admin.imports import shown
from admin.keys import DATABASE, KEYS
from admin.page import go_to, page, speech_of, staff_of
from clinic.importer.archive import sources
from clinic.importer.source import LARGEST
from clinic.importer.types import Issue
from clinic.staff.access.imports import access_masters, access_upload_import, loaded_on

AT = "base"  # the menu's entry
LARGEST_UPLOAD = 2 * LARGEST  # bytes of a form; what is a little too large is told in the page
MOST_FILES = 20
NAME_LENGTH = 80


async def ask(request: web.Request) -> web.Response:
    """The form."""
    return await _show(request)


async def take(request: web.Request) -> web.StreamResponse:
    """Take the files up, each as an import of its own, and those in a ZIP too."""
    form = await request.post()
    files = [field for field in form.getall("files", []) if isinstance(field, web.FileField)]
    made: list[int] = []
    refused: list[tuple[str, Issue]] = []
    try:
        if not 1 <= len(files) <= MOST_FILES:
            refused.append(("", Issue("refuse", "some_files")))
        else:
            for field in files:
                await _take(request, field, made, refused)
    finally:
        for field in files:
            field.file.close()
    if refused:
        return await _show(request, status=422, refused=refused, made=len(made))
    return go_to(f"/imports/{made[0]}" if len(made) == 1 else "/imports")


async def _take(
    request: web.Request,
    field: web.FileField,
    made: list[int],
    refused: list[tuple[str, Issue]],
) -> None:
    name = field.filename[-NAME_LENGTH:]
    field.file.flush()
    descriptor = field.file.fileno()

    def opened() -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Pass(descriptor)))

    for source in sources(opened, name):
        if isinstance(source, Issue):
            refused.append((name, source))
            continue
        taken = await access_upload_import(
            request.app[DATABASE], request.app[KEYS], staff_of(request), source
        )
        if taken is None:
            raise web.HTTPForbidden(reason="role")
        made.append(taken[0])


class _Pass(io.RawIOBase):
    """One way through an open file, from its beginning, wherever others are in it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._at = descriptor, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what follows."""
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go somewhere else."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        if start is None:
            start = os.fstat(self._descriptor).st_size
        self._at = max(0, start + offset)
        return self._at


async def _show(
    request: web.Request,
    *,
    status: int = 200,
    refused: list[tuple[str, Issue]] | None = None,
    made: int = 0,
) -> web.Response:
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        masters = await access_masters(tx, staff_of(request))
        return await page(
            request,
            tx,
            "imports/templates/upload.html",
            AT,
            status=status,
            refused=[
                (name, shown.told(speech, one.reason, one.values)) for name, one in refused or ()
            ],
            made=made,
            megabytes=LARGEST // 1_000_000,
            most=MOST_FILES,
            masters=[(one, loaded_on(one)) for one in masters],
        )
