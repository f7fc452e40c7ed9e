"""Pictures of campaigns: nothing of a patient is ever in one."""

from collections.abc import Mapping
from dataclasses import dataclass

from clinic.message.types import Picture

FOLDER = "/pictures"  # where the public process shows them


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that we keep. `name` follows from its content by our key: nobody can guess it."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as we send it, drawn anew: JPEG, at most 1 MB each. Sizes in pixels."""

    content: bytes
    preview: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Described:
    """A picture with what it shows, in words, by language."""

    stored: Stored
    alt: Mapping[str, str]


def shown(stored: Stored, alt: str, public_url: str | None) -> Picture:
    """The picture as a message carries it: by address, or by path where we have no address."""
    at = f"{(public_url or '').rstrip('/')}{FOLDER}/{stored.name}"
    return Picture(f"{at}.jpg", f"{at}-small.jpg", alt, stored.width, stored.height)
