"""What patients write of their complaints, and the presentations that are offered to them."""

import time

import pytest

from clinic.triage.load import catalogue
from clinic.triage.types import LANGUAGES
from nlu.presentations import named

# The presentation that has to come first.
SENTENCES: dict[str, list[tuple[str, str]]] = {
    "en": [
        ("My chest hurts when I climb the stairs", "chest_pain"),
        ("I've got a pain in my chest", "chest_pain"),
        ("Terrible headaches since Monday!!", "headache"),
        ("my daughter is throwing up all night", "vomiting"),
        ("It burns — burning when I pee", "painful_urination"),
        ("twisted my ankle playing football, sprained ankle I think", "limb_injury"),
        ("My nose is bleeding and won’t stop", "nosebleed"),
        ("I can’t sleep and feel so anxious", "low_mood"),
        ("bee sting, my arm is itchy", "hives"),
        ("ＭＹ ＢＡＣＫ ＨＵＲＴＳ", "back_pain"),
    ],
    "ja": [
        ("胸がすごく痛いです", "chest_pain"),
        ("昨日から頭が痛い", "headache"),
        ("のどが少し痛いです", "sore_throat"),
        ("お腹が痛くて、お腹が痛いのが続く", "abdominal_pain"),
        ("朝から吐き気がする", "vomiting"),
        ("メマイがする", "dizziness"),
        ("足首を捻挫しました", "limb_injury"),
        ("鼻血が止まらないんです", "nosebleed"),
        ("ハチに刺された。じんま疹ではなく、じんましん？", "hives"),
        ("夜眠れないし、不安です", "low_mood"),
    ],
    "zh-Hant": [
        ("我胸口很痛", "chest_pain"),
        ("頭痛三天了", "headache"),
        ("肚子一直痛", "abdominal_pain"),
        ("昨天開始拉肚子", "diarrhoea"),
        ("喉嚨好痛", "sore_throat"),
        ("小便會刺痛，小便痛", "painful_urination"),
        ("腳踝扭傷了", "limb_injury"),
        ("流鼻血流不停", "nosebleed"),
        ("最近都睡不著，很焦慮", "low_mood"),
        ("膝蓋有點痛", "hot_joint"),
    ],
    "zh-Hans": [
        ("我胸口很痛", "chest_pain"),
        ("头痛三天了", "headache"),
        ("肚子一直痛", "abdominal_pain"),
        ("昨天开始拉肚子", "diarrhoea"),
        ("喉咙好痛", "sore_throat"),
        ("咳嗽咳得厉害", "cough"),
        ("脚踝扭伤了", "limb_injury"),
        ("流鼻血止不住", "nosebleed"),
        ("最近都失眠，很焦虑", "low_mood"),
        ("我胸悶，有點喘不上气", "breathlessness"),
    ],
    "ru": [
        ("У меня болит в груди", "chest_pain"),
        ("Сильно болит голова", "headache"),
        ("голова уже третий день болит", "headache"),
        ("живот очень болит", "abdominal_pain"),
        ("ребёнка тошнит", "vomiting"),
        ("Горло болит, больно глотать", "sore_throat"),
        ("кашель с мокротой", "cough"),
        ("С утра идёт кровь из носа", "nosebleed"),
        ("подвернула ногу", "limb_injury"),
        ("сыпь по всему телу", "rash"),
    ],
}
CASES = [(language, *case) for language, cases in SENTENCES.items() for case in cases]


@pytest.mark.parametrize(("language", "text", "presentation"), CASES)
def test_what_a_patient_writes_names_its_presentation_first(
    language: str, text: str, presentation: str
) -> None:
    assert named(text, language)[:1] == (presentation,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_every_file_names_its_presentation(language: str) -> None:
    missed = [
        (one.id, word)
        for one in catalogue().values()
        for word in one.words[language]
        if one.id not in named(word.replace("*", ""), language)
    ]
    assert missed == []


def test_two_complaints_are_both_named() -> None:
    assert set(named("headache and a sore throat since friday", "en")) == {
        "headache",
        "sore_throat",
    }


def test_what_stands_inside_a_longer_phrase_is_not_named_by_itself() -> None:
    # 血が止まらない alone is of a wound.
    assert named("鼻血が止まらない", "ja") == ("nosebleed",)
    assert "wound" in named("血が止まらない", "ja")


def test_adults_and_children_with_a_fever_are_both_offered() -> None:
    assert set(named("high temperature", "en")) == {"fever_adult", "fever_child"}


def test_a_word_inside_another_word_is_not_named() -> None:
    assert named("Is Dr Coughlan in? I want to reboil my offers", "en") == ()


def test_words_far_apart_are_no_phrase() -> None:
    assert "chest_pain" not in named(
        "my chest x-ray was fine but now there is no pain at all", "en"
    )


@pytest.mark.parametrize(
    "text", ["", " ", "👍", "123", "book a visit on Friday", "予約したい", "謝謝", "спасибо"]
)
def test_what_is_no_complaint_names_nothing(text: str) -> None:
    assert named(text, "en") == ()


def test_a_text_in_another_language_than_the_chat_is_read_too() -> None:
    assert named("頭が痛いです", "en") == ("headache",)
    assert named("болит голова", "ja") == ("headache",)


@pytest.mark.parametrize(
    "text", ["болит " * 2000, "痛" * 5000, "毒吐咳" * 2000, "chest pain " * 900]
)
def test_a_hostile_text_is_read_quickly(text: str) -> None:
    named(text, "ja")  # the words are read once
    started = time.process_time()
    named(text, "ja")
    assert time.process_time() - started < 0.5
