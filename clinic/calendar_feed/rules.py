"""What a calendar feed tells of a visit. Pure."""

import re

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
BEFORE_DAYS = 30
AHEAD_DAYS = 180
MOST = 2_000  # visits in a file


def is_token(text: str) -> bool:
    """Whether the text can be a token at all."""
    return TOKEN.fullmatch(text) is not None


def initials(name: str, kana: str) -> str:
    """The first sign of each part of the reading, or of the name where there is none.

    A name without blanks gives one sign: where the family name ends is not known.
    """
    return " ".join(f"{part[0]}." for part in (kana or name).split()[:3])
