"""What single cells say, and what they do not."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer.table import cells
from clinic.importer.table.types import Cell

BORN = date(1960, 1, 15)


@pytest.mark.parametrize(
    "written",
    [
        "1960-01-15", "1960/1/15", "1960/01/15", "1960.1.15", "19600115", "3350115", "S35.1.15",
        "S35/1/15", "s35-01-15", "昭和35年1月15日", "昭和３５年１月１５日", "昭和 35年 1月15日",
        "1960年1月15日", "15.01.1960", "15.1.1960", "１９６０／１／１５", "1960-01-15 00:00:00",
        "1960-01-15T00:00:00Z", "1960/1/15(金)", "1960年1月15日（金）10:30", "S35.1.15 9:05",
        BORN, datetime(1960, 1, 15, 23, 59),
    ],
)  # fmt: skip
def test_every_form_of_a_day_is_that_day(written: Cell) -> None:
    assert cells.day(written) == BORN


@pytest.mark.parametrize(
    "written",
    [
        "R7.2.30", "21929", "1/15/1960", "15/1/1960", "15.13.1960", "1960-13-01", "1960-02-30",
        "00000000", "600115", "196001", "昭和0年1月15日", "不明", "", "1960-1/15", "R99", "5010230",
    ],
)  # fmt: skip
def test_what_is_no_day_or_could_be_two_is_none(written: str) -> None:
    assert cells.day(written) is None


def test_the_first_year_of_an_era_may_be_written_in_words() -> None:
    assert cells.day("令和元年5月1日") == date(2019, 5, 1)
    assert cells.day("5010501") == date(2019, 5, 1)
    assert cells.day("平成31年5月1日") == date(2019, 5, 1)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("2026/8/1 10:30", (date(2026, 8, 1), time(10, 30))),
        ("2026年8月1日10時30分", (date(2026, 8, 1), time(10, 30))),
        ("2026年8月1日(土) 9時", (date(2026, 8, 1), time(9))),
        ("R8.8.1", (date(2026, 8, 1), None)),
        (date(2026, 8, 1), (date(2026, 8, 1), None)),
        (datetime(2026, 8, 1, 10, 30), (date(2026, 8, 1), time(10, 30))),
        ("2026/8/1 25:00", None),
        ("来週", None),
    ],
)
def test_a_moment_is_a_day_and_perhaps_a_time(
    cell: Cell, told: tuple[date, time | None] | None
) -> None:
    assert cells.moment(cell) == told


@pytest.mark.parametrize(
    ("words", "sex"),
    [
        ("1", "male"), ("２", "female"), ("男", "male"), ("女性", "female"), ("Ｍ", "male"),
        ("f", "female"), ("М", "male"), ("ж", "female"), ("жен.", "female"), ("Муж", "male"),
        ("その他", "other"), ("9", None), ("x", None), ("", None),
    ],
)  # fmt: skip
def test_a_sex_is_read_in_four_languages(words: str, sex: str | None) -> None:
    assert cells.sex(words) == sex


@pytest.mark.parametrize(
    ("words", "language"),
    [("日本語", "ja"), ("EN", "en"), ("中国語", "zh-Hans"), ("zh_TW", "zh-Hant"), ("русский", "ru"),
     ("ロシア語", "ru"), ("繁體中文", "zh-Hant"), ("英语", "en"), ("クリンゴン", None)],
)  # fmt: skip
def test_a_language_is_one_that_the_chat_speaks(words: str, language: str | None) -> None:
    assert cells.language(words) == language


@pytest.mark.parametrize(
    ("words", "days"),
    [("14", 14), ("２８日分", 28), ("30 days", 30), ("7天", 7), ("0", None), ("999", None),
     ("14,5", None), ("", None)],
)  # fmt: skip
def test_days_are_a_number_that_a_doctor_could_mean(words: str, days: int | None) -> None:
    assert cells.days(words) == days


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('="00042"', "00042"), ("'+81", "+81"), ("  山田　太郎 ", "山田 太郎"), ("a\nb\x00", "a b"),
        (BORN, "1960-01-15"), ("'a'=b", "'a'=b"), ("x" * 5000, "x" * 500),
    ],
)  # fmt: skip
def test_a_cells_text_has_no_tricks_of_spreadsheets(cell: Cell, words: str) -> None:
    assert cells.text(cell) == words


def test_the_mark_that_empties_a_field_is_known_in_any_width() -> None:
    assert cells.is_clear("[clear]")
    assert cells.is_clear("［ＣＬＥＡＲ］")
    assert not cells.is_clear("clear")


@given(st.text())
def test_no_text_makes_a_cell_fail(words: str) -> None:
    for read in (cells.day, cells.moment, cells.text, cells.sex, cells.language, cells.days):
        read(words)
