"""Topics that a clinic writes itself, found in sentences apart from their examples."""

from time import process_time

import pytest

from clinic.faq.demo import DEMO
from clinic.faq.types import MOST_OWN
from nlu.topics import LIMITS, Taught, Topics
from nlu.training.own_topics import figures

# (told or offered, told) of the sentences about a topic, at least. What has been reached.
REACHED = {
    "en": (0.87, 0.31),
    "ja": (0.81, 0.18),
    "zh-Hant": (1.0, 0.5),
    "zh-Hans": (1.0, 0.37),
    "ru": (0.93, 0.5),
}


@pytest.fixture(scope="module")
def topics() -> Topics:
    return Topics(Taught(n, one.names, one.examples) for n, one in enumerate(DEMO))


def test_the_figures_of_the_documentation_hold() -> None:
    for language, found in figures().items():
        reached, told = REACHED[language]
        assert found.sentences >= 15, language
        assert found.others >= 40, language
        assert (found.told + found.offered) / found.sentences >= reached, language
        assert found.told / found.sentences >= told, language
        assert found.wrong == 0, language
        assert found.stolen <= 1, language


@pytest.mark.parametrize("language", ["en", "ja", "zh-Hant", "zh-Hans", "ru"])
def test_an_example_is_plainly_its_own_topic(topics: Topics, language: str) -> None:
    for number, topic in enumerate(DEMO):
        for example in topic.examples[language]:
            near = topics.find(example, language)[0]
            assert (near.topic, near.likeness) == (number, "plain"), example
            assert near.name == topic.names[language]


@pytest.mark.parametrize("text", ["", "   ", "!!!", "😀" * 50, "x" * 5000, "\u202e\x00"])
def test_odd_texts_are_near_nothing(topics: Topics, text: str) -> None:
    assert topics.find(text, "en") == ()


def test_without_topics_nothing_is_near() -> None:
    assert Topics().find("do you do video visits", "en") == ()
    assert Topics([Taught(1, {}, {})]).find("do you do video visits", "en") == ()


def test_a_topic_that_is_written_in_one_language_is_found_in_it_and_named_in_it() -> None:
    topics = Topics([Taught(7, {"ja": "往診"}, {"ja": ("往診はありますか",)})])
    assert topics.find("往診はありますか", "ru")[0].name == "往診"
    assert topics.find("есть ли выезд врача на дом", "ru") == ()


def test_limits_rise_from_likely_to_plain() -> None:
    assert all(likely < sure < plain for likely, sure, plain in LIMITS.values())


def test_many_topics_are_looked_for_in_a_few_milliseconds() -> None:
    """Every text of every patient is held against all of them."""
    many = Topics(Taught(n, DEMO[n % 3].names, DEMO[n % 3].examples) for n in range(MOST_OWN))
    began = process_time()
    for _ in range(50):
        many.find("скажите, пожалуйста, можно ли к вам прийти завтра после обеда", "ru")
    assert (process_time() - began) / 50 < 0.02
