"""Who is drifting away: groups, their lists, their windows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from admin.i18n import Speech
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import go_to, page, speech_of, staff_of
from admin.tasks.views import masked
from clinic.campaign.shelf import shelf
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
from clinic.staff.access.lapse_board import (
    CALLED_ON_PAGE,
    access_call_list,
    access_returns,
    access_ways,
)

AT = "base"  # the menu's entry
MOST_TICKED = 10_000
# What of the shelf suits a list; of these groups something else comes first.
OFFERED = ("lapse", "insurance_lapse", "plan_due", "supply_end", "event", "moved")
FIRST = {"cpap": "insurance_lapse"}
STATES: tuple[State, ...] = ("due", "at_risk", "lapsed", "dormant", "booked", "active", "excluded")
MODES = ("fixed", "supply")
NUMBERS = ("at_risk_months", "lapsed_months", "grace_days", "interval_days", "refill_days")
_ALWAYS = ("grace_days", "refill_days")  # there is no group without
_CALLS = ("chart", "name", "kana", "phone", "why_call", "state", "last_visit", "reason")
_COLUMNS = ("chart", "name", "kana", "state", "last_visit", "expected", "reason")


async def groups(request: web.Request) -> web.Response:
    """All groups, with how many patients stand how, and who came back of those written to."""
    async with request.app[DATABASE].transaction() as tx:
        until = await access_horizon(tx, request.app[SETTINGS])
        found = await access_groups(tx, staff_of(request))
        return await page(
            request,
            tx,
            "lapse/templates/groups.html",
            AT,
            groups=found,
            states=STATES,
            listed=LISTED,
            horizon=until,
            called=_caller(speech_of(request)),
            returns=await access_returns(tx, staff_of(request), until),
            by_id={one.id: one.group for one in found},
        )


async def listing(request: web.Request) -> web.Response:
    """Who stands so in a group, why, and how each can be reached; posted, with those ticked."""
    speech, settings = speech_of(request), request.app[SETTINGS]
    state = _state(request)
    offset = _whole(request.query.get("from", "0")) or 0
    ticked = ticked_of((await request.post()).getall("patient", []))
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        until = await access_horizon(tx, settings)
        rows = await access_missed(
            tx, settings, staff_of(request), group, _states(state), offset=offset
        )
        shown = [one.listed.patient for one in rows]
        ways = await access_ways(tx, request.app[KEYS], settings, staff_of(request), shown)
        return await page(
            request,
            tx,
            "lapse/templates/list.html",
            AT,
            group=group,
            name=called(speech, group.group.name, group.group.code),
            rows=[(one, reason(speech, one), ways[one.listed.patient]) for one in rows],
            ticked=ticked,
            elsewhere=sorted(ticked - set(shown)),
            templates=[(code, shelf()[code].names[speech.language]) for code in OFFERED],
            first=FIRST.get(group.group.code, OFFERED[0]),
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
    return download(lines, f"{group.group.code}-{until:%Y-%m-%d}.csv")


async def calls(request: web.Request) -> web.Response:
    """Whom of the list to call: those to whom nothing can be written. Posted, with every number in
    full, as a sheet to print."""
    full = request.method == "POST"
    speech, settings = speech_of(request), request.app[SETTINGS]
    state = _state(request)
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        rows = await access_call_list(
            tx,
            request.app[KEYS],
            settings,
            staff_of(request),
            group,
            _states(state),
            most=CALLED_ON_PAGE,
            full=full,
        )
        return await page(
            request,
            tx,
            "lapse/templates/calls.html",
            AT,
            group=group,
            name=called(speech, group.group.name, group.group.code),
            rows=[(one, reason(speech, one.missed)) for one in rows],
            full=full,
            masked=masked,
            most=CALLED_ON_PAGE,
            state=state,
        )


async def calls_csv(request: web.Request) -> web.Response:
    """The same for a spreadsheet."""
    speech, settings = speech_of(request), request.app[SETTINGS]
    async with request.app[DATABASE].transaction() as tx:
        group = await _group(request, tx)
        rows = await access_call_list(
            tx,
            request.app[KEYS],
            settings,
            staff_of(request),
            group,
            _states(_state(request)),
            full=True,
        )
    lines = csv_lines(
        [speech(f"lapse.column.{name}") for name in _CALLS],
        (
            (
                *(one.missed.listed.chart, one.missed.name, one.missed.kana, one.phone),
                *(
                    speech(f"left_out_{one.reason}"),
                    speech(f"lapse.state.{one.missed.listed.state}"),
                ),
                *(one.missed.listed.last_visit_on, reason(speech, one.missed)),
            )
            for one in rows
        ),
    )
    return download(lines, f"{group.group.code}-calls.csv")


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


def download(lines: Iterable[str], name: str) -> web.Response:
    """A list as a file."""
    return web.Response(
        body="".join(lines).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def ticked_of(values: Sequence[object]) -> set[int]:
    """The patients that were ticked on a list."""
    said = (str(one) for one in values[:MOST_TICKED])
    return {int(one) for one in said if one.isascii() and one.isdigit() and len(one) < 19}


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
