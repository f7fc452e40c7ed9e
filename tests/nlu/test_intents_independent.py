"""The figures that were promised, on sentences written before the training data and never used."""

from pathlib import Path

import pytest

from nlu.embedded import Embedded
from nlu.grams import folded
from nlu.reading import ASK, INTENTS
from nlu.training.examples import LANGUAGES, read, taught

HERE = Path(__file__).parent / "data"
Examples = list[tuple[str, str]]


def sentences(language: str) -> Examples:
    return read(HERE / f"intents_{language}.yml")


def unseen(language: str) -> Examples:
    """Without "hi" and the like, which anybody would write into training data too."""
    group = LANGUAGES[language]
    known = {folded(text, group) for text, _ in taught(group)}
    return [
        (text, intent) for text, intent in sentences(language) if folded(text, group) not in known
    ]


@pytest.fixture(scope="module")
def embedded() -> Embedded:
    return Embedded()


@pytest.mark.parametrize("chosen", [sentences, unseen])
@pytest.mark.parametrize("language", LANGUAGES)
def test_intents_of_independent_sentences(
    embedded: Embedded, language: str, chosen: type[Examples]
) -> None:
    inside = [(text, intent) for text, intent in chosen(language) if intent != "out_of_scope"]
    wrong = [
        f"{text}: {found}, not {intent}"
        for text, intent in inside
        if (found := embedded.reading(text, language).intent) != intent
    ]
    assert len(wrong) / len(inside) <= 0.05, wrong


@pytest.mark.parametrize("chosen", [sentences, unseen])
@pytest.mark.parametrize("language", LANGUAGES)
def test_independent_sentences_out_of_scope_are_refused(
    embedded: Embedded, language: str, chosen: type[Examples]
) -> None:
    outside = [text for text, intent in chosen(language) if intent == "out_of_scope"]
    taken = [
        f"{text}: {reading.intent} {reading.confidence}"
        for text in outside
        for reading in [embedded.reading(text, language)]
        if reading.intent != "out_of_scope" and reading.confidence >= ASK
    ]
    assert len(taken) / len(outside) <= 0.1, taken


def test_there_are_40_sentences_of_every_intent() -> None:
    count = dict.fromkeys(INTENTS, 0)
    for language in LANGUAGES:
        for _, intent in sentences(language):
            count[intent] += 1  # type: ignore[index]  # an intent that is none must fail here
    assert min(count.values()) >= 40
