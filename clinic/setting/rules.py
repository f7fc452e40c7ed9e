"""What staff changed, laid over the configuration. Pure."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from clinic.config import Settings
from clinic.setting.types import KEYS, Refused


def overlaid(
    base: Settings, changed: Mapping[str, Any], fixed: Collection[str]
) -> tuple[Settings, tuple[str, ...]]:
    """The settings in force, and the keys of changes that no longer fit (an update may have
    narrowed what is allowed): those stay as configured.

    `fixed` are the keys that the environment sets: it wins.
    """
    found, left_out = base, []
    for key, value in sorted(changed.items()):
        if key not in KEYS or is_fixed(key, fixed):
            continue
        laid = put(found, key, value)
        if isinstance(laid, Refused):
            left_out.append(key)
        else:
            found = laid
    return found, tuple(left_out)


def put(settings: Settings, key: str, value: Any) -> Settings | Refused:
    """The settings with one value changed, checked by the model that reads the configuration."""
    part_name, *path = key.split(".")
    part: BaseModel = getattr(settings, part_name)
    try:
        return settings.model_copy(update={part_name: _put(part, path, value)})
    except ValidationError as error:
        return Refused(key, error.errors()[0]["msg"])


def get(settings: Settings, key: str) -> Any:
    """The value of a key, as JSON has it."""
    part_name, *path = key.split(".")
    value: Any = getattr(settings, part_name)
    for name in path:
        value = getattr(value, name)
    return list(value) if isinstance(value, tuple) else value


def is_fixed(key: str, fixed: Collection[str]) -> bool:
    """Whether the environment sets a key, by its name, as part of a whole, or a part of it."""
    return any(f"{key}.".startswith(f"{one}.") or one.startswith(f"{key}.") for one in fixed)


def _put(part: BaseModel, path: list[str], value: Any) -> BaseModel:
    name, *rest = path
    inner = _put(getattr(part, name), rest, value).model_dump() if rest else value
    return type(part).model_validate({**part.model_dump(), name: inner})
