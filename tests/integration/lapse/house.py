"""Writes what imports and the desk would write, for the tests of lapse and returns."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.db import Database, Tx
from clinic.lapse import service
from clinic.lapse.types import LISTED, HorizonMode, Listed, Recomputed, State

ZONE = "Asia/Tokyo"


class House:
    """A clinic's database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._made = 0
        self.sites: tuple[int, int, int] | None = None
        self._tx: Tx | None = None

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """One transaction for much that is written."""
        async with self.database.transaction() as self._tx:
            yield
        self._tx = None

    def key(self) -> UUID:
        self._made += 1
        return UUID(int=self._made)

    async def value(self, query: str, *values: object) -> Any:
        if self._tx is not None:
            return await self._tx.fetchval(query, *values)
        async with self.database.transaction() as tx:
            return await tx.fetchval(query, *values)

    async def rows(self, query: str, *values: object) -> list[Any]:
        async with self.database.transaction() as tx:
            return list(await tx.fetch(query, *values))

    async def row(self, table: str, **values: object) -> int:
        """Insert one row; its id, or 0 in a table without."""
        columns = ", ".join(values)
        places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        has_id = table != "patient_summary"
        found = await self.value(
            f"insert into {table} ({columns}) values ({places})"
            + (" returning id" if has_id else ""),
            *values.values(),
        )
        return int(found or 0)

    async def patient(self, **values: object) -> int:
        return await self.row("patient", key=self.key(), name="試験 太郎", **values)

    async def summary(self, patient: int, **values: object) -> None:
        await self.row("patient_summary", patient_id=patient, **values)

    async def run(self, month: date | None, kind: str = "uke", **values: object) -> int:
        key = self.key()
        given = {"state": "committed", "digest": f"{key.int:064}", "size": 1, "name": b"", **values}
        return await self.row("import_run", key=key, kind=kind, month=month, **given)

    async def record(
        self, run: int, patient: int, month: date | None, replaced_by: int | None = None
    ) -> int:
        return await self.row(
            "source_record",
            run_id=run,
            patient_id=patient,
            key=f"uke:{self.key().int}",
            digest="",
            month=month,
            setting="outpatient",
            replaced_by_id=replaced_by,
        )

    async def condition(self, record: int | None, patient: int, **values: object) -> None:
        given = {"code": "8833421", "system": "receipt", **values}
        await self.row("condition", record_id=record, patient_id=patient, **given)

    async def act(self, record: int | None, patient: int, code: str, on: date | None) -> None:
        await self.row(
            "procedure",
            record_id=record,
            patient_id=patient,
            code=code,
            system="receipt",
            on_date=on,
        )

    async def booking(self, patient: int, on: date, status: str = "booked") -> int:
        """A visit at ten o'clock in Tokyo, which takes nothing of anybody's time."""
        if self.sites is None:
            site = await self.row("site", code="main", name={"en": "Main"}, time_zone=ZONE)
            service_ = await self.row("service", code="visit", name={"en": "Visit"}, duration=15)
            doctor = await self.row(
                "resource", code="dr", kind="practitioner", name={"en": "Dr"}, site_id=site
            )
            self.sites = site, service_, doctor
        site, service_, doctor = self.sites
        at = datetime.combine(on, time(10), ZoneInfo(ZONE))
        return int(
            await self.value(
                """insert into appointment (key, status, patient_id, service_id, site_id,
                     practitioner_id, during, starts_at, ends_at)
                   values ($1, $2, $3, $4, $5, $6,
                     tstzrange($7::timestamptz, $7::timestamptz + interval '15 min'), $7,
                     $7::timestamptz + interval '15 min') returning id""",
                self.key(),
                status,
                patient,
                service_,
                site,
                doctor,
                at,
            )
        )

    async def account(self, patient: int, *, opted_out: bool) -> None:
        account = await self.value(
            """insert into chat_account (channel, address_index, address, opted_out_at)
               values ('line', $1, '', case when $2 then now() end) returning id""",
            f"{self.key().int:064}",
            opted_out,
        )
        await self.row(
            "link", account_id=account, patient_id=patient, relation="self", proof="code"
        )

    async def recompute(
        self, patients: Sequence[int] | None = None, mode: HorizonMode = "auto"
    ) -> Recomputed:
        async with self.database.transaction() as tx:
            return await service.recompute(tx, patients, ZONE, mode)

    async def listing(
        self,
        group: str | None = None,
        states: Sequence[State] = LISTED,
        as_of: date | None = None,
        **more: Any,
    ) -> list[Listed]:
        async with self.database.transaction() as tx:
            return await service.listing(tx, group, states, as_of, zone=ZONE, **more)

    async def today(self) -> date:
        async with self.database.transaction() as tx:
            return await service.today(tx, ZONE)

    async def state(self, patient: int, group: str) -> str | None:
        """How a patient stands as stored; None if not in the group."""
        return await self.value(
            """select l.state from lapse l join care_group g on g.id = l.group_id
               where l.patient_id = $1 and g.code = $2""",
            patient,
            group,
        )
