"""The stores a command works on: those that are configured, or embedded ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr

from bot.local.place import StoreFailed
from bot.local.postgres import Postgres
from bot.local.store import Store
from bot.local.valkey import Valkey
from clinic.config import Settings
from clinic.errors import KayoiError
from clinic.setting.live import as_staff_set


def embedded(settings: Settings) -> tuple[Postgres | None, Valkey | None]:
    """The stores that this installation keeps for itself."""
    postgres = valkey = None
    if settings.database_url is None:
        postgres = Postgres(settings.data_dir, bin_dir=settings.postgres_bin_dir)
    if settings.redis_url is None:
        valkey = Valkey(settings.data_dir)
    return postgres, valkey


def with_urls(settings: Settings, postgres: Store | None, valkey: Store | None) -> Settings:
    """The settings with the addresses of the embedded stores, once those run."""
    found: dict[str, SecretStr] = {}
    if postgres is not None:
        found["database_url"] = SecretStr(postgres.url)
    if valkey is not None:
        found["redis_url"] = SecretStr(valkey.url)
    return settings.model_copy(update=found)


@asynccontextmanager
async def stores(settings: Settings) -> AsyncIterator[Settings]:
    """Have the stores running for a while. Raises KayoiError if they do not come up."""
    postgres, valkey = embedded(settings)
    async with AsyncExitStack() as stack:
        for store in (postgres, valkey):
            if store is None:
                continue
            try:
                await asyncio.to_thread(store.start)
            except StoreFailed as error:
                raise KayoiError(str(error)) from None
            stack.push_async_callback(asyncio.to_thread, store.stop)
        yield await as_staff_set(with_urls(settings, postgres, valkey))
