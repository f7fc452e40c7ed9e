"""Research cohorts: the list, a new one, and one with its curves, members and files."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from aiohttp import web

from admin.cohorts.chart import HEIGHT, LEFT, WIDTH, chart
from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from clinic.booking.search import in_language
from clinic.cohort.rules import followed, standing
from clinic.cohort.types import STATUSES, USUAL_ARMS, USUAL_ROUNDS, Draft, Fault, Member
from clinic.db import Tx
from clinic.importer.export import csv_lines
from clinic.staff.access.cohorts import (
    Studied,
    access_close_cohort,
    access_cohort,
    access_cohorts,
    access_create_cohort,
    access_enrol,
    access_forms,
    access_set_member,
)

AT = "base"  # the menu's entry
COLUMNS = ("pseudonym", "arm", "enrolled_on", "status", "event_on", "contact_on", "days", "died")
DONE = ("created", "enrolled", "changed", "closed", "unchanged")
REFUSALS = ("no_consent", "deceased", "enrolled", "no_such_arm", "future", "closed", "gone")


async def listing(request: web.Request) -> web.Response:
    """All cohorts, and the form of a new one."""
    async with request.app[DATABASE].transaction() as tx:
        return await _listing(request, tx)


async def create(request: web.Request) -> web.StreamResponse:
    """Make a cohort."""
    posted = {name: str(value).strip() for name, value in (await request.post()).items()}
    draft = _draft(posted)
    async with request.app[DATABASE].transaction() as tx:
        made = await access_create_cohort(tx, staff_of(request), draft)
        if made is None:
            raise web.HTTPNotFound
        if isinstance(made, tuple):
            return await _listing(request, tx, posted, made)
    return go_to(f"/cohorts/{made}?done=created")


async def show(request: web.Request) -> web.Response:
    """One cohort: curves, numbers at risk, rounds, members."""
    async with request.app[DATABASE].transaction() as tx:
        found = await _found(request, tx)
        return await page(
            request,
            tx,
            "cohorts/templates/cohort.html",
            AT,
            found=found,
            cohort=found.cohort,
            draft=found.cohort.draft,
            chart=chart(found.arms, found.months),
            size=(WIDTH, HEIGHT, LEFT),
            members=[
                (member, _stands(found, member), followed(member), patient, name)
                for member, patient, name in found.members
            ],
            statuses=STATUSES,
            done=next((one for one in DONE if one == request.query.get("done")), None),
            refused=next((one for one in REFUSALS if one == request.query.get("why")), None),
        )


async def enrol(request: web.Request) -> web.StreamResponse:
    """Let a patient take part."""
    posted = await request.post()
    on = _day(str(posted.get("enrolled_on", "")))
    if on is None:
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        made = await access_enrol(
            tx,
            request.app[SETTINGS],
            staff_of(request),
            _id(request),
            str(posted.get("chart", "")).strip(),
            str(posted.get("arm", "")),
            on,
        )
    said = "done=enrolled" if isinstance(made, int) else f"why={made}"
    return go_to(f"/cohorts/{_id(request)}?{said}#members")


async def set_member(request: web.Request) -> web.StreamResponse:
    """Note how a member is."""
    posted = await request.post()
    status = next((one for one in STATUSES if one == posted.get("status")), None)
    typed = str(posted.get("on", ""))
    on = _day(typed)
    if status is None or (typed and on is None):
        raise web.HTTPUnprocessableEntity
    async with request.app[DATABASE].transaction() as tx:
        changed = await access_set_member(
            tx,
            request.app[SETTINGS],
            staff_of(request),
            _id(request),
            int(request.match_info["member"]),
            status,
            on,
        )
    return go_to(f"/cohorts/{_id(request)}?done={'changed' if changed else 'unchanged'}#members")


async def close(request: web.Request) -> web.StreamResponse:
    """End a cohort."""
    async with request.app[DATABASE].transaction() as tx:
        closed = await access_close_cohort(tx, staff_of(request), _id(request))
    return go_to(f"/cohorts/{_id(request)}{'?done=closed' if closed else ''}")


async def as_csv(request: web.Request) -> web.Response:
    """The members for a statistician: a row each, by pseudonym."""
    found = await _exported(request)
    lines = csv_lines(COLUMNS, ((row[name] for name in COLUMNS) for row in _rows(found)))
    return _file("".join(lines).encode(), "text/csv; charset=utf-8", _id(request), "csv")


async def as_json(request: web.Request) -> web.Response:
    """The members and the curves as JSON."""
    found = await _exported(request)
    draft = found.cohort.draft
    content = {
        "cohort": draft.name,
        "on": found.today,
        "arms": [
            {
                **{name: getattr(arm, name) for name in ("name", "enrolled", "alive", "died")},
                **{name: getattr(arm, name) for name in ("lost", "withdrew", "lost_share")},
                "median_days": arm.median,
                "at_risk": dict(zip(map(str, found.months), arm.at_risk, strict=True)),
                "curve": arm.points,
            }
            for arm in found.arms
        ],
        "members": [
            {name: value if value != "" else None for name, value in row.items()}
            for row in _rows(found)
        ],
    }
    body = orjson.dumps(content, option=orjson.OPT_INDENT_2)
    return _file(body, "application/json", _id(request), "json")


def _rows(found: Studied) -> list[dict[str, Any]]:
    return [
        {
            "pseudonym": member.pseudonym,
            "arm": member.arm,
            "enrolled_on": member.enrolled_on,
            "status": _stands(found, member),
            "event_on": member.event_on or "",
            "contact_on": member.contact_on,
            "days": followed(member).days,
            "died": int(followed(member).died),
        }
        for member, _, _ in found.members
    ]


def _stands(found: Studied, member: Member) -> str:
    return standing(member, found.today, found.cohort.draft.lost_after_days)


def _file(body: bytes, kind: str, cohort: int, ending: str) -> web.Response:
    name = f"cohort-{cohort}.{ending}"
    return web.Response(
        body=body,
        headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _exported(request: web.Request) -> Studied:
    async with request.app[DATABASE].transaction() as tx:
        return await _found(request, tx, export=True)


async def _found(request: web.Request, tx: Tx, *, export: bool = False) -> Studied:
    found = await access_cohort(
        tx, request.app[SETTINGS], staff_of(request), _id(request), export=export
    )
    if found is None:
        raise web.HTTPNotFound
    return found


async def _listing(
    request: web.Request,
    tx: Tx,
    typed: Mapping[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
) -> web.Response:
    speech = speech_of(request)
    usual = {
        "name": "",
        "arms": ", ".join(USUAL_ARMS),
        "rounds": ", ".join(map(str, USUAL_ROUNDS)),
        "form": "",
        "lost_after_days": "365",
    }
    return await page(
        request,
        tx,
        "cohorts/templates/list.html",
        AT,
        status=422 if faults else 200,
        cohorts=await access_cohorts(tx, staff_of(request)),
        forms=[(url, in_language(title, speech.language)) for url, title in await access_forms(tx)],
        values=usual | dict(typed or {}),
        faults=faults,
    )


def _draft(posted: Mapping[str, str]) -> Draft:
    """What the form says; what is no number counts as 0, which no draft may have."""
    return Draft(
        posted.get("name", ""),
        tuple(filter(None, map(str.strip, posted.get("arms", "").split(",")))),
        tuple(map(_whole, filter(str.strip, posted.get("rounds", "").split(",")))),
        posted.get("form") or None,
        _whole(posted.get("lost_after_days", "")),
    )


def _whole(typed: str) -> int:
    typed = typed.strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _id(request: web.Request) -> int:
    return int(request.match_info["cohort"])
