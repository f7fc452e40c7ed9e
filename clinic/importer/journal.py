"""What an import wrote into a patient, and what stood there before, as JSON holds it."""

import base64
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

# Encrypted columns, and the kind of their blind index if they have one.
SEALED: dict[str, str | None] = {
    "phone": "phone",
    "email": "email",
    "address": None,
    "insurer": None,
    "insured": "insured",
}
_DAYS = ("birth_on", "deceased_on", "moved_on")


def to_json(columns: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """These columns in a form for the journal."""
    return {name: _json(columns.get(name)) for name in names}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value


def from_json(name: str, value: Any) -> Any:
    """A journalled column in its stored form."""
    if value is None:
        return None
    if name in SEALED:
        return base64.b64decode(value)
    return date.fromisoformat(value) if name in _DAYS else value
