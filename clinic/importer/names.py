"""The one name to store, out of the several that FHIR and HL7 v2 hold of one person.

Both write a name as kanji, kana and letters apart, with the same codes for which is which.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from clinic.importer.normal import shown

Writing = Literal["kanji", "kana", "latin", ""]

LONGEST = 200  # characters; what is longer is no name
_KANA = re.compile(r"[\u30a0-\u30ff\u3040-\u309f\uff65-\uff9f\s]+")
_FAMILY_FIRST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff65-\uff9f]")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a source writes it. `rank` orders them, the lowest is the one in use."""

    family: str
    given: str
    text: str = ""  # the whole, where the source has no parts
    writing: Writing = ""
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """What `Person` takes. `kana_only`: the name is kana, as no other is told."""

    name: str = ""
    kana: str = ""
    kana_only: bool = False


def choose(names: Sequence[Name]) -> Chosen:
    """Kanji before letters, and the reading beside it; a name in kana where there is only that."""
    ordered = [(one, _whole(one)) for one in sorted(names, key=lambda one: one.rank)]
    told = [(one.writing or _by_look(whole), whole) for one, whole in ordered if whole]
    kana = next((whole for writing, whole in told if writing == "kana"), "")
    name = next((whole for writing, whole in told if writing in ("kanji", "")), "")
    name = name or next((whole for writing, whole in told if writing == "latin"), "") or kana
    is_kana = bool(name) and _by_look(name) == "kana"
    return Chosen(name, kana or (name if is_kana else ""), is_kana)


def _whole(name: Name) -> str:
    family, given = shown(name.family[: LONGEST + 1]), shown(name.given[: LONGEST + 1])
    parts = [family, given] if _FAMILY_FIRST.search(family + given) else [given, family]
    whole = " ".join(part for part in parts if part) or shown(name.text[: LONGEST + 1])
    return whole if len(whole) <= LONGEST else ""


def _by_look(name: str) -> Writing:
    return "kana" if _KANA.fullmatch(name) else ""
