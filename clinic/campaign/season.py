"""Seasons of clinic.occasion in campaigns: their days in a country, and whom they concern. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from clinic.occasion.data import SEASONS
from clinic.occasion.rules import seasons
from clinic.occasion.types import Season
from clinic.segment.rules import dump
from clinic.segment.types import And, Criterion, Filter, Or

# A diagnosis of a season stands in its months only: whoever ever had it is meant.
EVER = (("when", "ever"),)
COMMON = 2023  # a year without 29 February: days of the year are reckoned in it


def season_of(name: str, country: str) -> Season | None:
    """The season of a name as a country has it; None where it has none."""
    return next((one for one in seasons(country) if one.name == name), None)


def window(season: Season, ahead: int = 0) -> dict[str, str]:
    """Its first and last day as a trigger has them. `ahead`: days to begin before the first."""
    begins = date(COMMON, *season.first) - timedelta(ahead)
    return {
        "from": f"{begins:%m-%d}",
        "to": f"{season.last[0]:02}-{season.last[1]:02}",
        "name": season.name,
    }


def concerned(name: str) -> Mapping[str, Any] | None:
    """The audience of those whom a season concerns; None if that is everybody."""
    season = next((one for one in SEASONS if one.name == name), None)
    if season is None:
        return None
    asked: list[Filter] = []
    if season.aged is not None:
        asked.append(Criterion("age", "at_least", (season.aged,)))
    if season.conditions:
        asked.append(Criterion("condition", "starts", tuple(sorted(season.conditions)), EVER))
    if not asked:
        return None
    tree: Filter = And(tuple(asked)) if len(asked) == 1 else Or(tuple(asked))
    return {"filter": dump(tree)}
