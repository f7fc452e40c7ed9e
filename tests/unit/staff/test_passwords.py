"""What a password, a code and a reason may be, and how long somebody waits who was wrong."""

from datetime import timedelta

import pytest

from clinic.staff.passwords import common_words
from clinic.staff.rules import (
    LONGEST,
    browser_of,
    network,
    normal_password,
    password_problem,
    read_code,
    read_reason,
    wait_after,
)

OWN = ("さくら内科クリニック", "Sakura Naika", "Yamada Hanako")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("correct horse battery staple", None),
        ("lavender ships at dawn", None),
        ("わたしのねこはさかながすき", None),
        ("vT7#kq9Lm2zX", None),
        ("x" * 11, "short"),
        ("Ⅻ" * 3, "short"),  # two letters too few when written plainly
        ("lavender " * 15, "long"),
        ("aaaaaaaaaaaaaa", "common"),
        ("abababababab", "common"),
        ("password1234", "common"),
        ("P@ssw0rd!2345", "common"),
        ("Pa$$word12345!", "common"),
        ("qwertyuiop123", "common"),
        ("zaqwsxcderfv1", "common"),
        ("poiuytrewq123", "common"),
        ("123456789012", "common"),
        ("iloveyou forever", "common"),
        ("adminadminadmin", "common"),
        ("さくら内科クリニック2026", "common"),
        ("sakuranaika2026", "common"),
        ("SakuraNaika!!!!", "common"),
        ("Yamada-Hanako-1", "common"),
        ("ｐａｓｓｗｏｒｄ１２３４", "common"),
        ("kayoikayoikayoi", "common"),
    ],
)
def test_a_password_is_long_and_not_one_that_many_people_have(
    password: str, problem: str | None
) -> None:
    assert password_problem(password, common_words(), OWN) == problem


def test_every_common_word_with_a_year_is_refused() -> None:
    for word in common_words():
        assert password_problem(f"{word}20262026!", common_words(), ()) in ("common", "short"), word


def test_the_longest_password_is_taken_whole() -> None:
    longest = ("lavender ships at dawn over the harbour and nobody sees them but the cat " * 2)[
        :LONGEST
    ]
    assert password_problem(longest, frozenset(), ()) is None
    assert len(normal_password(longest)) == LONGEST


@pytest.mark.parametrize(
    ("wrong", "seconds"),
    [
        (0, 0),
        (4, 0),
        (5, 15),
        (6, 30),
        (7, 60),
        (8, 120),
        (9, 240),
        (10, 480),
        (11, 900),
        (99, 900),
    ],
)
def test_the_wait_grows_with_every_wrong_try_to_15_minutes_at_most(
    wrong: int, seconds: int
) -> None:
    assert wait_after(wrong) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_tries_are_counted_by_what_one_household_has(address: str, counted: str) -> None:
    assert network(address) == counted


@pytest.mark.parametrize(
    ("typed", "code"),
    [(" 123 456 ", "123456"), ("１２３４５６", "123456"), ("abcde-fghjk", "ABCDEFGHJK"), ("", "")],
)
def test_a_code_is_read_however_it_was_typed(typed: str, code: str) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("unconscious  at\nthe door", "unconscious at the door"),
        ("urgent", None),
        (" " * 40, None),
        ("x" * 501, None),
    ],
)
def test_a_reason_says_something(typed: str, reason: str | None) -> None:
    assert read_reason(typed) == reason


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/1 Safari/537.36 Edg/1",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.0", ""),
    ],
)
def test_a_browser_is_told_in_two_words(agent: str, words: str) -> None:
    assert browser_of(agent) == words
