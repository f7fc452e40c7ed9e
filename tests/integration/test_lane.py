"""The lane: single statements on a connection of their own."""

import asyncio

import pytest

from clinic.db import Database
from clinic.errors import DatabaseDown

pytestmark = pytest.mark.server


async def test_a_statement_of_a_lane_is_committed_at_once(database_url: str) -> None:
    database = await Database.open(database_url, connections=1)
    try:
        await database.lane().fetch("create table kept (n int)")
        async with database.transaction() as tx:
            assert await tx.fetchval("select count(*) from kept") == 0
    finally:
        await database.close()


async def test_a_lane_does_not_wait_for_the_pool(database_url: str) -> None:
    database = await Database.open(database_url, connections=1)
    try:
        async with database.transaction():
            async with asyncio.timeout(20):
                assert [row[0] for row in await database.lane().fetch("select 1")] == [1]
    finally:
        await database.close()


async def test_a_lane_that_lost_its_connection_says_so_once_and_goes_on(database_url: str) -> None:
    database = await Database.open(database_url, connections=1)
    lane = database.lane()
    try:
        pid = (await lane.fetch("select pg_backend_pid()"))[0][0]
        async with database.transaction() as tx:
            await tx.execute("select pg_terminate_backend($1, 5000)", pid)
        with pytest.raises(DatabaseDown):
            await lane.fetch("select 1")
        assert (await lane.fetch("select 1"))[0][0] == 1
    finally:
        await database.close()
