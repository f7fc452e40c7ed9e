"""The tables of moon and sun against two sources: holidays as published, and the sky."""

import csv
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest

from clinic.occasion.data import FOLDER, TERMS
from clinic.occasion.rules import on
from tests.unit.clinic.occasion.sky import months, reaches

YEARS = range(2025, 2036)
QUARTER = timedelta(minutes=20)  # what the sun of these formulas is late or early, and a little
TERM_NAMES = list(dict.fromkeys(name for _, name in TERMS))
SUNDAY = 6
# What the package calls them.
PUBLISHED = [
    ("CN", "Chinese New Year's Eve", "spring_festival_eve"),
    ("CN", "Chinese New Year (Spring Festival)", "spring_festival"),
    ("CN", "Tomb-Sweeping Day", "qingming"),
    ("CN", "Dragon Boat Festival", "dragon_boat"),
    ("CN", "Mid-Autumn Festival", "mid_autumn"),
    ("TW", "Chinese New Year's Eve", "spring_festival_eve"),
    ("TW", "Chinese New Year", "spring_festival"),
    ("TW", "Tomb-Sweeping Day", "qingming"),
    ("TW", "Dragon Boat Festival", "dragon_boat"),
    ("TW", "Mid-Autumn Festival", "mid_autumn"),
    ("TW", "National Day", "national_day_tw"),
    ("TW", "Children's Day", "childrens_day_tw"),
    ("HK", "Chinese New Year", "spring_festival"),
    ("HK", "Tomb-Sweeping Day", "qingming"),
    ("HK", "The Buddha's Birthday", "buddhas_birthday"),
    ("HK", "Dragon Boat Festival", "dragon_boat"),
    ("HK", "Double Ninth Festival", "double_ninth"),
    ("JP", "Vernal Equinox Day", "vernal_equinox_day"),
    ("JP", "Autumnal Equinox Day", "autumnal_equinox_day"),
    ("JP", "Respect for the Aged Day", "keiro"),
    ("JP", "Coming of Age Day", "coming_of_age"),
    ("JP", "Marine Day", "marine_day"),
    ("JP", "Sports Day", "sports_day"),
    ("JP", "Children's Day", "childrens_day_jp"),
    ("JP", "Showa Day", "showa_day"),
    ("JP", "Labor Thanksgiving Day", "labour_thanksgiving"),
]


@pytest.mark.parametrize(("country", "called", "name"), PUBLISHED)
def test_days_are_those_of_published_holidays(country: str, called: str, name: str) -> None:
    compared = 0
    for year in YEARS:
        published = holidays.country_holidays(country, years=year, language="en_US")
        days = {day for day, names in published.items() if called in names.split("; ")}
        day = on(name, year)
        if country == "HK" and day is not None and day.weekday() == SUNDAY:
            continue  # there it is another day then, by another name
        assert day in days, (year, sorted(days))
        compared += 1
    assert compared >= 8


def test_hong_kong_rests_on_the_day_after_mid_autumn() -> None:
    for year in YEARS:
        published = holidays.country_holidays("HK", years=year, language="en_US")
        day = on("mid_autumn", year)
        assert day is not None
        after = day + timedelta(1)
        assert "Mid-Autumn" in published.get(after, "") or after.weekday() == SUNDAY


def test_months_begin_with_the_moon_and_leap_by_the_sun() -> None:
    with (FOLDER / "lunar_months.csv").open(encoding="utf-8") as file:
        shipped = {
            date.fromisoformat(row["first_on"]): (int(row["month"]), row["leap"] == "1")
            for row in csv.DictReader(file)
        }
    reckoned: dict[date, tuple[int, bool]] = {}
    for year in range(2020, 2051):
        reckoned |= months(year)
    inside = {day: month for day, month in reckoned.items() if day >= min(shipped)}
    assert inside == {day: month for day, month in shipped.items() if day <= max(reckoned)}
    assert len(inside) > 370


@pytest.mark.parametrize("name", TERM_NAMES)
def test_solar_terms_are_when_the_sun_is_there(name: str) -> None:
    degrees = (285 + 15 * TERM_NAMES.index(name)) % 360
    for year in range(2020, 2051):
        shipped = TERMS[year, name]
        near = datetime(year, 1, 5, tzinfo=UTC) + timedelta(15.22 * TERM_NAMES.index(name))
        assert abs(shipped - near) < timedelta(8)
        assert abs(reaches(degrees, near) - shipped) < QUARTER


def test_days_known_from_almanacs() -> None:
    assert on("spring_festival", 2026) == date(2026, 2, 17)
    assert on("mid_autumn", 2025) == date(2025, 10, 6)
    assert on("dragon_boat", 2028) == date(2028, 5, 28)  # a fifth month and a leap fifth one
    assert on("spring_festival", 2034) == date(2034, 2, 19)  # the year before has a leap 11th
    assert on("double_ninth", 2026) == date(2026, 10, 18)
    assert on("qixi", 2025) == date(2025, 8, 29)  # not in the leap sixth month
    assert on("orthodox_easter", 2026) == date(2026, 4, 12)
    assert on("easter", 2026) == date(2026, 4, 5)
    assert on("orthodox_easter", 2025) == on("easter", 2025) == date(2025, 4, 20)
    assert on("setsubun", 2025) == date(2025, 2, 2)
    assert on("setsubun", 2026) == date(2026, 2, 3)
    assert on("mothers_day", 2026) == date(2026, 5, 10)
    assert on("mothers_day_ru", 2026) == date(2026, 11, 29)
    assert on("kidney_day", 2026) == date(2026, 3, 12)
