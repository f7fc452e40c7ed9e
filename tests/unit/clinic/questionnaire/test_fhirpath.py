"""The language of expressions: as fhirpathpy has it where that is right, and within bounds."""

import copy
import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models
from time_machine import travel

from clinic.questionnaire.expressions import Budget, Fault, evaluate
from clinic.questionnaire.fhirpath import Amount, Moment, Unsupported, parse
from tests.unit.clinic.questionnaire.making import HL7

ORDINAL = f"{HL7}ordinalValue"


def code(name: str, score: int) -> dict[str, Any]:
    extension = [{"url": ORDINAL, "valueDecimal": score}]
    return {"valueCoding": {"extension": extension, "system": "urn:s", "code": name}}


RESPONSE: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "status": "in-progress",
    "item": [
        {"linkId": "n", "answer": [{"valueInteger": 3}]},
        {"linkId": "m", "answer": [{"valueInteger": 4}, {"valueInteger": 8}]},
        {"linkId": "x", "answer": [{"valueDecimal": Decimal("1.5")}]},
        {"linkId": "b", "answer": [{"valueBoolean": False}]},
        {"linkId": "s", "answer": [{"valueString": "Ab c"}]},
        {"linkId": "d", "answer": [{"valueDate": "1980-05-05"}]},
        {"linkId": "c", "answer": [code("one", 1), code("three", 3)]},
        {"linkId": "w", "answer": [{"valueQuantity": {"value": 70, "code": "kg"}}]},
        {"linkId": "g", "item": [{"linkId": "n", "answer": [{"valueInteger": 5}]}]},
    ],
}


class Names:
    """%resource, and two numbers."""

    def value_of(self, name: str) -> Sequence[Any]:
        return {"resource": [RESPONSE], "h": [Decimal("1.75")], "k": [70], "none": []}[name]


def ours(source: str) -> Any:
    found = evaluate(parse(source), [RESPONSE], Names(), date(2026, 11, 22), Budget())
    return list(found) if not isinstance(found, Fault) else found


def value(link_id: str) -> str:
    return f"%resource.item.where(linkId='{link_id}').answer.value"


ALIKE = [
    value("n"), value("b"), value("s"), "item.linkId", "item[1].linkId", "item[99]",
    f"{value('n')} + 1", f"{value('x')} * 2", f"{value('n')} / 2", "7 div 2", "7 mod 2", "-7 div 2",
    "1.1 + 2.2", "2 * -3", "1 - 2 - 3", "2 + 3 * 4", "(2 + 3) * 4", "'a' + 'b'", "'a' & {} & 'c'",
    f"{value('n')} > 2", f"{value('n')} <= 2", "3 > {}", "1 = 1.0", "1 != 2", "'a' = 'A'",
    "'a' ~ 'A'", "(1 | 2) = (1 | 2)", "1 = {}", "{} = {}",
    "true and {}", "false and {}", "true or {}", "{} or {}", "true xor false", "{} implies true",
    "false implies {}", "true implies false", "true.not()", "{}.not()",
    "1 in (1 | 2)", "(1 | 2) contains 3", "1 | 1 | 2",
    "item.exists()", "item.where(linkId='zz').exists()", "item.where(linkId='zz').empty()",
    "item.exists(linkId='n')", "item.all(answer.exists())", "item.count()",
    f"{value('m')}.count()", f"{value('m')}.first()", f"{value('m')}.last()",
    "item.linkId.tail().first()", "item.linkId.skip(2).take(1)", "item.linkId.distinct().count()",
    "(1 | 2 | 3).intersect(2 | 3)", "(1 | 2 | 3).exclude(2)", "(1 | 2).union(2 | 3)",
    "(1 | 2).combine(2 | 3).count()", "item.linkId.isDistinct()",
    "iif(true, 1, 2)", "iif(false, 1, 2)", "iif({}, 1, 2)", "iif(false, 1)",
    "'abc'.substring(1)", "'abc'.substring(1, 1)", "'abc'.substring(9)", "'abc'.length()",
    "'abc'.startsWith('a')", "'abc'.endsWith('a')", "'abc'.contains('b')", "'abc'.indexOf('c')",
    "'Ab'.upper()", "'Ab'.lower()", "' a '.trim()", "'a-b'.replace('-', '+')",
    "'a,b'.split(',')", "('a' | 'b').join('-')", "'ab'.toChars()",
    "'5'.toInteger()", "'x'.toInteger()", "'1.5'.toDecimal()", "5.toString()", 
    "'true'.toBoolean()", "1.toBoolean()",
    "(-3).abs()", "1.2.ceiling()", "1.8.floor()", "1.8.truncate()", "9.sqrt()", "(-1).sqrt()",
    "2.power(3)", "2.power(-1)", "100.log(10).round(5)", "1.exp().round(5)", "5.ln().round(5)",
    "1.25.round(0)", "(%k / %h.power(2)).round(1)",
    "(1 | 2 | 3).aggregate($this + $total, 0)", "(1 | 2 | 3).sum()", "(1 | 2 | 3).min()",
    "(1 | 2 | 3).select($this * 2)", "(1 | 2 | 3).where($this > 1)", "item.select($index).last()",
    "@2026-01-01 < @2026-02-01", "@2026 < @2027", "@T10:00 < @T11:00",
    "today()", "today() > @2020-01-01", "today() - 18 years", "@2024-02-29 + 1 year",
    "@2026-01-31 + 1 month", "@2026-01-01 + 2 weeks", "@2026-01-01 - 1 day",
    f"{value('d')} < today()", f"{value('d')} = @1980-05-05",
    f"{value('c')}.code", f"{value('c')}.where(code = 'one').exists()",
    f"{value('n')} is integer", f"{value('s')} is string", f"{value('m')}.ofType(integer).count()",
    f"({value('n')} as integer) + 1", f"{value('w')}.value",
    "%resource.descendants().where(linkId='n').count()", "repeat(item).count()",
    "'it\\'s'", "`item`.count() // a comment", "/* one */ 1",
]  # fmt: skip


