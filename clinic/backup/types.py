"""What a backup says of itself."""

from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database held at one moment. `audit`: the end of the chain, position and link."""

    migrations: tuple[str, ...]
    counts: dict[str, int]  # rows by table
    audit: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Beside the dump in the same file. `key_mark` shows whether a master key is the one that the
    dump's encrypted columns need; it is not that key."""

    made_at: str  # ISO 8601, UTC
    release: str
    origin: str  # of the installation and all its copies
    instance: str
    contents: Contents
    key_mark: str
    server: int  # major version of PostgreSQL
    program: int  # of pg_dump
    dump_sha256: str
    dump_bytes: int

    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return {"format": FORMAT, **asdict(self)}


def read_manifest(given: Any) -> Manifest | None:
    """Of the file; None if it is of another format. Raises KeyError, TypeError or ValueError where
    something is missing."""
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        return None
    inner, audit = given["contents"], given["contents"]["audit"]
    contents = Contents(
        tuple(inner["migrations"]),
        {str(table): int(count) for table, count in inner["counts"].items()},
        (int(audit[0]), str(audit[1])) if audit else None,
    )
    rest = {name: given[name] for name in Manifest.__slots__ if name != "contents"}
    return Manifest(contents=contents, **rest)
