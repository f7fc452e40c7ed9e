from pathlib import Path

import numpy as np
import pytest

from nlu.embedded import load
from nlu.grams import folded, grams
from nlu.reading import INTENTS
from nlu.training.examples import read
from nlu.training.fit import Pieces, separate, write

EXAMPLES = [
    (f"{intent.replace('_', ' ')} number {words}", intent)
    for intent in INTENTS
    for words in ("one", "two please", "three now", "four my friend", "five then", "six of them")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model")
    write(made / "en.gz", "en", EXAMPLES, "a digest")
    return made


def test_training_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "en.gz", "en", EXAMPLES, "a digest")
    assert (tmp_path / "en.gz").read_bytes() == (folder / "en.gz").read_bytes()


def test_the_stored_model_weighs_as_the_trained_one(folder: Path) -> None:
    texts = [grams(folded(text, "en"), "en") for text, _ in EXAMPLES]
    pieces = Pieces.of(texts)
    target = np.array([INTENTS.index(intent) for _, intent in EXAMPLES])
    weights, bias = separate(pieces.matrix(texts), target)
    model = load("en", folder)
    for text in ("book number seven", "my visits, wholly unknown zebra words", "price"):
        exact = (pieces.matrix([grams(text, "en")]) @ weights.T + bias)[0]
        stored, _ = model.scores(text)
        assert np.abs(exact - np.array(stored)).max() < 0.02  # a byte a weight is all it has


def test_a_file_of_examples_is_rasas_yaml(tmp_path: Path) -> None:
    file = tmp_path / "some.yml"
    file.write_text(
        'version: "3.1"\nnlu:\n- intent: book\n  examples: |\n    - one\n    - "two": - 2\n\n'
        "- intent: way\n  examples: |\n    -  three \n"
    )
    assert read(file) == [("one", "book"), ('"two": - 2', "book"), ("three", "way")]
