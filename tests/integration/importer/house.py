"""A patient base, and what the tests ask of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clinic.config import Settings
from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.importer import runs, service
from clinic.importer.review import Doubt, decide, open_doubts
from clinic.importer.runs import Run
from clinic.importer.source import Source
from clinic.importer.types import Issue
from clinic.importer.undo import Undone, undo
from clinic.record.merge import merge

HANA = {"c13": "77", "c4": "見本　花子", "c36": "ミホンハナコ", "c5": "2"}
YUKI = {"c13": "88", "c4": "見本　雪", "c36": "ミホンユキ", "c5": "2"}
# What an import may change, and undo has to bring back. `refreshed_at` and the like are of now.
_STATE = """
  select 'patient' as what, to_jsonb(p) - 'created_at' as row from patient p
  union all select 'record', to_jsonb(r) from source_record r
  union all select 'encounter', to_jsonb(e) from encounter e
  union all select 'condition', to_jsonb(c) from condition c
  union all select 'procedure', to_jsonb(x) from procedure x
  union all select 'supply', to_jsonb(s) from supply s
  union all select 'summary', to_jsonb(s) - 'refreshed_at' from patient_summary s
  union all select 'review', to_jsonb(m) from match_review m
  union all select 'lapse', to_jsonb(l) - 'computed_at' - 'id' from lapse l
  order by 1, 2
"""


def source(content: bytes, name: str = "RECEIPTC.UKE") -> Source:
    """A file of this content."""

    def chunks() -> Iterator[bytes]:
        yield content

    return Source(name, chunks)


@dataclass(frozen=True, slots=True)
class House:
    """The stores behind an import."""

    database: Database
    keys: KeyRing
    settings: Settings

    async def upload(self, content: bytes, name: str = "RECEIPTC.UKE") -> tuple[int, Issue | None]:
        """Take up a file; its run, and why it is refused."""
        run_id, found = await runs.upload(self.database, self.keys, source(content, name), None)
        return run_id, found if isinstance(found, Issue) else None

    async def work(self, run_id: int) -> Run:
        """Do what a worker does with it."""
        await service.carry_out(self.database, self.keys, self.settings, run_id)
        return await self.run(run_id)

    async def run(self, run_id: int) -> Run:
        """The import as it stands."""
        async with self.database.transaction() as tx:
            found = await runs.find(tx, self.keys, run_id)
        assert found is not None
        return found

    async def preview(self, content: bytes, name: str = "RECEIPTC.UKE") -> Run:
        """Take up a file and look at it."""
        run_id, refused = await self.upload(content, name)
        return await self.run(run_id) if refused else await self.work(run_id)

    async def bring(self, content: bytes, name: str = "RECEIPTC.UKE", *confirmed: str) -> Run:
        """Take up a file, look at it and commit it."""
        run = await self.preview(content, name)
        if run.state != "previewed":
            return run
        async with self.database.transaction() as tx:
            assert await runs.request_commit(tx, run.id, None, confirmed)
        return await self.work(run.id)

    async def undo(self, run_id: int) -> Undone | str:
        """Take an import back."""
        async with self.database.transaction() as tx:
            return await undo(tx, self.settings, run_id, None)

    async def doubts(self) -> list[Doubt]:
        """Who waits to be decided on."""
        async with self.database.transaction() as tx:
            return await open_doubts(tx, self.keys)

    async def decide(self, doubt: int, decision: Any, patient: int | None = None) -> str | None:
        """Decide; why not, if it is refused."""
        async with self.database.transaction() as tx:
            return await decide(tx, self.keys, self.settings, doubt, decision, patient, None)

    async def issues(self, run_id: int) -> list[Issue]:
        """What of the file could not be used."""
        async with self.database.transaction() as tx:
            return await runs.issues(tx, run_id)

    async def rows(self, query: str, *values: object) -> list[Any]:
        """The rows of a query."""
        async with self.database.transaction() as tx:
            found: list[Any] = await tx.fetch(query, *values)
            return found

    async def value(self, query: str, *values: object) -> Any:
        """The one value of a query."""
        async with self.database.transaction() as tx:
            return await tx.fetchval(query, *values)

    async def state(self) -> list[tuple[str, dict[str, Any]]]:
        """All that imports write."""
        return [(row["what"], row["row"]) for row in await self.rows(_STATE)]


async def join(house: House, kept: int, lost: int) -> None:
    """Have staff say that two records are one person."""
    async with house.database.transaction() as tx:
        assert isinstance(await merge(tx, house.keys, kept, lost, None), int)
