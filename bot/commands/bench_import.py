"""`kayoi bench import`: how long receipts take from the file to the lapse list, against COPY.

The product checks a file twice, for the preview and for the commit; both are in its seconds. COPY
writes the rows that came of it, as they lie in the database, and does nothing else.
"""

import asyncio
import resource
import time
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg

from bot.commands.bench_load import BenchFailed
from bot.commands.bench_scratch import database, scratch
from clinic.config import Settings
from clinic.db import Database, connect_arguments
from clinic.importer import runs
from clinic.importer.sample import receipts
from clinic.importer.service import carry_out
from clinic.importer.source import Source
from clinic.importer.types import Issue

RECEIPTS = 20_000
FOLD = 4  # the same with so many fewer, to see how time grows
MONTH = date(2025, 5, 1)
CHUNK = 2**16
# What an import writes, in an order in which COPY may write it too.
TABLES = (
    *("import_run", "import_issue", "code_name", "care_group", "patient", "patient_change"),
    *("source_record", "encounter", "condition", "procedure", "supply"),
    *("match_review", "patient_summary", "plan_date", "lapse"),
)


async def imports(size: int | None) -> dict[str, Any]:
    """Import a file of `size` receipts (default RECEIPTS), and one with FOLD times fewer before.

    Raises BenchFailed if a receipt got lost.
    """
    count = RECEIPTS if size is None else size
    if count < FOLD:
        raise BenchFailed(f"at least {FOLD} receipts make a bench")
    async with scratch() as (settings, folder):
        assert settings.database_url is not None
        empty = settings.database_url.get_secret_value()
        async with database(empty, template=empty) as url:
            few = await _import(_at(settings, url), folder, count // FOLD)
        async with database(empty, template=empty) as url:
            many = await _import(_at(settings, url), folder, count)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            raw, rows = await _copied(url, empty, folder)
    seconds = sum(many.values())
    return {
        "bench": "import",
        "receipts": count,
        "seconds": round(seconds, 1),
        **{f"{step}_seconds": round(took, 1) for step, took in many.items()},
        "receipts_per_second": round(count / seconds),
        "rss_mb": round(memory / 1024, 1),
        f"seconds_of_{count // FOLD}": round(sum(few.values()), 1),
        "growth": round(seconds / sum(few.values()), 2),
        "rows": rows,
        "raw_seconds": round(raw, 3),
        "ratio": round(raw / seconds, 3),
    }


def _at(settings: Settings, url: str) -> Settings:
    from pydantic import SecretStr

    return settings.model_copy(update={"database_url": SecretStr(url)})


def _write(file: Path, count: int) -> None:
    with file.open("wb") as out:
        out.writelines(receipts(count, MONTH))


async def _import(settings: Settings, folder: Path, count: int) -> dict[str, float]:
    """The seconds of each step.

    Raises BenchFailed unless every receipt is a record afterwards, or waits for a person to say
    whose it is.
    """
    file = folder / f"{count}.uke"
    await asyncio.to_thread(_write, file, count)
    assert settings.database_url is not None
    keys = settings.key_ring()
    opened = await Database.open(settings.database_url.get_secret_value(), connections=3)
    took: dict[str, float] = {}
    try:
        began = time.perf_counter()
        run_id, surveyed = await runs.upload(opened, keys, _source(file), None, ours=True)
        if isinstance(surveyed, Issue):
            raise BenchFailed(f"the file was refused: {surveyed.reason}")
        took["upload"] = time.perf_counter() - began
        for step, right in (("preview", "previewed"), ("commit", "committed")):
            began = time.perf_counter()
            if step == "commit":
                async with opened.transaction() as tx:
                    await runs.request_commit(tx, run_id, None, ours=True)
            state = await carry_out(opened, keys, settings, run_id)
            took[step] = time.perf_counter() - began
            if state != right:
                raise BenchFailed(f"the file is {state}, not {right}")
        async with opened.transaction() as tx:
            stored = await tx.fetchval(
                "select (select count(*) from source_record) + (select count(*) from match_review)"
            )
            seen = await tx.fetchval("select count(*) from patient_summary")
    finally:
        await opened.close()
    if stored != count or not seen:
        raise BenchFailed(f"{count} receipts were brought, {stored} are there")
    return took


def _source(file: Path) -> Source:
    def chunks() -> Any:
        with file.open("rb") as opened:
            while chunk := opened.read(CHUNK):
                yield chunk

    return Source(file.name, chunks)


async def _copied(url: str, empty: str, folder: Path) -> tuple[float, int]:
    """Seconds that COPY takes to write all rows of a database into an empty one, and how many."""
    files = {table: folder / f"{table}.copy" for table in TABLES}
    source = await asyncpg.connect(**connect_arguments(url))
    try:
        for table, file in files.items():
            await source.copy_from_table(table, output=file, format="binary")
    finally:
        await source.close()
    rows, seconds = 0, 0.0
    async with database(empty, template=empty) as twin:
        target = await asyncpg.connect(**connect_arguments(twin))
        try:
            await target.execute(f"truncate {', '.join(TABLES)} cascade")
            for table, file in files.items():
                began = time.perf_counter()
                done = await target.copy_to_table(table, source=file, format="binary")
                seconds += time.perf_counter() - began
                rows += int(done.split()[-1])
        finally:
            await target.close()
    return seconds, rows