def _plain(found: Any) -> Any:
    if isinstance(found, Moment):
        return found.text
    if isinstance(found, bool) or not isinstance(found, int | Decimal | float):
        return str(found) if not isinstance(found, bool | str) else found
    return round(float(found), 5)


@pytest.mark.parametrize("source", ALIKE)
def test_it_says_what_fhirpathpy_says(source: str) -> None:
    names = {"resource": copy.deepcopy(RESPONSE), "h": Decimal("1.75"), "k": 70, "none": []}
    with travel("2026-11-22T12:00:00", tick=False):
        theirs = fhirpathpy.evaluate(copy.deepcopy(RESPONSE), source, names, models["r4"])
    found = ours(source)
    assert not isinstance(found, Fault), found
    assert [_plain(one) for one in found] == [_plain(one) for one in theirs]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Where fhirpathpy fails.
        (f"{value('m')}.sum()", [12]),
        (f"{value('m')}.avg()", [Decimal(6)]),
        (f"{value('m')}.max()", [8]),
        (f"{value('m')}.min()", [4]),
        (f"{value('c')}.ordinal().sum()", [4]),
        (f"{value('c')}.weight().max()", [3]),
        (f"{value('c')}.extension('{ORDINAL}').value.sum()", [4]),
        ("%resource.answers().count()", [11]),
        ("%resource.repeat(item | answer).where(linkId='n').count()", [2]),
        (f"{value('w')} > 60 'kg'", [True]),
        (f"{value('w')} = 70000 'g'", [True]),
        ("5 'mg' < 3 'mg'", [False]),
        ("2.5.round(0)", [Decimal(3)]),
        ("(1 | 2) ~ (2 | 1)", [True]),
        ("true.toString()", ["true"]),
        ("'\\u00e9'", ["é"]),
        (f"{value('n')} is Integer", [True]),
        # What it does not have, or has otherwise.
        ("2 * 3 'kg'", [Amount(Decimal(6), "kg")]),
        ("3 'kg' + 500 'g'", [Amount(Decimal("3.5"), "kg")]),
        ("6 'kg' / 2", [Amount(Decimal(3), "kg")]),
        ("6 'kg' / 3 'kg'", [Decimal(2)]),
        ("now() > @2020-01-01", [True]),
        ("'a1'.matches('[0-9]')", [True]),
        ("'a'.matches('(a+)+$')", [True]),
        ("1 / 0", []),
        ("0.ln()", []),
        ("@2026 = @2026-05", []),
        ("{}.sum()", [0]),
        ("'x'.toQuantity()", Fault("a number is expected")),
        ("%none.exists()", [False]),
        ("'2026-05-01'.toDate()", [Moment("date", "2026-05-01")]),
        ("'2026-05-01T10:00:00Z'.toDateTime() > @2026-01-01", [True]),
        ("true.hasValue()", [True]),
        ("(1 | 2).single()", Fault("several items where one is expected")),
        (f"{value('w')} * 2 = 140 'kg'", [True]),
        ("item.children().count() > 9", [True]),
        ("QuestionnaireResponse.item.count()", [9]),
        ("(true | true).allTrue()", [True]),
        ("(true | false).anyFalse() and (true | false).anyTrue()", [True]),
        ("false.allFalse()", [True]),
        ("5 'a' ~ 5 'a'", [True]),
        ("1 !~ 2", [True]),
    ],
)
def test_it_is_right_where_fhirpathpy_is_not(source: str, expected: Any) -> None:
    assert ours(source) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("%unknown", "is not known"),
        ("1 + 'a'", "a number is expected"),
        ("'a' < 1", "between different kinds"),
        ("5 'kg' + 3 'm'", "between kg and m"),
        ("5 'kg' + 3", "between a quantity and a number"),
        ("today() + 3", "years, months"),
        ("today() + 3 'kg'", "cannot be added"),
        ("today() - 9999 years", "outside the calendar"),
        ("1000.exp()", "too large"),
        ("10.power(70)", "too large"),
        ("9.power(9).power(9).power(9)", "too large"),
        ("1.round(99)", "round()"),
        ("'a'.matches('(')", "matches()"),
        ("'a'.substring('b').length().take('x')", "whole number"),
        ("(1 | 2) + 1", "several items"),
        ("(1 | 2) in (1 | 2)", "several items"),
        ("'a'.abs()", "a number is expected"),
        ("1.length()", "a string is expected"),
        ("'aaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaa')" * 20, "a text is too long"),
        ("'a'" + ".select($this & $this)" * 30, "a text is too long"),
        ("item" + ".combine(item)" * 100 + ".combine(item).distinct()", "too many steps"),
        ("%resource" + ".descendants().select(%resource" * 4 + ")" * 4, "too many steps"),
        (
            "item.select(%resource.descendants().where('a'.matches('a')))",
            "too many steps",
        ),
        ("(1|2|3)" + ".select((1|2|3)" * 12 + ".select($this)" + ")" * 12, "too many steps"),
    ],
)
def test_what_goes_wrong_is_a_fault_with_a_reason(source: str, reason: str) -> None:
    begun = time.thread_time()
    found = ours(source)
    assert isinstance(found, Fault)
    assert reason in found.reason
    assert time.thread_time() - begun < 2


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("(1", "')' is missing"),
        ("1 2", "'2' is not expected"),
        ("a.1", "not expected"),
        ("'open", "not expected"),
        (")", "not expected"),
        ("{1", "missing"),
        ("resolve()", "resolve() is not supported"),
        ("a.memberOf('x')", "memberOf() is not supported"),
        ("today(1)", "today() with 1 arguments"),
        ("@2026-1", "no date or time"),
        ("9" * 40, "more than 30 digits"),
        ("(" * 300 + "1" + ")" * 300, "nested too deeply"),
        ("1" + "+1" * 1500, "nested too deeply"),
        ("a" + ".b" * 1500, "nested too deeply"),
        ("-" * 3000, "ends too early"),
        ("1" * 5000, "longer than"),
        ("a[1", "']' is missing"),
        ("iif(true 1)", "',' is missing"),
    ],
)
def test_what_is_outside_the_language_is_named(source: str, reason: str) -> None:
    with pytest.raises(Unsupported) as refusal:
        parse(source)
    assert reason in str(refusal.value)


def test_a_hyphen_belongs_to_a_name_only_if_it_was_declared_so() -> None:
    assert parse("%has-fever", {"has-fever"}).names == {"has-fever"}
    assert parse("%has-fever").names == {"has"}
    assert parse("%`has-fever`").names == {"has-fever"}
