"""A receipt file as a whole: which are taken, which are refused, and what is warned of."""

import pytest

from clinic.importer.types import Entry, Header, Issue
from tests.unit.clinic.importer.uke.making import (
    GO,
    HO,
    IR,
    issues,
    opening,
    parts,
    told,
    visits,
)

RECEIPT = (opening(), HO, visits(3))


def refusal(*lines: str) -> tuple[object, ...]:
    """The issue that refuses the file, which ends what is read of it."""
    found = parts(*lines)
    last = found[-1]
    assert isinstance(last, Issue)
    assert [part.severity for part in found if isinstance(part, Issue)].count("refuse") == 1
    return told(last)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ("refuse", "file_empty", 0, "", "")),
        (["", "\x1a"], ("refuse", "file_empty", 0, "", "")),
        (["ごみ,ごみ", "PK\x03\x04"], ("refuse", "no_institution", 0, "IR", "")),
        (RECEIPT, ("refuse", "no_institution", 1, "RE", "")),
        ([IR], ("refuse", "no_receipts", 0, "RE", "")),
        ([IR, GO], ("refuse", "no_receipts", 0, "RE", "")),
        (["IR,1,13,3,9999999"], ("refuse", "scheme_dental", 1, "IR", "点数表")),
        (["IR,1,13,4,9999999"], ("refuse", "scheme_dispensing", 1, "IR", "点数表")),
        (["IR,1,13,6,9999999"], ("refuse", "scheme_nursing", 1, "IR", "点数表")),
        (["IR,1,13,7,9999999"], ("refuse", "scheme_other", 1, "IR", "点数表")),
        (["IR"], ("refuse", "scheme_other", 1, "IR", "点数表")),
        (["UK,1", IR], ("refuse", "scheme_dental", 1, "UK", "")),
        ([IR, opening(), "HS,1", GO], ("refuse", "scheme_dental", 3, "HS", "")),
        ([IR, opening(), "SS,1", GO], ("refuse", "scheme_dental", 3, "SS", "")),
        (["YK,1"], ("refuse", "scheme_dispensing", 1, "YK", "")),
        ([IR, opening(), "CZ,1"], ("refuse", "scheme_dispensing", 3, "CZ", "")),
        (["HM,1"], ("refuse", "scheme_nursing", 1, "HM", "")),
        ([IR, opening(), HO, "BU,1", GO], ("refuse", "scheme_dpc", 4, "BU", "")),
        (["HI,1,202608", *RECEIPT], ("refuse", "returned", 1, "HI", "")),
        (["HR,1", *RECEIPT], ("refuse", "returned", 1, "HR", "")),
        (["1,1," + opening()], ("refuse", "returned", 1, "", "")),
    ],
)
def test_a_file_that_is_no_medical_claim_is_refused_with_the_reason(
    lines: list[str], expected: tuple[object, ...]
) -> None:
    assert refusal(*lines) == expected


def test_a_file_is_refused_when_most_of_its_receipts_are_bad() -> None:
    bad = opening(c6="")
    assert ("warn", "total_missing") in issues(parts(IR, opening(), bad))
    found = parts(IR, opening(), bad, bad)
    last = found[-1]
    assert isinstance(last, Issue)
    assert (last.severity, last.reason) == ("refuse", "mostly_rejected")
    assert last.values == {"rejected": 2, "receipts": 3}


def test_the_header_names_institution_claim_and_payer() -> None:
    assert isinstance(parts(IR)[0], Header)
    eras = parts("IR,2,13,１,９９９９９９９,,れい内科,50808,00,", *RECEIPT, GO)
    assert eras[0] == Header("uke", "9999999", parts(IR)[0].month, "2")  # type: ignore[union-attr]


def test_without_a_month_of_claim_receipts_have_no_version() -> None:
    found = parts(IR.replace("202608", ""), *RECEIPT, GO)
    assert issues(found) == [("warn", "claim_month")]
    assert [part.version for part in found if isinstance(part, Entry)] == [""]


def test_files_put_behind_each_other_are_read_as_one() -> None:
    second = IR.replace("IR,1", "IR,2").replace("202608", "202609")
    found = parts(IR, *RECEIPT, GO, second, *RECEIPT, GO)
    assert [part.payer for part in found if isinstance(part, Header)] == ["1", "2"]
    assert [p.version for p in found if isinstance(p, Entry)] == ["2026-08", "2026-09"]
    assert issues(found) == []


