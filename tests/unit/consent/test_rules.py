"""The clinic's own words: what they may hold, and which version of the notice they make."""

import pytest
from pydantic import ValidationError

from clinic.config import Clinic
from clinic.consent.rules import (
    ADDITION,
    GREETING,
    KAYOI_NOTICE,
    LONGEST,
    fault,
    fill,
    notice_version,
    tidy,
)


def test_spaces_and_empty_lines_too_many_go() -> None:
    assert tidy("  One \r\n\r\n\r\n\r\n two\t\n") == "One\n\ntwo"
    assert tidy(" \n ") == ""


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("Welcome to {clinic}.\nCall {phone}.", None),
        ("x" * 20, None),
        ("x" * 21, "long"),
        ("😀" * 10, None),
        ("😀" * 11, "long"),
        ("{patient}", "places"),
        ("{clinic", "places"),
        ("{{clinic}}", "places"),
        ("{clinic.__class__}", "places"),
        ("a\tb", "signs"),
        ("a\x00b", "signs"),
        ("a\ud800", "signs"),
        ("a\u202eb", "signs"),
        ("<b>5 > 3</b> & *", None),  # what is markup elsewhere is text here
    ],
)
def test_words_are_plain_text_with_known_places(words: str, wrong: str | None) -> None:
    assert fault(words, 40 if words.startswith("Welcome") else 20) == wrong


def test_places_are_filled_in_once() -> None:
    filled = fill({"en": "{clinic}: {phone}"}, "{phone} clinic", "03")
    assert filled == {"en": "{phone} clinic: 03"}


def test_a_change_of_either_text_or_of_the_count_is_another_version() -> None:
    versions = [
        notice_version("1", {}),
        notice_version("2", {}),
        notice_version("1", {"ja": "a"}),
        notice_version("1", {"ja": "b"}),
        notice_version("1", {"en": "a"}),
        notice_version("2", {"ja": "a"}),
        notice_version("2026-11-23-final", {}),
        notice_version("2026-11-23-finax", {}),
    ]
    assert len(set(versions)) == len(versions)
    assert max(map(len, versions)) <= LONGEST
    assert all(one.startswith(f"{KAYOI_NOTICE}.") for one in versions)
    assert notice_version("1", {"ja": "a", "en": "b"}) == notice_version(
        "1", {"en": "b", "ja": "a"}
    )


def test_a_configuration_may_hold_the_words_too() -> None:
    clinic = Clinic(own_greeting={"ja": " ようこそ "}, own_notice={"ja": "", "en": "More."})
    assert clinic.own_greeting == {"ja": "ようこそ"}
    assert clinic.own_notice == {"en": "More."}
    assert clinic.notice_in_force == notice_version("1", {"en": "More."})
    for wrong in ({"own_greeting": {"ja": "x" * (GREETING + 1)}}, {"own_notice": {"fr": "x"}}):
        with pytest.raises(ValidationError):
            Clinic(**wrong)
    assert Clinic(own_notice={"ja": "x" * ADDITION}).own_notice
