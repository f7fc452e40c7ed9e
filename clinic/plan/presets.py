"""The plans that Kayoi brings along: clinic/plan/presets.yml."""

from functools import cache
from pathlib import Path

import yaml

from clinic.plan.read import read
from clinic.plan.types import Definition

FILE = Path(__file__).with_name("presets.yml")


@cache
def presets() -> tuple[Definition, ...]:
    """The plans of the file, in its order. Raises ValueError if one of them is wrong."""
    found = []
    for said in yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)["plans"]:
        definition = read(said)
        if not isinstance(definition, Definition):
            raise ValueError(f"{FILE.name}: {said.get('code')}: {definition}")
        found.append(definition)
    return tuple(found)
