"""Passwords that very many people have are refused whole, not only what they are made of (R21)."""

import pytest

from clinic.staff.passwords import common_words
from clinic.staff.rules import SHORTEST, password_problem

# Of the 3,000 passwords that leaks hold most often (the list that Django ships, 2025), those that
# are long enough to get past the first rule. All others have fewer than 12 characters.
LONG_ONES = (
    "q1w2e3r4t5y6",
    "1qaz2wsx3edc",
    "sojdlg123aljg",
    "pe#5gz29ptzmse",
    "111222tianya",
    "1q2w3e4r5t6y",
    "startfinding",
    "qwerty123456",
    "123qweasdzxc",
    "polniypizdec0211",
    "123456qwerty",
    "n8zgt5p0shw=",
    "megaparol12345",
    "123456654321",
    "telechargement",
    "123456123456",
    "yfdbufnjh10305070",
    "qazwsxedcrfv",
)
# And some of the next 17,000.
OTHERS = (
    "motherfucker",
    "justinbieber",
    "international",
    "professional",
    "leavemealone",
    "finalfantasy",
    "jamesbond007",
    "onedirection",
    "transformers",
    "supernatural",
    "peanutbutter",
    "ingodwetrust",
    "christopher1",
    "michaeljackson",
)


@pytest.mark.parametrize("password", LONG_ONES + OTHERS)
def test_a_password_of_the_lists_that_guessers_use_is_refused(password: str) -> None:
    assert len(password) >= SHORTEST
    for spelt in (password, password.upper(), password.title()):
        assert password_problem(spelt, common_words(), ()) == "common", spelt


def test_what_is_made_of_more_than_they_are_is_taken() -> None:
    assert password_problem("international trains are late", common_words(), ()) is None
