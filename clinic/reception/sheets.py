"""The sheets of days that the worker makes by itself every evening: whose turn it is to make one,
and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from clinic.db import Tx

FOLDER = "day-sheets"  # of the data folder
AGAIN = "5 minutes"  # until the next try; who tries has it to itself for so long
FAULT = 64  # characters, as stored


@dataclass(frozen=True, slots=True)
class MadeSheet:
    """How a day's sheet stands. `fault` and `mail_fault`: codes, "" if all is well."""

    on: date
    made_at: datetime | None
    tries: int
    fault: str
    appointments: tuple[int, ...]
    mail_fault: str


def place(data: Path, on: date) -> Path:
    """Where in the data folder the sheet of a day is kept."""
    return data / FOLDER / f"{on.isoformat()}.pdf"


def due(now: datetime, at: time) -> tuple[date, bool]:
    """The day whose sheet there should be at this instant of the clinic's zone, and whether it is
    the evening for it: in the morning one is only made up for."""
    evening = now.time() >= at
    return (now.date() + timedelta(days=1) if evening else now.date()), evening


async def claim(tx: Tx, on: date, *, evening: bool) -> bool:
    """Whether the caller is the one to make the sheet now: of all workers one, until it fails.

    By day only for who made sheets before: a new installation begins with its first evening.
    """
    claimed = await tx.fetchval(
        f"""insert into day_sheet (on_day)
            select $1::date where $2 or exists (select from day_sheet where on_day < $1)
            on conflict (on_day) do update
              set tried_at = now(), tries = day_sheet.tries + 1
              where day_sheet.made_at is null
                and day_sheet.tried_at < now() - interval '{AGAIN}'
            returning id""",  # noqa: S608  # a constant
        on,
        evening,
    )
    return claimed is not None


async def note_made(tx: Tx, on: date, appointments: Sequence[int]) -> None:
    """The sheet is in its folder."""
    await tx.execute(
        "update day_sheet set made_at = now(), fault = '', appointments = $2 where on_day = $1",
        on,
        list(appointments),
    )


async def note_failed(tx: Tx, on: date, fault: str) -> None:
    """It could not be made this time; `fault` is a code."""
    await tx.execute("update day_sheet set fault = $2 where on_day = $1", on, fault[:FAULT])


async def claim_mail(tx: Tx, on: date, addresses: Sequence[str]) -> list[str]:
    """The addresses to which the caller is to send the sheet now; none if it is not made, or if
    somebody else is at it."""
    row = await tx.fetchrow(
        f"""update day_sheet set mail_tried_at = now()
            where on_day = $1 and made_at is not null
              and coalesce(mail_tried_at < now() - interval '{AGAIN}', true)
              and not mailed @> $2
            returning mailed""",  # noqa: S608  # a constant
        on,
        list(addresses),
    )
    return [one for one in addresses if one not in row["mailed"]] if row else []


async def note_mailed(tx: Tx, on: date, over: Sequence[str], fault: str) -> None:
    """Which addresses are done with; `fault` of the last that was not sent, or ""."""
    await tx.execute(
        "update day_sheet set mailed = mailed || $2, mail_fault = $3 where on_day = $1",
        on,
        list(over),
        fault[:FAULT],
    )


async def newest(tx: Tx) -> MadeSheet | None:
    """The sheet that was made or tried last."""
    found = await _read(tx, "order by on_day desc limit 1")
    return found[0] if found else None


async def ready(tx: Tx, since: date) -> list[MadeSheet]:
    """Those that are made, from a day on."""
    return await _read(tx, "where made_at is not null and on_day >= $1 order by on_day", since)


async def last_erasure(tx: Tx) -> datetime | None:
    """When a patient was erased last, of whom an older sheet may tell."""
    found: datetime | None = await tx.fetchval("select max(erased_at) from erasure")
    return found


async def forget(tx: Tx, before: date) -> None:
    """Let go of what is known of older ones."""
    await tx.execute("delete from day_sheet where on_day < $1", before)


async def _read(tx: Tx, which: str, *values: date) -> list[MadeSheet]:
    rows = await tx.fetch(f"select * from day_sheet {which}", *values)  # noqa: S608  # ours
    return [
        MadeSheet(
            row["on_day"],
            row["made_at"],
            row["tries"],
            row["fault"],
            tuple(row["appointments"]),
            row["mail_fault"],
        )
        for row in rows
    ]
