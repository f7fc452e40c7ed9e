"""The topics that a clinic wrote itself, found in a text by what their examples are made of.

The pieces of a text, weighed as the embedded model weighs them, are held against those of each
example and against those of all examples of a topic. Nothing is trained, so a topic is found as
soon as it is saved. How well is measured: docs/nlu.md.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clinic.faq.rules import told
from nlu.embedded import load
from nlu.grams import folded, grams
from nlu.reading import Likeness, Near
from nlu.script import GROUPS, Group, group, group_of

# From these likenesses on a topic is likely, sure and plain (nlu.reading.Near). They were chosen on
# the models' training sentences: one in 20 of those reaches the first, one in 200 the second, and
# above it nearly all are about such a topic.
LIMITS: Mapping[Group, tuple[float, float, float]] = {
    "en": (0.16, 0.36, 0.42),
    "ja": (0.10, 0.27, 0.33),
    "ru": (0.14, 0.33, 0.40),
    "zh": (0.10, 0.25, 0.33),
}
GRADES: tuple[Likeness, ...] = ("likely", "sure", "plain")
MOST = 2  # topics that are asked about
_NEAREST = 0.5  # the part of the nearest example in a likeness; the rest is all of them together
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Taught:
    """A topic as it is looked for: its names and examples, by language."""

    id: int
    names: Mapping[str, str]
    examples: Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class _Profile:
    """A topic in one group of languages: its examples with their lengths, and their mean."""

    id: int
    examples: tuple[tuple[Weights, float], ...]
    mean: Weights


class Topics:
    """All topics of a clinic that are in use."""

    def __init__(self, taught: Iterable[Taught] = ()) -> None:
        """Raises OSError if the embedded models are not there."""
        kept = tuple(taught)
        self._names = {one.id: one.names for one in kept}
        self._profiles: dict[Group, list[_Profile]] = {
            its_group: [made for one in kept if (made := _profile(one, its_group))]
            for its_group in GROUPS
        }

    def find(self, text: str, language: str) -> tuple[Near, ...]:
        """The topics that a text may be about, the likeliest first. `language`: the chat's."""
        ranked = self.ranked(text, language)[:MOST]
        graded = ((topic, grade(likeness, text, language)) for topic, likeness in ranked)
        return tuple(Near(topic, self.name(topic, language), it) for topic, it in graded if it)

    def name(self, topic: int, language: str) -> str:
        """What somebody who reads `language` reads on its button. Raises KeyError."""
        return told(self._names[topic], language).words

    def ranked(self, text: str, language: str) -> list[tuple[int, float]]:
        """All topics with their likenesses (0 to 1) to a text, the likeliest first."""
        its_group = group(text, language)
        profiles = self._profiles[its_group]
        said = _weights(text, its_group) if profiles else {}
        length = math.sqrt(sum(said.values()))
        if not length:
            return []
        found = [(one.id, _likeness(said, one) / length) for one in profiles]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def grade(likeness: float, text: str, language: str) -> Likeness | None:
    """What a likeness to a text is worth; None: nothing."""
    reached = sum(likeness >= limit for limit in LIMITS[group(text, language)])
    return GRADES[reached - 1] if reached else None


def _likeness(said: Weights, to: _Profile) -> float:
    shared = said.keys() & to.mean.keys()  # a small part, and no other can count
    nearest = max(
        sum(said[piece] for piece in shared if piece in example) / length
        for example, length in to.examples
    )
    whole = sum(said[piece] * to.mean[piece] for piece in shared)
    return _NEAREST * nearest + (1 - _NEAREST) * whole


def _profile(topic: Taught, its_group: Group) -> _Profile | None:
    """None where nothing is written in these languages."""
    by_language = [*topic.examples.items(), *((tag, (name,)) for tag, name in topic.names.items())]
    texts = {
        text for tag, those in by_language if group_of(tag) == its_group for text in those if text
    }
    examples = [found for text in sorted(texts) if (found := _weights(text, its_group))]
    if not examples:
        return None
    times = Counter(piece for one in examples for piece in one)
    weights = {piece: weight for one in examples for piece, weight in one.items()}
    parts = {piece: math.sqrt(count / len(examples)) for piece, count in times.items()}
    length = math.sqrt(sum(weights[piece] * part**2 for piece, part in parts.items()))
    return _Profile(
        topic.id,
        tuple((one, math.sqrt(sum(one.values()))) for one in examples),
        {piece: part / length for piece, part in parts.items()},
    )


def _weights(text: str, its_group: Group) -> Weights:
    """The pieces of a text with what they weigh: the rare ones say the most."""
    model = load(its_group)
    rows, known = model.rows, model.lengths
    return {
        piece: (known[model.weights[rows[piece]]] if piece in rows else model.unknown) ** 2
        for piece in grams(folded(text, its_group), its_group)
    }
