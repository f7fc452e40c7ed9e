"""Master files that a clinic uploads, and the table that comes with the product."""

import csv
import io
from collections.abc import Iterable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.importer.masters import read_master, shipped_codes, shipped_groups
from clinic.importer.types import Code, Issue

WIDTH = {"B": 46, "Z": 19, "S": 150, "Y": 35}


def row(letter: str, cells: dict[int, str], width: int = 0) -> str:
    """A line of a master, quoted as the published files are."""
    line = io.StringIO()
    columns = {0: "0", 1: letter} | cells
    width = width or WIDTH[letter]
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([columns.get(at, "") for at in range(width)])
    return line.getvalue()


def master(lines: Iterable[str]) -> list[Code | Issue]:
    return list(read_master(enumerate(lines, 1)))


NAME = "スギ花粉症"
DISEASE = {2: "8848069", 5: NAME, 7: NAME, 15: "J301", 23: "99999999"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (row("B", DISEASE), Code("disease", "8848069", "スギ花粉症", "J301")),
        (
            row("B", DISEASE | {3: "8848070", 7: "", 15: "J30.1", 23: "20250401"}),
            Code(
                "disease",
                "8848069",
                "スギ花粉症",
                "J301",
                valid_until=date(2025, 4, 1),
                moved_to="8848070",
            ),
        ),
        (row("B", DISEASE | {15: ""}), Code("disease", "8848069", "スギ花粉症")),
        (
            row("Z", {2: "8002", 6: "の疑い", 15: "99999999", 18: "A8000000"}),
            Code("modifier", "8002", "の疑い", suffix=True),
        ),
        (
            row("Z", {2: "1011", 6: "前頭部", 15: "99999999", 18: "A1000000"}),
            Code("modifier", "1011", "前頭部"),
        ),
        (
            row("S", {2: "113707110", 4: "生活習慣病管理料２", 87: "99999999"}),
            Code("act", "113707110", "生活習慣病管理料２"),
        ),
        (
            row("Y", {2: "620098801", 4: "薬錠５ｍｇ, 「会社」", 30: "99999999"}, 42),
            Code("drug", "620098801", "薬錠５ｍｇ, 「会社」"),
        ),
    ],
)
def test_a_line_of_each_master_is_read(line: str, expected: Code) -> None:
    assert master([line, "\x1a"]) == [expected]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "file_empty"),
        (["\x1a"], "file_empty"),
        (["IR,1,13,1"], "no_master"),
        ([row("C", {2: "810000001"}, 30)], "no_master"),
        ([row("B", DISEASE, 40)], "no_master"),
        (["x" * 200_000], "no_master"),
    ],
)
def test_a_file_that_is_no_master_is_refused(lines: list[str], reason: str) -> None:
    (issue,) = master(lines)
    assert isinstance(issue, Issue)
    assert (issue.severity, issue.reason) == ("refuse", reason)


def test_a_line_that_does_not_fit_is_left_out_and_the_others_are_not() -> None:
    bad = [row("B", DISEASE | {2: "x"}), row("B", DISEASE | {5: "", 7: ""}), "短い", row("Z", {})]
    found = master([row("B", DISEASE), *bad, row("B", DISEASE)])
    assert [part.line for part in found if isinstance(part, Issue)] == [2, 3, 4, 5]
    assert sum(isinstance(part, Code) for part in found) == 2


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(max_size=60) | st.just(row("B", DISEASE)), max_size=5))
def test_no_line_raises(lines: list[str]) -> None:
    master(lines)


def test_the_shipped_table_names_what_the_rules_need() -> None:
    codes = {code.code: code for code in shipped_codes()}
    assert len(codes) == len(shipped_codes()) == 201
    assert codes["8833421"] == Code("disease", "8833421", "高血圧症", "I10")
    assert codes["8002"] == Code("modifier", "8002", "の疑い", suffix=True)
    assert codes["0000999"].name == "未コード化傷病名"
    groups = shipped_groups()
    assert groups["suspected"] == {"8002"}
    assert groups["rx_28days_plus"] >= {"120005610", "120005710"}
    assert len(groups["rx_out_refill"]) == len(groups["rx_out_nonrefill"]) == 8
    assert groups["cpap"] == {"114040710", "114040810", "114741710"}
    assert groups["lifestyle_II"] == {"113707110", "113707210"}


def test_refill_prescriptions_are_told_from_others_by_the_start_of_their_name() -> None:
    names = {code.code: code.name for code in shipped_codes()}
    for code in shipped_groups()["rx_out_refill"]:
        assert names[code].startswith("処方箋料（リフィル処方箋")
    for code in shipped_groups()["rx_out_nonrefill"]:
        assert not names[code].startswith("処方箋料（リフィル処方箋")
