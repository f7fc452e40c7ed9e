"""Readings are understood as patients type them, and nothing is guessed."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.observation.reading import certain, read
from clinic.observation.types import OCCASIONS, Doubt, Heard, Reading
from tests.unit.clinic.observation.phrases import OTHERS, PHRASES

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
NAMES = {
    "blood_pressure": "bp",
    "glucose": "sugar",
    "temperature": "temp",
    "pulse": "pulse",
    "weight": "weight",
    "spo2": "spo2",
}
BARE = ("mmHg", "/min", "%")
LINES = [
    (language, *(part.strip() for part in line.split("=>")))
    for language, lines in PHRASES.items()
    for line in lines.strip().splitlines()
]


def _reading(one: Reading) -> str:
    value = f"{one.value}" + (f"/{one.second}" if one.second is not None else "")
    return f"{NAMES[one.kind]} {value}" + ("" if one.unit in BARE else f" {one.unit}")


def _doubt(one: Doubt) -> str:
    return " ".join([f"?{one.why}", *map(str, one.numbers)])


def told(heard: Heard) -> str:
    """What was heard, as the lines of phrases say it."""
    parts = [*map(_reading, heard.readings), *map(_doubt, heard.doubts)]
    parts += dict.fromkeys(one.occasion for one in heard.readings if one.occasion in OCCASIONS)
    if heard.at is not None:
        parts.append(f"@{(NOW.date() - heard.at.date()).days} {heard.at:%H:%M}")
    return ", ".join(parts)


@pytest.mark.parametrize(("language", "text", "meant"), LINES)
def test_a_reading_is_understood_as_it_is_typed(language, text, meant):
    heard = read(text, NOW)
    if not meant:
        assert not heard.whole
        return
    assert told(heard) == meant
    assert heard.whole


@pytest.mark.parametrize("language", PHRASES)
def test_there_are_forty_phrases_in_each_language(language):
    assert len({text for of, text, _ in LINES if of == language}) >= 40


@pytest.mark.parametrize("text", OTHERS.strip().splitlines())
def test_what_is_no_reading_is_left_to_whatever_asked(text):
    assert not certain(read(text, NOW))


@pytest.mark.parametrize(
    ("text", "asked", "meant"),
    [
        ("72", "pulse", "pulse 72"),
        ("72", "weight", "weight 72 kg"),
        ("95", "spo2", "spo2 95"),
        ("38", "temperature", "temp 38 °C"),
        ("100.4", "temperature", "temp 100.4 °F"),
        ("378", "temperature", "?impossible 378"),
        ("6.1", "glucose", "sugar 6.1 mmol/L"),
        ("110", "glucose", "sugar 110 mg/dL"),
        ("130", "blood_pressure", "?half 130"),
        ("130 80", "blood_pressure", "bp 130/80"),
        ("130-80", "blood_pressure", "bp 130/80"),
        ("130 80 65", "blood_pressure", "bp 130/80, pulse 65"),
        ("12/8", "blood_pressure", "?half 12, ?half 8"),
        ("11/10", "blood_pressure", "?impossible 11 10"),
        ("pulse 70", "weight", "pulse 70"),
    ],
)
def test_a_bare_number_is_what_was_asked_for(text, asked, meant):
    assert told(read(text, NOW, asked)) == meant


def test_what_was_measured_at_an_hour_still_to_come_was_measured_the_day_before():
    assert told(read("bp 130/80 22:00", NOW)) == "bp 130/80, @1 22:00"


def test_a_part_of_the_day_still_to_come_is_now():
    assert told(read("in the evening 130/80", NOW)) == "bp 130/80, @0 15:00"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("8 pm yesterday 130/80", "@1 20:00"),
        ("12 am 130/80", "@0 00:00"),
        ("昨日の夜8時 130/80", "@1 20:00"),
        ("昨天晚上8点 130/80", "@1 20:00"),
        ("вчера в 8 вечера 130/80", "@1 20:00"),
    ],
)
def test_the_hour_is_that_of_the_part_of_the_day(text, at):
    assert told(read(text, NOW)) == f"bp 130/80, {at}"


def test_a_long_text_is_a_story():
    assert read("120/80 " * 40, NOW) == Heard()


@given(st.text(max_size=160))
def test_any_text_is_read_without_harm(text):
    heard = read(text, NOW)
    assert all(isinstance(one.value, Decimal) for one in heard.readings)
    assert heard.at is None or heard.at <= NOW
