"""Link codes: what they look like and how often one may try. Pure."""

import secrets
from datetime import timedelta

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"  # 31 signs; none is taken for another
LENGTH = 9  # 31^9 is 44.6 bits: at least 40 for a code of 10 minutes
LIFE = timedelta(minutes=10)
TRIES_PER_ACCOUNT = 5  # wrong ones, an hour
TRIES_ALARM = 100  # wrong ones over all accounts, an hour: staff are told


def new_code() -> str:
    """A fresh code from the system's secure source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """The code in groups of three, easier to read and type."""
    return "-".join(code[i : i + 3] for i in range(0, len(code), 3))


def read_code(text: str) -> str | None:
    """The code in what a patient typed or a link carried; None if it cannot be one."""
    code = "".join(sign for sign in text.upper() if sign.isalnum())
    return code if len(code) == LENGTH and all(sign in ALPHABET for sign in code) else None
