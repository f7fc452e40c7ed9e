"""The CapabilityStatement as an OpenAPI document, for tools that know no FHIR."""

from collections.abc import Mapping
from typing import Any

from bot.api.fhir.manner import Fhir

REFUSALS = (400, 401, 403, 406, 408, 413, 415, 422, 429, 500, 503)
_ID = {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 1}
# Searched by POST only: words of patients do not stand in an address.
_HIDDEN = {"Patient": {"name", "phone"}}


def fhir_document(statement: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Reads and searches of every resource that the statement names. `base`: where they are."""
    paths: dict[str, Any] = {}
    for resource in statement["rest"][0]["resource"]:
        name = resource["type"]
        asked = {one["name"]: _TEXT for one in resource["searchParam"]} | {"_count": _COUNT}
        paths[f"/{name}/{{id}}"] = {
            "get": _operation(f"read{name}", name, [_parameter("id", _ID, "path")], missing=True)
        }
        shown = {one: schema for one, schema in asked.items() if one not in _HIDDEN.get(name, ())}
        query = [_parameter(one, schema, "query") for one, schema in shown.items()]
        paths[f"/{name}"] = {"get": _operation(f"search{name}", "Bundle", query)}
        search = _operation(f"post{name}", "Bundle", [])
        search["requestBody"] = {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "properties": asked,
                        "additionalProperties": False,
                    }
                }
            },
        }
        paths[f"/{name}/_search"] = {"post": search}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kayoi, FHIR", "version": statement["software"]["version"]},
        "servers": [{"url": base}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _parameter(name: str, schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": schema}


def _operation(
    name: str, gives: str, parameters: list[dict[str, Any]], *, missing: bool = False
) -> dict[str, Any]:
    refusals = (*REFUSALS, 404) if missing else REFUSALS
    given = {200: gives} | dict.fromkeys(refusals, "OperationOutcome")
    return {
        "operationId": name,
        "parameters": parameters,
        "responses": {
            str(status): {
                "description": kind,
                "content": {
                    Fhir.media_type: {
                        "schema": {
                            "type": "object",
                            "required": ["resourceType"],
                            "properties": {"resourceType": {"const": kind}},
                        }
                    }
                },
            }
            for status, kind in sorted(given.items())
        },
    }
