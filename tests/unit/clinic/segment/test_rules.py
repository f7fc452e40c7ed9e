"""What filters mean and how they are told, and the value of a patient."""

import ast
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.questionnaire import codec
from clinic.questionnaire.types import (
    Answers,
    Attachment,
    Coding,
    Quantity,
    Reference,
    Value,
)
from clinic.segment import rules
from clinic.segment.types import And, Criterion, Filter, Not, Or, Words
from tests.architecture.repository import ROOT, modules
from tests.unit.clinic.segment.filters import TODAY, any_filter

OLD = Criterion("age", "at_least", (65,))


@pytest.mark.parametrize(
    ("today", "years", "born"),
    [
        (date(2026, 11, 20), 18, date(2008, 11, 20)),
        (date(2028, 2, 29), 18, date(2010, 2, 28)),
        (date(2028, 2, 29), 20, date(2008, 2, 29)),
        (date(2027, 2, 28), 19, date(2008, 2, 28)),  # of 29 February 2008: 18 for another day
        (date(140, 5, 1), 151, date(1, 5, 1)),
    ],
)
def test_who_is_so_old_was_born_by_then(today: date, years: int, born: date) -> None:
    assert rules.born_by(today, years) == born


@pytest.mark.parametrize(
    ("field", "op", "values", "low", "high"),
    [
        ("last_visit", "known", (), None, None),
        ("last_visit", "on_or_after", (TODAY,), TODAY, None),
        ("last_visit", "on_or_before", (TODAY,), None, TODAY),
        ("last_visit", "between", (date(2026, 1, 1), TODAY), date(2026, 1, 1), TODAY),
        ("last_visit", "within_days", (0,), TODAY, TODAY),
        ("last_visit", "beyond_days", (0,), None, TODAY - timedelta(1)),
        ("next_visit", "within_days", (7,), TODAY, TODAY + timedelta(7)),
        ("next_visit", "beyond_days", (7,), TODAY + timedelta(8), None),
    ],
)
def test_days_are_reckoned_from_today(
    field: str, op: Any, values: Any, low: date | None, high: date | None
) -> None:
    assert rules.days(Criterion(field, op, values), TODAY) == (low, high)


@pytest.mark.parametrize(
    ("op", "values", "holds"),
    [
        ("is", (5,), [5]),
        ("at_least", (5,), [5, 6]),
        ("at_most", (5,), [3, 4, 5]),
        ("between", (4, 5), [4, 5]),
    ],
)
def test_amounts_are_within_their_limits(op: Any, values: Any, holds: list[int]) -> None:
    asked = Criterion("visit_count", op, values)
    assert [one for one in (3, 4, 5, 6) if rules.amount_is(asked, one)] == holds


def _given(*values: Value, link_id: str = "q1", index: int = 0) -> dict[str, Any]:
    return codec.dump(Answers(on=TODAY, values=(((("g", 0), (link_id, index)), values),)))


def _asks(op: Any, *values: Any, item: str = "q1") -> Criterion:
    return Criterion("answer", op, values, (("form", "x"), ("item", item)))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (Coding("s", "yes"), "yes"),
        (True, "true"),
        (3, "3"),
        ("text", "text"),
        (Decimal("4.5"), "4.5"),
        (Quantity(Decimal(80), "kg", "", "kg"), "80"),
        (Reference("Patient/1", "x"), "Patient/1"),
        (Attachment("image/png", 3, "u", "t"), "image/png"),
    ],
)
def test_an_answer_is_asked_for_by_its_code_or_word(value: Value, word: str) -> None:
    assert rules.answer_holds(_asks("any", word, "other"), _given(value))
    assert not rules.answer_holds(_asks("any", "other"), _given(value))


@pytest.mark.parametrize("value", [5, Decimal("5.5"), Quantity(Decimal(5), "kg", "", "kg")])
def test_an_answer_can_be_an_amount(value: Value) -> None:
    assert rules.answer_holds(_asks("at_least", 5), _given(value))
    assert not rules.answer_holds(_asks("at_least", 6), _given(value))


def test_words_are_no_amounts_and_other_questions_no_answer() -> None:
    assert not rules.answer_holds(_asks("at_least", 0), _given("5", Coding("s", "5"), True))
    assert not rules.answer_holds(_asks("known"), _given("x", link_id="q2"))
    assert not rules.answer_holds(_asks("known"), {"on": "2026-01-01"})
    assert rules.answer_holds(_asks("known"), _given("x", index=1))


