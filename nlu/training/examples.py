"""The examples that the models are taught from, as Rasa's YAML holds them."""

import hashlib
import re
from pathlib import Path
from typing import Any

import yaml

from nlu.lexicon import LOOKUP
from nlu.script import Group

DATA = Path(__file__).parents[1] / "data"
LANGUAGES: dict[str, Group] = {"en": "en", "ja": "ja", "zh-Hant": "zh", "zh-Hans": "zh", "ru": "ru"}
_ITEM = re.compile(r"^\s*-\s(.*)$", re.MULTILINE)


def read(file: Path) -> list[tuple[str, str]]:
    """Text and intent of every example of a file. Raises KeyError or YAMLError if it is none."""
    document: dict[str, Any] = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    return [
        (found.strip(), part["intent"])
        for part in document["nlu"]
        for found in _ITEM.findall(part["examples"])
        if found.strip()
    ]


def files(group: Group, data: Path = DATA) -> list[Path]:
    """The files that a model is taught from."""
    return [
        file
        for language, its_group in LANGUAGES.items()
        if its_group == group
        for file in sorted((data / language).glob("*.yml"))
    ]


def taught(group: Group, data: Path = DATA) -> list[tuple[str, str]]:
    """Text and intent of all examples of a model."""
    return [pair for file in files(group, data) for pair in read(file)]


def digest(group: Group, data: Path = DATA) -> str:
    """The SHA-256 of all that a model is taught: another one asks for `make nlu`."""
    found = hashlib.sha256()
    for pair in taught(group, data):
        found.update("\t".join(pair).encode() + b"\n")
    for file in sorted(LOOKUP.glob("*.yml")):
        found.update(file.read_bytes())
    return found.hexdigest()
