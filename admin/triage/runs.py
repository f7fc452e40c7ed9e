"""Runs of the triage: the list, and one of them replayed step by step."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import page, speech_of, staff_of
from admin.triage import shown
from clinic.staff.access.triage import LISTED, RunOpened, Wanted, access_run, access_runs
from clinic.staff.access.visits import today
from clinic.triage.load import catalogue
from clinic.triage.types import LEVELS, Presentation

DAYS = timedelta(days=30)  # shown unless somebody asks for others
FAR = timedelta(days=36_500)


async def listing(request: web.Request) -> web.Response:
    """Runs of a period, the newest first."""
    zone = request.app[SETTINGS].clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        now_on = await today(tx, zone)
        wanted = _wanted(request, now_on, zone)
        rows = await access_runs(tx, staff_of(request), wanted)
        more = rows[LISTED - 1].id if len(rows) > LISTED else None
        return await page(
            request,
            tx,
            "triage/templates/runs.html",
            "triage",
            wanted=wanted,
            rows=rows[:LISTED],
            titles={name: one.title for name, one in catalogue().items()},
            levels=LEVELS[::-1],
            more=_query(wanted, more) if more else None,
        )


async def one(request: web.Request) -> web.Response:
    """One run: each question with its answer, the rules that fired, and what followed; then the
    same by the rules of today."""
    run_id = int(request.match_info["triage"])
    zone = request.app[SETTINGS].clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        found = await access_run(tx, request.app[KEYS], staff_of(request), run_id, zone)
        if found is None:
            raise web.HTTPNotFound
        return await page(
            request, tx, "triage/templates/run.html", "triage", **_seen(request, found)
        )


def _seen(request: web.Request, found: RunOpened) -> dict[str, Any]:
    speech, replay = speech_of(request), found.replay
    run, present = replay.run, catalogue().get(found.row.presentation)
    went_by: Presentation | None = replay.went_by or present
    values: dict[str, Any] = {
        "row": found.row,
        "run": run,
        "base": found.base,
        "escalation": found.escalation_id,
        "title": went_by.title[speech.language] if went_by else found.row.presentation,
        "replay": replay,
        "then": (),
        "kept": None,
        "differs": (),
        "now": (),
        "now_outcome": None,
        "now_differs": (),
        "against": (),
    }
    if went_by is None:
        return values
    values["kept"] = shown.outcome(went_by, run.outcome, speech)
    remote = {rule.id: rule.reason[speech.language] for rule in went_by.base.remote}
    values["against"] = [remote.get(name, name) for name in run.against_remote or ()]
    if replay.then and replay.went_by:
        values["then"] = shown.steps(went_by, replay.then, run, speech)
        values["differs"] = shown.changed(went_by, run.outcome, replay.then.outcome, speech)
    if replay.now and present and replay.changed:
        values["now"] = shown.steps(present, replay.now, run, speech)
        values["now_outcome"] = shown.outcome(present, replay.now.outcome, speech)
        values["now_differs"] = shown.changed(present, run.outcome, replay.now.outcome, speech)
    return values


def _wanted(request: web.Request, now_on: date, zone: str) -> Wanted:
    query = request.query
    until = _day(query.get("until", ""), now_on, now_on)
    since = _day(query.get("from", ""), until - DAYS, now_on)
    name = query.get("presentation", "")
    return Wanted(
        since=min(since, until),
        until=max(since, until),
        zone=zone,
        level=next((one for one in LEVELS if str(one) == query.get("level")), None),
        presentation=name if name in catalogue() else None,
        version=_whole(query.get("version", ""), 9),
        before=_whole(query.get("before", ""), 18),
    )


def _query(wanted: Wanted, before: int) -> str:
    said = {
        "from": wanted.since,
        "until": wanted.until,
        "level": wanted.level,
        "presentation": wanted.presentation,
        "version": wanted.version,
        "before": before,
    }
    return urlencode({name: value for name, value in said.items() if value is not None})


def _day(text: str, default: date, near: date) -> date:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        return default
    return on if abs(on - near) < FAR else default


def _whole(text: str, digits: int) -> int | None:
    fits = text.isascii() and text.isdecimal() and len(text) <= digits
    return int(text) if fits else None
