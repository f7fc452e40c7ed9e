"""Answers kept ready: what they may look like, and filling them in."""

import json
from pathlib import Path

import pytest

import clinic.canned
from clinic.canned.rules import fill, language_for, problem_of, read_shortcut
from clinic.canned.types import SHORTCUT_LENGTH, TEXT_LENGTH, CannedAnswer, Filled

SHIPPED = json.loads((Path(clinic.canned.__file__).parent / "shipped.json").read_text())


def test_what_a_value_says_is_never_read_again() -> None:
    values = {"name": "{phone}{0.__class__}{{7*7}}", "phone": "03"}
    assert fill("{name}: {phone}", "en", values) == Filled("{phone}{0.__class__}{{7*7}}: 03", "en")


def test_a_placeholder_without_a_value_stands_as_it_was_written() -> None:
    assert fill("{name} {next_visit} {name}", "en", {"next_visit": ""}) == Filled(
        "{name} {next_visit} {name}", "en", ("name", "next_visit")
    )


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        ({}, "empty"),
        ({"en": "x" * (TEXT_LENGTH + 1)}, "length"),
        ({"en": "{name} {chart}"}, "placeholder"),
        ({"en": "{0.__class__}"}, "placeholder"),
        ({"en": "{name} {clinic} {phone} {next_visit} } {"}, None),
    ],
)
def test_an_answer_has_text_and_known_placeholders_only(
    texts: dict[str, str], problem: str | None
) -> None:
    assert problem_of(texts) == problem


@pytest.mark.parametrize(
    ("text", "shortcut"),
    [
        ("/Thanks", "thanks"),
        (" 予約-1 ", "予約-1"),
        ("ＡＢ", "ab"),
        ("", None),
        ("/", None),
        ("two words", None),
        ("<b>", None),
        ("x" * (SHORTCUT_LENGTH + 1), None),
    ],
)
def test_a_shortcut_is_one_word_of_any_script(text: str, shortcut: str | None) -> None:
    assert read_shortcut(text) == shortcut


def test_the_first_language_that_there_is_counts() -> None:
    answer = CannedAnswer(1, "a", {"ja": "あ", "ru": "я"})
    assert language_for(answer, ("en", "ru", "ja")) == "ru"
    assert language_for(answer, ("en",)) == "ja"


@pytest.mark.parametrize("shortcut", SHIPPED)
def test_what_comes_ready_made_is_good_in_all_languages(shortcut: str) -> None:
    texts = SHIPPED[shortcut]
    assert set(texts) == {"ja", "en", "zh-Hant", "zh-Hans", "ru"}
    assert problem_of(texts) is None
    assert read_shortcut(shortcut) == shortcut
