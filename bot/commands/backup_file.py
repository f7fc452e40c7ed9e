"""One file for a backup: a zip archive, not packed any further, of pg_dump's output and of what it
says of itself."""

import asyncio
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from bot.local.pg_programs import CHUNK, Program, dump, restore
from clinic import clock
from clinic.backup import service
from clinic.backup.types import Manifest, read_manifest
from clinic.crypto import KeyRing
from clinic.db import connected
from clinic.errors import KayoiError
from clinic.setting.live import release

DUMP, MANIFEST = "database.dump", "manifest.json"


def key_mark(keys: KeyRing, origin: object) -> str:
    """By which a backup knows the master key that it needs."""
    return keys.mark("backup", str(origin), 16).hex()


async def write(url: str, keys: KeyRing, program: Program, server: int, out: Path) -> Manifest:
    """Write a backup; the file is whole or not there at all, and only its owner may read it.

    Counts and dump are of one moment, while everybody works on. Raises KayoiError, OSError.
    """
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    async with connected(url) as connection:
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                snapshot = await connection.fetchval("select pg_export_snapshot()")
                found = await service.contents(connection)
                who = await connection.fetchrow("select origin, instance from installation")
                if who is None:
                    raise KayoiError("Kayoi has never run on this database")

                def made(sha256: str, size: int) -> Manifest:
                    return Manifest(
                        made_at=clock.now().astimezone(UTC).isoformat(timespec="seconds"),
                        release=release(),
                        origin=str(who["origin"]),
                        instance=str(who["instance"]),
                        contents=found,
                        key_mark=key_mark(keys, who["origin"]),
                        server=server,
                        program=program.major,
                        dump_sha256=sha256,
                        dump_bytes=size,
                    )

                manifest = await asyncio.to_thread(_write, unfinished, program, url, snapshot, made)
            unfinished.replace(out)
            async with connection.transaction():
                await service.note_backup(connection, manifest.dump_bytes)
        finally:
            unfinished.unlink(missing_ok=True)
    return manifest


def _write(
    to: Path,
    program: Program,
    url: str,
    snapshot: str,
    made: Callable[[str, int], Manifest],
) -> Manifest:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            with archive.open(DUMP, "w", force_zip64=True) as entry:

                def take(chunk: bytes) -> None:
                    nonlocal size
                    size += entry.write(chunk)
                    digest.update(chunk)

                dump(program, url, snapshot, take)
            manifest = made(digest.hexdigest(), size)
            archive.writestr(MANIFEST, json.dumps(manifest.as_json(), indent=1))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def read(file: Path) -> Manifest:
    """What a backup says of itself, once its sum is right. Blocks. Raises KayoiError, OSError."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = read_manifest(json.loads(archive.read(MANIFEST)))
            if manifest is None:
                raise KayoiError(f"{file} is of another format: restore it with a newer Kayoi")
            digest = hashlib.sha256()
            with archive.open(DUMP) as entry:
                while chunk := entry.read(CHUNK):
                    digest.update(chunk)
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError):
        raise KayoiError(f"{file} is not a whole backup of Kayoi") from None
    if digest.hexdigest() != manifest.dump_sha256:
        raise KayoiError(f"{file} is damaged: its sum is not the one in it")
    return manifest


def bring(file: Path, program: Program, url: str) -> None:
    """Bring a backup into an empty database. Blocks. Raises KayoiError, OSError."""
    with zipfile.ZipFile(file) as archive, archive.open(DUMP) as entry:
        restore(program, url, entry)
