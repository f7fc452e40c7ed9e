"""Taking in FHIR R4 Questionnaires: read whole, or refused item by item with nothing stored."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.questionnaires import shown
from clinic.questionnaire.read import LARGEST_FILE, parse, read
from clinic.questionnaire.reasons import Reason
from clinic.questionnaire.types import Problem, Questionnaire
from clinic.staff.access.questionnaires import access_upload

LARGEST_UPLOAD = 2 * LARGEST_FILE  # bytes; what is a little too large is told in the page
MOST_FILES = 20
SHOWN_PROBLEMS = 200
URL_LENGTH = 200
_BESIDE = ("ValueSet", "CodeSystem")  # what may be uploaded beside a questionnaire


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, or one item in it."""

    file: str
    item: str
    why: Reason


@dataclass(frozen=True, slots=True)
class Understood:
    """A questionnaire that can be played, and the resource that is stored for it."""

    questionnaire: Questionnaire
    resource: Mapping[str, Any]


async def ask(request: web.Request) -> web.Response:
    """The form."""
    return await _show(request)


async def take(request: web.Request) -> web.StreamResponse:
    """Keep a questionnaire as a draft, or say what cannot be played in it."""
    form = await request.post()
    files = []
    for field in form.getall("files", []):
        if isinstance(field, web.FileField):
            with field.file:
                files.append((field.filename[:80], field.file.read()))
    languages = request.app[SETTINGS].clinic.languages
    # A large file takes its time, and other people's pages must not wait for it.
    found = await asyncio.to_thread(understand, files, languages)
    if not isinstance(found, Understood):
        return await _show(request, status=422, faults=found)
    async with request.app[DATABASE].transaction() as tx:
        made = await access_upload(tx, staff_of(request), found.questionnaire, found.resource)
    if made is None:
        raise web.HTTPForbidden(reason="role")
    return go_to(f"/questionnaires/{made}?done=uploaded")


def understand(
    files: Sequence[tuple[str, bytes]], languages: Sequence[str]
) -> Understood | list[Fault]:
    """The one questionnaire among the files, with the value sets beside it put into it."""
    if not 1 <= len(files) <= MOST_FILES:
        return [Fault("", "", Reason.of("some_files", most=MOST_FILES))]
    faults: list[Fault] = []
    questionnaires: list[tuple[str, Mapping[str, Any]]] = []
    beside: list[Mapping[str, Any]] = []
    for name, content in files:
        resource = parse(content)
        if isinstance(resource, tuple):
            faults += _faults(name, resource)
        elif resource.get("resourceType") in _BESIDE:
            beside.append(resource)
        elif resource.get("resourceType") == "Questionnaire":
            questionnaires.append((name, resource))
        else:
            faults.append(Fault(name, "", Reason("no_questionnaire")))
    if not faults and len(questionnaires) != 1:
        faults.append(Fault("", "", Reason("one_expected")))
    if faults:
        return faults
    name, resource = questionnaires[0]
    stored = _storable(_with(resource, beside))
    if isinstance(stored, Problem):
        return _faults(name, (stored,))
    # What is stored is what was read: it is played from there.
    found = read(stored, languages)
    if isinstance(found, tuple):
        return _faults(name, found)
    if problem := _nameless(found):
        return _faults(name, (problem,))
    return Understood(found, stored)


def _with(resource: Mapping[str, Any], beside: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    contained = resource.get("contained", [])
    if not beside or not isinstance(contained, list):
        return resource
    return {**resource, "contained": [*contained, *beside]}


def _storable(resource: Mapping[str, Any]) -> Mapping[str, Any] | Problem:
    """As the database gives it back; a Problem if it holds what no database and no page can."""
    try:
        written = orjson.dumps(resource, default=_number)
    except TypeError as error:  # half a character, a number out of all bounds, endless nesting
        return Problem("", Reason.of("unstorable", error=str(error)[:100]))
    if b"\\u0000" in written:
        return Problem("", Reason("nul"))
    stored: Mapping[str, Any] = orjson.loads(written)
    return stored


def _number(value: object) -> float:
    if not isinstance(value, Decimal) or not math.isfinite(float(value)):
        raise TypeError("a number out of all bounds")
    return float(value)


def _nameless(found: Questionnaire) -> Problem | None:
    parts = urlsplit(found.url) if len(found.url) <= URL_LENGTH else None
    if parts is None or not parts.scheme or not found.url.isascii() or not found.url.isprintable():
        return Problem("", Reason.of("no_url", most=URL_LENGTH))
    return None if found.title else Problem("", Reason("no_title"))


def _faults(name: str, problems: Sequence[Problem]) -> list[Fault]:
    return [Fault(name, problem.item, problem.why) for problem in problems]


async def _show(
    request: web.Request, *, status: int = 200, faults: Sequence[Fault] = ()
) -> web.Response:
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "questionnaires/templates/upload.html",
            "questionnaires",
            status=status,
            faults=faults[:SHOWN_PROBLEMS],
            worded=partial(shown.worded, speech_of(request)),
            more=max(0, len(faults) - SHOWN_PROBLEMS),
            megabytes=LARGEST_FILE // 1_000_000,
        )
