"""Occasions by name, what comes next, and seasons by month."""

from datetime import date

import pytest

from clinic.occasion.data import OCCASIONS, SEASONS
from clinic.occasion.rules import day_of, in_season, on, seasons, upcoming
from clinic.occasion.types import AUDIENCES, COUNTRIES, LANGUAGES


def test_every_occasion_is_once_in_every_year_of_the_tables() -> None:
    for name in OCCASIONS:
        for year in range(2020, 2051):
            day = on(name, year)
            assert day is not None, (name, year)
            assert day.year == year
    # Some days of the Chinese calendar fall twice in one of our years, and never in the next.
    # None of those has a name here: whoever adds one finds out by the test above.


def test_where_the_tables_end_no_day_is_made_up() -> None:
    assert on("mid_autumn", 2019) is None
    assert on("mid_autumn", 2051) is None
    assert on("winter_solstice", 2051) is None
    assert on("new_year", 2051) == date(2051, 1, 1)


def test_an_unknown_name_is_a_bug() -> None:
    with pytest.raises(KeyError):
        on("festivus", 2026)


def test_the_last_day_of_the_chinese_year_is_the_eve_whether_its_month_has_29_days_or_30() -> None:
    assert on("spring_festival_eve", 2025) == date(2025, 1, 28)  # the 29th
    assert on("spring_festival_eve", 2024) == date(2024, 2, 9)  # the 30th


def test_what_comes_next_is_in_order_and_of_the_country() -> None:
    found = upcoming(date(2026, 9, 1), date(2026, 9, 30), "JP")
    assert [(one.on.day, one.occasion.name) for one in found] == [
        (21, "keiro"),
        (23, "autumnal_equinox_day"),
        (29, "heart_day"),
    ]
    assert {one.occasion.name for one in upcoming(date(2026, 12, 31), date(2027, 1, 1))} == {
        "new_years_eve",
        "new_year",
    }
    assert upcoming(date(2026, 9, 2), date(2026, 9, 1)) == ()


def test_the_day_itself_counts_at_both_ends() -> None:
    day = date(2026, 9, 21)
    assert [one.occasion.name for one in upcoming(day, day, "JP")] == ["keiro"]


def test_each_occasion_has_a_name_in_every_language() -> None:
    for occasion in OCCASIONS.values():
        assert set(occasion.names) == set(LANGUAGES), occasion.name
        assert all(isinstance(word, str) and word.strip() for word in occasion.names.values())
        assert occasion.audience in AUDIENCES
        assert set(occasion.countries) <= set(COUNTRIES)
    for season in SEASONS:
        assert set(season.names) == set(LANGUAGES), season.name
        assert season.country in COUNTRIES


def test_a_list_for_a_country_never_shows_one_name_twice_on_different_days() -> None:
    for country in COUNTRIES:
        for language in LANGUAGES:
            names: dict[str, date] = {}
            for one in upcoming(date(2026, 1, 1), date(2026, 12, 31), country):
                word = one.occasion.names[language]
                assert names.setdefault(word, one.on) == one.on, (country, word)


def test_a_season_may_go_over_new_year() -> None:
    assert in_season((11, 15), (2, 28), date(2026, 12, 31))
    assert in_season((11, 15), (2, 28), date(2027, 1, 1))
    assert in_season((11, 15), (2, 28), date(2027, 2, 28))
    assert not in_season((11, 15), (2, 28), date(2027, 3, 1))
    assert not in_season((11, 15), (2, 28), date(2026, 11, 14))
    assert in_season((2, 1), (4, 30), date(2026, 2, 1))
    assert not in_season((2, 1), (4, 30), date(2026, 5, 1))


def test_seasons_are_those_of_the_country() -> None:
    winter = {one.name for one in seasons("JP", date(2026, 1, 15))}
    assert {"influenza", "norovirus", "cold_pressure", "hand_eczema"} <= winter
    assert "heat" not in winter
    assert "influenza_summer" in {one.name for one in seasons("HK")}
    assert "influenza_summer" not in {one.name for one in seasons("JP")}
    assert list(seasons("XX")) == []


def test_29_february_is_the_28th_in_other_years() -> None:
    assert day_of(2027, 2, 29) == date(2027, 2, 28)
    assert day_of(2028, 2, 29) == date(2028, 2, 29)
