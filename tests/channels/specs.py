"""Validates against the platforms' official OpenAPI files, where a checkout has them beside it."""

import functools
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
BASE = "__base"

Json = dict[str, Any]


def have(name: str) -> bool:
    """Whether the specification is there."""
    return (SPECS / name).is_file()


def needed(name: str) -> None:
    """Skip the test, saying why, where the specification is missing."""
    if not have(name):
        pytest.skip(f"NOT VALIDATED: {SPECS / name} is missing")


@functools.cache
def document(name: str) -> Json:
    """The OpenAPI file with its discriminators turned into what JSON Schema understands."""
    loaded: Json = yaml.load((SPECS / name).read_text(), yaml.CSafeLoader)
    schemas: Json = loaded["components"]["schemas"]
    for kind, schema in list(schemas.items()):
        if "discriminator" in schema:
            schemas[kind + BASE] = {k: v for k, v in schema.items() if k != "discriminator"}
            schemas[kind] = _dispatch(schema["discriminator"])
    bases = {f"#/components/schemas/{kind}" for kind in schemas if kind.endswith(BASE)}
    for schema in schemas.values():
        # A child builds on the parent's own fields, not on its choice among children.
        for part in schema.get("allOf", ()):
            if part.get("$ref", "") + BASE in bases:
                part["$ref"] += BASE
    return loaded


@functools.cache
def validator(name: str, schema: str) -> jsonschema_rs.Validator:
    """A validator of one named schema, which also refuses fields that the schema does not know."""
    kinds = document(name)["components"]["schemas"]
    closed = {
        kind: body | {"unevaluatedProperties": False} if _is_closed(kind, body) else body
        for kind, body in kinds.items()
    }
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": closed}}
    )


def problems(name: str, schema: str, value: Any) -> list[str]:
    """What the specification finds wrong with a value; [] if nothing."""
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
        for error in validator(name, schema).iter_errors(value)
    ]


def request_problems(name: str, method: str, path: str, body: Any) -> list[str]:
    """What is wrong with a request: an unknown path or method, or a body that does not fit."""
    for template, operations in document(name)["paths"].items():
        if _fits(template, path) and method.lower() in operations:
            content = operations[method.lower()].get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            if schema is None:
                return [] if body is None else [f"{path} takes no body"]
            return problems(name, schema["$ref"].rpartition("/")[2], body)
    return [f"no such call: {method} {path}"]


def _fits(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        part.startswith("{") or part == found for part, found in zip(wanted, given, strict=True)
    )


def _dispatch(discriminator: Json) -> Json:
    field, mapping = discriminator["propertyName"], discriminator["mapping"]
    return {
        "x-chooses": field,
        "type": "object",
        "required": [field],
        "properties": {field: {"enum": list(mapping)}},
        "allOf": [
            {"if": {"properties": {field: {"const": value}}}, "then": {"$ref": reference}}
            for value, reference in mapping.items()
        ],
    }


def _is_closed(kind: str, schema: Json) -> bool:
    """Whether the schema names all fields there may be, as only the last children do."""
    is_object = schema.get("type") == "object" or "allOf" in schema
    return is_object and not kind.endswith(BASE) and "x-chooses" not in schema
