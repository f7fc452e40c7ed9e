"""Who is who: doubts side by side, and records that are joined and parted again."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from admin.i18n import Speech
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of, words_of
from clinic.db import Tx
from clinic.importer.review import Doubt
from clinic.importer.rules import CLEARED
from clinic.staff.access.patients import FOUND_AT_MOST, PatientFound, access_patients
from clinic.staff.access.reviews import (
    DECISIONS,
    LISTED_AT_MOST,
    TO_MERGE,
    access_decide,
    access_doubt,
    access_doubts,
    access_merge,
    access_merges,
    access_pair,
    access_part,
)

AT = "base"  # the menu's entry
DONE = ("decided", "merged", "parted")
PROBLEMS = (
    "no_candidate",
    "visits_overlap",
    "gone",
    "busy",
    "not_last",
    "undecided",
    "same",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side says; `differs` from the first side, which says something else."""

    words: str
    differs: bool = False


async def listing(request: web.Request) -> web.Response:
    """All open doubts."""
    async with request.app[DATABASE].transaction() as tx:
        return await _list(request, tx)


async def show(request: web.Request) -> web.Response:
    """One doubt: the entry beside the patients it may speak of."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def decide(request: web.Request) -> web.StreamResponse:
    """Settle a doubt."""
    posted = await request.post()
    said, _, chosen = str(posted.get("decision", "")).partition(":")
    decision = next((one for one in DECISIONS if one == said), None)
    async with request.app[DATABASE].transaction() as tx:
        if decision is None or (decision == "patient") is not bool(_number(chosen)):
            return await _show(request, tx, "undecided")
        problem = await access_decide(
            tx,
            request.app[KEYS],
            request.app[SETTINGS],
            staff_of(request),
            int(request.match_info["doubt"]),
            decision,
            _number(chosen),
        )
        if problem == "decided":
            raise web.HTTPConflict
        if problem is not None:
            return await _show(request, tx, problem)
    return go_to("/reviews?done=decided")


async def merges(request: web.Request) -> web.Response:
    """Records that were joined, and the way to join others."""
    async with request.app[DATABASE].transaction() as tx:
        return await _merges(request, tx)


async def find(request: web.Request) -> web.Response:
    """Look for the two records."""
    words = await words_of(request)
    async with request.app[DATABASE].transaction() as tx:
        found = await access_patients(tx, request.app[KEYS], staff_of(request), words)
        return await _merges(request, tx, words=words, found=found)


async def compare(request: web.Request) -> web.Response:
    """Two records side by side, before they are joined."""
    async with request.app[DATABASE].transaction() as tx:
        return await _compare(request, tx, request.query)


async def merge(request: web.Request) -> web.StreamResponse:
    """Join two records."""
    posted = await request.post()
    said = {name: str(posted.get(name, "")) for name in ("kept", "lost")}
    kept, lost = _number(said["kept"]), _number(said["lost"])
    if kept is None or lost is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        made = await access_merge(
            tx, request.app[KEYS], request.app[SETTINGS], staff_of(request), kept, lost
        )
        if not isinstance(made, int):
            return await _compare(request, tx, said, made)
    return go_to("/merges?done=merged")


async def parted(request: web.Request) -> web.StreamResponse:
    """Make two records of one again."""
    merge_id = int(request.match_info["merge"])
    async with request.app[DATABASE].transaction() as tx:
        problem = await access_part(tx, request.app[SETTINGS], staff_of(request), merge_id)
        if problem is not None:
            return await _merges(request, tx, problem=problem)
    return go_to("/merges?done=parted")


async def _list(request: web.Request, tx: Tx) -> web.Response:
    doubts = await access_doubts(tx, request.app[KEYS], staff_of(request))
    return await page(
        request,
        tx,
        "reviews/templates/list.html",
        AT,
        doubts=doubts,
        most=LISTED_AT_MOST,
        done=_done(request),
    )


async def _show(request: web.Request, tx: Tx, problem: str | None = None) -> web.Response:
    doubt_id = int(request.match_info["doubt"])
    doubt = await access_doubt(tx, request.app[KEYS], staff_of(request), doubt_id)
    if doubt is None:
        raise web.HTTPNotFound
    return await page(
        request,
        tx,
        "reviews/templates/show.html",
        AT,
        status=422 if problem else 200,
        doubt=doubt,
        rows=_side_by_side(doubt, speech_of(request)),
        merging=doubt.reason == TO_MERGE,
        problem=problem,
    )


async def _merges(
    request: web.Request,
    tx: Tx,
    *,
    words: str = "",
    found: Sequence[PatientFound] = (),
    problem: str | None = None,
) -> web.Response:
    return await page(
        request,
        tx,
        "reviews/templates/merges.html",
        AT,
        status=409 if problem else 200,
        merges=await access_merges(tx, staff_of(request)),
        most=LISTED_AT_MOST,
        q=words,
        found=found,
        found_most=FOUND_AT_MOST,
        problem=problem,
        done=_done(request),
    )


async def _compare(
    request: web.Request, tx: Tx, said: Mapping[str, str], problem: str | None = None
) -> web.Response:
    kept, lost = _number(said.get("kept", "")), _number(said.get("lost", ""))
    if kept is None or lost is None:
        return go_to("/merges")
    pair = await access_pair(tx, staff_of(request), kept, lost)
    if pair is None:
        why = problem or ("same" if kept == lost else "gone")
        return await _merges(request, tx, problem=why)
    speech = speech_of(request)
    return await page(
        request,
        tx,
        "reviews/templates/compare.html",
        AT,
        status=409 if problem else 200,
        kept=pair[0],
        lost=pair[1],
        rows=_rows([_of_patient(one, speech) for one in pair]),
        problem=problem,
    )


def _side_by_side(doubt: Doubt, speech: Speech) -> list[tuple[str, list[Cell]]]:
    person = doubt.entry.person
    visits = [one.on for one in doubt.entry.encounters]
    last = max(visits, default=doubt.entry.last_visit_on)
    sides = [
        {
            "name": person.name,
            "kana": person.kana,
            "chart": person.chart,
            "birth": speech.birth(person.birth_on) if person.birth_on else "",
            "sex": speech(f"sex.{person.sex}") if person.sex else "",
            "phone": "" if person.phone == CLEARED else person.phone,
            "last_visit": speech.day(last) if last else "",
        }
    ]
    sides += [
        {
            "name": one.name,
            "kana": one.kana,
            "chart": one.chart or "",
            "birth": speech.birth(one.birth_on) if one.birth_on else "",
            "sex": speech(f"sex.{one.sex}") if one.sex else "",
            "phone": one.phone,
            "last_visit": speech.day(one.last_visit_on) if one.last_visit_on else "",
        }
        for one in doubt.candidates
    ]
    return _rows(sides)


def _of_patient(patient: PatientFound, speech: Speech) -> dict[str, str]:
    return {
        "name": patient.name,
        "kana": patient.kana,
        "chart": patient.chart or "",
        "birth": speech.birth(patient.birth_on) if patient.birth_on else "",
    }


def _rows(sides: Sequence[Mapping[str, str]]) -> list[tuple[str, list[Cell]]]:
    """The sides line by line. Spaces, width and what one side does not tell make no difference;
    nor does the last visit, which is another one each time."""
    first = sides[0]
    return [
        (
            name,
            [
                Cell(
                    side[name],
                    name != "last_visit"
                    and bool(side[name] and first[name])
                    and _plain(side[name]) != _plain(first[name]),
                )
                for side in sides
            ],
        )
        for name in first
    ]


def _plain(words: str) -> str:
    return "".join(unicodedata.normalize("NFKC", words).split()).lower()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _done(request: web.Request) -> str | None:
    return next((one for one in DONE if one == request.query.get("done")), None)
