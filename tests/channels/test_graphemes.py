"""Measuring and cutting text as channels do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.graphemes import cut, graphemes, pieces, shorten, units

FAMILY = "👨‍👩‍👧‍👦"
KANA_WITH_MARK = "か\u3099"  # が, decomposed

ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("<>&\"'\n\u200e\u202eأ👨")
)
TEXTS = st.text(
    st.sampled_from(
        [*"aé。. \nあ漢ก한😀", "\u0301", "\u3099", "\u200d", "👩", "🏽", "🇯", "🇵", "ำ", "ี"]
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("予約です", 4),
        (KANA_WITH_MARK, 1),
        ("ﾊﾞ", 1),
        (FAMILY, 1),
        ("👩🏽‍⚕️", 1),
        ("🇯🇵🇹🇼🇷🇺", 3),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1),
        ("1️⃣2️⃣", 2),
        ("กำลังดี", 4),
        ("각각", 2),
        ("\r\n\n", 2),
        ("e\u0301\u0323", 1),
    ],
)
def test_characters_are_counted_as_a_reader_sees_them(text: str, count: int) -> None:
    assert len(graphemes(text)) == count
    assert "".join(graphemes(text)) == text


@pytest.mark.parametrize(
    ("text", "limit", "left"),
    [
        ("Other", 5, "Other"),
        ("Another", 5, "Anot…"),
        ("ほかの日を選ぶ", 5, "ほかの日…"),
        (FAMILY + "ab", 3, FAMILY + "ab"),
        (FAMILY * 3, 3, FAMILY + "…"),  # long characters count for more
        ("🇯🇵🇹🇼🇷🇺", 2, "🇯🇵…"),
        ("a b c", 4, "a b…"),
        ("é" + "\u0301" * 100, 4, "é\u0301\u0301…"),
    ],
)
def test_a_label_is_cut_between_characters(text: str, limit: int, left: str) -> None:
    assert cut(text, limit) == left


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, ["short"]),
        ("one is done.\n\ntwo and three", 20, ["one is done.", "two and three"]),
        ("first line\nsecond line", 14, ["first line", "second line"]),
        ("It is one. It is two.", 14, ["It is one.", "It is two."]),
        ("これは一つ。これは二つ。", 8, ["これは一つ。", "これは二つ。"]),
        ("seven eight nine", 12, ["seven eight", "nine"]),
        ("漢字" * 4, 5, ["漢字漢字漢", "字漢字"]),
        ("😀😀😀", 5, ["😀😀", "😀"]),
        (FAMILY + FAMILY, 15, [FAMILY, FAMILY]),
        ("a   " + " " * 20 + "b", 4, ["a", "b"]),
        ("", 4, []),
    ],
)
def test_a_long_text_is_cut_where_it_shows_least(
    text: str, limit: int, expected: list[str]
) -> None:
    assert pieces(text, limit) == expected


@settings(derandomize=True, max_examples=400, deadline=None)
@given(TEXTS, st.integers(12, 40))
def test_pieces_fit_lose_nothing_and_tear_no_character(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(units(piece) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    whole = {part.strip() for part in graphemes(text)}
    if all(units(part) <= limit for part in whole):
        assert {part.strip() for piece in found for part in graphemes(piece)} <= whole


@settings(derandomize=True, max_examples=400, deadline=None)
@given(TEXTS, st.integers(2, 40))
def test_what_is_cut_fits(text: str, limit: int) -> None:
    assert len(graphemes(cut(text, limit))) <= limit
    assert len(cut(text, limit)) <= 4 * limit
    assert units(shorten(text, limit)) <= limit


@pytest.mark.parametrize(
    "whole",
    [
        "e\u0301",
        FAMILY,
        "👍🏽",
        "🇯🇵",
        "❤\ufe0f",
        "ｶﾞ",
        "각",
        "\r\n",
        "1\ufe0f\u20e3",
    ],
)
def test_what_is_seen_as_one_character_is_never_torn(whole: str) -> None:
    assert graphemes(f"a{whole}b") == ["a", whole, "b"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aaaa bbbb", ["aaaa bbbb"]),
        ("aaaaaa.\n\nbbbbbbb", ["aaaaaa.", "bbbbbbb"]),
        ("aaa bb\ncc dddd", ["aaa bb", "cc dddd"]),
        ("Aa aa. Bb bb bb", ["Aa aa.", "Bb bb bb"]),
        ("痛みますか。どうしますか。", ["痛みますか。", "どうしますか。"]),
        ("aaaa bbbb cccc", ["aaaa bbbb", "cccc"]),
        ("a" * 25, ["a" * 10, "a" * 10, "a" * 5]),
        ("12345678👩‍👧9", ["12345678", "👩‍👧9"]),
        ("123456789e\u0301x", ["123456789", "e\u0301x"]),
        ("123456789か\u3099", ["123456789", "か\u3099"]),
        ("🇯🇵🇹🇼🇷🇺", ["🇯🇵🇹🇼", "🇷🇺"]),
        ("1234567👍🏽!", ["1234567", "👍🏽!"]),
    ],
)
def test_a_long_text_is_cut_where_reading_pauses(text: str, expected: list[str]) -> None:
    assert pieces(text, 10) == expected


@settings(derandomize=True, deadline=None)
@given(ANY_TEXT.map(str.strip), st.integers(8, 40))
def test_cutting_loses_only_white_space(text: str, limit: int) -> None:
    found = pieces(text, limit)
    assert all(units(piece) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())
