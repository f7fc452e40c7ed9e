"""The interpreter that needs nothing: a linear model over the pieces of a text, in plain Python.

It is trained by scikit-learn (`make nlu`) and stored as data, so that no process that serves
patients loads scikit-learn and no pickle is read.
"""

import gzip
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from nlu import entities
from nlu.grams import folded, grams, probes
from nlu.reading import Intent, Reading
from nlu.script import GROUPS, Group, group, group_of

FOLDER = Path(__file__).parent / "model"
RANKED = 5  # intents of a reading
Ranking = tuple[tuple[Intent, float], ...]
_MIDDLE = 128  # a byte of a row less this is a weight


@dataclass(frozen=True, slots=True)
class Model:
    """The intents of one group of languages.

    `rows` numbers the pieces. A piece has a row of one byte an intent in `table`, and a byte in
    `weights`; `lengths` tells what such a byte counts in the length of the text. Whole tables: an
    object for each of a hundred thousand pieces would take megabytes.
    """

    group: Group
    intents: tuple[Intent, ...]
    bias: tuple[float, ...]  # one an intent, as the evidence is: before the temperature
    unit: float  # of a row's weights
    temperature: float
    floor: float  # the least share of a text's pieces that must be known
    unknown: float  # the weight of an unknown piece in the length of the text
    rows: dict[str, int]
    table: bytes
    weights: bytes
    lengths: tuple[float, ...]
    digest: str  # of what it was taught

    def scores(self, text: str) -> tuple[list[float], float]:
        """Evidence for each intent, and the share of the text's pieces that are known.

        `text` is folded.
        """
        rows = self.rows
        pieces = grams(text, self.group)
        found = [rows[piece] for piece in pieces if piece in rows]
        strange = len(pieces) - len(found)
        known = sum(self.lengths[self.weights[row]] for row in found)
        length = math.sqrt(known + strange * self.unknown)
        if not found:
            return list(self.bias), 0.0
        middle, width = _MIDDLE * len(found), len(self.intents)
        scale = self.unit / length
        evidence = [
            bias + (sum(column) - middle) * scale
            for bias, column in zip(
                self.bias,
                zip(*(self.table[row * width : (row + 1) * width] for row in found), strict=True),
                strict=True,
            )
        ]
        tried = probes(pieces, self.group)
        return evidence, sum(piece in rows for piece in tried) / (len(tried) or 1)

    def ranking(self, text: str) -> Ranking:
        """Intents with their probabilities, the best first. `text` is folded."""
        evidence, known = self.scores(text)
        probable = softmax(evidence, self.temperature)
        if known < self.floor:  # of another language, or of none: nothing that we know of is meant
            outside = self.intents.index("out_of_scope")
            probable = [chance * known for chance in probable]
            probable[outside] += 1 - known
        ranked = sorted(zip(self.intents, probable, strict=True), key=lambda pair: -pair[1])
        return tuple((intent, round(chance, 4)) for intent, chance in ranked[:RANKED])


def softmax(evidence: list[float], temperature: float) -> list[float]:
    """Probabilities that sum to 1."""
    most = max(evidence)
    powers = [math.exp((one - most) / temperature) for one in evidence]
    whole = sum(powers)
    return [power / whole for power in powers]


def _meant(ranking: Ranking) -> float:
    """How surely a text is about anything at all."""
    intent, confidence = ranking[0]
    return -confidence if intent == "out_of_scope" else confidence


@cache
def load(its_group: Group, folder: Path = FOLDER) -> Model:
    """The model of a group of languages, kept once it is read. Raises OSError if there is none."""
    with gzip.open(folder / f"{its_group}.gz") as file:
        head: dict[str, Any] = json.loads(file.readline())
        pieces = [file.readline()[:-1].decode() for _ in range(head["pieces"])]
        weights = file.read(len(pieces))
        table = file.read(len(pieces) * len(head["intents"]))
    return Model(
        group=its_group,
        intents=tuple(cast(Intent, intent) for intent in head["intents"]),
        bias=tuple(head["bias"]),
        unit=head["unit"],
        temperature=head["temperature"],
        floor=head["floor"],
        unknown=head["unknown"],
        rows={piece: row for row, piece in enumerate(pieces)},
        table=table,
        weights=weights,
        lengths=tuple((byte / head["steps"]) ** 2 for byte in range(256)),
        digest=head["digest"],
    )


class Embedded:
    """The interpreter in this process."""

    local = True

    def __init__(self, folder: Path = FOLDER) -> None:
        """Reads all models and lexicons, a second. Raises OSError if they are not there.

        Now, rather than while the first patient waits, and all who write after.
        """
        self._models = {its_group: load(its_group, folder) for its_group in GROUPS}
        for its_group in GROUPS:
            self.reading("", its_group)  # an empty text asks for every lexicon

    async def read(self, text: str, language: str) -> Reading:
        """What the text means; empty texts and signs alone mean nothing we know of."""
        return self.reading(text, language)

    def reading(self, text: str, language: str) -> Reading:
        """The same, without waiting for anything: the model takes a fraction of a millisecond."""
        its_group, own = group(text, language), group_of(language)
        form = folded(text, its_group)
        ranking = self._models[its_group].ranking(form)
        if its_group == "en" and own != "en":
            # It may be English, or the chat's language in Latin letters: "atama itai", "nihao".
            ranking = max(ranking, self._models[own].ranking(form), key=_meant)
        return Reading(ranking, entities.read(form, its_group))

    async def close(self) -> None:
        """It holds nothing."""
