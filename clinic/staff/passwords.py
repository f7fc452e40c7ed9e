"""Passwords: hashed slowly (argon2id), in a thread, a few at a time."""

import asyncio
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from clinic.staff.rules import normal_password

# Some 120 ms and 64 MB a hash.
_HASHER = PasswordHasher(time_cost=2, memory_cost=64 * 1024, parallelism=1)
AT_A_TIME = 2
_COMMON = Path(__file__).parent / "common_words.txt"


class _Gate:
    """Lets `AT_A_TIME` hashes run; each event loop has its own."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Semaphore(AT_A_TIME)

    def of_loop(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._free = loop, asyncio.Semaphore(AT_A_TIME)
        return self._free


_gate = _Gate()


@cache
def common_words() -> frozenset[str]:
    """Words that the passwords of many people are made of, case folded."""
    return frozenset(_COMMON.read_text(encoding="utf-8").casefold().split())


async def hash_password(password: str) -> str:
    """What is stored of a password."""
    async with _gate.of_loop():
        return await asyncio.to_thread(_hash, password)


async def is_password(stored: str | None, password: str) -> bool:
    """Whether this is the password of a stored hash. None costs the same time, and is never it."""
    async with _gate.of_loop():
        return await asyncio.to_thread(_verify, stored or _nobodys(), password) and bool(stored)


def _hash(password: str) -> str:
    return _HASHER.hash(_encoded(password))


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _encoded(password))
    except (VerificationError, InvalidHashError):
        return False


def _encoded(password: str) -> bytes:
    # A form of a hostile client may hold what is no text.
    return normal_password(password).encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    """A hash that stands for accounts that have none, so that names cannot be told by the time."""
    return _hash("nobody has this password")
