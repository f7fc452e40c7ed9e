"""The OpenAPI 3.1 document, made of the table of routes and its models. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.api.problem import ProblemBody
from bot.api.route import Route
from bot.api.serve import IDEMPOTENCY_KEY

BASE = "/api/v1"
_MEANINGS = {
    400: "No JSON, or a header is missing or not as it should be.",
    401: "No good key.",
    403: "The key may not be used for that.",
    404: "There is no such thing.",
    408: "The request came in too slowly.",
    409: "It is taken, was changed meanwhile, or the clinic's rules do not allow it.",
    413: "The body is larger than 256 KB.",
    415: "The body is not JSON in UTF-8.",
    422: "Something in it is not as it should be.",
    429: "Too many calls.",
    500: "Our mistake.",
    503: "Try again in a moment.",
}
_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}


def document(routes: Sequence[Route], version: str) -> dict[str, Any]:
    """The document, ready for JSON."""
    schemas = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    statuses = {status for route in routes for status in _statuses(route)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kayoi",
            "version": version,
            "description": "Patients, appointments and messages of a clinic, for its programs.",
        },
        "servers": [{"url": BASE}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key that an admin of the clinic made: kayoi_...",
                }
            },
            "responses": {
                f"Problem{status}": {
                    "description": _MEANINGS[status],
                    "content": {"application/problem+json": {"schema": _PROBLEM}},
                }
                for status in sorted(statuses)
            },
            "schemas": schemas,
        },
    }


def _schemas(routes: Iterable[Route]) -> dict[str, Any]:
    taken = {route.body for route in routes if route.body}
    given = {route.gives for route in routes if route.gives} | {ProblemBody}
    asked = {route.query for route in routes}
    wanted: list[tuple[type[BaseModel], Any]] = [
        *((model, "validation") for model in taken | asked),
        *((model, "serialization") for model in given),
    ]
    wanted.sort(key=lambda one: one[0].__name__)
    _, found = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    return dict(found["$defs"])


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    assert route.gives is not None
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Needs the scope `{route.scope}`.",
        "tags": [route.path.split("/")[1]],
        "parameters": list(_parameters(route, schemas)),
        "responses": {
            str(route.status): {
                "description": "Done." if route.method != "GET" else "Here it is.",
                "content": {
                    "application/json": {
                        "schema": {"$ref": f"#/components/schemas/{route.gives.__name__}"}
                    }
                },
            },
            **{
                str(status): {"$ref": f"#/components/responses/Problem{status}"}
                for status in _statuses(route)
            },
        },
        "x-scope": str(route.scope),
    }
    if route.body:
        schema = {"$ref": f"#/components/schemas/{route.body.__name__}"}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return operation


def _parameters(route: Route, schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", route.path):
        schema = {"type": "string", "format": "uuid"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    query = schemas[route.query.__name__]
    for name, schema in query.get("properties", {}).items():
        yield {
            "name": name,
            "in": "query",
            "required": name in query.get("required", ()),
            "schema": _without_null(schema),
        }
    if route.again is not None:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "The same key and body again change nothing, and are answered alike.",
            "schema": {"type": "string", "pattern": IDEMPOTENCY_KEY},
        }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or not: an address knows no null."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else {k: v for k, v in schema.items() if k != "default"}


def _statuses(route: Route) -> list[int]:
    found = [400, 401, 403, 408, 413, 415, 422, 429, 500, 503]
    if "{" in route.path:
        found.append(404)
    if route.conflicts:
        found.append(409)
    return sorted(found)
