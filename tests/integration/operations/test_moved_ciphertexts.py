"""Who can write to the database cannot show one patient's words as another's: a ciphertext that was
moved to another row, or to another column, does not open (R29)."""

import random
from dataclasses import dataclass
from itertools import cycle

import pytest

from clinic.config import Settings
from clinic.crypto import Sealed
from clinic.record.export import read_export
from clinic.sealed import SEALED, Column
from tests.integration.admin.house import KEYS, House
from tests.integration.operations.crowd import fill
from tests.integration.record.canary import Canary

MOVES = 100


@dataclass(frozen=True, slots=True)
class Value:
    """A sealed value and where it lies."""

    column: Column
    id: int
    row: str
    value: bytes

    def read(self, value: bytes) -> bytes:
        """Open what lies there now, as the product does. Raises Sealed."""
        return KEYS.open(value, self.column.place, self.row)


async def values(house: House) -> list[Value]:
    """All sealed values of the clinic."""
    found = []
    for one in SEALED:
        rows = await house.rows(
            f"""select t.id, t.{one.name} as value, {one.row} as row from {one.table} t
                where length(t.{one.name}) > 0"""
        )
        found += [Value(one, row["id"], row["row"], row["value"]) for row in rows]
    return found


async def test_a_ciphertext_that_was_moved_is_refused_100_times_of_100(house: House) -> None:
    await fill(house, 3)
    await Canary(house).write()
    there, chance = await values(house), random.Random(29)
    columns = {one.column for one in there}
    assert len(columns) >= 20
    of_column = {column: [one for one in there if one.column == column] for column in columns}
    refused = []
    targets = cycle(sorted(of_column, key=lambda column: (column.table, column.name)))
    for n in range(MOVES):
        target = chance.choice(of_column[next(targets)])
        # By turns from another row of the same column, if there is one, and from anywhere.
        near = [one for one in of_column[target.column] if one.row != target.row]
        far = [one for one in there if one.column.place != target.column.place]
        source = chance.choice(near if near and n % 2 else far)
        table, name = target.column.table, target.column.name
        assert target.read(target.value) is not None
        move = f"update {table} set {name} = $2 where id = $1 returning {name}"
        moved = await house.value(move, target.id, source.value)
        try:
            target.read(moved)
        except Sealed:
            refused.append(target)
        assert await house.value(move, target.id, target.value) == target.value
    assert len(refused) == MOVES
    assert {one.column for one in refused} == columns


async def test_a_moved_telephone_number_is_shown_to_nobody(
    house: House, settings: Settings
) -> None:
    ours, theirs = [await house.patient("p", phone=f"+81900000000{n}") for n in (1, 2)]
    await house.rows(
        """update patient p set phone = o.phone from patient o where p.id = $1 and o.id = $2""",
        ours,
        theirs,
    )
    async with house.database.transaction() as tx:
        with pytest.raises(Sealed, match=r"patient\.phone"):
            await read_export(tx, KEYS, settings, ours)
        assert await read_export(tx, KEYS, settings, theirs) is not None
