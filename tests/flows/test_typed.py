"""Patients type numbers in their own manner."""

from decimal import Decimal

import pytest

from flows.typed import read_number, read_unit


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("38.5", "en", "38.5"),
        ("38,5", "ru", "38.5"),
        ("38,5", "en", "38.5"),
        ("３８．５", "ja", "38.5"),
        ("３８，５", "ja", "38.5"),
        ("38度5分", "ja", "38.5"),
        ("38度5分です", "ja", "38.5"),
        ("３８度５分", "ja", "38.5"),
        ("38度5", "zh-Hans", "38.5"),
        ("38度半", "zh-Hant", "38.5"),
        ("38度", "ja", "38"),
        ("三十八度二分", "ja", "38.2"),
        ("三十八点五", "zh-Hans", "38.5"),
        ("三十八點五度", "zh-Hant", "38.5"),
        ("百二十", "ja", "120"),
        ("一百二十", "zh-Hans", "120"),
        ("十", "ja", "10"),
        ("一二〇", "ja", "120"),
        ("两百", "zh-Hans", "200"),
        ("1,500", "en", "1500"),
        ("1,500", "ja", "1500"),
        ("1,500", "ru", "1.5"),
        ("1 500 мл", "ru", "1500"),
        ("about 120", "en", "120"),
        ("около 7,5 ммоль/л", "ru", "7.5"),
        ("上は128でした", "ja", "128"),
        ("-2", "en", "-2"),
        ("−2", "en", "-2"),
        ("65 kg", "en", "65"),
        ("0", "en", "0"),
        ("100", "en", "100"),
        ("37.0", "en", "37"),
    ],
)
def test_a_number_is_read_as_patients_write_it(text: str, language: str, number: str) -> None:
    assert read_number(text, language) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "high",
        "120/80",
        "38 or 39",
        "128と82",
        "it was 38.5 at 7",
        "1.2.3",
        "x" * 61,
        "B12",
        "38..5",
        "🙂",
    ],
)
def test_no_number_is_guessed(text: str) -> None:
    assert read_number(text, "en") is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("110 mg/dL", "mg/dL"),
        ("6.1 mmol/l", "mmol/L"),
        ("１１０ｍｇ／ｄｌ", "mg/dL"),
        ("110", None),
        ("110 mg/dL = 6.1 mmol/L", None),
    ],
)
def test_a_unit_is_taken_where_it_is_named(text: str, unit: str | None) -> None:
    assert read_unit(text, ("mg/dL", "mmol/L")) == unit


def test_a_unit_within_a_longer_one_is_not_meant() -> None:
    assert read_unit("22 kg/m2", ("kg", "kg/m2")) == "kg/m2"
