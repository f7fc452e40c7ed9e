"""A hundred thousand encrypted values change to a new key while people read and write (R29)."""

import argparse
import asyncio
import time
from pathlib import Path

import pytest

from bot.commands import keys
from clinic.config import Settings
from clinic.crypto import KeyRing, Sealed
from clinic.ids import new_key
from clinic.key_file import read
from tests.integration.admin.house import KEYS, House

PER_ROW = 600 / 100_000  # s: ten minutes for a hundred thousand


async def fill(house: House, rows: int) -> None:
    """Patients with a telephone number each."""
    for start in range(0, rows, 10_000):
        made = [new_key() for _ in range(start, min(start + 10_000, rows))]
        await house.rows(
            """insert into patient (key, name, phone)
               select k, 'p', v from unnest($1::uuid[], $2::bytea[]) n (k, v)""",
            made,
            [KEYS.seal(b"+819012345678", "patient.phone", key) for key in made],
        )


class Desk:
    """Somebody with a key ring of before, who reads and writes all the while."""

    def __init__(self, house: House, ring: KeyRing) -> None:
        self._house, self._ring = house, ring
        self.read = self.written = 0
        self.failed: list[str] = []
        self.over = False

    async def work(self, first: int, rows: int) -> None:
        """Until it is over; every patient in his turn."""
        n = 0
        while not self.over:
            n += 7919  # a prime: all over the table
            one = first + n % rows
            (row,) = await self._house.rows("select key, phone from patient where id = $1", one)
            try:
                self._ring.open(row["phone"], "patient.phone", row["key"])
                self.read += 1
            except Sealed:
                self.failed.append(str(one))
            if n % 3 == 0:
                sealed = self._ring.seal(b"+819087654321", "patient.phone", row["key"])
                await self._house.rows("update patient set phone = $2 where id = $1", one, sealed)
                self.written += 1


@pytest.mark.parametrize(
    "rows", [pytest.param(3_000, id="short"), pytest.param(100_000, marks=pytest.mark.long)]
)
async def test_all_values_change_to_a_new_key_in_time_and_nobodys_read_fails(
    house: House, settings: Settings, key_file: Path, rows: int
) -> None:
    await fill(house, rows)
    first = await house.value("select min(id) from patient")
    desks = [Desk(house, settings.key_ring()) for _ in range(2)]
    work = [asyncio.create_task(desk.work(first, rows)) for desk in desks]
    begun = time.monotonic()
    done = await keys.carry_out(settings, argparse.Namespace(act="rotate", resume=False))
    took = time.monotonic() - begun
    for desk in desks:
        desk.over = True
    await asyncio.gather(*work)
    print(f"{rows} values in {took:.1f} s, {sum(desk.read for desk in desks)} reads meanwhile")
    assert took <= rows * PER_ROW
    assert done["unreadable"] == 0
    assert [desk.failed for desk in desks] == [[], []]
    assert all(desk.read > 20 and desk.written > 5 for desk in desks)
    # What was still written with the old key is done in the same way, before that one may go.
    await keys.carry_out(settings, argparse.Namespace(act="rotate", resume=True))
    status = await keys.carry_out(settings, argparse.Namespace(act="status"))
    assert status == {"newest": 2, "values": {"1": 0, "2": rows}, "missing": []}
    assert await keys.carry_out(settings, argparse.Namespace(act="remove", id=1)) == {"removed": 1}
    alone = settings.key_ring()
    for row in await house.rows("select key, phone from patient"):
        assert alone.open(row["phone"], "patient.phone", row["key"]).startswith(b"+8190")
    assert (set(read(key_file).masters), read(key_file).index is None) == ({2}, False)
