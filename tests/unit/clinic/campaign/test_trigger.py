"""Triggers as JSON: what is read is what was written; a fault has a place and a reason."""

import random
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from clinic.campaign.trigger import (
    BASES,
    KINDS,
    Birthday,
    Day,
    Every,
    Lapsing,
    Occasion,
    Once,
    Relative,
    Score,
    Season,
    Visit,
    Weekly,
    Yearly,
    dump,
    read_trigger,
)
from clinic.campaign.types import Fault
from tests.unit.clinic.campaign.triggers import trigger

NINE = time(9, 0)
AT: dict[str, Any] = {"at": "09:00", "late": "skip"}


@pytest.mark.parametrize("kind", [*KINDS, *BASES])
def test_what_is_written_is_read_again(kind: str) -> None:
    dice = random.Random(kind)
    for _ in range(50):
        made = trigger(dice, kind if kind != "relative" else "birth")
        assert read_trigger(dump(made)) == made


def test_what_people_write() -> None:
    assert read_trigger({"kind": "once", "at": "2026-12-01T09:00", "late": "ask"}) == Once(
        datetime(2026, 12, 1, 9), "ask"
    )
    assert read_trigger({"kind": "birthday"} | AT) == Birthday(NINE, "skip", 0, "02-28")
    assert read_trigger({"kind": "yearly", "on": "02-29"} | AT) == Yearly(2, 29, NINE, "skip")
    assert read_trigger({"kind": "occasion", "name": "keiro", "days": -3} | AT) == Occasion(
        "keiro", NINE, "skip", -3
    )
    assert read_trigger({"kind": "season", "from": "11-15", "to": "02-28"} | AT) == Season(
        (11, 15), (2, 28), NINE, "skip"
    )
    assert read_trigger(
        {"kind": "season", "from": "02-01", "to": "05-10", "name": "pollen_spring"} | AT
    ) == Season((2, 1), (5, 10), NINE, "skip", "pollen_spring")
    assert read_trigger({"kind": "weekly", "weekdays": [3, 0]} | AT) == Weekly((0, 3), NINE, "skip")
    assert read_trigger({"kind": "every", "days": 14, "from": "2026-12-01"} | AT) == Every(
        14, date(2026, 12, 1), NINE, "skip"
    )
    assert read_trigger({"kind": "relative", "base": "birth", "weeks": 6} | AT) == Relative(
        Day("birth"), NINE, "skip", 0, 42
    )
    assert read_trigger(
        {"kind": "relative", "base": "visit_missed", "service": "scope", "days": 1} | AT
    ) == Relative(Visit("visit_missed", "scope"), NINE, "skip", 0, 1)
    assert read_trigger(
        {"kind": "relative", "base": "score", "form": "phq_9", "item": "total", "at_least": 9.5}
        | AT
    ) == Relative(Score("phq_9", "total", Decimal("9.5")), NINE, "skip")
    assert read_trigger(
        {"kind": "relative", "base": "lapse", "group": "cpap", "state": "at_risk"} | AT
    ) == Relative(Lapsing("cpap", "at_risk"), NINE, "skip")


_SEASON = {"kind": "season", "from": "02-01", "to": "05-10"} | AT
_RELATIVE = {"kind": "relative", "base": "plan"} | AT
_SCORE = {"kind": "relative", "base": "score", "form": "phq_9", "item": "total"} | AT
_LAPSE = {"kind": "relative", "base": "lapse", "group": "cpap", "state": "due"} | AT
_ACT = {"kind": "relative", "base": "procedure", "codes": ["113001810"]} | AT
_EVERY = {"kind": "every", "days": 7, "from": "2026-12-01"} | AT
_WEEKLY = {"kind": "weekly", "weekdays": [0]} | AT


