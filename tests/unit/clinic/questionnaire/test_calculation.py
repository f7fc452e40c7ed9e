"""Calculated values, and conditions that are expressions."""

from decimal import Decimal
from typing import Any

import pytest

from clinic.questionnaire import rules
from clinic.questionnaire.types import Coding, Quantity, Value
from tests.unit.clinic.questionnaire.making import (
    ON,
    Json,
    expressed,
    expression,
    form,
    given,
    item,
    measured,
    option,
    path_of,
    variable,
    when,
)

N = item("n", "integer", required=True)
VALUE = "%resource.item.where(linkId='n').answer.value"


def calculated(kind: str, source: str, **more: Any) -> tuple[Value, ...]:
    """What an item comes to after n was answered with 7."""
    raw = expressed("c", kind, "calculatedExpression", source) | more
    sums = form(N, raw)
    found = [one.values for one in rules.asked(sums, given(sums, 7)) if one.item.link_id == "c"]
    return found[0] if found else ()


@pytest.mark.parametrize(
    ("kind", "source", "expected"),
    [
        ("integer", f"{VALUE} / 2", 4),
        ("integer", "3000000000", None),
        ("integer", "'x'", None),
        ("decimal", f"{VALUE} / 3", Decimal("2.33333333")),
        ("decimal", "1.50", Decimal("1.5")),
        ("decimal", "10.power(20)", None),
        ("boolean", f"{VALUE} > 5", True),
        ("boolean", VALUE, None),
        ("integer", "true", None),
        ("string", "'low'", "low"),
        ("string", f"{VALUE}.toString()", "7"),
        ("string", VALUE, "7"),
        ("date", "today()", "2026-11-22"),
        ("date", "@T10:00", None),
        ("quantity", f"{VALUE} * 1 'kg'", Quantity(Decimal(7), "kg", "", "kg")),
        ("quantity", VALUE, Quantity(Decimal(7))),
        ("decimal", "3 'kg'", None),
        ("decimal", "(1 | 2)", None),
        ("decimal", "{}", None),
        ("decimal", "1 + 'a'", None),
        ("integer", "%context.linkId.length()", 1),
        ("string", "%qitem.type", "string"),
        ("string", "%loinc", "http://loinc.org"),
        ("integer", "%questionnaire.item.count()", 2),
    ],
)
def test_a_value_is_fitted_to_its_item(kind: str, source: str, expected: Value | None) -> None:
    assert calculated(kind, source) == (() if expected is None else (expected,))


def test_a_calculated_choice_is_one_of_the_options() -> None:
    options: Json = {"answerOption": [option("low"), option("high")]}
    assert calculated("choice", "iif(true, 'high', 'low')", **options) == (
        Coding("urn:codes", "high"),
    )
    assert calculated("choice", "'other'", **options) == ()
    assert calculated("choice", "%questionnaire.item.answerOption.value.first()", **options) == (
        Coding("urn:codes", "low"),
    )


def test_a_calculated_quantity_has_the_unit_of_its_item() -> None:
    raw = measured("c", "quantity", "kg")
    raw["extension"].append(expression("calculatedExpression", VALUE))
    sums = form(N, raw)
    assert rules.asked(sums, given(sums, 7))[1].values == (Quantity(Decimal(7), "kg", "", "kg"),)


def test_a_calculated_value_may_stand_on_another() -> None:
    of_b = "%resource.item.where(linkId='b').answer.value"
    chain = form(
        expressed("c", "integer", "calculatedExpression", f"{of_b} + 1"),
        expressed("b", "integer", "calculatedExpression", f"{VALUE} + 1"),
        N,
        item("high", "boolean", enableWhen=[when("c", ">=", answerInteger=9)]),
    )
    assert path_of(chain, given(chain, 7)) == "high"
    assert path_of(chain, given(chain, 6)) == ""


def test_an_answer_that_hangs_on_a_calculated_value_is_kept() -> None:
    """It was dropped while the total was not yet worked out again."""
    score = form(
        N,
        expressed("total", "integer", "calculatedExpression", VALUE),
        item("high", "string", enableWhen=[when("total", ">=", answerInteger=5)]),
        item("end", "boolean"),
    )
    answers = given(score, 7, "much", True)
    assert [one.item.link_id for one in rules.asked(score, answers)] == [
        "n",
        "total",
        "high",
        "end",
    ]


def test_values_that_chase_each_other_come_to_rest() -> None:
    """Nothing names the other, and yet each looks at all there is."""
    chase = form(
        N,
        expressed("a", "integer", "calculatedExpression", "%resource.item.answer.value.sum()"),
        expressed("b", "integer", "calculatedExpression", "%resource.item.answer.value.sum()"),
    )
    assert path_of(chase, given(chase, 1)) == ""
    assert len(rules.scores(chase, given(chase, 1))) == 2


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (f"{VALUE} > 5", True),
        (f"{VALUE} > 9", False),
        ("{}", False),
        ("1 + 'a'", True),  # a question too many does no harm
        ("(true | false)", True),
        ("%old", True),
        ("%older", False),
    ],
)
def test_an_expression_decides_whether_a_question_is_asked(source: str, asked: bool) -> None:
    raw = expressed("q", "boolean", "enableWhenExpression", source)
    variables = [variable("old", f"{VALUE} > 5"), variable("older", "%old and false")]
    conditional = form(N, raw, item("end", "boolean"), extension=variables)
    assert path_of(conditional, given(conditional, 7)) == ("q" if asked else "end")


def test_a_variable_belongs_to_the_repetition_it_stands_in() -> None:
    doubled = form(
        item(
            "g",
            "group",
            item("x", "integer", required=True),
            expressed("d", "integer", "calculatedExpression", "%x * 2"),
            repeats=True,
            required=True,
            extension=[variable("x", "item.where(linkId='x').answer.value")],
        )
    )
    answers = given(doubled, 1, True, 5, False)
    shown = [one.values[0] for one in rules.asked(doubled, answers)]
    assert shown == [1, 2, 5, 10]


def test_a_variable_that_fails_is_empty() -> None:
    broken = form(
        N,
        expressed("c", "boolean", "calculatedExpression", "%bad.empty()"),
        extension=[variable("bad", "1 + 'a'")],
    )
    assert rules.asked(broken, given(broken, 1))[1].values == (True,)


def test_a_variable_under_a_question_sees_its_item() -> None:
    nested = form(
        item(
            "p",
            "integer",
            expressed("c", "integer", "calculatedExpression", "%p + 1"),
            extension=[variable("p", "answer.value")],
        )
    )
    assert rules.asked(nested, given(nested, 4))[1].values == (5,)
    assert rules.begin(ON).values == ()
