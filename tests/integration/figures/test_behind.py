"""The rows behind a number are as many as the number says, however it is asked for."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest

from clinic.crypto import KeyRing
from clinic.db import Database
from clinic.figures import behind, service
from clinic.figures.behind import KINDS, Behind, Figure
from clinic.figures.recompute import fold, recompute
from clinic.figures.rules import later
from clinic.figures.types import BYS, Scope
from tests.integration.figures import world

pytestmark = pytest.mark.server
KEYS = KeyRing({1: bytes(32)})
ZONE = "Asia/Tokyo"
BEFORE = later(world.MONTH, -1)
VISITS: tuple[Figure, ...] = ("visit", "arrival")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(database_url)
    yield database
    await database.close()


@pytest.mark.parametrize("seed", range(6))
async def test_as_many_rows_as_the_number_says(database: Database, seed: int) -> None:
    """Over two months, of which each has its own disease."""
    async with database.transaction() as tx:
        await world.store(tx, world.world(seed))
        for month in (BEFORE, world.MONTH):
            await recompute(tx, KEYS, month, ZONE)
        compared = 0
        whole = Scope(BEFORE, world.LAST)
        narrow = [
            whole,
            replace(whole, since=date(2026, 8, 20), until=date(2026, 9, 10)),
            replace(whole, doctors=(1,)),
            replace(whole, service=2),
            replace(whole, chapter="IX"),
            replace(whole, doctors=(1, 2), chapter="IV"),
        ]
        for figure in VISITS:
            for scope in narrow:
                sums = await service.sums(tx, (figure,), scope)
                for kinds in ((), *((kind,) for kind in KINDS[figure])):
                    n = sums.n(figure, *kinds)
                    found, all_of_them = await behind.rows(
                        tx, ZONE, Behind(figure, scope, kinds), most=None
                    )
                    assert (len(found), all_of_them) == (n, n), (figure, scope, kinds)
                    compared += n
            for by in BYS:
                parts = await service.broken_down(tx, (figure,), whole, by)
                none = sum(one.n(figure) for part, one in parts.items() if not part)
                _, n = await behind.rows(tx, ZONE, Behind(figure, whole, (), by), most=None)
                assert n == none, (figure, by)
        for month in (BEFORE, world.MONTH):
            scope = Scope(month, later(month, 1) - (date(2026, 1, 2) - date(2026, 1, 1)))
            kept = (await service.sums(tx, ("kept",), scope)).by_kind.get(("kept", ""))
            assert kept is not None
            _, n = await behind.rows(tx, ZONE, Behind("kept", scope), most=None)
            _, back = await behind.rows(tx, ZONE, Behind("kept", scope, ("back",)), most=None)
            assert (n, back) == (kept.n, kept.total)
        both = (await service.sums(tx, ("kept",), whole)).by_kind["kept", ""]
        _, n = await behind.rows(tx, ZONE, Behind("kept", whole), most=None)
        assert n == both.n  # a patient of two months is in each
    assert compared > 100


async def test_a_page_is_a_part_of_all_and_knows_how_many_there_are(database: Database) -> None:
    async with database.transaction() as tx:
        await world.store(tx, world.world(1))
        asked = Behind("visit", Scope(BEFORE, world.LAST))
        whole, n = await behind.rows(tx, ZONE, asked, most=None)
        parts = []
        for offset in range(0, n, 7):
            part, told = await behind.rows(tx, ZONE, asked, most=7, offset=offset)
            assert told == n
            parts += part
        assert parts == whole
        assert (await behind.rows(tx, ZONE, asked, most=7, offset=n + 5)) == ([], n)
        people = await behind.people(tx, ZONE, asked, 1000)
        assert list(people) == sorted({one.patient for one in whole if one.patient})
        assert await behind.people(tx, ZONE, asked, 3) == people[:3]


async def test_conversations_that_were_left_are_known_after_their_day_is_over(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            """insert into chat_account (channel, address, address_index)
                 values ('line', 'x', 'x');
               insert into conversation (account_id) select id from chat_account;
               insert into figure_event (at, figure, kind, subject)
               select now() - make_interval(days => d), f, 'booking.PickDay.silence', c.id
               from conversation c, unnest(array[0, 2, 2, 500], array['left', 'left', 'step',
                 'left']) given (d, f);
               insert into figure_event (at, figure, kind)
               values (now() - interval '2 days', 'left', 'booking.PickDay.silence')"""
        )
        today = await tx.fetchval("select (now() at time zone 'Asia/Tokyo')::date")
        since = date(today.year - 3, 1, 1)
        for _ in range(2):
            await fold(tx, ZONE)
            known = await behind.left_by_kind(tx, ZONE, since, today)
            assert known == {"booking.PickDay.silence": 2}  # of one nobody wrote down which it was
        sums = await service.sums(tx, ("left",), Scope(since, today))
        assert sums.n("left") == 3  # and today's, which is not folded yet
        asked = Behind("left", Scope(since, today), ("booking.PickDay.silence",))
        found, n = await behind.rows(tx, ZONE, asked, most=1)
        assert (n, len(found)) == (2, 1)
        assert found[0].on == today
