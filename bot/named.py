"""The names of what the clinic offers and of who works there, for reading texts by."""

import asyncio

from clinic.db import Tx
from nlu.names import Names
from nlu.reading import Entity

FRESH = 60.0  # s that names are kept for; staff change them seldom


class Named:
    """Finds the clinic's services and people in texts."""

    def __init__(self) -> None:
        self._names: Names | None = None
        self._until = 0.0

    async def find(self, tx: Tx, text: str) -> tuple[Entity, ...]:
        """What the text names, with ids as values; several of a kind if it may be any of them."""
        now = asyncio.get_running_loop().time()
        if self._names is None or now > self._until:
            self._names, self._until = await _read(tx), now + FRESH
        return self._names.find(text)


async def _read(tx: Tx) -> Names:
    rows = await tx.fetch(
        """select 'service' as kind, id, name from service where active
           union all
           select 'practitioner', id, name from resource where active and kind = 'practitioner'"""
    )

    def of(kind: str) -> dict[str, list[str]]:
        return {str(row["id"]): [*row["name"].values()] for row in rows if row["kind"] == kind}

    return Names(of("service"), of("practitioner"))
