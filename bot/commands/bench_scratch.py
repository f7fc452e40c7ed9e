"""Databases that a bench makes for itself on the stores, and drops afterwards."""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr

from bot.commands.stores import stores
from clinic.config import Settings
from clinic.db import connect_arguments, migrate


@asynccontextmanager
async def scratch() -> AsyncIterator[tuple[Settings, Path]]:
    """The settings of a new installation with an empty database, and a folder for files.

    The stores that are configured are used; else embedded ones. Raises KayoiError if they do not
    come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="kayoi-bench-"))
    folder.chmod(0o711)  # noqa: ASYNC240  # the stores' own user has to walk through
    try:
        configured = Settings.read(None).model_copy(update={"data_dir": folder / "data"})
        async with stores(configured) as running:
            assert running.database_url is not None
            async with database(running.database_url.get_secret_value()) as url:
                await migrate(url)
                fresh = Settings.model_construct()
                yield (
                    fresh.model_copy(
                        update={
                            "database_url": SecretStr(url),
                            "redis_url": running.redis_url,
                            "data_dir": running.data_dir,
                        }
                    ),
                    folder,
                )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def database(server: str, template: str | None = None) -> AsyncIterator[str]:
    """A new database on the server, dropped afterwards; its address.

    `template`: the address of one to copy, which nobody is connected to.
    """
    name = f"kayoi_bench_{secrets.token_hex(6)}"
    model = urlsplit(template).path[1:] if template else "template1"
    await _execute(server, f'create database "{name}" template "{model}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        await _execute(server, f'drop database "{name}" with (force)')


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
