"""Names of staff, their sign-in tokens, and whose patients they see."""

import hashlib

import pytest

from clinic.staff.rules import NAME_LENGTH, read_name, sees_all_patients, token_hash
from clinic.staff.types import Role


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sato", "Sato"),
        ("  Dr.\tSato \n Hana ", "Dr. Sato Hana"),
        ("Ｓａｔｏ", "Sato"),
        ("Re\u0301my", "R\u00e9my"),
        ("x" * NAME_LENGTH, "x" * NAME_LENGTH),
        ("x" * (NAME_LENGTH + 1), None),
        ("", None),
        (" \u3000 ", None),
        ("Sa\x00to", None),
        ("\u202eotaS", None),
    ],
)
def test_names_that_look_alike_are_one_and_none_holds_a_control_character(
    text: str, name: str | None
) -> None:
    assert read_name(text) == name


def test_of_a_token_only_its_hash_is_stored() -> None:
    assert token_hash("a token") == hashlib.sha256(b"a token").hexdigest()


@pytest.mark.parametrize(
    ("role", "everybody"), [(Role.ADMIN, True), (Role.STAFF, True), (Role.DOCTOR, False)]
)
def test_only_a_doctor_sees_no_more_than_their_own_patients(role: Role, everybody: bool) -> None:
    assert sees_all_patients(role) is everybody
