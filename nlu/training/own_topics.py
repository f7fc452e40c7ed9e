"""How well topics that a clinic writes itself are found: a section of docs/nlu.md.

The topics are the demonstration clinic's and two more; the sentences are apart from their examples.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from clinic.faq.demo import DEMO
from nlu import own_topic
from nlu.embedded import Embedded
from nlu.reading import ACT, Reading
from nlu.topics import Taught, Topics
from nlu.training.examples import LANGUAGES

SENTENCES = Path(__file__).parents[2] / "tests" / "nlu" / "data" / "topics.yml"
_DEMO = ("video", "price", "night")  # what the file calls them


@dataclass(frozen=True, slots=True)
class Found:
    """Of the sentences about a topic: `told` at once, `offered` as a button, another one `wrong`.

    Of the `others`: `stolen` were told a topic, `asked` were offered one.
    """

    sentences: int
    told: int
    offered: int
    wrong: int
    others: int
    stolen: int
    asked: int


def figures() -> dict[str, Found]:
    """By language. Raises OSError without the models or the sentences."""
    data: dict[str, Any] = yaml.load(SENTENCES.read_text("utf-8"), yaml.CSafeLoader)
    names = (*_DEMO, *data["more"])
    taught = [Taught(n, one.names, one.examples) for n, one in enumerate(DEMO)]
    taught += [
        Taught(n, {}, examples) for n, examples in enumerate(data["more"].values(), len(DEMO))
    ]
    topics, reader = Topics(taught), Embedded()
    found = {}
    for language in LANGUAGES:

        def read(text: str, language: str = language) -> tuple[str, set[str]]:
            reading = reader.reading(text, language)
            return _outcome(Reading(reading.ranking, (), topics.find(text, language)))

        meant = [
            (f"own:{names.index(topic)}", read(text))
            for topic, by_language in data["match"].items()
            for text in by_language[language]
        ]
        others = [read(text) for text in data["other"][language]]
        found[language] = Found(
            sentences=len(meant),
            told=sum(told == topic for topic, (told, _) in meant),
            offered=sum(told != topic and topic in offered for topic, (told, offered) in meant),
            wrong=sum(told.startswith("own:") and told != topic for topic, (told, _) in meant),
            others=len(others),
            stolen=sum(told.startswith("own:") for told, _ in others),
            asked=sum(bool(offered) for _, offered in others),
        )
    return found


def _outcome(reading: Reading) -> tuple[str, set[str]]:
    """What is told or done, and which of the clinic's topics are offered, as the dialogue does."""
    if told := own_topic.own(reading):
        return told, set()
    near = {code for code, _ in own_topic.asked(reading)}
    if reading.confidence >= ACT and not own_topic.contested(reading):
        return reading.intent, near if own_topic.known(reading.intent) else set()
    return "", near


def section() -> str:
    """The section, as it stands in docs/nlu.md."""
    rows = "\n".join(
        f"| {tag} | {it.sentences} | {it.told / it.sentences:.2f} | "
        f"{(it.told + it.offered) / it.sentences:.2f} | {it.wrong} | {it.others} | {it.stolen} | "
        f"{it.asked} |"
        for tag, it in figures().items()
    )
    return f"""## Topics that a clinic writes itself
Found by likeness to the clinic's examples (`nlu/topics.py`), five or six in a language, with five
topics in use. `tests/nlu/data/topics.yml` was written before the matcher and apart from the
examples, by the same hand. The limits were chosen on the models' training sentences; the one for
asking was lowered after a look at how many of these were missed, and as what. *Told*: answered at
once. *Reached*: told, or offered as a button. *Wrong*: another own topic was told. Of other
sentences, *stolen*: an own topic was told; *asked*: one was among the buttons.

| language | about a topic | told | reached | wrong | others | stolen | asked |
|---|---|---|---|---|---|---|---|
{rows}
"""
