"""Dates by era and by the western calendar."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.importer.eras import era_date, era_month


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19600115", date(1960, 1, 15)),
        ("3350115", date(1960, 1, 15)),
        ("１９６００１１５", date(1960, 1, 15)),
        ("1450729", date(1912, 7, 29)),  # 明治45: 1867 is added, not 1967
        ("2010730", date(1912, 7, 30)),
        ("4310501", date(2019, 5, 1)),  # 平成31 after its end
        ("5010501", date(2019, 5, 1)),
        ("５０２１１１３", date(2020, 11, 13)),
        ("20240229", date(2024, 2, 29)),
        ("昭和35年1月15日", date(1960, 1, 15)),
        ("昭和３５年　１月１５日", date(1960, 1, 15)),
        ("昭35.1.15", date(1960, 1, 15)),
        ("S35.1.15", date(1960, 1, 15)),
        ("s35/01/15", date(1960, 1, 15)),
        ("Ｓ３５－１－１５", date(1960, 1, 15)),
        ("㍼35年1月15日", date(1960, 1, 15)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("R7.2.30", None),
        ("R0.5.1", None),
        ("S35.1/15", None),
        ("00000000", None),
        ("20261301", None),
        ("20260631", None),
        ("20230229", None),
        ("3000115", None),  # era year 0
        ("6010101", None),  # no sixth era
        ("0010101", None),
        ("202607", None),  # a month is no day
        ("50807", None),
        ("1960-01-15", None),  # the caller's own format, not an era
        ("٣٣٥٠١١٥", None),
        ("²", None),
        ("", None),
    ],
)
def test_a_day_is_read_from_every_form(text: str, expected: date | None) -> None:
    assert era_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("202607", date(2026, 7, 1)),
        ("50807", date(2026, 7, 1)),
        ("43105", date(2019, 5, 1)),
        ("５０８０７", date(2026, 7, 1)),
        ("令和8年7月", date(2026, 7, 1)),
        ("R8.7", date(2026, 7, 1)),
        ("令和元年5月", date(2019, 5, 1)),
        ("202613", None),
        ("202600", None),
        ("50813", None),
        ("90807", None),
        ("20260701", None),
        ("令和8年", None),
        ("", None),
    ],
)
def test_a_month_is_read_from_every_form(text: str, expected: date | None) -> None:
    assert era_month(text) == expected


@given(st.dates(date(1868, 1, 1), date(2117, 12, 31)))
def test_an_era_date_is_the_western_date_it_stands_for(day: date) -> None:
    for era, base, name in ((3, 1925, "昭和"), (4, 1988, "平成"), (5, 2018, "令和")):
        year = day.year - base
        if 1 <= year <= 99:
            digits = f"{era}{year:02}{day:%m%d}"
            words = f"{name}{year}年{day.month}月{day.day}日"
            assert era_date(digits) == era_date(words) == era_date(f"{day:%Y%m%d}") == day


@given(
    st.text(alphabet=st.characters(), max_size=12) | st.from_regex(r"[MTSHR元年月日0-9./]{1,12}")
)
def test_no_text_raises(text: str) -> None:
    era_date(text)
    era_month(text)
