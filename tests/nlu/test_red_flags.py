"""The engine of red flags: how a text is read, whatever the lexicons hold."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu.folding import LONGEST
from nlu.red_flags import RedFlag, flags, load, read, screen
from nlu.red_flags.lexicon import Lexicon
from nlu.red_flags.parts import BadEntry
from nlu.red_flags.units import folded, signs, words

PAIN = RedFlag("chest_pain", 4)
DOUBTED = RedFlag("chest_pain", 3, negated=True)

WORDS = Lexicon(
    {
        "units": "words",
        "near": "5",
        "order": "3",
        "fillers": ["a", "the", "my", "very", "really", "is"],
        "friends": ["breading"],
        "concepts": {"pain": ["pain*", "hurt*"], "chest": ["chest", "breastbone"]},
        "rules": {
            "chest_pain": [
                "heart attack",
                "$chest .. $pain",
                "$pain + $chest",
                "angina (again|today)?",
                "! chest pain clinic",
            ],
            "breathing": ["cant breathe", "sob", "struggling .. breathing"],
            "bleeding": ["(spurting|gushing)+ blood", "у меня кровь", "отек"],
            "abdomen": ["belly ache"],
            "pregnancy": ["(expecting|2 weeks) & (bleed*|2)"],
            "ambulance": ["help (please|$end)"],
        },
        "modifiers": ["pregnant"],
        "denied": {
            "before": ["no", "not", "dont have", "never"],
            "between": ["any", "sign of", "more"],
            "after": ["is gone", "none", "no"],
            "lists": ["or"],
            "spared": ["not only", "no joke"],
        },
        "affirmed": {"before": ["not that i dont"], "after": ["cannot be denied"]},
        "past": {"anywhere": ["years ago", "in $year"], "spared": ["now", "again"]},
        "supposed": {"before": ["if", "in case of"], "after": [], "spared": ["wonder if"]},
        "breaks": ["but", "however"],
        "quiet": ["chest pain of a song", "heart attack burger", "burger .. angina"],
        "quiet_over": ["angina .. only joking"],
    },
    {},
)
SIGNS = Lexicon(
    {
        "units": "signs",
        "near": "6",
        "order": "4",
        "fillers": ["が", "は", "すごく"],
        "concepts": {"chest": ["胸", "むね"], "pain": ["痛", "いた"]},
        "rules": {"chest_pain": ["$chest $pain", "胸痛"], "fever_high": ["熱 $number 度"]},
        "denied": {"after": ["くない", "みはない", "はありませ"], "before": ["没有", "没"]},
        "affirmed": {"after": ["くないわけではない"]},
        "past": {"anywhere": ["$number 年前"], "spared": ["今"]},
        "supposed": {"before": ["もし"], "after": ["くなったら"]},
        "breaks": ["けど", "但"],
        "quiet": ["胸が痛む話"],
    },
    {},
)


def in_words(text: str) -> list[RedFlag]:
    return read(WORDS, words(folded(text)))


def in_signs(text: str) -> list[RedFlag]:
    return read(SIGNS, signs(folded(text)))


@pytest.mark.parametrize(
    "text",
    [
        "chest pain",
        "CHEST   PAIN!!",
        "ｃｈｅｓｔ　ｐａｉｎ",
        "che\u00adst p\u200bain",
        "my chest really hurts",
        "pain in the chest",
        "the breastbone, it hurts",
        "chest 😭 pain",
        "an angina",
        "angina again",
        "breastbonne pain",
        "breatsbone pain",
        "braestbone pain",
        "breastbpne pain",
        "chest paiiiiin",
        "Hello.\nchest pain\nThanks",
    ],
)
def test_a_phrase_is_found_however_it_is_written(text: str) -> None:
    assert in_words(text) == [PAIN]


@pytest.mark.parametrize(
    "text",
    [
        "胸が痛い",
        "ムネガ イタイ",
        "ﾑﾈｶﾞｲﾀｲ",
        "胸 が すごく 痛い",
        "む\u200bね、いたい",
        "胸痛",
    ],
)
def test_kana_and_kanji_are_one(text: str) -> None:
    assert in_signs(text) == [PAIN]


@pytest.mark.parametrize(
    "text", ["can’t breathe", "can't breathe", "cant breathe", "CAN´T BREATHE"]
)
def test_apostrophes_are_often_left_out(text: str) -> None:
    assert in_words(text) == [RedFlag("breathing", 4)]


@pytest.mark.parametrize("text", ["У меня кровь", "у меня КРОВЬ", "отёк", "оте\u0308к", "oтeк"])
def test_russian_is_found_with_and_without_its_dots_and_with_latin_letters_in_it(text: str) -> None:
    assert in_words(text) == [RedFlag("bleeding", 4)]


@pytest.mark.parametrize(
    "text",
    [
        "sober",
        "sobs",
        "treasure chests are a pane",
        "breading and struggling",
        "chest. I have pain",
    ],
)
def test_only_whole_words_within_a_sentence_count(text: str) -> None:
    assert in_words(text) == []


def test_an_abbreviation_is_a_word() -> None:
    assert in_words("SOB since noon") == [RedFlag("breathing", 4)]


def test_what_may_repeat_and_what_must_be_there() -> None:
    assert in_words("spurting gushing spurting blood") == [RedFlag("bleeding", 4)]
    assert in_words("blood") == []


@pytest.mark.parametrize(
    "text", ["pain one two three four five six chest", "chest one two three four five six pains me"]
)
def test_parts_that_are_too_far_from_each_other_are_other_things(text: str) -> None:
    assert in_words(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain",
        "not any chest pain",
        "I don't have any sign of chest pain",
        "no fever or chest pain",
        "the chest pain is gone",
        "chest pain: no",
        "chest pain? None.",
        "no joke, never chest pain",
    ],
)
def test_a_denial_is_asked_about_and_never_believed(text: str) -> None:
    assert in_words(text) == [DOUBTED]


@pytest.mark.parametrize("text", ["胸は痛くない", "胸の痛みはない", "没有胸痛", "胸痛はありません"])
def test_a_denial_is_asked_about_in_signs_too(text: str) -> None:
    found = in_signs(text.replace("胸の痛", "胸痛"))
    assert found == [DOUBTED]


@pytest.mark.parametrize(
    "text",
    [
        "no fever but chest pain",
        "no fever; chest pain",
        "No. Chest pain.",
        "no, chest pain again",
        "not only chest pain",
        "no joke chest pain",
        "no chest pain, however pain in the chest now",
    ],
)
def test_but_ends_a_denial(text: str) -> None:
    assert in_words(text) == [PAIN]


def test_but_ends_a_denial_in_signs_too() -> None:
    assert in_signs("胸は痛くないけど胸が痛い") == [PAIN]
    assert in_signs("没有但胸痛") == [PAIN]


def test_two_denials_are_none() -> None:
    assert in_words("not that I don't have chest pain") == [PAIN]
    assert in_words("no chest pain cannot be denied") == [PAIN]
    assert in_signs("胸が痛くないわけではない") == [PAIN]


@pytest.mark.parametrize(
    "text", ["chest pain two years ago", "in 2019 I had chest pain", "a heart attack in 2001"]
)
def test_the_past_is_asked_about(text: str) -> None:
    assert in_words(text) == [DOUBTED]


def test_the_past_that_is_back_is_no_past() -> None:
    assert in_words("chest pain as two years ago, now") == [PAIN]
    assert in_words("Two years ago I moved. I have chest pain.") == [PAIN]
    assert in_signs("2年前に胸が痛い") == [DOUBTED]
    assert in_signs("2年前と同じで今胸が痛い") == [PAIN]


@pytest.mark.parametrize("text", ["if I get chest pain", "what to do in case of chest pain"])
def test_a_supposition_is_asked_about(text: str) -> None:
    assert in_words(text) == [DOUBTED]


def test_a_question_whether_it_is_so_is_no_supposition() -> None:
    assert in_words("I wonder if it is chest pain") == [PAIN]
    assert in_signs("もし胸が痛い") == [DOUBTED]
    assert in_signs("胸が痛くなったら") == [DOUBTED]


def test_idioms_and_other_things_by_the_same_name_are_silent() -> None:
    assert in_words("that chest pain of a song") == []
    assert in_words("the chest pain clinic") == []
    assert in_words("a heart attack burger") == []
    assert in_signs("胸が痛む話") == []


def test_an_idiom_does_not_silence_what_stands_beside_it() -> None:
    assert in_words("a heart attack burger and now chest pain") == [PAIN]


def test_an_idiom_ends_at_a_comma_and_leaves_alone_what_stands_in_its_gaps() -> None:
    assert in_words("a burger angina") == []
    assert in_words("a burger, angina") == [PAIN]
    assert in_words("a burger, heart attack, angina") == [PAIN]
    assert in_words("burger heart attack angina") == [PAIN]
    assert in_words("angina, only joking") == []


def test_what_is_told_in_one_sentence_counts_for_a_sign_in_another() -> None:
    pregnancy = RedFlag("pregnancy", 4)
    assert in_words("I am expecting. Since noon there is some bleeding.") == [pregnancy]
    assert in_words("There is bleeding! And I am expecting.") == [pregnancy]
    assert in_words("I am not expecting. There is bleeding.") == [
        RedFlag("pregnancy", 3, negated=True)
    ]
    assert in_words("There is bleeding.") == []
    # One word is not two signs.
    assert in_words("in 2 weeks") == []


def test_a_word_can_be_one_that_ends_a_sentence() -> None:
    assert in_words("help!") == [RedFlag("ambulance", 4)]
    assert in_words("I need help. Really.") == [RedFlag("ambulance", 4)]
    assert in_words("help me to book") == []


def test_a_modifier_raises_a_rule_that_can_be_raised_unless_it_is_denied() -> None:
    assert in_words("belly ache") == [RedFlag("abdomen", 3)]
    assert in_words("belly ache, pregnant") == [RedFlag("abdomen", 4)]
    assert in_words("belly ache, not pregnant") == [RedFlag("abdomen", 3)]


@pytest.mark.parametrize("entry", ["", "? chest", "(chest", "chest)", "$unknown", "a ||", "(a | )"])
def test_an_entry_that_cannot_be_read_is_an_error(entry: str) -> None:
    data = {"units": "words", "near": "5", "order": "3", "fillers": ["a"]}
    with pytest.raises(BadEntry):
        Lexicon({**data, "rules": {"chest_pain": [entry]}}, {})


def test_an_unknown_rule_is_an_error() -> None:
    data = {"units": "words", "near": "5", "order": "3", "fillers": ["a"]}
    with pytest.raises(KeyError):
        Lexicon({**data, "rules": {"hiccups": ["hiccup"]}}, {})


# Any text -----------------------------------------------------------------------------------------

SAID = st.lists(
    st.sampled_from(
        [
            *("chest", "pain", "no", "not", "if", "but", "39.5", "180/120", "years ago", "."),
            *("胸", "が", "痛", "くない", "死", "血", "\n", "２", "没有", "боль", "не", "груди"),
            *("spo2", "2 month old", "ー", "\u200b", "\ufdfa", "ё", "'", "-", "/", "%", "°c"),
        ]
    ),
    max_size=60,
).map(" ".join)


@given(st.text(st.characters()) | SAID)
@example("\ud800胸\udfff痛")
@example("\x00")
@example("２" * 400)
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_strange(text: str) -> None:
    found = flags(text)
    assert all(flag.level in (3, 4) for flag in found)
    assert screen(text) == (found[0] if found else None)


def test_a_red_flag_at_the_end_of_the_longest_text_is_heard() -> None:
    end = "I have chest pain and cannot breathe"
    assert screen("a " * ((LONGEST - len(end)) // 2) + end) == PAIN
    assert screen("a\n" * ((LONGEST - len(end)) // 2) + end) == PAIN


def test_signs_that_unfold_to_many_are_not_read_beyond_what_a_channel_can_carry() -> None:
    """4,000 signs that become eighteen each once held every conversation up."""
    assert len(folded("\ufdfa" * 4000)) <= LONGEST


def calls(text: str) -> int:
    """How many functions are called to read it: work without a clock."""
    flags(text)  # what is read once is read
    count = 0

    def noted(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(noted)
    try:
        flags(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello, could you move my visit to Friday morning, my knee is a little better. ",
        "こんにちは、金曜日の午前に予約を変更できますか。膝は少し良くなりました。",
        "你好，我想把预约改到星期五上午，膝盖好一点了。",
        "Здравствуйте, перенесите приём на пятницу утром, колену немного лучше. ",
    ],
)
def test_the_longest_text_of_daily_words_is_read_in_no_time(sentence: str) -> None:
    """A device of today does some five calls a microsecond: 50 ms."""
    assert calls((sentence * 200)[:LONGEST]) < 250_000


@pytest.mark.parametrize(
    "words",
    [
        *("no chest pain ", "chest pain ", "if chest pain ", "pain ", "a", "1 ", " ", "\n"),
        *("胸が痛くない", "胸が", "死", "没有胸痛", "不", "血", "нет боли в груди ", "не ", "ー"),
    ],
)
def test_a_text_made_to_be_slow_takes_work_by_its_length_alone(words: str) -> None:
    """A patient's device must not be able to hold up the others by what it sends."""
    half = calls((words * LONGEST)[: LONGEST // 2])
    whole = calls((words * LONGEST)[:LONGEST])
    assert whole < 400 * LONGEST
    assert whole < 2.5 * half + 10_000


def test_all_lexicons_are_read_at_the_start() -> None:
    load()
