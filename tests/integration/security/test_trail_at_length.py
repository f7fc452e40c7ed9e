"""The audit trail at length: exactly one account of every deed, and no change goes unseen (R25)."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.audit.anchor import anchor
from clinic.audit.check import Checked, check
from clinic.audit.service import BATCH, record, seal
from clinic.db import Database
from tests.integration.admin.conftest import Browser, SignIn, house, server, sign_in
from tests.integration.admin.conftest import database as database
from tests.integration.admin.house import House

__all__ = ["database", "house", "server", "sign_in"]
NOW = timedelta(0)
PER_ROW = 60e-6  # s: 1,000,000 rows in a minute


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that staff do with a patient's data: status, and the rows it leaves."""

    path: str
    fields: dict[str, str] | None  # None: a page that is read
    status: int
    rows: tuple[str, ...]


# Of the patient `{p}` with the conversation `{c}`; the last ones are refused and leave nothing.
DEEDS = (
    Deed("/conversations/{c}", None, 200, ("conversation:read", "patient:card")),
    Deed("/patients/{p}/reveal", {"field": "phone"}, 200, ("patient:reveal",)),
    Deed("/patients/{p}/export.json", None, 200, ("patient:export",)),
    Deed("/patients", {"q": "{chart}"}, 200, ("patient:search",)),
    Deed("/patients/{p}/notes", {"kind": "visit", "note": "quiet"}, 303, ("patient:note",)),
    Deed("/patients/{p}/code", {}, 200, ("patient:read", "link_code:make")),
    Deed("/conversations/{c}/take-over", {}, 303, ("conversation:take_over",)),
    Deed("/conversations/{c}/answer", {"text": "soon"}, 303, ("conversation:answer",)),
    Deed("/conversations/{c}/hand-back", {}, 303, ("conversation:hand_back",)),
    Deed("/patients/{p}/notes", {"kind": "nothing", "note": "x"}, 422, ()),
    Deed("/patients/{p}/reveal", {"field": "key"}, 422, ()),
    Deed("/conversations/999999", None, 404, ()),
    Deed("/patients", {"q": "nobody at all"}, 200, ()),
)


async def do(browser: Browser, deed: Deed, there: dict[str, object]) -> None:
    """One deed, which must end as it is declared."""
    path = deed.path.format(**there)
    if deed.fields is None:
        answer = await browser.get(path)
    else:
        given = {name: value.format(**there) for name, value in deed.fields.items()}
        # A part of a page: the whole one is another look, with rows of its own.
        part = {"HX-Request": "true"} if path.endswith("/reveal") else None
        answer = await browser.send(path, {"csrf": browser.csrf, **given}, part)
    assert answer.status == deed.status, (deed.path, answer.status, await answer.text())


