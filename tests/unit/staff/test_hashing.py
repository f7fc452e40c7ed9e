"""Passwords are hashed slowly, whole, and never alike (R21; ASVS 6.2, 11.4)."""

import time

import pytest

from clinic.staff.passwords import hash_password, is_password

WORDS = "lavender ships at dawn over the harbour, and nobody but the grey cat sees them come; "
LEAST = 0.080  # s of processor time for one hash
PARAMETERS = "$argon2id$v=19$m=65536,t=2,p=1$"


@pytest.mark.parametrize("length", [12, 64, 72, 73, 128])  # bcrypt would forget what is after 72
async def test_a_password_is_taken_whole_whatever_its_length(length: int) -> None:
    password = (WORDS * 2)[:length]
    stored = await hash_password(password)
    assert await is_password(stored, password)
    for other in (password[:-1], password[:-1] + "#", password + "x"):
        assert not await is_password(stored, other)


async def test_a_hash_has_the_parameters_that_we_measured_and_a_salt_of_its_own() -> None:
    one, other = await hash_password(WORDS), await hash_password(WORDS)
    assert one.startswith(PARAMETERS)
    assert one != other
    assert await is_password(other, WORDS)


async def test_a_hash_takes_long_enough_that_guessing_is_dear() -> None:
    await hash_password(WORDS)
    spent = []
    for _ in range(5):
        # Not the time on the wall: a busy machine would make the hash look slow.
        began = time.process_time()
        await hash_password(WORDS)
        spent.append(time.process_time() - began)
    assert min(spent) >= LEAST
