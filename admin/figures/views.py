"""Figures: a page a subject, each with its charts, tables, the former period and its CSV."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from aiohttp import web

from admin.figures import chats, money, patients, services, surveys, visits
from admin.figures.ask import PERIODS, Asked, asked
from admin.figures.behind import mark
from admin.figures.shown import Pen, Section, rows_of
from admin.figures.visits import chapter_name
from admin.keys import DATABASE, KEYS, SETTINGS, TABLE
from admin.page import page, speech_of, staff_of
from clinic.db import Tx
from clinic.figures import rules
from clinic.figures.types import BYS
from clinic.importer.export import csv_lines
from clinic.staff.access.figures import Frame, access_frame

AT = "figures"  # the menu's entry
Sections = Callable[[Tx, Pen, Frame, Asked], Awaitable[list[Section]]]
TABS: Mapping[str, Sections] = {
    "visits": visits.sections,
    "patients": patients.sections,
    "services": services.sections,
    "chats": chats.sections,
    "money": money.sections,
    "survey": surveys.sections,
}
FILTERS: Mapping[str, tuple[str, ...]] = {
    "visits": ("doctor", "service", "chapter", "by"),
    "patients": ("doctor", "chapter", "by"),
    "services": ("doctor", "service"),
    "chats": (),
    "money": ("chapter",),
    "survey": ("doctor", "service"),
}
COLUMNS = ("figure", "table", "line", "column", "value", "low", "high")


async def show(request: web.Request) -> web.Response:
    """The figures of one subject, which the address names; /figures itself is about visits."""
    tab = _tab(request)
    speech = speech_of(request)
    pen = Pen(speech, partial(mark, request.app[KEYS]))
    async with request.app[DATABASE].transaction() as tx:
        frame, it, sections = await _made(tx, request, tab, pen)
        return await page(
            request,
            tx,
            "figures/templates/figures.html",
            AT,
            tab=tab,
            tabs=[one for one in TABS if _may_see(request, one)],
            frame=frame,
            it=it,
            pen=pen,
            sections=sections,
            periods=PERIODS,
            bys=BYS,
            filters=FILTERS[tab],
            chapters=[(code, chapter_name(pen, code)) for code, _, _ in rules.CHAPTERS],
        )


async def as_csv(request: web.Request) -> web.Response:
    """All tables of one subject as one list: a number a row, with its interval."""
    tab = _tab(request)
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        _, it, sections = await _made(tx, request, tab, Pen(speech))
    titles = [speech(f"figures.csv.{name}") for name in COLUMNS]
    lines = csv_lines(titles, rows_of(sections, speech))
    name = f"figures-{tab}-{it.scope.since}-{it.scope.until}.csv"
    return web.Response(
        body="".join(lines).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def _made(
    tx: Tx, request: web.Request, tab: str, pen: Pen
) -> tuple[Frame, Asked, list[Section]]:
    zone: str = request.app[SETTINGS].clinic.time_zone
    frame = await access_frame(tx, staff_of(request), zone)
    it = asked(request.query, frame, FILTERS[tab])
    return frame, it, await TABS[tab](tx, pen, frame, it)


def _tab(request: web.Request) -> str:
    last = request.path.rsplit("/", 1)[-1].removesuffix(".csv")
    return last if last in TABS else "visits"


def _may_see(request: web.Request, tab: str) -> bool:
    table: Mapping[tuple[str, str], Any] = request.app[TABLE]
    roles = table["GET", f"/figures/{tab}"].roles
    return roles is not None and staff_of(request).role in roles
