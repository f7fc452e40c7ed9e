"""Imports: what was brought, what it would do, and the way into the patient base and out again."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from admin.imports import shown
from admin.imports.upload import AT
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, part, speech_of, staff_of
from clinic.db import Tx
from clinic.importer.export import rejects_csv
from clinic.importer.runs import Run
from clinic.importer.table.types import FIELDS
from clinic.importer.types import Issue
from clinic.importer.undo import Undone
from clinic.staff.access.imports import (
    ISSUES_EXPORTED,
    ISSUES_SHOWN,
    LISTED_AT_MOST,
    access_cancel,
    access_commit,
    access_first_rows,
    access_import,
    access_imports,
    access_issues,
    access_remap,
    access_undo,
)

PROBLEMS = ("unconfirmed", "not_previewed", "not_committed", "later_first", "busy", "too_late")
ROWS_SHOWN = 3
_CONFIRMED = ("other_institution",)
_TITLES = ("file", "line", "record", "column", "severity", "reason")


async def listing(request: web.Request) -> web.Response:
    """What was brought, the newest first."""
    before = request.query.get("before", "")
    oldest = int(before) if before.isdecimal() and before.isascii() and len(before) < 19 else None
    async with request.app[DATABASE].transaction() as tx:
        runs = await access_imports(tx, request.app[KEYS], staff_of(request), oldest)
        return await page(
            request,
            tx,
            "imports/templates/list.html",
            AT,
            runs=runs,
            most=LISTED_AT_MOST,
            counts=shown.counts,
            told=partial(shown.told, speech_of(request)),
        )


async def show(request: web.Request) -> web.Response:
    """One import: what is in the file and what it does."""
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx)


async def live(request: web.Request) -> web.Response:
    """The same while a worker is at it."""
    async with request.app[DATABASE].transaction() as tx:
        values = await _values(request, tx)
        return part(request, "imports/templates/run.html", **values)


async def issues_csv(request: web.Request) -> web.Response:
    """What of the file could not be used, for a spreadsheet."""
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        run = await _run(request, tx)
        issues = await access_issues(tx, staff_of(request), run.id, ISSUES_EXPORTED)

    def told(issue: Issue) -> str:
        return shown.told(speech, issue.reason, issue.values)

    titles = [speech(f"imports.column.{name}") for name in _TITLES]
    body = "".join(rejects_csv([(run.name, issues)], titles, told)).encode()
    return web.Response(
        body=body,
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="import-{run.id}.csv"',
        },
    )


async def commit(request: web.Request) -> web.StreamResponse:
    """Have the file written into the patient base."""
    posted = await request.post()
    confirmed = [name for name in _CONFIRMED if posted.get(f"confirm_{name}") == "yes"]
    async with request.app[DATABASE].transaction() as tx:
        run = await _run(request, tx)
        if set(run.report.get("confirm") or ()) - set(confirmed):
            return await _show(request, tx, "unconfirmed")
        if "refused" in run.report or not await access_commit(
            tx, staff_of(request), run.id, confirmed
        ):
            return await _show(request, tx, "not_previewed")
    return go_to(f"/imports/{run.id}")


async def cancel(request: web.Request) -> web.StreamResponse:
    """Forget the file."""
    async with request.app[DATABASE].transaction() as tx:
        run = await _run(request, tx)
        if not await access_cancel(tx, staff_of(request), run.id):
            return await _show(request, tx, "too_late")
    return go_to(f"/imports/{run.id}")


async def undo(request: web.Request) -> web.StreamResponse:
    """Take the import back."""
    async with request.app[DATABASE].transaction() as tx:
        run = await _run(request, tx)
        undone = await access_undo(tx, request.app[SETTINGS], staff_of(request), run.id)
        if not isinstance(undone, Undone):
            return await _show(request, tx, undone)
    return go_to(f"/imports/{run.id}")


async def columns(request: web.Request) -> web.Response:
    """Which column of a list holds what, with its first rows beside it."""
    database, staff = request.app[DATABASE], staff_of(request)
    async with database.transaction() as tx:
        run = await _run(request, tx)
    rows = await access_first_rows(database, request.app[KEYS], staff, run)
    if rows is None or "mapping" not in run.report:
        raise web.HTTPConflict
    mapping = run.report["mapping"]
    meaning = {place: name for name, places in mapping["columns"].items() for place in places}
    data = rows[1:] if mapping["titles"] else rows
    width = max([len(mapping["titles"]), *(len(row.cells) for row in rows)])
    table = [
        {
            "number": n,
            "title": mapping["titles"][n] if n < len(mapping["titles"]) else "",
            "examples": [str(row.cell(n))[:40] for row in data[:ROWS_SHOWN] if row.cell(n) != ""],
            "meaning": meaning.get(n),
        }
        for n in range(width)
    ]
    async with database.transaction() as tx:
        return await page(
            request,
            tx,
            "imports/templates/columns.html",
            AT,
            run=run,
            columns=table,
            fields=FIELDS,
        )


async def remap(request: web.Request) -> web.StreamResponse:
    """Have the list looked at again with its columns as staff say."""
    posted = await request.post()
    meaning = {
        int(name.removeprefix("column_")): str(value)
        for name, value in posted.items()
        if name.startswith("column_") and name[7:].isdecimal() and name.isascii() and len(name) < 12
    }
    async with request.app[DATABASE].transaction() as tx:
        run = await _run(request, tx)
        if not await access_remap(tx, request.app[KEYS], staff_of(request), run.id, meaning):
            return await _show(request, tx, "not_previewed")
    return go_to(f"/imports/{run.id}")


async def _run(request: web.Request, tx: Tx) -> Run:
    run_id = int(request.match_info["run"])
    run = await access_import(tx, request.app[KEYS], staff_of(request), run_id)
    if run is None:
        raise web.HTTPNotFound
    return run


async def _show(request: web.Request, tx: Tx, problem: str | None = None) -> web.Response:
    values = await _values(request, tx)
    status = 409 if problem else 200
    return await page(
        request, tx, "imports/templates/show.html", AT, status=status, problem=problem, **values
    )


async def _values(request: web.Request, tx: Tx) -> dict[str, Any]:
    run, speech = await _run(request, tx), speech_of(request)
    told: Callable[..., str] = partial(shown.told, speech)
    return {
        "run": run,
        "size": shown.megabytes(run.size),
        "working": run.state in shown.WORKING,
        "counts": shown.counts(run.report),
        "issues": await access_issues(tx, staff_of(request), run.id),
        "issues_shown": ISSUES_SHOWN,
        "told": told,
        "place": partial(shown.place, speech),
        "numbering": partial(shown.numbering, speech),
        "undoable": run.state == "committed" and run.kind in shown.UNDOABLE,
    }
