"""`kayoi lapse`: who is drifting away."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from admin.i18n import speech
from clinic.config import Settings
from clinic.db import Database, Tx
from clinic.errors import KayoiError
from clinic.lapse import service
from clinic.lapse.types import Listed, State

LANGUAGE = "en"  # of what commands print


async def rows(
    settings: Settings, group: str | None, states: Sequence[State], as_of: date | None
) -> list[dict[str, object]]:
    """The lapse list: a row for each patient and group. No names: ids and chart numbers.

    What changed since the last recompute is worked out first. Raises KayoiError if there is no
    such group, or if an import holds the lists.
    """
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    zone, mode = settings.clinic.time_zone, settings.lapse.horizon

    async def work(tx: Tx) -> list[dict[str, object]]:
        fresh = not await tx.fetchval("select exists (select from lapse)")
        until = (await service.recompute(tx, None if fresh else (), zone, mode)).horizon
        known = [it.code for it in await service.groups(tx)]
        if group is not None and group not in known:
            raise KayoiError(f"no group {group}: there are {', '.join(known)}")
        on = as_of or until
        return [_row(it, on) for it in await service.listing(tx, group, states, on, zone=zone)]

    try:
        return await database.retrying(work)
    except asyncpg.LockNotAvailableError:
        raise KayoiError("an import is working on the lists: try again later") from None
    finally:
        await database.close()


def _row(one: Listed, as_of: date) -> dict[str, object]:
    return {
        "patient": one.patient,
        "chart": one.chart,
        "group": one.group,
        "state": one.state,
        "last_visit": _iso(one.last_visit_on),
        "expected": _iso(one.expected_on),
        "reason": reason(one, as_of),
    }


def reason(one: Listed, as_of: date) -> str:
    """Why somebody is on the list, in English: "CPAP, 2 months, insurance stops on 31 May"."""
    told = one.reason
    values: dict[str, object] = {"group": one.name.get(LANGUAGE, one.group)}
    if told.n is not None:
        values["n"] = told.n
    if told.on is not None:
        year = "" if told.on.year == as_of.year else f" {told.on.year}"
        values["on"] = f"{told.on.day} {told.on:%B}{year}"
    return speech(LANGUAGE)(f"lapse_reason_{told.key}", **values)


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
