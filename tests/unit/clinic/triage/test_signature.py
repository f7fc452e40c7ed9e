"""A signature in a file stands for the text it was given to, and for no other."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from clinic.triage.base import BASE, read_base
from clinic.triage.document import RuleFault, digest, document
from clinic.triage.load import catalogue, read
from clinic.triage.signature import Signature, parted
from tests.unit.clinic.triage import rulebook
from tests.unit.clinic.triage.rulebook import base, text, written

NEITHER = "ache.yml: signature is neither null nor a name, a day (on) and a digest"


def signed(said: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The document with a signature for what it says."""
    given = {"name": "Dr Sato", "on": date(2026, 11, 23), "digest": digest(said)}
    return {**said, "signature": given | changes}


def test_every_shipped_file_has_the_field_and_awaits_a_clinician() -> None:
    assert [one.signature for one in catalogue().values()] == [None] * len(catalogue())
    assert read_base(BASE).signature is None


def test_a_signature_is_read_with_the_file_and_is_no_part_of_what_it_says(tmp_path: Path) -> None:
    said = rulebook.document()
    one = read(written(tmp_path, signed(said)), base())
    assert one.signature == Signature("Dr Sato", date(2026, 11, 23))
    assert digest(one.content) == digest(said)


def test_a_text_changed_under_its_signature_is_refused(tmp_path: Path) -> None:
    changed = signed(rulebook.document()) | {"come_back": text("Come back some day.")}
    with pytest.raises(RuleFault, match=r"ache.yml: was changed after Dr Sato signed it on 2026-1"):
        read(written(tmp_path, changed), base())


def test_what_is_asked_of_everybody_is_signed_the_same_way(tmp_path: Path) -> None:
    said, _ = parted(document(BASE), BASE.name)
    path = tmp_path / "base.yml"
    path.write_text(yaml.safe_dump(signed(said), allow_unicode=True), "utf-8")
    assert read_base(path).signature == Signature("Dr Sato", date(2026, 11, 23))
    path.write_text(yaml.safe_dump(signed(said) | {"version": 99}, allow_unicode=True), "utf-8")
    with pytest.raises(RuleFault, match=r"base.yml: was changed after Dr Sato"):
        read_base(path)


def test_a_file_without_the_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ache.yml"
    path.write_text(yaml.safe_dump(rulebook.document(), allow_unicode=True), "utf-8")
    with pytest.raises(RuleFault, match=r"ache.yml: signature is missing"):
        read(path, base())


@pytest.mark.parametrize(
    "given",
    [
        "Dr Sato",
        {"name": "Dr Sato", "on": date(2026, 11, 23)},
        {"name": "Dr Sato", "on": date(2026, 11, 23), "digest": "0", "role": "doctor"},
        {"name": " ", "on": date(2026, 11, 23), "digest": "0"},
        {"name": "x" * 81, "on": date(2026, 11, 23), "digest": "0"},
        {"name": 7, "on": date(2026, 11, 23), "digest": "0"},
        {"name": "Dr Sato", "on": "yesterday", "digest": "0"},
        {"name": "Dr Sato", "on": 2026, "digest": "0"},
        {"name": "Dr Sato", "on": datetime(2026, 11, 23, 9), "digest": "0"},
        {"name": "Dr Sato", "on": date(2026, 11, 23), "digest": None},
    ],
    ids=lambda given: str(given)[:30],
)
def test_half_a_signature_is_none(tmp_path: Path, given: Any) -> None:
    with pytest.raises(RuleFault) as raised:
        read(written(tmp_path, {**rulebook.document(), "signature": given}), base())
    assert str(raised.value) == NEITHER
