"""Campaigns ready to use: `shelf.yml` as values, and the draft that one of them becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from clinic.campaign.types import Draft

SHELF = Path(__file__).with_name("shelf.yml")
EVERYBODY: Mapping[str, Any] = {"filter": {"and": []}}
TIME = time(10)  # of the day after, for what goes out once


@dataclass(frozen=True, slots=True)
class Template:
    """One of them. `names` by language; the rest as a draft has it."""

    code: str
    kind: str
    names: Mapping[str, str]
    audience: Mapping[str, Any]
    trigger: Mapping[str, Any]
    content: Mapping[str, Any]
    hold_out: int

    def draft(self, language: str, now: datetime, languages: tuple[str, ...]) -> Draft:
        """A draft of it, named in a language of staff, with the texts in the clinic's `languages`.

        `now`: in the clinic's zone. What goes out once is set for the next morning.
        """
        trigger = once(now) if self.trigger["kind"] == "once" else self.trigger
        texts = {one: self.content["texts"][one] for one in languages}
        return Draft(
            name=self.names[language],
            kind=self.kind,
            audience=self.audience,
            trigger=trigger,
            content={**self.content, "texts": texts},
            hold_out=self.hold_out,
        )


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
            audience=row.get("audience", EVERYBODY),
            trigger=row["trigger"],
            content={"texts": row["texts"], "buttons": row.get("buttons", [])},
            hold_out=row.get("hold_out", 0),
        )
        for row in rows
    }
