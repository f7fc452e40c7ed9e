"""Answers of many, counted: options, numbers, and scores by month."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clinic.questionnaire.read import read
from clinic.questionnaire.tally import Bar, bars, by_month, tally
from clinic.questionnaire.types import Answers, Coding, Quantity, Questionnaire, Value

ON = date(2026, 11, 1)


def form(*items: dict[str, Any]) -> Questionnaire:
    found = read(
        {
            "resourceType": "Questionnaire",
            "url": "https://example.org/form",
            "version": "1",
            "title": "Form",
            "status": "active",
            "item": [{"text": one["linkId"], **one} for one in items],
        }
    )
    assert isinstance(found, Questionnaire), found
    return found


def given(**values: Value | tuple[Value, ...]) -> Answers:
    return Answers(
        ON,
        tuple(
            (((name, 0),), value if isinstance(value, tuple) else (value,))
            for name, value in values.items()
        ),
    )


def option(code: str) -> dict[str, Any]:
    return {"valueCoding": {"code": code, "display": code}}


def test_options_are_counted_in_the_order_of_the_form_with_those_nobody_chose() -> None:
    asked = form(
        {
            "linkId": "how",
            "type": "open-choice",
            "repeats": True,
            "answerOption": [option("a"), option("b"), option("c")],
        }
    )
    a, b = Coding("", "a"), Coding("urn:other", "b", score=Decimal(2))
    (one,) = tally(asked, [given(how=(a, b)), given(how=b), given(how="in words"), given(how=())])
    assert [(value.code, n) for value, n in one.chosen if isinstance(value, Coding)] == [
        ("a", 1),
        ("b", 2),
        ("c", 0),
    ]
    assert (one.answered, one.other, one.numbers) == (3, 1, ())


def test_yes_and_no_are_counted_and_free_words_only_as_answered() -> None:
    asked = form({"linkId": "ill", "type": "boolean"}, {"linkId": "why", "type": "text"})
    ill, why = tally(asked, [given(ill=True, why="secret"), given(ill=False), given(ill=True)])
    assert ill.chosen == ((True, 2), (False, 1))
    assert (why.answered, why.chosen, why.numbers) == (1, (), ())


def test_numbers_and_quantities_are_numbers() -> None:
    asked = form({"linkId": "n", "type": "integer"}, {"linkId": "q", "type": "quantity"})
    n, q = tally(asked, [given(n=3, q=Quantity(Decimal("38.5"))), given(n=5, gone="x")])
    assert (n.numbers, q.numbers) == ((3.0, 5.0), (38.5,))


def test_what_the_patient_does_not_answer_is_no_question() -> None:
    asked = form(
        {"linkId": "words", "type": "display"},
        {"linkId": "hidden", "type": "integer", "readOnly": True},
    )
    assert tally(asked, [given(hidden=1)]) == ()


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((), ()),
        ((3.0, 5.0, 3.0), (Bar(3, 3, 2), Bar(4, 4, 0), Bar(5, 5, 1))),
        ((36.5, 36.6, 37.4), (Bar(36.5, 36.6, 1), Bar(36.6, 36.7, 1))),
        ((0.0, 100.0), (Bar(0, 10, 1), Bar(10, 20, 0))),
    ],
)
def test_a_distribution_has_few_bars_of_round_width(
    numbers: tuple[float, ...], expected: tuple[Bar, ...]
) -> None:
    found = bars(numbers)
    assert found[: len(expected)] == expected
    assert len(found) <= 31
    assert sum(one.n for one in found) == len(numbers)


def test_scores_are_told_by_month() -> None:
    scores = [(date(2026, 10, 5), 4), (date(2026, 10, 30), 10), (date(2026, 11, 1), 7)]
    found = by_month([(on, Decimal(score)) for on, score in scores])
    assert [(one.month, one.n, one.mean, one.median) for one in found] == [
        (date(2026, 10, 1), 2, 7.0, 7.0),
        (date(2026, 11, 1), 1, 7.0, 7.0),
    ]
