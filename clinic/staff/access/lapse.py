"""Who is drifting away, group by group, and after how long somebody counts as missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Tx
from clinic.lapse.definition import read_group
from clinic.lapse.service import horizon, listing, recompute
from clinic.lapse.types import Fault, Group, Listed, State
from clinic.staff.rules import sees_all_patients
from clinic.staff.types import Staff

LISTED_AT_MOST = 200  # lines on a page
EXPORTED_AT_MOST = 20_000
WINDOWS = (
    *("mode", "at_risk_months", "lapsed_months", "grace_days", "interval_days", "refill_days"),
    *("strict", "active"),
)


@dataclass(frozen=True, slots=True)
class CareGroup:
    """A group with its windows, and how many patients stand how in it."""

    id: int
    group: Group
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Missed:
    """A line of a lapse list, with the patient's name."""

    listed: Listed
    name: str
    kana: str


async def access_groups(tx: Tx, staff: Staff) -> list[CareGroup]:
    """All groups, those out of use last, with counts as of the last reckoning. Nobody's data."""
    if not sees_all_patients(staff.role):
        return []
    counts: dict[int, dict[str, int]] = {}
    for row in await tx.fetch("select group_id, state, count(*) as n from lapse group by 1, 2"):
        counts.setdefault(row["group_id"], {})[row["state"]] = row["n"]
    rows = await tx.fetch("select * from care_group order by not active, position, id")
    read = [(row["id"], read_group(dict(row))) for row in rows]
    return [CareGroup(id, one, counts.get(id, {})) for id, one in read if isinstance(one, Group)]


async def access_group(tx: Tx, staff: Staff, group_id: int) -> CareGroup | None:
    """One group; None if there is none."""
    groups = await access_groups(tx, staff)
    return next((one for one in groups if one.id == group_id), None)


async def access_horizon(tx: Tx, settings: Settings) -> date:
    """The day up to which we know who came. Nobody's data."""
    return await horizon(tx, settings.clinic.time_zone, settings.lapse.horizon)


async def access_missed(
    tx: Tx,
    settings: Settings,
    staff: Staff,
    group: CareGroup,
    states: Sequence[State],
    *,
    most: int = LISTED_AT_MOST,
    offset: int = 0,
    export: bool = False,
) -> list[Missed]:
    """Who stands so in a group, the last seen first. `export`: to be taken out of the panel."""
    if not sees_all_patients(staff.role):
        return []
    found = await listing(
        tx,
        group.group.code,
        states,
        zone=settings.clinic.time_zone,
        mode=settings.lapse.horizon,
        limit=most,
        offset=offset,
    )
    rows = await tx.fetch(
        "select id, name, kana from patient where id = any($1)", [one.patient for one in found]
    )
    names = {row["id"]: row for row in rows}
    if found:
        detail = {"patients": [one.patient for one in found], "states": list(states)}
        deed = "export" if export else "list"
        await record(tx, "staff", staff.id, f"staff:lapse:{deed}", group.id, detail)
    return [Missed(one, names[one.patient]["name"], names[one.patient]["kana"]) for one in found]


async def access_set_windows(
    tx: Tx, settings: Settings, staff: Staff, group_id: int, windows: Mapping[str, Any]
) -> tuple[Fault, ...] | None:
    """Give a group other windows and reckon everybody anew; what is wrong with them, or nothing.

    `windows`: a value for each name of `WINDOWS`. None: there is no such group.
    """
    if not sees_all_patients(staff.role):
        return None
    row = await tx.fetchrow("select * from care_group where id = $1 for update", group_id)
    if row is None:
        return None
    read = read_group({**row, **windows})
    if not isinstance(read, Group):
        return read
    places = ", ".join(f"{name} = ${n}" for n, name in enumerate(WINDOWS, 2))
    await tx.execute(
        f"update care_group set {places}, version = version + 1 where id = $1",  # noqa: S608  # constants
        group_id,
        *(windows[name] for name in WINDOWS),
    )
    await record(tx, "staff", staff.id, "staff:lapse_group:set", group_id, dict(windows))
    # Over the whole base, which may take longer than a page is given otherwise.
    await tx.execute("set local statement_timeout = 0")
    await recompute(tx, None, settings.clinic.time_zone, settings.lapse.horizon)
    return ()
