"""Occasions and seasons as they lie beside this file: YAML, and tables of moon and sun.

The tables reach from 2020 to 2050. lunar_months.csv: the first day of each month of the Chinese
calendar (UTC+8), leap months marked. solar_terms.csv: the instants in UTC at which the sun's
longitude passes multiples of 15 degrees. Both were worked out with lunar_python 1.4.8; tests hold
them against the holidays of China, Hong Kong and Taiwan and Meeus, Astronomical Algorithms.
"""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from clinic.occasion.types import Easter, Fixed, Lunar, Nth, Occasion, Rule, Season, Term

FOLDER = Path(__file__).parent
CHINA = 8  # hours east of UTC: its calendar is reckoned there


def _rule(said: dict[str, Any]) -> Rule:
    if "fixed" in said:
        return Fixed(*said["fixed"])
    if "nth" in said:
        return Nth(*said["nth"])
    if "lunar" in said:
        return Lunar(*said["lunar"])
    if "term" in said:
        return Term(said["term"], said.get("hours", CHINA))
    return Easter(orthodox=said["easter"] == "orthodox")


def _occasion(said: dict[str, Any]) -> Occasion:
    return Occasion(
        name=said["name"],
        names=MappingProxyType(said["names"]),
        rule=_rule(said),
        countries=tuple(said.get("countries", ())),
        audience=said.get("audience", "all"),
        plus=said.get("plus", 0),
    )


def _table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _yaml(name: str) -> Any:
    return yaml.load((FOLDER / name).read_text("utf-8"), yaml.CSafeLoader)


def _seasons() -> tuple[Season, ...]:
    return tuple(
        Season(
            name=said["name"],
            names=MappingProxyType(said["names"]),
            country=country,
            first=(first[0], first[1]),
            last=(last[0], last[1]),
            conditions=tuple(said.get("conditions", ())),
            aged=said.get("aged"),
        )
        for said in _yaml("seasons.yml")
        for country, (first, last) in said["when"].items()
    )


def _months() -> dict[tuple[int, int], date]:
    return {
        (int(row["lunar_year"]), int(row["month"])): date.fromisoformat(row["first_on"])
        for row in _table("lunar_months.csv")
        if row["leap"] == "0"
    }


def _terms() -> dict[tuple[int, str], datetime]:
    return {
        (int(row["year"]), term): datetime.fromisoformat(f"{row['year']}-{at}").replace(tzinfo=UTC)
        for row in _table("solar_terms.csv")
        for term, at in row.items()
        if term != "year"
    }


# By name, in the order of the file.
OCCASIONS: Mapping[str, Occasion] = MappingProxyType(
    {said["name"]: _occasion(said) for said in _yaml("occasions.yml")}
)
SEASONS: tuple[Season, ...] = _seasons()
SEASON_NAMES: tuple[str, ...] = tuple(dict.fromkeys(season.name for season in SEASONS))
# First days of months that are no leap months, by lunar year and month.
MONTHS: Mapping[tuple[int, int], date] = MappingProxyType(_months())
TERMS: Mapping[tuple[int, str], datetime] = MappingProxyType(_terms())