@pytest.mark.parametrize(
    ("said", "where", "reason"),
    [
        (None, "", "no_object"),
        ([], "", "no_object"),
        ({1: 2}, "", "no_object"),
        ({}, "kind", "needed"),
        ({"kind": "yesterday"}, "kind", "unknown_choice"),
        ({"kind": ["once"]}, "kind", "unknown_choice"),
        ({"kind": "birthday", "at": "09:00"}, "late", "needed"),
        ({"kind": "birthday", "late": "skip"}, "at", "needed"),
        ({"kind": "birthday"} | AT | {"late": True}, "late", "unknown_choice"),
        ({"kind": "birthday"} | AT | {"at": "9:00"}, "at", "no_time"),
        ({"kind": "birthday"} | AT | {"at": "24:00"}, "at", "no_time"),
        ({"kind": "birthday"} | AT | {"at": 900}, "at", "no_time"),
        ({"kind": "birthday", "day": 1} | AT, "day", "unknown_key"),
        ({"kind": "birthday", "days": 61} | AT, "days", "no_number"),
        ({"kind": "birthday", "days": True} | AT, "days", "no_number"),
        ({"kind": "birthday", "days": 1.0} | AT, "days", "no_number"),
        ({"kind": "birthday", "leap": "02-29"} | AT, "leap", "unknown_choice"),
        ({"kind": "once", "late": "ask", "at": "2026-12-01"}, "at", "no_time"),
        ({"kind": "once", "late": "ask", "at": "2026-02-30T09:00"}, "at", "no_time"),
        ({"kind": "once", "late": "ask", "at": "2026-12-01T09:00Z"}, "at", "no_time"),
        ({"kind": "once", "late": "ask", "at": 5}, "at", "no_time"),
        ({"kind": "yearly"} | AT, "on", "needed"),
        ({"kind": "yearly", "on": "02-30"} | AT, "on", "no_day"),
        ({"kind": "yearly", "on": 308} | AT, "on", "no_day"),
        ({"kind": "occasion", "name": "festivus"} | AT, "name", "unknown_choice"),
        ({"kind": "season", "from": "02-01"} | AT, "to", "needed"),
        (_SEASON | {"name": "carnival"}, "name", "unknown_choice"),
        (_SEASON | {"name": ""}, "name", "unknown_choice"),
        (_RELATIVE | {"base": "wedding"}, "base", "unknown_choice"),
        (_RELATIVE | {"months": 241}, "months", "no_number"),
        (_RELATIVE | {"days": "1"}, "days", "no_number"),
        (_RELATIVE | {"late_days": -1}, "late_days", "no_number"),
        (_RELATIVE | {"service": "scope"}, "service", "unknown_key"),
        (_RELATIVE | {"base": "visit_coming", "service": " "}, "service", "no_word"),
        (_RELATIVE | {"base": "visit_coming", "service": "a\nb"}, "service", "no_word"),
        (_RELATIVE | {"base": "visit_coming", "service": 7}, "service", "no_word"),
        (_ACT | {"codes": []}, "codes", "no_list"),
        (_ACT | {"codes": "113001810"}, "codes", "no_list"),
        (_ACT | {"codes": ["1", "1"]}, "codes", "no_list"),
        (_ACT | {"codes": [["1"]]}, "codes", "no_list"),
        (_LAPSE | {"state": "active"}, "state", "unknown_choice"),
        (_SCORE, "at_least", "needed"),
        (_SCORE | {"at_least": "9"}, "at_least", "no_number"),
        (_SCORE | {"at_least": float("nan")}, "at_least", "no_number"),
        (_SCORE | {"at_most": True}, "at_most", "no_number"),
        (_SCORE | {"at_least": 9, "at_most": 8}, "at_most", "empty_range"),
        (_EVERY | {"days": 0}, "days", "no_number"),
        (_EVERY | {"until": "2026-11-30"}, "until", "empty_range"),
        ({"kind": "every", "days": 7} | AT, "from", "needed"),
        (_WEEKLY | {"weekdays": []}, "weekdays", "no_list"),
        (_WEEKLY | {"weekdays": [7]}, "weekdays", "no_list"),
        (_WEEKLY | {"weekdays": [1, 1]}, "weekdays", "no_list"),
        (_WEEKLY | {"weekdays": [True]}, "weekdays", "no_list"),
        (_WEEKLY | {"weekdays": "mon"}, "weekdays", "no_list"),
        (_WEEKLY | {"from": "2026-12"}, "from", "no_day"),
        (_WEEKLY | {"x" * 60: 1}, "x" * 48, "unknown_key"),
    ],
)
def test_what_is_wrong_has_a_place_and_a_reason(said: object, where: str, reason: str) -> None:
    assert read_trigger(said) == Fault(where, reason)
