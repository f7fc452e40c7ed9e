"""The groups that Kayoi brings along: clinic/lapse/presets.yml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from clinic.lapse.definition import read_group
from clinic.lapse.types import Group

FILE = Path(__file__).with_name("presets.yml")


@cache
def document() -> dict[str, Any]:
    """The file as it stands: `groups` as rows of care_group, `plan` the acts of treatment plans."""
    said: dict[str, Any] = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
    return said


@cache
def presets() -> tuple[Group, ...]:
    """The groups of the file, in its order. Raises ValueError if one of them is wrong."""
    found = []
    for position, said in enumerate(document()["groups"]):
        group = read_group({**said, "position": position})
        if not isinstance(group, Group):
            raise ValueError(f"{FILE.name}: {said.get('code')}: {group}")
        found.append(group)
    return tuple(found)
