"""The readings of one patient: their course, what staff enter and strike out, and the limits."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, staff_of
from admin.readings.chart import HEIGHT, LEFT, WIDTH, charts
from clinic.db import Tx
from clinic.observation import rules
from clinic.observation.reading import read
from clinic.observation.types import MEASURES, UNITS, Level, Measure, OwnLimit, Side
from clinic.staff.access.readings import (
    Readings,
    access_add_readings,
    access_readings,
    access_set_limits,
    access_strike,
)

AT = "patients"  # the menu's entry
NONE = "-"  # what is typed where there is to be no limit
COLUMNS: tuple[tuple[Side, Level], ...] = (
    *(("below", 4), ("below", 3), ("below", 2)),
    *(("from", 2), ("from", 3), ("from", 4)),
)
DONE = ("added", "struck", "limits")
HIGHEST = Decimal(10_000)


async def show(request: web.Request) -> web.Response:
    """Charts, the list, the form and the limits."""
    async with request.app[DATABASE].transaction() as tx:
        return await _shown(request, tx)


async def add(request: web.Request) -> web.StreamResponse:
    """Enter readings, typed in any manner."""
    posted = await request.post()
    words, when = str(posted.get("reading", "")), str(posted.get("at", ""))
    zone = ZoneInfo(request.app[SETTINGS].clinic.time_zone)
    async with request.app[DATABASE].transaction() as tx:
        now = (await tx.fetchval("select now()")).astimezone(zone)
        heard, at = read(words, now), _moment(when, zone)
        fault = "at" if at is None or at > now else "reading"
        if fault == "at" or heard.doubts or not heard.readings or at is None:
            return await _shown(request, tx, fault=fault, words=words, when=when)
        kept = await access_add_readings(
            tx, request.app[SETTINGS], staff_of(request), _id(request), heard.readings, at
        )
        if kept is None:
            raise web.HTTPNotFound
    level = rules.level(kept.findings)
    return go_to(f"/patients/{_id(request)}/readings?done=added&level={level}")


async def strike(request: web.Request) -> web.StreamResponse:
    """Strike one out."""
    observation = int(request.match_info["reading"])
    async with request.app[DATABASE].transaction() as tx:
        struck = await access_strike(tx, staff_of(request), _id(request), observation)
    if struck is None:
        raise web.HTTPNotFound
    return go_to(f"/patients/{_id(request)}/readings{'?done=struck' if struck else ''}")


async def set_limits(request: web.Request) -> web.StreamResponse:
    """Set the patient's own limits: a number, `-` for none, nothing for the house's."""
    posted = await request.post()
    own = []
    for measure in MEASURES:
        for side, level in COLUMNS:
            typed = str(posted.get(f"{measure}-{side}-{level}", "")).strip().replace(",", ".")
            if typed:
                limit = _limit(measure, side, level, typed)
                if limit is None:
                    raise web.HTTPUnprocessableEntity
                own.append(limit)
    async with request.app[DATABASE].transaction() as tx:
        if not await access_set_limits(tx, staff_of(request), _id(request), own):
            raise web.HTTPNotFound
    return go_to(f"/patients/{_id(request)}/readings?done=limits#limits")


async def _shown(
    request: web.Request, tx: Tx, *, fault: str = "", words: str = "", when: str = ""
) -> web.Response:
    found = await access_readings(tx, request.app[SETTINGS], staff_of(request), _id(request))
    if found is None:
        raise web.HTTPNotFound
    level = request.query.get("level", "")
    return await page(
        request,
        tx,
        "readings/templates/readings.html",
        AT,
        status=422 if fault else 200,
        patient=_id(request),
        found=found,
        charts=charts(found.listed),
        size=(WIDTH, HEIGHT, LEFT),
        rows=[(one, rules.shown(one.value, one.second, one.unit)) for one in found.listed],
        limits=_table(found),
        columns=COLUMNS,
        fault=fault,
        words=words,
        when=when or f"{found.now:%Y-%m-%dT%H:%M}",
        latest=f"{found.now:%Y-%m-%dT%H:%M}",
        done=next((one for one in DONE if one == request.query.get("done")), None),
        level=level if level in ("2", "3", "4") else "",
    )


def _table(found: Readings) -> list[tuple[Measure, str, list[tuple[str, str, str]]]]:
    """Of each measure: its unit, and of each column the name, the patient's own and the house's."""
    own = {(it.measure, it.side, it.level): it.at for it in found.own}
    house = {(it.measure, it.side, it.level): it.at for it in found.limits}
    rows: list[tuple[Measure, str, list[tuple[str, str, str]]]] = []
    for measure in MEASURES:
        cells = []
        for side, level in COLUMNS:
            key = (measure, side, level)
            value = _number(own[key]) if key in own else ""
            cells.append((f"{measure}-{side}-{level}", value, _number(house.get(key))))
        rows.append((measure, UNITS[rules.kind_of(measure)][0], cells))
    return rows


def _number(at: Decimal | None) -> str:
    return NONE if at is None else f"{at.normalize():f}"


def _limit(measure: Measure, side: Side, level: Level, typed: str) -> OwnLimit | None:
    if typed == NONE:
        return OwnLimit(measure, side, level, None)
    try:
        at = Decimal(typed)
    except InvalidOperation:
        return None
    fits = at.is_finite() and 0 < at < HIGHEST
    return OwnLimit(measure, side, level, at.quantize(Decimal("0.01"))) if fits else None


def _moment(typed: str, zone: ZoneInfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _id(request: web.Request) -> int:
    return int(request.match_info["patient"])
