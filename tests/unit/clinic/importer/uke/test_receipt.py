"""What a receipt says: who, when, which diseases, acts and drugs."""

from datetime import date
from typing import Any

import pytest

from clinic.importer.types import (
    Condition,
    Encounter,
    Entry,
    Header,
    Issue,
    Person,
    Procedure,
    Supply,
)
from tests.unit.clinic.importer.uke.making import (
    EXAMPLE,
    GO,
    HO,
    IR,
    care,
    claim,
    entry,
    issues,
    opening,
    parts,
    told,
    visits,
)

THIRD, SEVENTEENTH = date(2026, 7, 3), date(2026, 7, 17)
# Eras' years and the western ones of the same days.
ERA = {"c3": "50807", "c6": "3350115"}


def days(of: Entry) -> list[int]:
    return [encounter.on.day for encounter in of.encounters]


def test_the_example_is_read_as_written() -> None:
    header, receipt = parts(*EXAMPLE.splitlines())
    assert header == Header("uke", "9999999", date(2026, 8, 1), "1")
    assert isinstance(receipt, Entry)
    assert receipt.key.startswith("uke:2026-07:")
    assert receipt.key.endswith(":out")
    assert "01130012" not in receipt.key
    assert receipt == Entry(
        key=receipt.key,
        person=Person(
            chart="00042",
            name="見本　太郎",
            kana="ミホンタロウ",
            birth_on=date(1960, 1, 15),
            sex="male",
            insurer="01130012",
            insured="12/34/00",
        ),
        line=2,
        version="2026-08",
        month=date(2026, 7, 1),
        encounters=(Encounter(THIRD), Encounter(SEVENTEENTH)),
        visit_count=2,
        conditions=(
            Condition("8833421", main=True, started_on=date(2024, 6, 10)),
            Condition("2500015", suspected=True, started_on=THIRD, modifiers=("8002",)),
        ),
        procedures=(
            Procedure("112007410", THIRD, 1, 76),
            Procedure("112007410", SEVENTEENTH, 1, 76),
            Procedure("113707110", THIRD, 1, 333),
        ),
        supplies=(Supply("620098801", THIRD, 14), Supply("620098801", SEVENTEENTH, 28)),
        points=520,
    )


def test_a_file_by_eras_says_the_same_as_one_by_western_years() -> None:
    disease, by_era = "SY,8833421,20240610,1,,,01,", "SY,8833421,5060610,1,,,01,"
    western = parts(IR, opening(), HO, disease, visits(3), GO)
    era = parts(IR.replace("202608", "50808"), opening(**ERA), HO, by_era, visits(3), GO)
    assert era == western


@pytest.mark.parametrize(
    ("change", "reason", "column"),
    [
        ({"c3": ""}, "treatment_month", "診療年月"),
        ({"c3": "患者Ａ"}, "treatment_month", "診療年月"),
        ({"c3": "202613"}, "treatment_month", "診療年月"),
        ({"c6": "00000000"}, "birth_date", "生年月日"),
        ({"c6": "20240230"}, "birth_date", "生年月日"),
        ({"c6": "20260801"}, "birth_after_treatment", "生年月日"),
        ({"c6": "19000701"}, "too_old", "生年月日"),
        ({"c4": "", "c36": "　"}, "name_missing", "氏名"),
    ],
)
def test_a_receipt_without_month_birth_or_name_is_rejected_and_the_next_is_not(
    change: dict[str, str], reason: str, column: str
) -> None:
    found = parts(IR, opening(), HO, visits(3), opening(**change), HO, visits(3), opening(), HO)
    assert len([part for part in found if isinstance(part, Entry)]) == 2
    (rejected,) = (p for p in found if isinstance(p, Issue) and p.severity == "reject")
    assert told(rejected) == ("reject", reason, 5, "RE", column)
    assert rejected.values == {}


def test_a_shortened_receipt_is_rejected_not_guessed_at() -> None:
    found = parts(IR, "RE,1,1112,患者A,1,3500615")
    assert ("reject", "treatment_month") in issues(found)
    assert not [part for part in found if isinstance(part, Entry)]


def test_what_trails_may_be_cut_and_the_chart_number_may_be_missing() -> None:
    found = claim("SY,8833421,20240610", "SI,12,1,112007410,,76,1,,,,,,,,,1",
                  head="RE,1,1112,202607,見本　太郎,1,19600115", insurance="HO,,,,1")  # fmt: skip
    receipt = entry(found)
    assert (receipt.person.chart, receipt.person.kana, receipt.person.insured) == ("", "", "")
    assert days(receipt) == [3]
    assert receipt.points is None
    assert issues(found) == []


@pytest.mark.parametrize(
    ("name", "kana", "expected"),
    [
        ("ミホン　タロウ", "", ("ミホン　タロウ", "ミホン　タロウ", True)),
        ("ﾐﾎﾝ ﾀﾛｳ", "ミホンタロウ", ("ﾐﾎﾝ ﾀﾛｳ", "ミホンタロウ", True)),
        ("髙橋　﨑", "タカハシサキ", ("髙橋　﨑", "タカハシサキ", False)),
        ("", "ミホンタロウ", ("", "ミホンタロウ", False)),
    ],
)
def test_a_name_that_is_only_kana_is_marked(
    name: str, kana: str, expected: tuple[str, str, bool]
) -> None:
    person = entry(claim(visits(3), head=opening(c4=name, c36=kana))).person
    assert (person.name, person.kana, person.kana_only) == expected


def test_an_unknown_sex_or_type_is_warned_of_and_kept() -> None:
    found = claim(visits(3), head=opening(c5="3", c2="9"))
    assert issues(found) == [("warn", "receipt_type"), ("warn", "sex")]
    assert entry(found).person.sex is None
    assert entry(found).setting == "outpatient"


