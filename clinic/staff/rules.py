"""How long a sign-in lasts, what a name may be, who sees which patients. Pure."""

import hashlib
import unicodedata
from datetime import timedelta

from clinic.staff.types import Role

LINK_LIFE = timedelta(minutes=15)
IDLE = timedelta(minutes=15)  # without an act of the person; what a page does by itself is none
ABSOLUTE = timedelta(hours=12)
NAME_LENGTH = 80


def token_hash(token: str) -> str:
    """What is stored of a token of 256 random bits; such tokens need no slow hash."""
    # A cookie of a hostile client may hold bytes that are no text.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_name(text: str) -> str | None:
    """A staff name in its normal form, None if it is empty, too long or holds control characters.

    Two names that look alike because of width or composed accents become one.
    """
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or len(name) > NAME_LENGTH:
        return None
    return None if any(unicodedata.category(sign)[0] == "C" for sign in name) else name


def sees_all_patients(role: Role) -> bool:
    """Whether a role works with every patient rather than with its own."""
    return role is not Role.DOCTOR
