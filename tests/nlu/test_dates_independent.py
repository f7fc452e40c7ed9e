"""The date reader on 300 phrases that were written apart from it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from nlu import dates
from nlu.dates import DateReading

NOW = datetime(2026, 11, 24, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
PHRASES = yaml.safe_load((Path(__file__).parent / "data" / "dates.yml").read_text())
LANGUAGES = ("en", "ja", "zh-Hant", "zh-Hans", "ru")
FAR = 400  # days within which readings are compared
DAYS = [NOW.date() + timedelta(days=n) for n in range(FAR)]
DAY_KEYS = ("date", "from", "to", "weekdays", "except_weekdays", "except_dates")

Meaning = frozenset[tuple[date | None, Any]]  # days with what is said of the time; None: any day


def _time_of(one: dict[str, Any]) -> tuple[Any, ...]:
    if exact := one.get("time"):
        return ("time", exact)  # a part of the day beside it adds nothing
    part = "evening" if one.get("part") == "night" else one.get("part")
    return (part, one.get("time_from"), one.get("time_to"))


def _days_of(one: dict[str, Any]) -> Iterable[date | None]:
    if not any(one.get(key) for key in DAY_KEYS):
        return [None]
    only = set(one.get("weekdays") or range(7))
    return [
        day
        for day in DAYS
        if (one.get("date") or day) == day
        and (one.get("from") or day) <= day <= (one.get("to") or day)
        and day.weekday() in only - set(one.get("except_weekdays") or ())
        and day not in (one.get("except_dates") or ())
    ]


def meaning(readings: Iterable[dict[str, Any]]) -> Meaning:
    """What the readings come to, whatever the way it is put."""
    return frozenset((day, _time_of(one)) for one in readings for day in _days_of(one))


def _plain(reading: DateReading) -> dict[str, Any]:
    def clock(at: time | None) -> str | None:
        return None if at is None else at.isoformat("minutes")

    return {
        "date": reading.date,
        "from": reading.from_on,
        "to": reading.to_on,
        "time": clock(reading.time),
        "time_from": clock(reading.time_from),
        "time_to": clock(reading.time_to),
        "part": reading.part,
        "weekdays": reading.weekdays,
        "except_weekdays": reading.except_weekdays,
        "except_dates": reading.except_dates,
    }


def verdict(phrase: dict[str, Any]) -> str:
    """right, wrong but asked about, or silently wrong."""
    found = dates.read(phrase["text"], phrase["lang"], NOW)
    asks = found.ambiguous or any(one.ambiguous for one in found.readings)
    got = meaning(map(_plain, found.readings))
    want = meaning(phrase["want"])
    if phrase.get("ask"):
        right = asks and bool(got) and got <= want
    elif not phrase["want"]:
        right = not found.readings or asks
    else:
        right = got == want
    if right:
        return "right"
    return "asked" if asks or not found.readings else "silently wrong"


VERDICTS = [(phrase, verdict(phrase)) for phrase in PHRASES]


def test_there_are_300_phrases_of_which_100_are_hard() -> None:
    assert len(PHRASES) == 300
    assert sum(bool(phrase.get("hard")) for phrase in PHRASES) == 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_all_phrases_are_read_right(language: str) -> None:
    of = [(it, what) for it, what in VERDICTS if it["lang"] == language]
    wrong = [(it["text"], what) for it, what in of if what != "right"]
    assert len(wrong) <= 0.03 * len(of) + 1e-9 or len(wrong) <= 2, wrong


def test_ninety_seven_of_a_hundred_phrases_are_read_right() -> None:
    wrong = [(it["text"], what) for it, what in VERDICTS if what != "right"]
    assert len(wrong) <= 0.03 * len(VERDICTS), wrong


def test_no_hard_phrase_is_read_wrong_without_asking() -> None:
    assert [
        it["text"] for it, what in VERDICTS if it.get("hard") and what == "silently wrong"
    ] == []
