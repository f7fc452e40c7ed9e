"""Who is drifting away: groups, their lists, their windows."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from admin.i18n import Speech
from admin.keys import DATABASE, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from clinic.db import Tx
from clinic.importer.export import csv_lines
from clinic.lapse.types import LISTED, Fault, Group, State
from clinic.staff.access.lapse import (
    EXPORTED_AT_MOST,
    LISTED_AT_MOST,
    CareGroup,
    Missed,
    access_group,
    access_groups,
    access_horizon,
    access_missed,
    access_set_windows,
)

AT = "base"  # the menu's entry
STATES: tuple[State, ...] = ("due", "at_risk", "lapsed", "dormant", "booked", "active", "excluded")
MODES = ("fixed", "supply")
NUMBERS = ("at_risk_months", "lapsed_months", "grace_days", "interval_days", "refill_days")
_ALWAYS = ("grace_days", "refill_days")  # there is no group without
_COLUMNS = ("chart", "name", "kana", "state", "last_visit", "expected", "reason")


async def groups(request: web.Request) -> web.Response:
    """All groups, with how many patients stand how."""
    async with request.app[DATABASE].transaction() as tx:
        return await page(
            request,
            tx,
            "lapse/templates/groups.html",
            AT,
            groups=await access_groups(tx, staff_of(request)),
            states=STATES,
            horizon=await access_horizon(tx, request.app[SETTINGS]),
            called=_caller(speech_of(request)),
        )


async def listing(request: web.Request) -> web.Response:
    """Who stands so in a group, and why."""
    speech, settings = speech_of(request), request.app[SETTINGS]
    state = _state(request)
    offset = _whole(request.query.get("from", "0")) or 0
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        until = await access_horizon(tx, settings)
        rows = await access_missed(
            tx, settings, staff_of(request), group, _states(state), offset=offset
        )
        return await page(
            request,
            tx,
            "lapse/templates/list.html",
            AT,
            group=group,
            name=called(speech, group.group.name, group.group.code),
            rows=[(one, reason(speech, one)) for one in rows],
            state=state,
            states=STATES,
            listed=LISTED,
            horizon=until,
            offset=offset,
            most=LISTED_AT_MOST,
            saved=request.query.get("done") == "saved",
        )


async def as_csv(request: web.Request) -> web.Response:
    """The same for a spreadsheet."""
    speech, settings = speech_of(request), request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        until = await access_horizon(tx, settings)
        rows = await access_missed(
            tx,
            settings,
            staff_of(request),
            group,
            _states(_state(request)),
            most=EXPORTED_AT_MOST,
            export=True,
        )
    lines = csv_lines(
        [speech(f"lapse.column.{name}") for name in _COLUMNS],
        (
            (
                *(one.listed.chart, one.name, one.kana, speech(f"lapse.state.{one.listed.state}")),
                *(one.listed.last_visit_on, one.listed.expected_on, reason(speech, one)),
            )
            for one in rows
        ),
    )
    name = f"{group.group.code}-{until:%Y-%m-%d}.csv"
    return web.Response(
        body="".join(lines).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def windows(request: web.Request) -> web.Response:
    """After how long somebody of a group counts as missed."""
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        return await _windows(request, tx, group, _values(group.group))


async def set_windows(request: web.Request) -> web.StreamResponse:
    """Give the group other windows."""
    posted = await request.post()
    values: dict[str, Any] = {name: str(posted.get(name, "")).strip() for name in NUMBERS}
    values |= {"mode": str(posted.get("mode", ""))}
    values |= {name: posted.get(name) == "yes" for name in ("strict", "active")}
    faults = [Fault(name, "number") for name in NUMBERS if not _is_number(name, values[name])]
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        if not faults:
            windows = {**values, **{name: _whole(values[name]) for name in NUMBERS}}
            settings = request.app[SETTINGS]
            faults = list(
                await access_set_windows(tx, settings, staff_of(request), group.id, windows) or ()
            )
        if faults:
            return await _windows(request, tx, group, values, faults)
    return go_to(f"/lapse/{group.id}?done=saved")


def called(speech: Speech, name: Mapping[str, str], code: str) -> str:
    """A group's name in the staff's language, or in English, or its code."""
    return name.get(speech.language) or name.get("en") or code


def reason(speech: Speech, one: Missed) -> str:
    """Why somebody stands on a list: "CPAP, 2 months, insurance stops on Sun, May 31"."""
    told = one.listed.reason
    values: dict[str, object] = {"group": called(speech, one.listed.name, one.listed.group)}
    if told.n is not None:
        values["n"] = told.n
    if told.on is not None:
        values["on"] = speech.day(told.on)
    return speech(f"lapse_reason_{told.key}", **values)


def _caller(speech: Speech) -> Any:
    return lambda group: called(speech, group.name, group.code)


async def _group(request: web.Request, tx: Tx) -> CareGroup:
    group = await access_group(tx, staff_of(request), int(request.match_info["group"]))
    if group is None:
        raise web.HTTPNotFound
    return group


async def _windows(
    request: web.Request,
    tx: Tx,
    group: CareGroup,
    values: Mapping[str, Any],
    faults: list[Fault] | None = None,
) -> web.Response:
    return await page(
        request,
        tx,
        "lapse/templates/windows.html",
        AT,
        status=422 if faults else 200,
        group=group,
        name=called(speech_of(request), group.group.name, group.group.code),
        values=values,
        modes=MODES,
        numbers=NUMBERS,
        always=_ALWAYS,
        faults=faults or (),
    )


def _values(group: Group) -> dict[str, Any]:
    values = {name: getattr(group, name) for name in NUMBERS}
    values |= {"mode": group.mode, "strict": group.strict, "active": group.active}
    return {name: "" if value is None else value for name, value in values.items()}


def _is_number(name: str, text: str) -> bool:
    return _whole(text) is not None if text or name in _ALWAYS else True


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _state(request: web.Request) -> State | None:
    return next((one for one in STATES if one == request.query.get("state")), None)


def _states(state: State | None) -> tuple[State, ...]:
    return LISTED if state is None else (state,)
