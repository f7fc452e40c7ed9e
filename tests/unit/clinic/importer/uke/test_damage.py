"""Damaged, cut and shuffled files: nothing raises, and no issue repeats a word of the file."""

import re
from dataclasses import replace
from datetime import date
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.importer.sample import receipts
from clinic.importer.types import Entry, Issue, Part
from clinic.importer.uke import read
from tests.unit.clinic.importer.uke.making import EXAMPLE, GO, HO, IR, opening, visits

COLUMNS = {
    *("", "点数表", "請求年月", "レセプト種別", "診療年月", "氏名", "男女区分", "生年月日"),
    *("診療実日数", "傷病名コード", "診療開始日", "転帰区分", "修飾語コード", "診療行為コード"),
    *("医薬品コード", "算定日", "受診日等", "総件数", "総合計点数"),
}
KINDS = [
    *("IR", "RE", "HO", "KO", "SN", "JD", "MF", "SY", "SI", "IY", "TO", "CO", "SJ", "GO"),
    *("GR", "HI", "UK", "BU", "ZZ"),
]
WORD = st.text(alphabet=st.characters(), max_size=9) | st.sampled_from(
    ["", "1", "2", "9", "21", "8002", "202607", "19600115", "8833421", "620098801", "112007410"]
)
LINE = st.tuples(st.sampled_from(KINDS), st.lists(WORD, max_size=45)).map(
    lambda line: ",".join((line[0], *line[1]))
)
thorough = settings(derandomize=True, deadline=None, max_examples=300)


@cache
def sample() -> bytes:
    return b"".join(receipts(12, date(2026, 7, 1), seed=5))


def of_bytes(data: bytes) -> list[Part]:
    """Read as decoded line by line, whatever the bytes are."""
    lines = re.split(r"\r\n|\r|\n", data.decode("cp932", "replace"))
    return list(read(enumerate(lines, 1)))


def entries(found: list[Part]) -> list[Entry]:
    return [part for part in found if isinstance(part, Entry)]


def assert_wordless(found: list[Part]) -> None:
    """Issues hold a reason, a kind of record, a column of the format, and numbers."""
    for part in found:
        if isinstance(part, Issue):
            assert re.fullmatch("[a-z_]+", part.reason)
            assert re.fullmatch("|[A-Z]{2}", part.record)
            assert part.column in COLUMNS
            assert all(isinstance(value, int) for value in part.values.values())
            assert set(part.values) <= {"told", "found", "day", "days", "rejected", "receipts"}


@thorough
@given(st.integers(0, 1 << 20))
def test_a_file_cut_anywhere_gives_the_receipts_before_the_cut(at: int) -> None:
    data = sample()[: at % len(sample())]
    whole, found = entries(of_bytes(sample())), of_bytes(data)
    assert_wordless(found)
    assert entries(found)[:-1] == whole[: max(len(entries(found)) - 1, 0)]
    assert any(issue for issue in found if isinstance(issue, Issue))


@thorough
@given(st.permutations(EXAMPLE.splitlines()))
def test_records_in_any_order_raise_nothing(lines: list[str]) -> None:
    assert_wordless(list(read(enumerate(lines, 1))))


@thorough
@given(st.permutations([HO, visits(3), "SY,8833421,20240610,1", "SN,1,01,,,,00", "JD,1,,,1", "MF"]))
def test_the_order_of_a_receipts_records_means_nothing(records: list[str]) -> None:
    (found,) = entries(list(read(enumerate([IR, opening(), *records, GO], 1))))
    (usual,) = entries(list(read(enumerate([IR, opening(), *sorted(records), GO], 1))))
    assert found == usual


@thorough
@given(st.lists(LINE, max_size=20), st.booleans())
def test_records_of_any_words_raise_nothing(lines: list[str], framed: bool) -> None:
    if framed:
        lines = [IR, opening(), HO, *lines, GO]
    found = list(read(enumerate(lines, 1)))
    assert_wordless(found)
    for one in entries(found):
        assert one.month is not None
        assert all(seen.on.replace(day=1) == one.month for seen in one.encounters)


@thorough
@given(st.binary(max_size=400))
def test_any_bytes_raise_nothing(data: bytes) -> None:
    assert_wordless(of_bytes(data))


@thorough
@given(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=40))
def test_damage_in_the_middle_costs_at_most_the_receipts_it_touches(at: int, data: bytes) -> None:
    whole = sample()
    header = whole.index(b"RE,")
    at = header + at % (len(whole) - header)
    found = of_bytes(whole[:at] + data + whole[at + len(data) :])
    assert_wordless(found)
    # A break in the data moves the lines; a damaged RE costs its receipt and the one before.
    kept = {replace(entry, line=0) for entry in entries(found)}
    lost = {replace(entry, line=0) for entry in entries(of_bytes(whole))} - kept
    assert len(lost) <= 2