def test_a_filter_is_told_line_by_line() -> None:
    tree = And(
        (
            OLD,
            Not(Criterion("sex", "any", ("male",))),
            Or(
                (
                    Criterion("condition", "starts", ("E11",), (("suspected", "either"),)),
                    Criterion("act", "any", ("1",), (("days", 90),)),
                    Criterion("last_visit", "beyond_days", (90,)),
                    Criterion("next_visit", "within_days", (7,)),
                )
            ),
        )
    )
    assert rules.described(tree) == (
        Words(0, "segment_and"),
        Words(1, "segment_op_at_least", "segment_field_age", (65,)),
        Words(1, "segment_not"),
        Words(2, "segment_op_any", "segment_field_sex", ("segment_sex_male",)),
        Words(1, "segment_or"),
        Words(
            2,
            "segment_op_starts",
            "segment_field_condition",
            ("E11",),
            (("segment_option_suspected", "segment_suspected_either"),),
        ),
        Words(2, "segment_op_any", "segment_field_act", ("1",), (("segment_option_days", 90),)),
        Words(2, "segment_op_ago_beyond_days", "segment_field_last_visit", (90,)),
        Words(2, "segment_op_ahead_within_days", "segment_field_next_visit", (7,)),
    )
    assert rules.described(And(())) == (Words(0, "segment_all"),)


@settings(derandomize=True, deadline=None)
@given(any_filter)
def test_every_key_that_is_told_is_among_those_with_words(tree: Filter) -> None:
    keys = set(rules.keys())
    for line in rules.described(tree):
        assert line.key in keys
        assert line.field in keys | {""}
        assert {name for name, _ in line.options} <= keys
        told = [*line.values, *(said for _, said in line.options)]
        assert {it for it in told if str(it).startswith("segment_")} <= keys


# Value ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "visits", "points", "tier"),
    [
        (0, 6, 6_000, "high"),
        (90, 6, 2_000, "high"),
        (91, 6, 2_000, "general"),
        (90, 2, 0, "general"),
        (365, 1, 1_999, "low"),
        (365, 2, 0, "general"),
        (366, 2, 0, "low"),
        (None, 0, 0, "low"),
    ],
)
def test_the_value_goes_by_recency_frequency_and_points(
    ago: int | None, visits: int, points: int, tier: str
) -> None:
    last = None if ago is None else TODAY - timedelta(ago)
    assert rules.tier(last, visits, points, TODAY) == tier


@settings(derandomize=True, deadline=None)
@given(st.integers(0, 800), st.integers(0, 20), st.integers(0, 20_000))
def test_who_comes_more_is_never_worth_less(ago: int, visits: int, points: int) -> None:
    order = ["low", "general", "high"]
    last = TODAY - timedelta(ago)
    now = order.index(rules.tier(last, visits, points, TODAY))
    for more in (
        rules.tier(last + timedelta(30), visits, points, TODAY),
        rules.tier(last, visits + 1, points, TODAY),
        rules.tier(last, visits, points + 1_000, TODAY),
    ):
        assert order.index(more) >= now


# Whatever decides on safety, urgency or whose turn it is.
_BLIND = ("flows", "nlu", "bot", "scheduler", "clinic", "admin")
_MAY = (
    "clinic/segment/",
    "clinic/outreach/",
    "clinic/campaign/",
    "clinic/plan/",  # its reader refuses what a patient is worth
    "admin/campaigns/",
    "admin/plans/",
    "admin/segments/",
    "clinic/staff/access/composing.py",
    "clinic/staff/access/segments.py",
)
_MAY_FILES = (
    "bot/api/overviews.py",  # lists segments, and counts whom they mean
    "bot/commands/segment.py",
    "bot/commands/bench_segment.py",
    "bot/commands/bench_people.py",
)


def test_the_value_of_a_patient_decides_nothing_but_whom_to_write_to() -> None:
    """Neither a segment nor the tier is known to triage, safety, booking, queues or sending."""
    seeing = []
    for path in modules(*_BLIND):
        name = str(path.relative_to(ROOT))
        if name.startswith(_MAY) or name in _MAY_FILES or "migrations" in name:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            named = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                named = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            if any(one.startswith("clinic.segment") for one in named):
                seeing.append(name)
            asks = isinstance(node, ast.Constant) and "points_year" in str(node.value)
            if asks and name not in ("clinic/record/service.py", "clinic/plan/read.py"):
                seeing.append(name)
    assert seeing == []


def test_a_criterion_knows_what_goes_without_saying() -> None:
    asked = Criterion("condition", "starts", ("E11",))
    assert asked.option("suspected") == "no"
    assert replace(asked, options=(("suspected", "yes"),)).option("suspected") == "yes"
    assert Criterion("act", "any", ("1",)).option("days") is None
