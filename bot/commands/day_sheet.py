"""`kayoi day-sheet`: the sheet of a day as a PDF, for the evening before, when all still works."""

import os
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from admin.i18n import speech
from admin.today.sheet_pdf import document
from clinic.audit.service import record
from clinic.config import Settings
from clinic.db import Database
from clinic.reception.sheet import read_sheet

FOLDER = "day-sheets"  # of the data folder
KEPT = timedelta(days=7)


async def write(
    settings: Settings, on: date | None, out: Path | None, language: str | None
) -> dict[str, object]:
    """Write the sheet of a day, tomorrow's by default, to a file that only its owner can read.

    Without `out` it goes to the data folder, where those of a week ago are deleted.
    """
    assert settings.database_url is not None
    clinic = settings.clinic
    spoken = language or clinic.languages[0]
    database = await Database.open(settings.database_url.get_secret_value(), connections=1)
    try:
        async with database.transaction() as tx:
            now = await tx.fetchval("select now()")
            today = now.astimezone(ZoneInfo(clinic.time_zone)).date()
            day = on or today + timedelta(days=1)
            rows = await read_sheet(tx, settings.key_ring(), day, spoken)
            detail = {"on": day.isoformat(), "appointments": [one.visit.id for one in rows]}
            await record(tx, "system", None, "system:appointment:day_sheet", None, detail)
    finally:
        await database.close()
    file = out or settings.data_dir / FOLDER / f"{day}.pdf"
    if out is None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget(file.parent, today - KEPT)
    _keep(file, document(rows, day, speech(spoken), clinic.name))
    return {"on": day.isoformat(), "visits": len(rows), "file": str(file)}


def _keep(file: Path, content: bytes) -> None:
    """Write a file anew that only its owner can read."""
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sheet:
        sheet.write(content)


def _forget(folder: Path, before: date) -> None:
    """Delete the sheets of days that are long over."""
    for file in folder.glob("????-??-??.pdf"):
        if file.stem < before.isoformat():
            file.unlink(missing_ok=True)
