"""What the forms of the settings send, as the values that `clinic.config` takes. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotated_types import Ge, Le
from pydantic import BaseModel

from clinic.config import Settings
from clinic.consent.rules import fault, tidy
from clinic.setting.rules import get, is_fixed, put
from clinic.setting.types import Key, Refused
from flows.texts import LANGUAGES

LONGEST = 200  # characters of a line
LINES = 10


@dataclass(frozen=True, slots=True)
class Field:
    """A setting as the page asks for it. `fault`: which words say what is wrong, if anything."""

    key: Key
    value: Any
    fixed: bool
    changed: bool  # by staff
    least: int | None
    most: int | None
    fault: str | None = None


def fields(
    settings: Settings,
    keys: Iterable[Key],
    fixed: frozenset[str],
    changed: Mapping[str, Any],
    posted: Mapping[str, Any] | None = None,
    faults: Mapping[str, str] | None = None,
) -> list[Field]:
    """The fields of a page, with what was posted where that is still to be mended."""
    return [
        Field(
            key,
            get(settings, key.name) if posted is None else posted.get(key.name),
            is_fixed(key.name, fixed),
            key.name in changed,
            *bounds(settings, key.name),
            (faults or {}).get(key.name),
        )
        for key in keys
    ]


def read(
    settings: Settings,
    keys: Iterable[Key],
    fixed: frozenset[str],
    form: Mapping[str, Any],
    all_of: Callable[[str], list[str]],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
    """What was posted: all values, those that are to be changed, and what is wrong with which.

    `all_of(name)` gives every value of a name that comes more than once.
    """
    posted: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for key in keys:
        now = get(settings, key.name)
        if is_fixed(key.name, fixed):
            posted[key.name] = now
            continue
        try:
            value = _value(key, form, all_of(key.name), now)
        except ValueError:
            posted[key.name] = form.get(key.name, "")
            faults[key.name] = key.kind
            continue
        posted[key.name] = value
        if key.needed and value in ("", [], None):
            faults[key.name] = "needed"
        elif key.kind == "words" and (wrong := _wrong_words(key, value)):
            faults[key.name] = f"words.{wrong}"
        elif isinstance(put(settings, key.name, value), Refused):
            faults[key.name] = key.kind
        elif value != now:
            wanted[key.name] = value
    return posted, wanted, faults


def bounds(settings: Settings, name: str) -> tuple[int | None, int | None]:
    """The smallest and the largest number that a setting takes."""
    part_name, *path, field = name.split(".")
    part: BaseModel = getattr(settings, part_name)
    for step in path:
        part = getattr(part, step)
    rules = type(part).model_fields[field].metadata
    least = next((int(str(one.ge)) for one in rules if isinstance(one, Ge)), None)
    most = next((int(str(one.le)) for one in rules if isinstance(one, Le)), None)
    return least, most


def _wrong_words(key: Key, value: Mapping[str, str]) -> str | None:
    return next((wrong for one in value.values() if (wrong := fault(one, key.most))), None)


def _value(key: Key, form: Mapping[str, Any], every: Sequence[str], now: Any) -> Any:
    """Raises ValueError if what was posted cannot be read at all."""
    text = " ".join(str(form.get(key.name, "")).split())[: LONGEST + 1]
    match key.kind:
        case "number":
            return int(text)
        case "words":
            given = {tag: tidy(str(form.get(f"{key.name}.{tag}", ""))) for tag in LANGUAGES}
            return {tag: words for tag, words in given.items() if words}
        case "switch":
            return bool(text)
        case "lines":
            lines = (" ".join(one.split()) for one in str(form.get(key.name, "")).splitlines())
            return [one[:LONGEST] for one in lines if one][:LINES]
        case "hours":
            since, until = (
                str(form.get(f"{key.name}.{end}", ""))[:5] for end in ("since", "until")
            )
            if not since and not until and not key.needed:
                return None
            return [since, until]
        case "weekdays":
            return sorted(int(one) for one in every)
        case "languages":  # their order stays; the first is the clinic's own
            first = str(form.get(f"{key.name}.first", ""))
            kept = [one for one in now if one in every] + [one for one in every if one not in now]
            return sorted(kept, key=lambda one: one != first)
        case "choice":
            if text not in key.choices:
                raise ValueError(text)
            return text
    if len(text) > LONGEST:
        raise ValueError("long")
    return text
