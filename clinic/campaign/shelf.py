"""Campaigns ready to use: `shelf.yml` as values, and the draft that one of them becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from clinic.campaign.season import concerned, season_of, window
from clinic.campaign.types import Draft
from clinic.occasion.data import SEASONS

SHELF = Path(__file__).with_name("shelf.yml")
EVERYBODY: Mapping[str, Any] = {"filter": {"and": []}}
TIME = time(10)  # of the day after, for what goes out once


@dataclass(frozen=True, slots=True)
class Template:
    """One of them. `names` by language; the rest as a draft has it.

    A season's days come from the country of the clinic, beginning `ahead` days before.
    """

    code: str
    kind: str
    names: Mapping[str, str]
    audience: Mapping[str, Any]
    trigger: Mapping[str, Any]
    content: Mapping[str, Any]
    hold_out: int
    ahead: int = 0

    def draft(
        self, language: str, now: datetime, languages: tuple[str, ...], country: str
    ) -> Draft:
        """A draft of it, named in a language of staff, with the texts in the clinic's `languages`.

        `now`: in the clinic's zone. What goes out once is set for the next morning.
        """
        trigger = self.trigger
        if trigger["kind"] == "once":
            trigger = once(now)
        if trigger["kind"] == "season":
            trigger = {**trigger, **_days(str(trigger["name"]), country, self.ahead)}
        texts = {one: self.content["texts"][one] for one in languages}
        return Draft(
            name=self.names[language],
            kind=self.kind,
            audience=self.audience,
            trigger=trigger,
            content={**self.content, "texts": texts},
            hold_out=self.hold_out,
        )


def _days(name: str, country: str, ahead: int) -> dict[str, str]:
    """The days of a season; where its country is not known those of the first, to be moved."""
    season = season_of(name, country) or next(one for one in SEASONS if one.name == name)
    return window(season, ahead)


def _audience(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whom the file names, else whom its season concerns, else everybody."""
    named: Mapping[str, Any] | None = row.get("audience")
    return named or concerned(str(row["trigger"].get("name"))) or EVERYBODY


def once(now: datetime) -> dict[str, Any]:
    """What goes out once, on the next morning. `now`: in the clinic's zone."""
    tomorrow = datetime.combine(now.date() + timedelta(1), TIME)
    return {"kind": "once", "at": f"{tomorrow:%Y-%m-%dT%H:%M}", "late": "send"}


@cache
def shelf() -> Mapping[str, Template]:
    """All templates by code, in the order of the file."""
    rows = yaml.load(SHELF.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {
        row["code"]: Template(
            code=row["code"],
            kind=row["kind"],
            names=row["names"],
            audience=_audience(row),
            trigger=row["trigger"],
            content={"texts": row["texts"], "buttons": row.get("buttons", [])},
            hold_out=row.get("hold_out", 0),
            ahead=row.get("ahead", 0),
        )
        for row in rows
    }
