"""What a receipt says of diseases, medicine and points."""

from datetime import date

import pytest

from clinic.importer.types import (
    Condition,
    Issue,
    Procedure,
)
from tests.unit.clinic.importer.uke.making import (
    care,
    claim,
    entry,
    told,
    visits,
)

THIRD, SEVENTEENTH = date(2026, 7, 3), date(2026, 7, 17)
# Eras' years and the western ones of the same days.
ERA = {"c3": "50807", "c6": "3350115"}


# Diseases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("SY,8833421,20240610,2,,,,", Condition("8833421", outcome="cured")),
        ("SY,8833421,20240610,3,,,1,", Condition("8833421", outcome="died", main=True)),
        ("SY,8833421,20240610,4,,,,", Condition("8833421", outcome="stopped")),
        ("SY,８８３３４２１,20240610,１,,,０１,", Condition("8833421", main=True)),
        (
            "SY,8833421,20240610,1,10118002,,,",
            Condition("8833421", suspected=True, modifiers=("1011", "8002")),
        ),
        ("SY,8833421,20240610,1,0800,,,", Condition("8833421", modifiers=("0800",))),
        ("SY,8833421,20240610,1,,別の名,,", Condition("8833421")),
        ("SY,0000999,20240610,1,,珍しい病,,", Condition("0000999", name="珍しい病")),
    ],
)
def test_a_disease_is_read(line: str, expected: Condition) -> None:
    (condition,) = entry(claim(line, visits(3))).conditions
    assert condition == Condition(
        **{f: getattr(expected, f) for f in Condition.__slots__ if f != "started_on"},
        started_on=date(2024, 6, 10),
    )


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        ("SY,8833421,20241310,1,,,,", "disease_start", "診療開始日"),
        ("SY,8833421,,1,,,,", "disease_start", "診療開始日"),
        ("SY,8833421,20260801,1,,,,", "disease_start", "診療開始日"),
        ("SY,8833421,19591231,1,,,,", "disease_start", "診療開始日"),
        ("SY,8833421,20240610,7,,,,", "outcome", "転帰区分"),
        ("SY,8833421,20240610,1,800210,,,", "modifiers", "修飾語コード"),
        ("SY,8833421,20240610,1,8002疑疑疑い,,,", "modifiers", "修飾語コード"),
        ("SY,高血圧,20240610,1,8002,高血圧,,", "disease_code", "傷病名コード"),
    ],
)
def test_a_disease_with_a_bad_column_is_kept_with_a_warning(
    line: str, reason: str, column: str
) -> None:
    found = claim(visits(3), line)
    assert len(entry(found).conditions) == 1
    assert [told(part) for part in found if isinstance(part, Issue)] == [
        ("warn", reason, 5, "SY", column)
    ]
    if "8002" in line:
        assert entry(found).conditions[0].suspected


def test_a_disease_without_code_and_name_is_left_out() -> None:
    assert entry(claim("SY,高血圧,20240610,1", visits(3))).conditions == ()


@pytest.mark.parametrize(
    ("outcomes", "died", "moved"),
    [
        ("", False, False),
        ("11", False, False),
        ("2", False, False),
        ("13", True, False),
        ("4", False, True),
        ("424", False, True),
        ("41", False, False),
        ("43", True, False),
    ],
)
def test_death_and_transfer_are_told_by_the_outcomes(
    outcomes: str, died: bool, moved: bool
) -> None:
    diseases = [f"SY,8833421,20240610,{outcome},,,," for outcome in outcomes]
    person = entry(claim(*diseases, visits(3))).person
    assert (person.deceased, person.moved) == (died, moved)


def test_a_death_is_heard_even_if_the_disease_cannot_be_read() -> None:
    assert entry(claim("SY,,,3", visits(3))).person.deceased


# Acts and drugs ---------------------------------------------------------------------------------


def test_days_of_supply_are_those_of_drugs_taken_by_mouth() -> None:
    lines = (
        care("IY", "620000001", {3: 14}, "21"),
        care("IY", "620000002", {3: 12, 17: 28}, ""),  # of the same unit
        care("IY", "620000003", {3: 10}, "22"),
        care("IY", "620000004", {3: 1}, "23"),
        care("IY", "620000005", {3: 1}, "31"),
    )
    supplies = entry(claim(*lines)).supplies
    assert [(supply.code[-1], supply.on.day, supply.days) for supply in supplies] == [
        ("1", 3, 14),
        ("2", 3, 12),
        ("2", 17, 28),
        ("3", 3, None),
        ("4", 3, None),
        ("5", 3, None),
    ]


def test_a_unit_may_be_opened_by_its_comment_or_by_an_act() -> None:
    drug = care("IY", "620000001", {3: 14}, "")
    for first in ("CO,21,1,810000001,食後", care("SI", "120000710", {3: 1}, "21")):
        assert entry(claim(first, "CO,99,1,810000001,全体", drug)).supplies[0].days == 14


def test_a_supply_of_more_than_half_a_year_is_doubted() -> None:
    found = claim(care("IY", "620000001", {3: 180, 4: 181}, "21"), insurance="HO,1,2,3,2,520")
    assert [supply.days for supply in entry(found).supplies] == [180, None]
    (issue,) = (part for part in found if isinstance(part, Issue))
    assert told(issue) == ("warn", "supply_long", 4, "IY", "算定日")
    assert issue.values == {"day": 4, "days": 181}


@pytest.mark.parametrize("code", ["120005010", "120005710", "120002910"])
def test_a_prescription_is_an_act_without_days_of_supply(code: str) -> None:
    receipt = entry(claim(visits(3), care("SI", code, {3: 1}, "80", "60")))
    assert receipt.supplies == ()
    assert receipt.procedures[-1] == Procedure(code, THIRD, 1, 60)


@pytest.mark.parametrize(
    ("kind", "reason", "column"),
    [("SI", "act_code", "診療行為コード"), ("IY", "drug_code", "医薬品コード")],
)
def test_care_without_a_code_still_counts_as_a_visit(kind: str, reason: str, column: str) -> None:
    found = claim(care(kind, "見本太郎", {3: 1}, "21"))
    receipt = entry(found)
    assert ([one.on.day for one in receipt.encounters], receipt.procedures, receipt.supplies) == (
        [3],
        (),
        (),
    )
    assert [told(part) for part in found if isinstance(part, Issue)] == [
        ("warn", reason, 4, kind, column)
    ]


def test_points_stand_where_the_file_has_them() -> None:
    lines = (
        care("SI", "160008010", {3: 1}, "60", ""),
        care("SI", "160010010", {3: 2}, "", "49"),
        care("SI", "160000310", {3: 1}, "", "0"),
    )
    acts = entry(claim(*lines)).procedures
    assert [(act.count, act.points) for act in acts] == [(1, None), (2, 49), (1, 0)]
