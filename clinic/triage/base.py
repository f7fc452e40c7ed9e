"""Reading what is asked of everybody: `base.yml`, checked strictly."""

import math
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clinic.triage.checks import key_faults, text_faults
from clinic.triage.document import RuleFault, document
from clinic.triage.signature import Signature, parted
from clinic.triage.types import Band, Base, Only, Option, Question, RemoteRule

BASE = Path(__file__).with_name("base.yml")
LONGEST_ASK = 180  # signs: the first check names seven things
LONGEST_OPTION = 20  # signs: what a button of every channel takes
_KEYS = {"version", "questions", "bands", "old", "infant", "pregnancy", "person"}
_KEYS |= {"reasons", "remote"}
# What the rules speak of by name.
_QUESTIONS = {"first_check", "age", "sex", "pregnancy", "infant_not_right", "pregnancy_signs"}
_QUESTIONS |= {"modifiers", "function", "getting_worse", "severity", "temperature", "medicine"}
_REASONS = {"age_65", "infant", "before", "otherwise", "person", "unknown_presentation"}
_QUESTION = {"id", "source", "level", "unsure", "ask", "reason"}
_NUMBERS = {"minimum", "maximum"}
_BAND = {"level", "at_least", "below", "age_min", "age_below", "source"}
_REMOTE = {"level_min", "presentations", "age_below", "age_unknown", "pregnant", "in_person"}
_REMOTE |= {"circumstance"}


def read_base(path: Path) -> Base:
    """What is asked of everybody. Raises RuleFault with all that is wrong with the file."""
    said, signature = parted(document(path), path.name)
    return base_of(said, path.name, signature)


def base_of(said: Any, name: str, signature: Signature | None = None) -> Base:
    """The same from what a document says. Raises RuleFault, which calls the document by `name`."""
    faults = tuple(_faults(said))
    if faults:
        raise RuleFault(f"{name}: {'; '.join(faults)}")
    asked = said["pregnancy"]
    return Base(
        version=said["version"],
        questions=MappingProxyType({one["id"]: _question(one) for one in said["questions"]}),
        bands=MappingProxyType({name: _bands(found) for name, found in said["bands"].items()}),
        reasons=said["reasons"],
        old=said["old"]["age"],
        infant=said["infant"]["age"],
        infant_level=said["infant"]["level"],
        pregnancy=Only(age_min=asked["age_min"], age_max=asked["age_max"]),
        pregnancy_asked=frozenset(asked["presentations"]),
        person=said["person"],
        remote=tuple(_remote(one) for one in said["remote"]),
        content=said,
        signature=signature,
    )


def _question(said: dict[str, Any]) -> Question:
    options = tuple(Option(one["id"], one["text"]) for one in said.get("options", ()))
    rest = {key: value for key, value in said.items() if key not in ("source", "options")}
    return Question(**rest, options=options)


def _bands(said: list[dict[str, Any]]) -> tuple[Band, ...]:
    return tuple(
        Band(
            level=one["level"],
            at_least=one.get("at_least", -math.inf),
            below=one.get("below", math.inf),
            age_min=one.get("age_min", 0),
            age_below=one.get("age_below", math.inf),
        )
        for one in said
    )


def _remote(said: dict[str, Any]) -> RemoteRule:
    rest = {key: value for key, value in said.items() if key not in ("source", "presentations")}
    presentations = frozenset(said.get("presentations", ()))
    return RemoteRule(**rest, sources=tuple(said["source"]), presentations=presentations)


def _faults(said: Any) -> Iterator[str]:
    if not isinstance(said, dict) or set(said) != _KEYS:
        yield f"is no mapping of {', '.join(sorted(_KEYS))}"
        return
    yield from key_faults({one.get("id") for one in said["questions"]}, _QUESTIONS, "question ")
    for one in said["questions"]:
        yield from (f"question {one.get('id')}: {fault}" for fault in _question_faults(one))
    yield from key_faults(set(said["reasons"]), _REASONS, "reason ")
    for name, reason in said["reasons"].items():
        yield from text_faults(reason, f"reason {name}", LONGEST_ASK)
    for name, bands in said["bands"].items():
        for one in bands:
            yield from key_faults(set(one), {"level", "source"}, f"band of {name}: ", _BAND)
    for one in said["remote"]:
        where = f"remote {one.get('id')}: "
        needed = {"id", "source", "reason"}
        yield from key_faults(set(one), needed, where, needed | _REMOTE)
        yield from text_faults(one.get("reason"), f"{where}reason", LONGEST_ASK)


def _question_faults(said: dict[str, Any]) -> Iterator[str]:
    kind = said.get("kind", "yes_no")
    own = {"yes_no": set(), "number": _NUMBERS, "one": {"options"}, "many": {"options"}}.get(kind)
    if own is None:
        yield f"kind {kind} is unknown"
        return
    needed = _QUESTION | own
    yield from key_faults(set(said), needed, "", needed | {"kind"})
    yield from text_faults(said.get("ask"), "ask", LONGEST_ASK)
    yield from text_faults(said.get("reason"), "reason", LONGEST_ASK)
    for one in said.get("options", ()):
        yield from text_faults(one.get("text"), f"option {one.get('id')}", LONGEST_OPTION)
    for key in ("level", "unsure"):
        if said.get(key) not in (1, 2, 3, 4):
            yield f"{key} is not 1, 2, 3 or 4"
