"""`kayoi import`: files into the patient base, or what they would do."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.errors import KayoiError
from clinic.importer import runs, service
from clinic.importer.archive import sources
from clinic.importer.source import Source
from clinic.importer.types import Issue

WARNINGS = 200  # named for a file; the panel has the whole list


async def bring(
    settings: Settings, files: Sequence[Path], *, dry_run: bool, confirmed: Sequence[str]
) -> list[dict[str, Any]]:
    """Import files one after the other; what became of each, and of each member of a ZIP.

    `confirmed`: warnings accepted beforehand, such as other_institution. Raises KayoiError if one
    cannot be opened.
    """
    assert settings.database_url is not None
    for file in files:
        if not file.is_file():
            raise KayoiError(f"{file}: no such file")
    keys = settings.key_ring()
    database = await Database.open(settings.database_url.get_secret_value(), connections=3)
    try:
        told = []
        for file in files:
            for source in sources(partial(_opened, file), file.name):
                if isinstance(source, Issue):
                    told.append(_refused(file.name, source))
                else:
                    told.append(
                        await _bring(database, keys, settings, source, dry_run, tuple(confirmed))
                    )
        return told
    finally:
        await database.close()


def _opened(file: Path) -> BinaryIO:
    return file.open("rb")


async def _bring(
    database: Database,
    keys: KeyRing,
    settings: Settings,
    source: Source,
    dry_run: bool,
    confirmed: tuple[str, ...],
) -> dict[str, Any]:
    run_id, surveyed = await runs.upload(database, keys, source, None, ours=True)
    if isinstance(surveyed, Issue):
        return _refused(source.name, surveyed)
    state = await service.carry_out(database, keys, settings, run_id)
    if state == "previewed" and not dry_run:
        async with database.transaction() as tx:
            await runs.request_commit(tx, run_id, None, confirmed, ours=True)
        state = await service.carry_out(database, keys, settings, run_id)
    async with database.transaction() as tx:
        run = await runs.find(tx, keys, run_id)
        found = await runs.issues(tx, run_id, WARNINGS)
        if state == "previewed":
            await runs.cancel(tx, run_id, None)
    assert run is not None
    return {
        "file": source.name,
        "kind": run.kind,
        "state": "not imported" if state == "previewed" else state,
        **{name: run.report.get(name) for name in ("patients", "visits", "records")},
        **{
            name: run.report[name]
            for name in ("codes", "unknown_codes", "returns", "confirm", "refused")
            if run.report.get(name)
        },
        "warnings": [{"line": one.line, "reason": one.reason} for one in found],
    }


def _refused(name: str, issue: Issue) -> dict[str, Any]:
    return {
        "file": name,
        "kind": None,
        "state": "refused",
        "refused": issue.reason,
        "patients": {},
        "visits": {},
        "warnings": [{"line": issue.line, "reason": issue.reason}],
    }
