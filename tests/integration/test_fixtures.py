"""What a test may rely on: a database of its own with the newest schema, and an empty Redis."""

import asyncpg
import pytest
from redis.asyncio import Redis

pytestmark = pytest.mark.server


@pytest.mark.parametrize("run", [1, 2])
async def test_each_test_has_a_database_of_its_own(database_url: str, run: int) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("CREATE TABLE of_this_test_alone ()")
    finally:
        await connection.close()


async def test_a_database_without_schema_has_no_tables(empty_database_url: str) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        )
    finally:
        await connection.close()
    assert tables == 0


@pytest.mark.parametrize("run", [1, 2])
async def test_each_test_has_an_empty_redis(redis_url: str, run: int) -> None:
    async with Redis.from_url(redis_url) as redis:
        assert await redis.dbsize() == 0
        await redis.set("of this test alone", "7")
