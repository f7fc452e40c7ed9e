"""Which backups are kept, and what differs between two databases."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.backup.rules import differences, made_at_of, name_of, read_keep, surplus
from clinic.backup.types import Contents, Manifest, read_manifest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)  # a Sunday
CONTENTS = Contents(("0001_first",), {"patient": 3}, (7, "ab"))
MANIFEST = Manifest("2026", "0.1", "o", "i", CONTENTS, "m", 18, 18, "sum", 9)


def test_the_name_of_a_backup_says_when_it_was_made() -> None:
    assert name_of(NOON) == "kayoi-20261122T120000Z.backup"
    assert made_at_of(name_of(NOON)) == NOON
    assert made_at_of("kayoi-20269922T120000Z.backup") is None
    assert made_at_of("master.key") is None


@pytest.mark.parametrize(
    ("text", "keep"),
    [("7,4,6", (7, 4, 6)), ("7, 0,0", (7, 0, 0)), ("0,0,0", None), ("7,4", None), ("a,b,c", None)],
)
def test_what_is_kept_is_told_in_days_weeks_and_months(
    text: str, keep: tuple[int, int, int] | None
) -> None:
    assert read_keep(text) == keep


def test_the_newest_of_each_day_week_and_month_stays() -> None:
    twice_a_day = [name_of(NOON - timedelta(hours=12 * n)) for n in range(400)]
    left = {*twice_a_day} - {*surplus(twice_a_day, (7, 4, 6))}
    assert sorted(left, reverse=True) == [
        *(name_of(NOON - timedelta(days=n)) for n in range(7)),  # seven days, two weeks among them
        *(name_of(NOON - timedelta(days=days)) for days in (7, 14, 21)),
        "kayoi-20261031T120000Z.backup",
        "kayoi-20260930T120000Z.backup",
        "kayoi-20260831T120000Z.backup",
        "kayoi-20260731T120000Z.backup",
        "kayoi-20260630T120000Z.backup",
    ]


def test_other_files_and_the_only_backup_are_left_alone() -> None:
    assert surplus(["notes.txt", name_of(NOON)], (1, 0, 0)) == []
    assert surplus([name_of(NOON), name_of(NOON - timedelta(days=1))], (0, 0, 1)) == [
        name_of(NOON - timedelta(days=1))
    ]


def test_what_differs_is_told() -> None:
    assert differences(CONTENTS, CONTENTS) == []
    found = Contents((), {"patient": 2, "task": 1}, None)
    assert differences(CONTENTS, found) == [
        "patient: 2 rows instead of 3",
        "task: 1 rows instead of none",
        "the audit chain ends elsewhere",
        "the schema is another",
    ]


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(MANIFEST.as_json()) == MANIFEST
    assert read_manifest({**MANIFEST.as_json(), "format": 2}) is None
    assert read_manifest([]) is None
