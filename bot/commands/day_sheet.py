"""`kayoi day-sheet`: the sheet of a day as a PDF, for the evening before, when all still works."""

import asyncio
import os
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from clinic.audit.service import record
from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.reception.sheet import SheetRow, read_sheet
from clinic.reception.sheets import FOLDER, place

# A sheet drawn while an erasure was under way may have read what was there before.
MEANWHILE = timedelta(minutes=1)


async def write(
    settings: Settings, on: date | None, out: Path | None, language: str | None
) -> dict[str, object]:
    """Write the sheet of a day, tomorrow's by default, to a file that only its owner can read.

    Without `out` it goes to the data folder, where older ones are deleted.
    """
    assert settings.database_url is not None
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            now = await tx.fetchval("select now()")
        today = now.astimezone(ZoneInfo(settings.clinic.time_zone)).date()
        day = on or today + timedelta(days=1)
        content, appointments = await draw(database, settings.key_ring(), settings, day, language)
    finally:
        await database.close()
    file = out or place(settings.data_dir, day)
    if out is None:
        forget(settings, today)
    keep(file, content)
    return {"on": day.isoformat(), "visits": len(appointments), "file": str(file)}


async def draw(
    database: Database, keys: KeyRing, settings: Settings, on: date, language: str | None = None
) -> tuple[bytes, list[int]]:
    """The sheet of a day as a PDF, and which appointments are on it, as the audit trail has it."""
    spoken = language or settings.clinic.languages[0]
    async with database.transaction() as tx:
        rows = await read_sheet(tx, keys, on, spoken)
        appointments = [one.visit.id for one in rows]
        detail = {"on": on.isoformat(), "appointments": appointments}
        await record(tx, "system", None, "system:appointment:day_sheet", None, detail)
    clinic = settings.clinic.name
    return await asyncio.to_thread(_document, rows, on, spoken, clinic), appointments


def keep(file: Path, content: bytes) -> None:
    """Write a file anew that only its owner can read; nobody finds half of one. Raises OSError."""
    if file.parent.name == FOLDER:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sheet:
        sheet.write(content)
    draft.replace(file)


def forget(settings: Settings, today: date) -> date:
    """Delete the sheets of days that are long over; from which day on they are kept."""
    since = today - timedelta(days=settings.retention.day_sheets)
    for file in (settings.data_dir / FOLDER).glob("????-??-??.pdf"):
        if file.stem < since.isoformat():
            file.unlink(missing_ok=True)
    return since


def older(settings: Settings, at: datetime) -> list[date]:
    """The days whose sheets here were drawn before this instant, or about then."""
    found = []
    for file in (settings.data_dir / FOLDER).glob("????-??-??.pdf"):
        with suppress(FileNotFoundError):  # another worker of this machine was quicker
            if file.stat().st_mtime < (at + MEANWHILE).timestamp():
                found.append(date.fromisoformat(file.stem))
    return found


def _document(rows: list[SheetRow], on: date, language: str, clinic: str) -> bytes:
    from admin.i18n import speech  # what draws is some MB, and a worker draws once a day
    from admin.today.sheet_pdf import document

    return document(rows, on, speech(language), clinic)