# Who pays, and what makes a receipt the same one ------------------------------------------------


def keys(*changes: dict[str, Any]) -> set[str]:
    return {entry(claim(visits(3), **change)).key for change in changes}


def test_the_key_is_the_same_when_the_receipt_is_claimed_anew() -> None:
    again = "HO,01130012, 12,０３４,1,999"
    assert len(keys({}, {"head": opening(c1="77", c2="1122")}, {"insurance": again})) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"head": opening(c3="202608")},
        {"head": opening(c2="1111")},
        {"insurance": "HO,01130013,１２,３４,1,520"},
        {"insurance": "HO,01130012,１３,３４,1,520"},
        {"insurance": "HO,01130012,１２,３５,1,520"},
    ],
)
def test_the_key_differs_by_month_insurer_number_and_setting(change: dict[str, Any]) -> None:
    assert len(keys({}, change)) == 2


def test_an_insurer_number_padded_with_spaces_is_stripped() -> None:
    found = claim(visits(3), insurance="HO,  138057,１２,６４４０７１８,1,520")
    assert entry(found).person.insurer == "138057"
    assert entry(found).person.insured == "12/6440718/"


def test_a_public_payer_stands_in_where_it_pays_alone() -> None:
    receipt = entry(
        claim(visits(3, 4), head=opening(c2="1212"), insurance="KO,12131234,7654321,,2,88")
    )
    assert (receipt.person.insurer, receipt.person.insured) == ("12131234", "/7654321/")
    assert (receipt.visit_count, receipt.points) == (2, 88)


def test_the_branch_is_that_of_the_insurance() -> None:
    receipt = entry(claim("SN,2,01,,,,77,,", "SN,1,01,,,,02,,", visits(3)))
    assert receipt.person.insured == "12/34/02"


# Visits -----------------------------------------------------------------------------------------


def test_visits_are_the_days_of_all_acts_drugs_and_devices() -> None:
    found = claim(
        visits(3),
        care("IY", "620098801", {9: 14}, "21"),
        care("TO", "710010001", {12: 1}, "14"),
        insurance="HO,01130012,１２,３４,3,520",
    )
    assert days(entry(found)) == [3, 9, 12]
    assert issues(found) == []


def test_a_visit_that_jd_does_not_count_is_none() -> None:
    first, second = "JD,1,,,1,,2,,9,,,", "JD,2,,,,,,,,,1,"
    found = claim(first, second, visits(3, 5, 7), insurance="HO,01130012,１２,３４,2,520")
    assert days(entry(found)) == [3, 9]
    assert issues(found) == []


@pytest.mark.parametrize("order", [1, -1])
def test_a_visit_that_one_payer_counts_is_one(order: int) -> None:
    payers = ["JD,1,,,1", "JD,2,,,2"][::order]
    assert days(entry(claim(*payers, visits(3)))) == [3]


def test_an_empty_jd_says_nothing() -> None:
    assert days(entry(claim("JD,1" + "," * 31, visits(3)))) == [3]


def test_days_that_do_not_fit_the_count_are_warned_of_and_kept() -> None:
    found = claim(visits(3, 5))
    assert days(entry(found)) == [3, 5]
    (issue,) = (part for part in found if isinstance(part, Issue))
    assert told(issue) == ("warn", "visits_differ", 3, "HO", "診療実日数")
    assert issue.values == {"told": 1, "found": 2}


def test_a_receipt_from_before_days_were_told_has_a_count_only() -> None:
    found = claim(care("SI", "112007410", {}, count="2"), insurance="HO,01130012,１２,３４,2,520")
    receipt = entry(found)
    assert (receipt.encounters, receipt.visit_count) == ((), 2)
    assert receipt.procedures == (Procedure("112007410", None, 2, 10),)
    assert issues(found) == [("warn", "days_unknown")]


def test_a_day_that_the_month_does_not_have_is_left_out() -> None:
    found = claim(care("SI", "112007410", {3: 1, 4: "あ", 5: 0, 31: 1}),
                  head=opening(c3="202606"))  # fmt: skip
    assert days(entry(found)) == [3]
    assert issues(found) == [("warn", "day_value")]


@pytest.mark.parametrize("kind", ["1111", "1113", "1115", "1117", "1119", "1211"])
def test_a_stay_makes_no_outpatient_visit(kind: str) -> None:
    found = claim(visits(3, 4), head=opening(c2=kind, c8="20260702"))
    receipt = entry(found)
    assert receipt.setting == "inpatient"
    assert receipt.key.endswith(":in")
    assert [e.setting for e in receipt.encounters] == ["inpatient"] * 3
    assert days(receipt) == [2, 3, 4]
    assert issues(found) == []


@pytest.mark.parametrize("kind", ["1112", "1114", "1116", "1118", "1110", "1212", "1310"])
def test_any_other_type_is_outpatient(kind: str) -> None:
    assert entry(claim(visits(3), head=opening(c2=kind))).setting == "outpatient"


def test_a_stay_since_an_earlier_month_begins_with_no_day_of_its_own() -> None:
    receipt = entry(claim(visits(3), head=opening(c2="1111", c8="20260602")))
    assert days(receipt) == [3]


def test_two_receipts_of_a_month_are_two_entries() -> None:
    second = "HO,06139992,１,２,1,100"
    found = parts(IR, opening(), HO, visits(3), opening(c1="2"), second, visits(20), "GO,2,620,99")
    entries = [part for part in found if isinstance(part, Entry)]
    assert [days(one) for one in entries] == [[3], [20]]
    assert len({one.key for one in entries}) == 2
    assert issues(found) == []
