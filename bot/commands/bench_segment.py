"""`kayoi bench segment`: how soon a filter is counted, and the lapse list follows a month's change.

The raw limits of the same run: the same question as one plain statement that only counts, and an
update of as many rows of the lapse list that decides nothing.
"""

import time
from datetime import date, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from bot.commands.bench_load import BenchFailed
from bot.commands.bench_people import CHANGED, change, newest, seed
from bot.commands.bench_scratch import scratch
from clinic import clock
from clinic.config import Settings
from clinic.db import Database, Tx, connect_arguments
from clinic.lapse.service import recompute
from clinic.record.service import refresh
from clinic.segment.read import read
from clinic.segment.rules import born_by
from clinic.segment.service import count
from clinic.segment.types import Fault, Filter

PATIENTS = 1_000_000
TIMES = 7  # each question is asked so often
FILTER = {
    "and": [
        {"field": "age", "op": "between", "value": [40, 74]},
        {"field": "condition", "op": "starts", "value": ["E11", "I10"]},
        {"field": "last_visit", "op": "beyond_days", "value": 120},
        {"field": "visits_year", "op": "at_least", "value": 2},
        {"not": {"field": "next_visit", "op": "known"}},
    ]
}
# The same in the plainest words of SQL; $1 to $4 are today's days of it.
_RAW = """
select count(*) from patient p join patient_summary s on s.patient_id = p.id
where p.merged_into_id is null and p.birth_on between $1 and $2
  and s.last_visit_on <= $3 and s.visits_year >= 2
  and exists (select 1 from condition c join source_record r on r.id = c.record_id
    where c.patient_id = p.id and (c.icd10 like 'E11%' or c.icd10 like 'I10%')
      and not c.suspected and c.outcome is null and c.ended_on is null
      and r.replaced_by_id is null and r.month >= s.newest_month)
  and not exists (select 1 from appointment a
    where a.patient_id = p.id and a.status = 'booked' and a.starts_at >= $4)
"""
_RAW_LAPSE = """
update lapse set computed_at = now(), state = state
where id in (select id from lapse order by id limit $1)
"""


async def segment(size: int | None) -> dict[str, Any]:
    """Measure with `size` made-up patients (default PATIENTS).

    Raises BenchFailed if the product and the plain statement do not count the same.
    """
    patients = PATIENTS if size is None else size
    if patients < CHANGED:
        raise BenchFailed(f"at least {CHANGED} patients make a bench")
    today = clock.now().date()
    async with scratch() as (settings, _):
        assert settings.database_url is not None
        url = settings.database_url.get_secret_value()
        began = time.perf_counter()
        raw = await asyncpg.connect(**connect_arguments(url))
        database = await Database.open(url, connections=1)
        try:
            await seed(raw, patients, today)
            seeded = time.perf_counter() - began
            told: dict[str, Any] = {
                "bench": "segment",
                "patients": patients,
                "seed_seconds": round(seeded, 1),
                "filter": FILTER,
            }
            told |= await _counted(database, raw, settings)
            told |= await _lapsed(database, raw, settings, patients, today)
        finally:
            await database.close()
            await raw.close()
    return told


async def _counted(database: Database, raw: Tx, settings: Settings) -> dict[str, Any]:
    tree = read(FILTER)
    assert not isinstance(tree, tuple)
    ours, limits, found = [], [], None
    now = clock.now()
    day = now.astimezone(ZoneInfo(settings.clinic.time_zone)).date()
    oldest, youngest = born_by(day, 75) + timedelta(1), born_by(day, 40)
    values = (oldest, youngest, day - timedelta(121), now)
    async with database.transaction() as tx:
        await _count(tx, settings, tree)  # the first time reads from the disk
        for _ in range(TIMES):
            began = time.perf_counter()
            found = await _count(tx, settings, tree)
            ours.append((time.perf_counter() - began) * 1000)
    await raw.execute("set work_mem = '64MB'")
    matched = None
    for _ in range(TIMES):
        began = time.perf_counter()
        matched = await raw.fetchval(_RAW, *values)
        limits.append((time.perf_counter() - began) * 1000)
    assert found is not None
    if found["matched"] != matched or not matched:
        raise BenchFailed(f"{found['matched']} patients were counted, and {matched} plainly")
    return {
        **found,
        "count_ms": {"p50": round(median(ours)), "max": round(max(ours))},
        "raw_count_ms": {"p50": round(median(limits)), "max": round(max(limits))},
        "ratio": round(median(limits) / median(ours), 3),
    }


async def _count(tx: Tx, settings: Settings, tree: Filter) -> dict[str, Any]:
    found = await count(tx, settings.key_ring(), settings.clinic.time_zone, tree)
    if isinstance(found, Fault):
        raise BenchFailed(f"the filter was refused: {found.reason}")
    return {
        "matched": found.matched,
        "reachable": found.reachable,
        "left_out": dict(found.left_out),
    }


async def _lapsed(
    database: Database, raw: Tx, settings: Settings, patients: int, today: date
) -> dict[str, Any]:
    """All patients once, then what a new month changes."""
    zone, mode = settings.clinic.time_zone, settings.lapse.horizon
    began = time.perf_counter()
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        all_of_them = await recompute(tx, None, zone, mode)
    whole = time.perf_counter() - began
    touched = await change(raw, patients, newest(today))
    # No analyze here: an import has none either.
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        began = time.perf_counter()
        await refresh(tx, touched)
        refreshed = time.perf_counter()
        done = await recompute(tx, touched, zone, mode)
        ended = time.perf_counter()
    if not done.changed or done.horizon <= all_of_them.horizon:
        raise BenchFailed("the new month changed nothing")
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        since = time.perf_counter()
        await tx.execute(_RAW_LAPSE, done.changed, timeout=600)
        limit = time.perf_counter() - since
    return {
        "all_lapse_seconds": round(whole, 1),
        "all_lapse_rows": all_of_them.changed,
        "changed_patients": len(touched),
        "refresh_seconds": round(refreshed - began, 1),
        "lapse_seconds": round(ended - refreshed, 1),
        "lapse_rows": done.changed,
        "raw_lapse_seconds": round(limit, 1),
        "lapse_ratio": round(limit / (ended - refreshed), 3),
    }
