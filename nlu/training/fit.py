"""Teaching one model: weights, calibration and limits, from the examples alone."""

import gzip
import io
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from nlu.grams import folded, grams, probes
from nlu.reading import INTENTS
from nlu.script import Group

# Chosen by cross-validation over all languages, from the training data alone.
STRENGTH = 2.0  # C of the machine
OUTSIDE = 2.0  # how much an example of out_of_scope weighs
UNKNOWN = 0.2  # how much an unknown piece weighs, of what the rarest known one does
STEPS = 25  # of the weight of a piece: a byte holds up to 10.2
FOLDS = 5
Examples = Sequence[tuple[str, str]]
_OUTSIDE = INTENTS.index("out_of_scope")
Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """Which pieces there are, and how much each counts."""

    column: dict[str, int]
    weight: Floats  # quantised as it will be stored
    unknown: float

    @classmethod
    def of(cls, texts: Sequence[list[str]]) -> "Pieces":
        """Pieces of the texts, each weighed by how few of them have it."""
        count = Counter(piece for text in texts for piece in text)
        column = {piece: number for number, piece in enumerate(sorted(count))}
        weight = np.array([math.log((1 + len(texts)) / (1 + count[x])) + 1 for x in column])
        unknown = UNKNOWN * (math.log(1 + len(texts)) + 1) ** 2
        return cls(column, np.round(weight * STEPS) / STEPS, round(unknown, 4))

    def matrix(self, texts: Sequence[list[str]]) -> csr_matrix:
        """One row a text, of length 1 if all its pieces are known."""
        data: list[float] = []
        columns: list[int] = []
        starts = [0]
        for text in texts:
            known = [self.column[piece] for piece in text if piece in self.column]
            weights = self.weight[known]
            strange = len(text) - len(known)
            length = math.sqrt(float((weights**2).sum()) + strange * self.unknown) or 1.0
            data.extend(weights / length)
            columns.extend(known)
            starts.append(len(columns))
        return csr_matrix((data, columns, starts), shape=(len(texts), len(self.column)))

    def known(self, text: list[str], group: Group) -> float:
        """The share of a text's probes that are known."""
        tried = probes(text, group)
        return sum(piece in self.column for piece in tried) / (len(tried) or 1)


def separate(matrix: csr_matrix, target: Numbers) -> tuple[Floats, Floats]:
    """Weights (intent by piece) and biases of linear machines, one an intent against the rest."""
    weights = dict.fromkeys(range(len(INTENTS)), 1.0) | {_OUTSIDE: OUTSIDE}
    machine = LinearSVC(C=STRENGTH, class_weight=weights, random_state=7)
    machine.fit(matrix, target)
    assert list(machine.classes_) == list(range(len(INTENTS))), "an intent without examples"
    return machine.coef_, machine.intercept_


@dataclass(frozen=True)
class Held:
    """What a model that had not seen them says of the examples."""

    target: Numbers
    evidence: Floats
    known: Floats


def folds(group: Group, examples: Examples) -> list[tuple[Numbers, Numbers]]:
    """Numbers of the examples to learn from and to be asked about, FOLDS times.

    What has the same pieces stays on one side.
    """
    texts = [grams(folded(text, group), group) for text, _ in examples]
    same = [" ".join(sorted(text)) for text in texts]
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=7)
    return list(splitter.split(texts, _targets(examples), same))


def cross_validate(group: Group, examples: Examples) -> Held:
    """Every example judged by a model of the others."""
    texts = [grams(folded(text, group), group) for text, _ in examples]
    target = _targets(examples)
    evidence = np.zeros((len(texts), len(INTENTS)))
    known = np.zeros(len(texts))
    for learn, test in folds(group, examples):
        pieces = Pieces.of([texts[n] for n in learn])
        weights, bias = separate(pieces.matrix([texts[n] for n in learn]), target[learn])
        asked = [texts[n] for n in test]
        evidence[test] = pieces.matrix(asked) @ weights.T + bias
        known[test] = [pieces.known(text, group) for text in asked]
    return Held(target, evidence, known)


def _targets(examples: Examples) -> Numbers:
    number: dict[str, int] = {intent: number for number, intent in enumerate(INTENTS)}
    return np.array([number[intent] for _, intent in examples])


def probabilities(evidence: Floats, temperature: float) -> Floats:
    """Softmax of each row."""
    powers = np.exp((evidence - evidence.max(axis=1, keepdims=True)) / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def temperature_of(held: Held) -> float:
    """The one under which the held-out examples are the least surprising."""

    def surprise(temperature: float) -> float:
        chance = probabilities(held.evidence, temperature)
        right = chance[np.arange(len(held.target)), held.target]
        return float(-np.log(np.maximum(right, 1e-12)).mean())

    return float(minimize_scalar(surprise, bounds=(0.02, 2), method="bounded").x)


def write(file: Path, group: Group, examples: Examples, digest: str) -> Held:
    """Train on all examples, calibrate on held-out ones, and store the model."""
    held = cross_validate(group, examples)
    inside = held.known[held.target != _OUTSIDE]
    texts = [grams(folded(text, group), group) for text, _ in examples]
    target = _targets(examples)
    pieces = Pieces.of(texts)
    weights, bias = separate(pieces.matrix(texts), target)
    rows = (weights * pieces.weight).T  # piece by intent
    unit = float(np.abs(rows).max() / 127)
    stored = np.round(rows / unit).astype(np.int16) + 128
    head = {
        "group": group,
        "intents": INTENTS,
        "bias": [round(float(one), 5) for one in bias],
        "unit": unit,
        "temperature": round(temperature_of(held), 3),
        "floor": round(float(np.quantile(inside, 0.01)), 3),
        "unknown": pieces.unknown,
        "steps": STEPS,
        "pieces": len(pieces.column),
        "digest": digest,
    }
    whole = io.BytesIO()
    whole.write(json.dumps(head).encode() + b"\n")
    whole.write("".join(f"{piece}\n" for piece in pieces.column).encode())
    whole.write(np.round(pieces.weight * STEPS).astype(np.uint8).tobytes())
    whole.write(stored.astype(np.uint8).tobytes())
    file.write_bytes(gzip.compress(whole.getvalue(), 9, mtime=0))
    return held


def accuracy(held: Held) -> float:
    """The share of the examples in scope whose best intent is theirs."""
    inside = held.target != _OUTSIDE
    return float((held.evidence.argmax(axis=1) == held.target)[inside].mean())
