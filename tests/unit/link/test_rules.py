"""Codes that the desk hands out, and how patients write them."""

import pytest

from clinic.link.rules import ALPHABET, LENGTH, LONGEST, new_code, read_code, shown


def test_a_fresh_code_holds_at_least_40_bits_and_never_comes_twice() -> None:
    codes = [new_code() for _ in range(1000)]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == LENGTH and set(code) <= set(ALPHABET) for code in codes)
    assert len(ALPHABET) ** LENGTH >= 2**40


def test_a_code_is_shown_in_groups_and_read_back_as_it_was_made() -> None:
    assert shown("ABCDEFGH0") == "ABC-DEF-GH0"
    for code in (new_code() for _ in range(100)):
        assert read_code(shown(code)) == code
        assert read_code(f" {shown(code).replace('-', ' ').lower()}\n") == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("abcd2345", "ABCD2345"),
        ("ＡＢＣ－Ｄ２３－４５６", "ABCD23456"),
        ("OIL OIL OIL", "011011011"),
        ("АВЕ_КМН_ОРС", "ABEKMH0PC"),
        ("ABC.D23.456", "ABCD23456"),
        ("ABC DEF GH", None),  # words, for there is no digit
        ("ABC DEF 12", "ABCDEF12"),
        ("my code is lost", None),
        ("ABCD234", None),
        ("U" * 9, None),
        ("2" * LONGEST, "2" * LONGEST),
        ("2" * (LONGEST + 1), None),
        ("予約したいです。お願いします", None),
        ("", None),
    ],
)
def test_a_code_is_read_however_it_is_written_and_words_are_none(
    typed: str, read: str | None
) -> None:
    assert read_code(typed) == read
