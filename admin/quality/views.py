"""The quality audit: a month's sample, and the review of one conversation."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.quality.scripts import known_scripts
from admin.quality.shown import Seen, fields, given_of, seen
from clinic.db import Tx
from clinic.quality import rules
from clinic.quality.service import checklist
from clinic.quality.types import FINDING_KINDS
from clinic.questionnaire.service import load
from clinic.questionnaire.types import Refusal
from clinic.staff.access.quality import (
    LINES,
    Drawn,
    Opened,
    access_assign_review,
    access_draw,
    access_experts,
    access_months,
    access_review,
    access_sample,
    access_save_review,
    access_share_out,
)
from clinic.staff.access.quality_findings import access_add_finding
from clinic.staff.access.visits import today
from nlu.red_flags.digest import digest


async def sample(request: web.Request) -> web.Response:
    """The sample of a month, the last one that is over unless another is asked for."""
    zone = request.app[SETTINGS].clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        now_in = rules.first_of_month(await today(tx, zone))
        months = await access_months(tx)
        month = rules.read_month(request.query.get("month", ""))
        if month is None:
            month = months[0].month if months else rules.month_before(now_in)
        mine = request.query.get("mine") == "1"
        rows = await access_sample(tx, staff_of(request), month)
        return await page(
            request,
            tx,
            "quality/templates/sample.html",
            "quality",
            tab="sample",
            month=month,
            months=months,
            latest=now_in,
            rows=[one for one in rows if not mine or one.assigned_to == staff_of(request).id],
            mine=mine,
            done=sum(one.score is not None for one in rows),
            total=len(rows),
            shares=_shares(rows),
            experts=await access_experts(tx),
            added=_number(request.query.get("added", "")),
        )


async def draw(request: web.Request) -> web.StreamResponse:
    """Draw the sample of a month, or what is missing in it."""
    month = rules.read_month(str((await request.post()).get("month", "")))
    if month is None:
        raise web.HTTPUnprocessableEntity
    zone = request.app[SETTINGS].clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        staff, keys = staff_of(request), request.app[KEYS]
        drawn = await access_draw(tx, keys, staff, month, zone, digest())
    if drawn is None:
        raise web.HTTPUnprocessableEntity
    return go_to(f"/quality?month={month:%Y-%m}&added={drawn}")


async def assign(request: web.Request) -> web.StreamResponse:
    """Give one conversation to an expert, or to anybody."""
    form = await request.post()
    to = str(form.get("to", ""))
    if to and _number(to) is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if not await access_assign_review(tx, staff_of(request), _id(request), _number(to)):
            raise web.HTTPConflict
    return go_to(f"/quality?{_back(form.get('month'))}#sample")


async def share_out(request: web.Request) -> web.StreamResponse:
    """Give what nobody has yet to the experts in turn."""
    form = await request.post()
    month = rules.read_month(str(form.get("month", "")))
    if month is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        if await access_share_out(tx, staff_of(request), month) is None:
            raise web.HTTPNotFound
    return go_to(f"/quality?{_back(form.get('month'))}#sample")


async def review(request: web.Request) -> web.Response:
    """One conversation of the sample, with the checklist beside it."""
    async with request.app[DATABASE].transaction() as tx:
        return await _review(request, tx)


async def save(request: web.Request) -> web.StreamResponse:
    """Take the filled checklist."""
    form = await request.post()
    given = {item.link_id: str(form.get(item.link_id, "")) for item in checklist().items}
    zone = request.app[SETTINGS].clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        answers = rules.filled(checklist(), await today(tx, zone), given)
        if isinstance(answers, dict):
            return await _review(request, tx, status=422, given=given, refused=answers)
        score = rules.score(checklist(), answers)
        outcome = await access_save_review(
            tx, request.app[KEYS], staff_of(request), _id(request), answers, score
        )
    if outcome is None:
        raise web.HTTPNotFound
    if outcome == "theirs":
        raise web.HTTPConflict
    return go_to(f"/quality/reviews/{_id(request)}?done=review#checklist")


async def add_finding(request: web.Request) -> web.StreamResponse:
    """Note something to mend."""
    form = await request.post()
    script, note = str(form.get("script", "")).strip(), str(form.get("note", "")).strip()
    kind = next((one for one in FINDING_KINDS if one == form.get("kind")), None)
    async with request.app[DATABASE].transaction() as tx:
        staff = staff_of(request)
        known = await known_scripts(tx, staff, speech_of(request))
        if kind is None or script not in known or not 0 < len(note) <= rules.NOTE_LENGTH:
            wrong = {"script": script, "note": note, "kind": kind or ""}
            return await _review(request, tx, status=422, wrong=wrong)
        made = await access_add_finding(
            tx, request.app[KEYS], staff, _id(request), script, kind, note
        )
    if made is None:
        raise web.HTTPNotFound
    return go_to(f"/quality/reviews/{_id(request)}?done=finding#findings")


async def _review(
    request: web.Request,
    tx: Tx,
    *,
    status: int = 200,
    given: dict[str, str] | None = None,
    refused: dict[str, Refusal] | None = None,
    wrong: dict[str, str] | None = None,
) -> web.Response:
    staff, speech = staff_of(request), speech_of(request)
    zone = request.app[SETTINGS].clinic.time_zone
    opened = await access_review(tx, request.app[KEYS], staff, _id(request), zone)
    if opened is None:
        raise web.HTTPNotFound
    known = await known_scripts(tx, staff, speech)
    values: dict[str, Any] = {
        "opened": opened,
        "seen": await _seen(tx, opened, speech.language),
        "title": checklist().title.get(speech.language),
        "fields": fields(checklist(), given or given_of(opened.answers), speech.language),
        "refused": refused or {},
        "wrong": wrong,
        "known": known,
        "kinds": FINDING_KINDS,
        "longest": rules.NOTE_LENGTH,
        "most": LINES,
        "done": request.query.get("done"),
    }
    return await page(
        request, tx, "quality/templates/review.html", "quality", status=status, **values
    )


async def _seen(tx: Tx, opened: Opened, language: str) -> Seen:
    forms = {one.questionnaire_id: await load(tx, one.questionnaire_id) for one in opened.forms}
    return seen(opened, forms, language)


def _id(request: web.Request) -> int:
    return int(request.match_info["review"])


def _back(month: object) -> str:
    read = rules.read_month(str(month or ""))
    return f"month={read:%Y-%m}" if read else ""


def _shares(rows: Sequence[Drawn]) -> list[tuple[str, int, int]]:
    """Of each expert what is theirs: the name, how many are done, and how many there are."""
    found: dict[str, list[bool]] = {}
    for one in rows:
        name = one.reviewer if one.score is not None else one.assigned_name
        found.setdefault(name or "", []).append(one.score is not None)
    return [(name, sum(done), len(done)) for name, done in sorted(found.items())]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
