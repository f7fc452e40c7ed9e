"""Ids and secrets that nobody can guess."""

import secrets
import uuid


def new_key() -> uuid.UUID:
    """A random UUID: names a row or a delivery."""
    return uuid.uuid4()  # noqa: TID251  # the one place


def new_secret(bits: int = 256) -> str:
    """URL-safe random text of at least `bits` bits."""
    return secrets.token_urlsafe((bits + 7) // 8)
