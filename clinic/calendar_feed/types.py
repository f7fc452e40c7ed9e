"""Values about calendar feeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is good, without its token, which nobody sees again."""

    id: int
    initials: bool
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A practitioner whose visits may be read as a calendar, and the feeds there are of them."""

    practitioner_id: int
    name: Mapping[str, str]
    own: bool  # the acting staff member's
    feeds: tuple[Feed, ...]
