"""Tells the workers that there is something to do now. Nothing depends on it: they look anyway."""

import asyncio
import logging
from datetime import timedelta
from typing import Any, Literal

import orjson
from arq.connections import ArqRedis, RedisSettings
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from clinic.config import Settings

log = logging.getLogger(__name__)
Work = Literal["inbox", "outbox", "escalations", "campaigns", "imports"]
TIMEOUT = 0.5  # s
HEARD_WITHIN = timedelta(seconds=10)  # by then every sweep has looked by itself
QUEUE = "kayoi:bell"


def dumps(value: dict[str, Any]) -> bytes:
    """arq's messages as JSON: pickle would let whoever can write to Redis run code here."""
    return orjson.dumps(value, default=str)


def redis_settings(settings: Settings) -> RedisSettings:
    """arq's settings for the configured Redis/Valkey."""
    assert settings.redis_url is not None
    found: RedisSettings = RedisSettings.from_dsn(settings.redis_url.get_secret_value())
    found.conn_timeout = 1
    found.conn_retries = 0
    return found


class Bell:
    """Rings the workers through arq."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected before the first ring."""
        assert settings.redis_url is not None
        pool = ConnectionPool.from_url(
            settings.redis_url.get_secret_value(),
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
        )
        self._redis = ArqRedis(
            pool, job_serializer=dumps, job_deserializer=orjson.loads, default_queue_name=QUEUE
        )

    async def ring(self, *works: Work) -> None:
        """Wake a worker for these kinds of work. Never raises: the sweeps come anyway."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._redis.enqueue_job("ring", *works, _expires=HEARD_WITHIN)
        except (RedisError, OSError, TimeoutError) as error:
            log.info("bell not heard: %s", type(error).__name__)

    async def close(self) -> None:
        """Close the connection."""
        await self._redis.aclose(close_connection_pool=True)
