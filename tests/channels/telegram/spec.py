"""Checks requests and updates against the published schema of the Bot API, where it is at hand."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[4] / "shared" / "specs" / "telegram-api.json"
PLAIN = {"String": str, "Boolean": bool, "True": bool, "Float": (int, float)}


@cache
def schema() -> dict[str, Any] | None:
    """The schema, or None where the folder is missing."""
    return json.loads(FILE.read_text()) if FILE.exists() else None


def check_call(method: str, params: dict[str, Any]) -> tuple[str, ...]:
    """What is wrong with the parameters of a method: unknown, missing or of another type."""
    spec = schema()
    if spec is None:
        return ()
    if method not in spec["methods"]:
        return (f"{method}: no such method",)
    return tuple(_fields(method, spec["methods"][method].get("fields", []), params))


def check_update(update: dict[str, Any]) -> tuple[str, ...]:
    """What is wrong with an update that the simulator sends."""
    return tuple(_value("update", ["Update"], update)) if schema() else ()


def _fields(path, fields, given):
    known = {field["name"]: field for field in fields}
    for name in given.keys() - known.keys():
        yield f"{path}.{name}: unknown field"
    for name, field in known.items():
        if name in given:
            yield from _value(f"{path}.{name}", field["types"], given[name])
        elif field["required"]:
            yield f"{path}.{name}: missing"


def _value(path, types, value):
    tried = [list(_of_type(path, kind, value)) for kind in types]
    yield from min(tried, key=len)


def _of_type(path, kind, value):
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{path}: no array"
            return
        for index, item in enumerate(value):
            yield from _value(f"{path}[{index}]", [kind.removeprefix("Array of ")], item)
    elif kind == "Integer":
        if type(value) is not int:
            yield f"{path}: no integer"
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]):
            yield f"{path}: not of type {kind}"
    else:
        definition = schema()["types"][kind]
        if definition.get("subtypes"):
            yield from _value(path, definition["subtypes"], value)
        elif not isinstance(value, dict):
            yield f"{path}: no object"
        else:
            yield from _fields(path, definition.get("fields", []), value)
