"""What patients answered, in a cell of a spreadsheet."""

import pytest

from admin.questionnaires.export import cell


@pytest.mark.parametrize("words", ["=1+1", " =1+1", "\u3000@cmd", "\t=1", "+1+1", "-1+1", "＝1"])
def test_a_blank_before_a_formula_once_hid_it(words: str) -> None:
    assert cell(words) == f"'{words}"


@pytest.mark.parametrize("words", ["-1", "-1.5", "7", "", "はい", "a = b"])
def test_numbers_and_words_stay_as_they_are(words: str) -> None:
    assert cell(words) == words