@pytest.mark.parametrize(
    "deeds", [pytest.param(130, id="short"), pytest.param(5_000, marks=pytest.mark.long)]
)
async def test_of_mixed_reads_and_writes_at_once_the_trail_has_each_exactly_once(
    house: House, sign_in: SignIn, deeds: int
) -> None:
    hands, wanted = 5, Counter[tuple[str, object]]()
    browsers, worlds = [], []
    for number in range(hands):
        browsers.append(await sign_in(await house.staff(f"係{number}")))
        patient = await house.patient("田中", chart=f"70{number}", phone=f"+8190{number:08}")
        talk = await house.conversation(patient, said="胸の言葉")
        worlds.append({"p": patient, "c": talk, "chart": f"70{number}"})
    await house.clear_audit()

    async def hand(number: int) -> None:
        there = worlds[number]
        for n in range(number, deeds, hands):
            deed = DEEDS[n // hands % len(DEEDS)]
            await do(browsers[number], deed, there)
            subject = there["c"] if "{c}" in deed.path else there["p"]
            for action in deed.rows:
                kind = there["p"] if action == "patient:card" else subject
                wanted[f"staff:{action}", None if action == "patient:search" else kind] += 1

    await asyncio.gather(*map(hand, range(hands)))
    found = Counter(
        (row["action"], row["subject_id"])
        for row in await house.rows("select action, subject_id from audit")
    )
    assert (found - wanted, wanted - found) == (Counter(), Counter())
    text = str(await house.rows("select t::text from audit t"))
    assert not [one for one in ("田中", "胸の言葉", "quiet", "soon", "+8190") if one in text]


# One bit of a value as SQL says it; `{n}` is which one.
BITS = {
    "chain": "set_bit(chain, {n} % 256, 1 - get_bit(chain, {n} % 256))",
    "id": "id # (1::bigint << 10 + {n} % 30)",
    "at": "at + interval '1 microsecond' * (1 << {n} % 20)",
    "actor_kind": "overlay(actor_kind placing chr(ascii(actor_kind) # 1) from 1)",
    "actor_id": "actor_id # (1 << {n} % 30)",
    "action": "overlay(action placing chr(ascii(action) # 2) from 1)",
    "subject_id": "subject_id # (1 << {n} % 30)::bigint",
    "detail": "jsonb_set(detail, '{{n}}', to_jsonb((detail ->> 'n')::int # (1 << {n} % 30)))",
    "position": "position # (1 << 8 + {n} % 20)::bigint",
}


class Undo(Exception):
    """Takes back what the owner of the database did."""


async def after(database: Database, folder: Path, fault: str) -> Checked:
    """What the check finds after the owner of the database did this, which is then undone."""
    found: list[Checked] = []
    try:
        async with database.transaction() as tx:
            await tx.execute("alter table audit disable trigger user")
            done = await tx.execute(fault)
            assert not done.endswith(" 0"), fault
            found.append(await check(tx, folder))
            raise Undo
    except Undo:
        return found[0]


async def fill(database: Database, rows: int, folder: Path) -> None:
    """A sealed trail of so many rows, whose end is written down outside."""
    async with database.transaction() as tx:
        await tx.execute("set local statement_timeout = 0")
        await tx.execute(
            """insert into audit (actor_kind, actor_id, action, subject_id, detail, at)
               select 'staff', n % 30, 'staff:patient:record', n, jsonb_build_object('n', n),
                 now() - ($1 - n) * interval '1 second'
               from generate_series(1, $1::int) n""",
            rows,
        )
    for _ in range(-(-rows // BATCH)):
        async with database.transaction() as tx:
            assert await seal(tx, NOW)
    async with database.transaction() as tx:
        assert await anchor(tx, folder)


async def test_a_changed_bit_a_removed_row_and_a_cut_tail_are_found_100_times_of_100(
    database: Database, tmp_path: Path
) -> None:
    rows, chance, columns = 200, random.Random(7), list(BITS)
    await fill(database, rows, tmp_path)
    async with database.transaction() as tx:
        assert (await check(tx, tmp_path)).whole
    missed = []
    for n in range(100):
        at, column = chance.randint(1, rows - 1), columns[n % len(columns)]
        bit = BITS[column].format(n=chance.randrange(1_000))
        changed = await after(
            database, tmp_path, f"update audit set {column} = {bit} where position = {at}"
        )
        removed = await after(database, tmp_path, f"delete from audit where position = {at}")
        cut = await after(database, tmp_path, f"delete from audit where position > {at}")
        if changed.broken is None:
            missed.append(f"{column} {bit} at {at}")
        if removed.broken is None:
            missed.append(f"removed at {at}")
        if (cut.broken, cut.cut) != (None, rows):
            missed.append(f"cut after {at}: {cut}")
    assert missed == []
    async with database.transaction() as tx:
        assert (await check(tx, tmp_path)).whole, "all was undone"


@pytest.mark.parametrize(
    "rows", [pytest.param(20_000, id="short"), pytest.param(1_000_000, marks=pytest.mark.long)]
)
async def test_a_million_rows_are_checked_within_a_minute(
    database: Database, tmp_path: Path, rows: int
) -> None:
    await fill(database, rows, tmp_path)
    took = []
    for _ in range(3 if rows < 100_000 else 1):  # the machine itself may stand still for a second
        begun = time.monotonic()
        async with database.transaction() as tx:
            await tx.execute("set local statement_timeout = 0")
            found = await check(tx, tmp_path)
        took.append(time.monotonic() - begun)
        assert (found.whole, found.sealed, found.unsealed) == (True, rows, 0)
    print(f"{rows} rows checked in {min(took):.2f} s")
    assert min(took) <= rows * PER_ROW
    changed = await after(
        database, tmp_path, f"update audit set subject_id = 0 where position = {rows - 1}"
    )
    assert changed.broken is not None
    # The deeds of this moment wait to be sealed; the check does not stumble over them.
    async with database.transaction() as tx:
        await record(tx, "system", None, "system:test:row")
        assert (await check(tx, tmp_path)).unsealed == 1
