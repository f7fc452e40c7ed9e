"""What the assistant would make of a sentence: the very reading and the very turn that a patient's
would get, with the clinic's topics as they are on the page."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from clinic.config import Settings
from clinic.faq.types import OWN, OwnTopic
from flows import faq, guess, texts
from flows.dialogue import receive
from flows.engine import Context
from flows.events import Said
from flows.stack import Dialogue, top_of
from nlu.embedded import Embedded
from nlu.reading import Likeness
from nlu.topics import Taught, Topics, grade

LISTED = 3  # topics, with how near they are


@dataclass(frozen=True, slots=True)
class Nearby:
    """A topic of the clinic's own and how near the sentence is: 0 to 100, and what that does."""

    name: str
    percent: int
    likeness: Likeness | Literal["far"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen. own and fixed: `names` has the topic that is told; asked: the buttons.

    emergency: a red flag; other: something else goes on, `names` has what was understood, if that
    has a name; nothing: it is not understood.
    """

    outcome: Literal["own", "fixed", "asked", "emergency", "other", "nothing"]
    names: tuple[str, ...]
    nearby: tuple[Nearby, ...]


async def tried(
    sentence: str, language: str, topics: Sequence[OwnTopic], settings: Settings, now: datetime
) -> Tried:
    """Try a sentence of a patient whose language is `language`. Raises OSError without models."""
    reader = await asyncio.to_thread(_reader)
    mine = Topics(Taught(one.id, one.words.names, one.words.examples) for one in topics)
    reading = reader.reading(sentence, language)
    near = mine.find(sentence, language)
    said = Said(sentence, type(reading)(reading.ranking, reading.entities, near))
    top = top_of(receive(Dialogue(), said, _context(language, settings, now)).dialogue)
    names = {one.id: mine.name(one.id, language) for one in topics}
    nearby = tuple(
        Nearby(names[key], round(likeness * 100), grade(likeness, sentence, language) or "far")
        for key, likeness in mine.ranked(sentence, language)[:LISTED]
    )
    label = guess.LABELS.get(reading.intent)
    understood = (texts.text(label, {}, language),) if label else ()
    match top.step if top else None:
        case faq.Tell(topic) if topic.startswith(OWN):
            return Tried("own", (names[int(topic.removeprefix(OWN))],), nearby)
        case faq.Tell(topic):
            return Tried("fixed", (topic,), nearby)
        case guess.DidYouMean(intents, own):
            labels = (texts.text(guess.LABELS[one], {}, language) for one in intents)
            return Tried("asked", (*(name for _, name in own), *labels)[: guess.MOST], nearby)
    flow = top.flow if top else ""
    if flow == "emergency":
        return Tried("emergency", (), nearby)
    missed = flow == "menu" and reading.intent not in ("greeting", "thanks")
    return Tried("nothing" if missed else "other", understood, nearby)


def _context(language: str, settings: Settings, now: datetime) -> Context:
    return Context(
        now=now,
        language=language,
        languages=settings.clinic.languages,
        clinic_name=settings.clinic.name,
        clinic_phone=settings.clinic.phone,
        emergency_number=settings.clinic.emergency_number,
        notice_version=settings.clinic.notice_in_force,
        channel="webchat",
    )


@cache
def _reader() -> Embedded:
    """The embedded interpreter: a second for the first who tries."""
    return Embedded()
