"""A clinician's signature in a file of triage rules: who stands for which text, since when.

`signature: null`, or `signature: {name: ..., on: 2026-11-23, digest: ...}` where the digest is that
of all else the file says (`kayoi triage list` prints it). A text changed under a signature is
refused, so the field cannot be wrong without anybody noticing. It travels with the file; what a
clinic's own doctor signs in the panel is kept in the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from clinic.triage.document import RuleFault, digest

FIELD = "signature"
_KEYS = {"name", "on", "digest"}
LONGEST_NAME = 80  # signs


@dataclass(frozen=True, slots=True)
class Signature:
    """Who stands for the text, and since which day."""

    name: str
    on: date


def parted(said: Any, name: str) -> tuple[Any, Signature | None]:
    """What a document says beside its signature, and the signature.

    Raises RuleFault, which calls the document by `name`, if the field is missing or cannot be read,
    or if the text is not the one that was signed.
    """
    if not isinstance(said, dict):
        return said, None
    if FIELD not in said:
        raise RuleFault(f"{name}: {FIELD} is missing: null until a clinician signs")
    rest = {key: value for key, value in said.items() if key != FIELD}
    given = said[FIELD]
    if given is None:
        return rest, None
    signature = _read(given)
    if signature is None:
        raise RuleFault(f"{name}: {FIELD} is neither null nor a name, a day (on) and a digest")
    if given["digest"] != digest(rest):
        raise RuleFault(
            f"{name}: was changed after {signature.name} signed it on {signature.on}: "
            f"set {FIELD} to null until it is signed again"
        )
    return rest, signature


def _read(given: Any) -> Signature | None:
    if not isinstance(given, Mapping) or set(given) != _KEYS:
        return None
    name, on = given["name"], given["on"]
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        return None
    # YAML reads a day without quotes as a date; a datetime is one too.
    if not isinstance(on, date) or isinstance(on, datetime):
        return None
    return Signature(name.strip(), on) if isinstance(given["digest"], str) else None