# Totals -----------------------------------------------------------------------------------------


def test_the_total_counts_payers_not_receipts() -> None:
    public = "KO,54136015,7654321,,1,520"
    assert issues(parts(IR, opening(c2="1122"), HO, public, visits(3), "GO,2,520,99")) == []
    assert issues(parts(IR, opening(c2="1212"), public, visits(3), "GO,1,520,99")) == []


def test_a_total_that_does_not_fit_is_warned_of_and_nothing_is_refused() -> None:
    found = parts(IR, *RECEIPT, "GO,2,,99")
    count, points = (part for part in found if isinstance(part, Issue))
    assert told(count) == ("warn", "total_differs", 5, "GO", "総件数")
    assert count.values == {"told": 2, "found": 1}
    assert told(points) == ("warn", "total_differs", 5, "GO", "総合計点数")
    assert points.values == {"found": 520}


def test_rejected_receipts_count_in_the_total() -> None:
    found = parts(IR, *RECEIPT, opening(c6=""), HO, "GO,2,1040,99")
    assert issues(found) == [("reject", "birth_date")]


def test_a_file_without_its_total_is_probably_cut_off() -> None:
    found = parts(IR, *RECEIPT)
    assert len([part for part in found if isinstance(part, Entry)]) == 1
    last = found[-1]
    assert isinstance(last, Issue)
    assert told(last) == ("warn", "total_missing", 4, "GO", "")
    assert issues(parts(IR, *RECEIPT, GO, *RECEIPT)) == [("warn", "total_missing")]


# What is not used -------------------------------------------------------------------------------


def test_records_of_no_use_are_warned_of_once_a_kind() -> None:
    strange = ("TR,1", "ZZ,見本太郎", "TR,2", "ZZ,2", "xx,1", "見本太郎", "HR,1", "1,1,RE,1")
    found = parts(IR, HO, HO, opening(), *strange, HO, visits(3), *strange, GO)
    assert [told(part) for part in found if isinstance(part, Issue)] == [
        ("warn", "record_misplaced", 2, "HO", ""),
        ("warn", "record_passed_over", 5, "TR", ""),
        ("warn", "record_unknown", 6, "ZZ", ""),
        ("warn", "record_unknown", 9, "", ""),
        ("warn", "record_passed_over", 11, "HR", ""),
    ]
    assert len([part for part in found if isinstance(part, Entry)]) == 1


def test_notes_of_a_receipt_are_passed_over_in_silence() -> None:
    notes = ("MF,00,1", "SJ,01,症状", "SJ,,続き", "CO,99,1,810000001,見本")
    assert issues(parts(IR, opening(), HO, *notes, visits(3), GO)) == []


def test_quotes_control_characters_and_end_marks_are_taken_out() -> None:
    found = parts(
        IR, opening(c4='"見本\x00太郎"', c36='"ミホン"'), HO, visits(3) + "\r", GO, "\x1a"
    )
    (receipt,) = (part for part in found if isinstance(part, Entry))
    assert receipt.person.name == "見本太郎"
    assert issues(found) == [("warn", "control_characters")]
    assert issues(parts(IR, opening(c4='"見本"'), opening(c4='"見本"'), "GO,0,0")) == [
        ("warn", "quotes")
    ]


def test_a_receipt_that_never_ends_is_rejected_and_not_kept_in_memory() -> None:
    found = parts(IR, *RECEIPT, *["CO,99,1,810000001,"] * 10_000, *RECEIPT, *RECEIPT, "GO,3,1560")
    assert ("reject", "receipt_long") in issues(found)
    assert len([part for part in found if isinstance(part, Entry)]) == 2


def test_a_word_of_any_length_is_cut_and_a_number_of_any_length_is_none() -> None:
    found = parts(IR, opening(c4="見" * 5000), "HO,1,2,3," + "9" * 5000, visits(3), "GO,1,0")
    (receipt,) = (part for part in found if isinstance(part, Entry))
    assert (len(receipt.person.name), receipt.visit_count) == (80, None)
