"""What a key of the API looks like, and what may be said of one. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from clinic.api_key.types import KeyProblem, Scope

PREFIX = "kayoi_"  # by which scanners for leaked secrets know it
SECRET = re.compile(r"kayoi_[A-Za-z0-9_-]{43}", re.ASCII)
HINT = 10  # signs that the list shows: the prefix, and 24 of 256 bits
NAME_LENGTH = 80
RATES = (1, 6_000)  # calls a minute
RATE = 120
IDEMPOTENCY_LIFE = timedelta(days=2)  # for which a repeated POST is known


def is_secret(text: str) -> bool:
    """Whether the text can be a key at all: others are refused without asking the database."""
    return SECRET.fullmatch(text) is not None


def secret_hash(secret: str) -> str:
    """What is stored of a key or of a feed's token: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def read_key(
    name: str, scopes: Iterable[str], rate: int
) -> tuple[str, tuple[Scope, ...]] | KeyProblem:
    """The name in its normal form and the scopes in their order, or what is wrong."""
    tidy = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 0 < len(tidy) <= NAME_LENGTH or not tidy.isprintable():
        return KeyProblem.BAD_NAME
    wanted = set(scopes)
    if not wanted or wanted - set(Scope):
        return KeyProblem.NO_SCOPES
    if not RATES[0] <= rate <= RATES[1]:
        return KeyProblem.BAD_RATE
    return tidy, tuple(scope for scope in Scope if scope in wanted)
