"""Which backups are kept, and what two databases differ in. Pure."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from clinic.backup.types import Contents

_NAME = re.compile(r"kayoi-(\d{8}T\d{6})Z\.backup")
_STAMP = "%Y%m%dT%H%M%S"


def name_of(made_at: datetime) -> str:
    """The file of a backup that was made then."""
    return f"kayoi-{made_at.astimezone(UTC).strftime(_STAMP)}Z.backup"


def made_at_of(name: str) -> datetime | None:
    """When a file says that it was made; None: it is no backup of ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def read_keep(text: str) -> tuple[int, int, int] | None:
    """`7,4,6`: days, weeks and months of which the newest backup is kept; None: it is no such."""
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        return None
    days, weeks, months = map(int, parts)
    return (days, weeks, months) if days + weeks + months else None


def surplus(names: Iterable[str], keep: tuple[int, int, int]) -> list[str]:
    """Which backups may go, oldest first. Of each of the newest days, weeks and months that have
    any, the newest stays; other files are left alone."""
    found = sorted((at, name) for name in names if (at := made_at_of(name)) is not None)
    periods: tuple[Callable[[datetime], object], ...] = (
        lambda at: at.date(),
        lambda at: at.isocalendar()[:2],
        lambda at: (at.year, at.month),
    )
    kept: set[str] = set()
    for most, period in zip(keep, periods, strict=True):
        newest = {period(at): name for at, name in found}  # in order: the last one stays
        kept.update(list(newest.values())[len(newest) - min(most, len(newest)) :])
    return [name for _, name in found if name not in kept]


def differences(wanted: Contents, found: Contents) -> list[str]:
    """What is not as it was, in words for an operator; empty: it is the same."""
    faults = [
        f"{table}: {found.counts.get(table, 'missing')} rows instead of "
        f"{wanted.counts.get(table, 'none')}"
        for table in sorted({*wanted.counts, *found.counts})
        if wanted.counts.get(table) != found.counts.get(table)
    ]
    if wanted.audit != found.audit:
        faults.append("the audit chain ends elsewhere")
    if wanted.migrations != found.migrations:
        faults.append("the schema is another")
    return faults
