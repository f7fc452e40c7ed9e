"""Whether everything runs, in figures. Nobody's data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.db import Tx
from clinic.reception.sheets import MadeSheet, newest

ALIVE = 30.0  # s since the last beat; they come every 5
LATE = 60.0  # s behind its time that a sweep may be
STUCK = 300.0  # s that a message may wait beyond its time
BACKUP_OLD = 30 * 3600.0  # s; one a day, and some hours for it to be late
KINDS = ("web", "admin", "worker")


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `late`: sweeps that are behind, by seconds."""

    name: str
    kind: str
    release: str
    settings_version: int
    started_at: datetime
    silent: float  # s
    late: Mapping[str, float]

    @property
    def alive(self) -> bool:
        """Whether it still tells that it lives."""
        return self.silent < ALIVE


@dataclass(frozen=True, slots=True)
class Health:
    processes: tuple[Process, ...]
    settings_version: int
    inbound: int  # events not yet handled
    inbound_wait: float  # s
    outbox: Mapping[str, int]  # on their way, by state
    outbox_wait: float  # s, of the message that is the longest beyond its time
    imports: int
    campaigns: int  # recipients still to be made into messages
    sealed_at: datetime | None  # the newest row of the audit chain
    backed_up_at: datetime | None
    backup_bytes: int
    backup_age: float | None  # s
    database_bytes: int
    database_version: str
    day_sheet: MadeSheet | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Kinds of process of which none is alive."""
        alive = {one.kind for one in self.processes if one.alive}
        return tuple(kind for kind in KINDS if kind not in alive)


async def read_health(tx: Tx) -> Health:
    """As it is now; every count by an index, or of a few rows."""
    row = await tx.fetchrow(
        """select (select count(*) from inbound where state = 'new') as inbound,
             (select coalesce(extract(epoch from now() - min(received_at)), 0)::float8
              from inbound where state = 'new') as inbound_wait,
             -- With a lane and without are two indexes.
             (select coalesce(extract(epoch from now() - least(
                (select min(send_at) from outbox where state = 'pending' and lane is null),
                (select min(send_at) from outbox where state = 'pending' and lane is not null)
              )), 0)::float8) as outbox_wait,
             (select count(*) from import_run
              where state in ('uploaded', 'previewing', 'committing')) as imports,
             (select count(*) from recipient where state = 'pending') as campaigns,
             (select at from audit where position is not null
              order by position desc limit 1) as sealed_at,
             (select backed_up_at from installation) as backed_up_at,
             coalesce((select backup_bytes from installation), 0) as backup_bytes,
             (select extract(epoch from now() - backed_up_at)::float8 from installation)
               as backup_age,
             (select coalesce(max(id), 0) from setting_change) as settings_version,
             pg_database_size(current_database()) as bytes,
             current_setting('server_version') as version"""
    )
    outbox = await open_messages(tx)
    beats = await tx.fetch(
        """select *, extract(epoch from now() - seen_at)::float8 as silent from heartbeat
           where seen_at > now() - interval '1 day' order by kind, name"""
    )
    return Health(
        processes=tuple(_process(beat) for beat in beats),
        settings_version=row["settings_version"],
        inbound=row["inbound"],
        inbound_wait=max(0.0, row["inbound_wait"]),
        outbox=outbox,
        outbox_wait=max(0.0, row["outbox_wait"]),
        imports=row["imports"],
        campaigns=row["campaigns"],
        sealed_at=row["sealed_at"],
        backed_up_at=row["backed_up_at"],
        backup_bytes=row["backup_bytes"],
        backup_age=row["backup_age"],
        database_bytes=row["bytes"],
        database_version=row["version"],
        day_sheet=await newest(tx),
    )


async def open_messages(tx: Tx) -> dict[str, int]:
    """How many messages are on their way, by state. Each of these has an index of its own."""
    row = await tx.fetchrow(
        """select (select count(*) from outbox where state = 'pending' and lane is null)
               + (select count(*) from outbox where state = 'pending' and lane is not null)
               as pending,
             (select count(*) from outbox where state = 'leased') as leased,
             (select count(*) from outbox where state = 'inflight') as inflight,
             (select count(*) from outbox where state = 'unknown') as unknown"""
    )
    return dict(row)


def _process(beat: Mapping[str, Any]) -> Process:
    late = {
        name: float(behind)
        for name, behind in beat["detail"].items()
        if isinstance(behind, int | float) and behind > LATE
    }
    return Process(
        beat["name"],
        beat["kind"],
        beat["release"],
        beat["settings_version"],
        beat["started_at"],
        beat["silent"],
        late,
    )
