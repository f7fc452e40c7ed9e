"""The made-up receipt files: the same every time, and without fault."""

from datetime import date

import pytest

from clinic.importer.sample import receipts
from clinic.importer.types import Entry, Header, Part
from clinic.importer.uke import read

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def of(data: bytes) -> list[Part]:
    return list(read(enumerate(data.decode("cp932").split("\r\n"), 1)))


@pytest.mark.parametrize("month", [date(2024, 1, 1), date(2024, 2, 1), JULY])
def test_a_made_up_file_is_read_without_a_warning(month: date) -> None:
    header, *entries = of(b"".join(receipts(400, month, seed=3)))
    assert isinstance(header, Header)
    assert len(entries) == 400
    assert all(isinstance(entry, Entry) and entry.encounters for entry in entries)


def test_the_same_arguments_give_the_same_bytes_and_another_seed_others() -> None:
    once = b"".join(receipts(30, JULY, seed=1))
    assert b"".join(receipts(30, JULY, seed=1)) == once
    assert b"".join(receipts(30, JULY, seed=2)) != once


def test_a_patient_is_the_same_person_in_every_month() -> None:
    july, august = (
        {part.person.chart: part.person for part in of(b"".join(made)) if isinstance(part, Entry)}
        for made in (receipts(40, JULY), receipts(40, AUGUST, first=21))
    )
    shared = july.keys() & august.keys()
    assert len(shared) == 20
    assert all(july[chart] == august[chart] for chart in shared)


def test_what_the_rules_look_for_is_in_it() -> None:
    entries = [part for part in of(b"".join(receipts(400, JULY))) if isinstance(part, Entry)]
    acts = {act.code for entry in entries for act in entry.procedures}
    assert acts >= {"120005010", "120005710", "120002910", "113707110", "114040810"}
    assert {s.days for entry in entries for s in entry.supplies} >= {14, 28}
    assert any(condition.suspected for entry in entries for condition in entry.conditions)
    assert sum(1 for _ in receipts(400, JULY)) / 400 == pytest.approx(13, abs=1)
