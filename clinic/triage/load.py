"""The presentations: one YAML file each, checked strictly, read once."""

import itertools
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinic.triage.base import BASE, read_base
from clinic.triage.checks import presentation_faults
from clinic.triage.document import RuleFault, document
from clinic.triage.signature import Signature, parted
from clinic.triage.types import Base, Only, Presentation, Question

FOLDER = Path(__file__).parent / "presentations"


@cache
def catalogue() -> Mapping[str, Presentation]:
    """All presentations by id, in the order of their numbers. Raises RuleFault."""
    return read_folder(FOLDER, read_base(BASE))


def read_folder(folder: Path, base: Base) -> Mapping[str, Presentation]:
    """All presentations of a folder. Raises RuleFault, also if two have one number."""
    found = sorted(
        (read(path, base) for path in sorted(folder.glob("*.yml"))), key=lambda one: one.number
    )
    for one, after in itertools.pairwise(found):
        if one.number == after.number:
            raise RuleFault(f"{after.id}.yml: number {one.number} is that of {one.id}.yml")
    return MappingProxyType({one.id: one for one in found})


def read(path: Path, base: Base) -> Presentation:
    """One presentation, on top of what is asked of everybody.

    Raises RuleFault with all that is wrong with the file.
    """
    said, signature = parted(document(path), path.name)
    return presentation_of(said, path.stem, base, signature)


def presentation_of(
    said: Any, name: str, base: Base, signature: Signature | None = None
) -> Presentation:
    """The same from what a document says. Raises RuleFault with all that is wrong with it."""
    faults = tuple(presentation_faults(said, name, base.questions))
    if faults:
        raise RuleFault(f"{name}.yml: {'; '.join(faults)}")
    return Presentation(
        id=said["id"],
        number=said["number"],
        version=said["version"],
        sources=tuple(said["source"]),
        title=said["title"],
        words={language: tuple(words) for language, words in said["words"].items()},
        only=Only(**said.get("only", {})),
        always=said.get("always"),
        modifiers="modifiers" in said,
        fever=said.get("fever", False),
        questions=tuple(_question(one) for one in said.get("questions", ())),
        otherwise=said["always"] if "always" in said else said["otherwise"],
        care=said.get("care"),
        come_back=said["come_back"],
        base=base,
        content=said,
        signature=signature,
    )


def _question(said: dict[str, Any]) -> Question:
    return Question(
        id=said["id"],
        level=said["level"],
        unsure=min(said["level"], 3),  # stop point 5: unknown is at least the same day
        ask=said["ask"],
        reason=said["reason"],
        only=Only(**said.get("only", {})),
    )
