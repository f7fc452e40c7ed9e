"""The audit trail, for admins: search, a list for a spreadsheet, whom somebody saw, the check."""

from datetime import date, timedelta

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import page, speech_of, staff_of
from clinic.audit.check import Checked
from clinic.db import Tx
from clinic.importer.export import csv_lines
from clinic.staff.access import audit as access
from clinic.staff.access.audit import EXPORTED_AT_MOST, LONGEST_PERIOD, PAGE, Query
from clinic.staff.access.visits import today

PAGE_OF = "audit/templates/audit.html"
DAYS = 7  # shown unless one asks for others
_COLUMNS = ("at", "kind", "who", "action", "subject", "detail", "sealed")


async def show(request: web.Request) -> web.Response:
    """What was looked for, newest first."""
    return await _show(request)


async def check(request: web.Request) -> web.Response:
    """Walk the chain and say whether it is whole."""
    async with request.app[DATABASE].transaction() as tx:
        checked = await access.access_check(tx, request.app[SETTINGS], staff_of(request))
    return await _show(request, checked)


async def seen(request: web.Request) -> web.Response:
    """Which patients somebody saw in the period."""
    async with request.app[DATABASE].transaction() as tx:
        query = await _query(request, tx)
        return await page(
            request,
            tx,
            "audit/templates/seen.html",
            "audit",
            query=query,
            actors=await access.access_actors(tx, staff_of(request)),
            rows=await access.access_seen(tx, staff_of(request), query),
            most=access.SEEN_AT_MOST,
        )


async def as_csv(request: web.Request) -> web.Response:
    """The same search for a spreadsheet."""
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        query = await _query(request, tx)
        rows = await access.access_audit(
            tx, staff_of(request), query, most=EXPORTED_AT_MOST, export=True
        )
    lines = csv_lines(
        [speech(f"audit.column.{name}") for name in _COLUMNS],
        (
            (
                *(one.at.isoformat(timespec="seconds"), one.actor_kind, one.name or one.actor_id),
                *(one.action, one.subject_id, _written(one.detail), "yes" if one.sealed else "no"),
            )
            for one in rows[:EXPORTED_AT_MOST]
        ),
    )
    name = f"audit-{query.first:%Y-%m-%d}-{query.last:%Y-%m-%d}.csv"
    return web.Response(
        body="".join(lines).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def _show(request: web.Request, checked: Checked | None = None) -> web.Response:
    async with request.app[DATABASE].transaction() as tx:
        query = await _query(request, tx)
        rows = await access.access_audit(tx, staff_of(request), query)
        more = len(rows) > PAGE
        return await page(
            request,
            tx,
            PAGE_OF,
            "audit",
            query=query,
            chart=request.query.get("chart", ""),
            missing=bool(request.query.get("chart")) and query.patient_id == 0,
            actors=await access.access_actors(tx, staff_of(request)),
            rows=[(one, _written(one.detail)) for one in rows[:PAGE]],
            older=_older(request, rows[PAGE - 1].id) if more else "",
            words=request.query_string,
            checked=checked,
        )


def _older(request: web.Request, before: int) -> str:
    return request.rel_url.with_path("/audit").update_query(before=str(before)).path_qs


async def _query(request: web.Request, tx: Tx) -> Query:
    """What the address asks for; days that are none, or too many, are put right."""
    asked, zone = request.query, request.app[SETTINGS].clinic.time_zone
    now = await today(tx, zone)
    last = _day(asked.get("last", "")) or now
    first = _day(asked.get("first", "")) or last - timedelta(days=DAYS - 1)
    first = min(max(first, last - timedelta(days=LONGEST_PERIOD - 1)), last)
    chart = asked.get("chart", "").strip()
    patient_id = (await access.patient_of(tx, chart) or 0) if chart else None
    return Query(
        first,
        last,
        zone,
        _number(asked.get("staff", "")),
        patient_id,
        asked.get("action", "").strip()[:48].replace("\0", ""),
        _number(asked.get("before", "")),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _written(detail: object) -> str:
    """Codes and ids of a deed on one line; long lists by their beginning."""
    if not isinstance(detail, dict):
        return ""
    parts = []
    for key, value in detail.items():
        if isinstance(value, list) and len(value) > 8:
            value = [*value[:8], f"… ({len(value)})"]
        shown = " ".join(map(str, value)) if isinstance(value, list) else str(value)
        parts.append(f"{key}: {shown}")
    return "; ".join(parts)
