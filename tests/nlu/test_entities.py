import pytest

from nlu import lexicon
from nlu.embedded import Embedded
from nlu.entities import KINDS, read
from nlu.grams import folded
from nlu.script import GROUPS, Group

SORTS = (*KINDS, "topic")


def named(text: str, group: Group) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in read(folded(text, group), group)]


@pytest.mark.parametrize(
    ("group", "text", "expected"),
    [
        ("en", "my head really hurts since this morning", ["headache", "morning"]),
        (
            "en",
            "Tomorrow afternoon for my DAUGHTER, she coughs",
            ["afternoon", "daughter", "cough"],
        ),
        ("en", "my mother-in-law has chest pains", ["mother", "chest_pain"]),
        ("ja", "娘が昨日の夜から熱があり、咳も出ます", ["daughter", "night", "fever", "cough"]),
        ("ja", "午前中に母の予約を", ["morning", "mother"]),
        ("ja", "ﾒﾏｲがします", ["dizziness"]),
        ("zh", "我媽媽頭很痛，想約下午", ["mother", "headache", "afternoon"]),
        ("zh", "儿子拉肚子,还发烧", ["son", "diarrhoea", "fever"]),
        ("ru", "у дочери сильно болит голова с утра", ["daughter", "headache", "morning"]),
        ("ru", "запишите моего мужа вечером, у него кашель", ["spouse", "evening", "cough"]),
        ("ru", "головная боль и температура у ребёнка", ["headache", "fever", "child"]),
    ],
)
def test_entities_stand_in_the_order_of_the_text(
    group: Group, text: str, expected: list[str]
) -> None:
    assert [value for _, value in named(text, group)] == expected


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("en", "the person in the reception"),  # no son
        ("en", "what a coincidence"),
        ("en", "good morning"),
        ("en", "sober"),
        ("ja", "大丈夫です"),
        ("ja", "親切な対応でした"),
        ("ru", "тест сдан"),  # тесть
        ("ru", "женщина"),  # жена
        ("ru", "доброе утро"),
        ("zh", "早上好"),
    ],
)
def test_a_word_that_only_looks_like_one_is_none(group: Group, text: str) -> None:
    assert named(text, group) == []


def test_the_longest_phrase_is_meant() -> None:
    assert named("I want it early in the morning", "en") == [("part_of_day", "early_morning")]
    assert named("父母", "ja") == [("person", "parents")]


def test_a_value_is_told_once_with_the_patients_first_words() -> None:
    found = read("cough and more coughing", "en")
    assert [(one.value, one.text) for one in found] == [("cough", "cough")]


@pytest.mark.parametrize("kind", SORTS)
@pytest.mark.parametrize("group", GROUPS)
def test_phrases_stand_in_the_form_in_which_texts_are_read(group: Group, kind: str) -> None:
    phrases = [phrase for values in lexicon.lookup(kind).values() for phrase in values[group]]
    assert [phrase for phrase in phrases if folded(phrase, group) != phrase] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("group", GROUPS)
def test_every_value_has_five_phrases_and_no_phrase_two_values(group: Group, kind: str) -> None:
    values = lexicon.lookup(kind)
    assert [value for value in values if value != "none" and len(values[value][group]) < 5] == []
    phrases = [phrase for phrases in values.values() for phrase in phrases[group]]
    assert len(phrases) == len(set(phrases))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("group", GROUPS)
def test_every_phrase_alone_names_its_value(group: Group, kind: str) -> None:
    lost = [
        phrase
        for value, phrases in lexicon.lookup(kind).items()
        for phrase in (one[group] for one in [phrases])
        for phrase in phrase
        if value != "none"
        and (kind, value) not in named(phrase.replace("*", "").replace(" .. ", " "), group)
    ]
    assert lost == []


def test_there_are_the_presentations_of_triage() -> None:
    assert len(lexicon.lookup("symptom")) >= 50


def test_the_interpreter_tells_entities() -> None:
    reading = Embedded().reading("appointment for my daughter, she has a fever", "en")
    assert {one.value for one in reading.entities} == {"daughter", "fever"}
