"""What is a filter, and what is told of one that is none."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.segment import rules
from clinic.segment.read import read, read_text
from clinic.segment.types import DEPTH, LONGEST, MOST_CRITERIA, MOST_VALUES, Fault, Filter
from tests.unit.clinic.segment.filters import any_filter

OLD = {"field": "age", "op": "at_least", "value": 65}


@settings(derandomize=True, deadline=None)
@given(any_filter)
def test_every_filter_is_read_as_it_was_written(tree: Filter) -> None:
    assert read_text(rules.canonical(tree)) == tree
    assert read(rules.dump(tree)) == tree


def test_one_filter_has_one_text_however_it_is_written() -> None:
    said = '{"value": ["b", "a", "a"], "op": "any", "field": "tag"}'
    again = '{"field":"tag","op":"any","value":["a","b"]}'
    found = [read_text(one) for one in (said, again)]
    assert found[0] == found[1]
    assert not isinstance(found[0], tuple)
    assert rules.canonical(found[0]) == '{"field":"tag","op":"any","value":["a","b"]}'


def test_what_goes_without_saying_is_left_out() -> None:
    said = {"field": "condition", "op": "starts", "value": "E11.9", "suspected": "no"}
    tree = read(said | {"when": "ever"})
    assert not isinstance(tree, tuple)
    assert rules.dump(tree) == {
        "field": "condition",
        "op": "starts",
        "value": ["E119"],
        "when": "ever",
    }


def test_numbers_are_one_however_they_are_written() -> None:
    said = {"field": "score", "form": "phq_9", "item": "total", "op": "is"}
    whole, tenths = (read(said | {"value": one}) for one in (10, 10.0))
    assert whole == tenths
    assert read_text(json.dumps(said | {"value": 4.5})) == read(said | {"value": 4.5})
    tree = read(said | {"value": 4.5})
    assert not isinstance(tree, tuple)
    assert rules.dump(tree)["value"] == 4.5
    months = [read({"field": "birth_month", "op": "any", "value": one}) for one in (3, "3", [3])]
    assert months[0] == months[1] == months[2]


SCORE = {"field": "score", "form": "phq_9", "item": "total", "op": "is", "value": 1}
BAD: list[tuple[Any, str, str]] = [
    (None, "", "one_of_and_or_not_field"),
    ({}, "", "one_of_and_or_not_field"),
    ({"and": [], "or": [OLD]}, "", "one_of_and_or_not_field"),
    ({"and": [], "op": "is"}, "", "unknown_key"),
    ({"and": OLD}, "and", "no_list"),
    ({"or": []}, "or", "nothing_to_choose"),
    ({"and": [OLD, {"not": 3}]}, "and.1.not", "one_of_and_or_not_field"),
    ({"and": [OLD] * (MOST_CRITERIA + 1)}, "and", "too_many_criteria"),
    ({"and": [{"and": [OLD] * 40}, {"or": [OLD] * 40}]}, "", "too_many_criteria"),
    ({"field": "phone", "op": "is", "value": 1}, "field", "unknown_field"),
    ({"field": ["age"], "op": "is", "value": 1}, "field", "unknown_field"),
    ({"not": {"field": "age"}}, "not.op", "unknown_op"),
    (OLD | {"op": "any"}, "op", "unknown_op"),
    (OLD | {"op": []}, "op", "unknown_op"),
    (OLD | {"value": "65"}, "value", "no_number"),
    (OLD | {"value": True}, "value", "no_number"),
    (OLD | {"value": 151}, "value", "no_number"),
    (OLD | {"value": None}, "value", "no_number"),
    (OLD | {"value": float("nan")}, "value", "no_number"),
    (OLD | {"value": -1}, "value", "no_whole_number"),
    (OLD | {"value": 6.5}, "value", "no_whole_number"),
    (OLD | {"since": 1}, "since", "unknown_key"),
    (OLD | {"op": "between", "value": 5}, "value", "no_range"),
    (OLD | {"op": "between", "value": [5]}, "value", "no_range"),
    (OLD | {"op": "between", "value": [5, 4]}, "value", "empty_range"),
    (OLD | {"op": "between", "value": [5, "6"]}, "value.1", "no_number"),
    (SCORE | {"value": 1e12}, "value", "no_number"),
    (SCORE | {"value": 1e-9}, "value", "no_number"),
    (SCORE | {"days": 0}, "days", "no_days"),
    (SCORE | {"days": "9"}, "days", "no_days"),
    (SCORE | {"item": ""}, "item", "no_word"),
    ({"field": "score", "form": "x", "op": "is", "value": 1}, "item", "needed"),
    ({"field": "sex", "op": "any", "value": []}, "value", "no_values"),
    ({"field": "sex", "op": "any", "value": ["m"]}, "value.0", "unknown_choice"),
    ({"field": "sex", "op": "any", "value": [["male"]]}, "value.0", "unknown_choice"),
    ({"field": "tag", "op": "any", "value": ["a", "b\x00"]}, "value.1", "no_word"),
    ({"field": "tag", "op": "any", "value": "\ud800"}, "value.0", "no_word"),
    ({"field": "tag", "op": "any", "value": "x" * 49}, "value.0", "no_word"),
    ({"field": "tag", "op": "any", "value": ["x"] * (MOST_VALUES + 1)}, "value", "too_many_values"),
    ({"field": "tag", "op": "known", "value": ["x"]}, "value", "unknown_key"),
    ({"field": "condition", "op": "starts", "value": "E1%"}, "value.0", "no_word"),
    (
        {"field": "condition", "op": "starts", "value": "E11", "when": "then"},
        "when",
        "unknown_choice",
    ),
    ({"field": "last_visit", "op": "within_days", "value": -1}, "value", "no_days"),
    ({"field": "last_visit", "op": "within_days", "value": "2026-01-01"}, "value", "no_days"),
    ({"field": "last_visit", "op": "on_or_after", "value": 9}, "value", "no_day"),
    ({"field": "last_visit", "op": "on_or_after", "value": "2026-02-30"}, "value", "no_day"),
]


@pytest.mark.parametrize(("said", "where", "reason"), BAD)
def test_what_is_wrong_is_told_with_its_place(said: Any, where: str, reason: str) -> None:
    assert read(said) == (Fault(where, reason),)


def test_all_that_is_wrong_is_told_at_once() -> None:
    said = {"or": [OLD | {"value": "x"}, {"field": "sex", "op": "any", "value": ["m", "f"]}]}
    found = read(said)
    assert isinstance(found, tuple)
    assert [one.where for one in found] == ["or.0.value", "or.1.value.0", "or.1.value.1"]


def test_a_tree_may_be_so_deep_and_no_deeper() -> None:
    tree: dict[str, Any] = OLD
    for _ in range(DEPTH - 1):
        tree = {"not": tree}
    assert not isinstance(read(tree), tuple)
    found = read({"not": tree})
    assert isinstance(found, tuple)
    assert [one.reason for one in found] == ["too_deep"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 50_000, '{"and": [], "and": []}', "1" * 5000, '{"field": "age", "op": NaN'],
)
def test_a_text_that_is_no_json_is_refused(text: str) -> None:
    assert read_text(text) == (Fault("", "no_json"),)


def test_a_text_too_long_is_not_even_looked_at() -> None:
    assert read_text(" " * (LONGEST + 1)) == (Fault("", "too_long"),)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda it: (
        st.lists(it, max_size=3)
        | st.dictionaries(
            st.sampled_from(["and", "or", "not", "field", "op", "value", "days", "form", "item"]),
            it | st.sampled_from(["age", "tag", "score", "any", "is", "between", "condition"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(derandomize=True, deadline=None)
@given(_json)
def test_no_json_makes_it_stumble(said: Any) -> None:
    found = read(said)
    assert isinstance(found, tuple) or read(rules.dump(found)) == found
