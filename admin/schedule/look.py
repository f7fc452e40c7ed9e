"""What part of the calendar an address asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

FAR = timedelta(days=3650)  # nobody books further away
By = Literal["practitioner", "room", "site"]
BYS: tuple[By, ...] = ("practitioner", "room", "site")
Span = Literal["day", "week"]
SPANS: tuple[Span, ...] = ("day", "week")
VIEWS = ("grid", "list")


@dataclass(frozen=True, slots=True)
class Look:
    """A day or a week, its columns, and whose visits; `who` and `site` None: all."""

    on: date
    span: Span = "day"
    by: By = "practitioner"
    who: int | None = None
    site: int | None = None
    view: str = "grid"

    @property
    def first(self) -> date:
        """The first day shown: weeks begin on Monday."""
        return self.on - timedelta(days=self.on.weekday()) if self.span == "week" else self.on

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=6) if self.span == "week" else self.on

    @property
    def days(self) -> list[date]:
        """Every day shown."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def turned(self, pages: int) -> "Look":
        """So many days or weeks later."""
        return replace(self, on=self.on + timedelta(days=pages * (7 if self.span == "week" else 1)))

    def url(self, path: str = "/calendar", **changes: object) -> str:
        """The address of this look, with some of it changed."""
        values = {
            "on": self.on,
            "span": self.span,
            "by": self.by,
            "who": self.who,
            "site": self.site,
            "view": self.view,
            **changes,
        }
        return f"{path}?{urlencode({k: v for k, v in values.items() if v not in (None, '')})}"


def read_look(query: Mapping[str, str], today: date) -> Look:
    """The look of an address; what makes no sense in it is as if it were not there."""
    return Look(
        on=read_day(query.get("on", ""), today),
        span=next((one for one in SPANS if one == query.get("span")), "day"),
        by=next((one for one in BYS if one == query.get("by")), "practitioner"),
        who=read_id(query.get("who", "")),
        site=read_id(query.get("site", "")),
        view=next((one for one in VIEWS if one == query.get("view")), "grid"),
    )


def read_day(words: str, default: date) -> date:
    """A date that somebody may book, else the default."""
    try:
        on = date.fromisoformat(words)
    except ValueError:
        return default
    return on if abs(on - default) < FAR else default


def read_id(words: str) -> int | None:
    """The id of a row; None if it is none."""
    known = words.isascii() and words.isdecimal() and len(words) <= 18
    return int(words) if known else None


def read_wall(words: str) -> datetime | None:
    """A time on a wall clock such as 2026-11-25T09:00, without a zone; None if it is none."""
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        return None
    if at.tzinfo is not None or not 2000 <= at.year < 2100:
        return None
    return at.replace(second=0, microsecond=0)
