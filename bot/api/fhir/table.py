"""The table of the FHIR interface, and the CapabilityStatement that is made of it."""

from typing import Any

from bot.api.fhir import slots
from bot.api.fhir.kinds import KINDS
from bot.api.fhir.search import reader, searcher
from bot.api.route import Handler, Route
from clinic.api_key.types import Scope

BASE = "/fhir"
# FHIR's types of our kinds of parameters.
_TYPES = {"id": "token", "chart": "token", "phone": "token", "name": "string"}
_PARAMETERS = {
    **{
        kind.name: {name: _TYPES.get(one.kind, one.kind) for name, one in kind.parameters.items()}
        for kind in KINDS
    },
    slots.NAME: dict(slots.PARAMETERS),
}


def _routes(name: str, read: Handler, search: Handler) -> tuple[Route, ...]:
    def route(method: Any, path: str, deed: str, handler: Handler) -> Route:
        words = f"{deed} {name}"
        return Route(method, path, f"fhir_{deed}_{name}", Scope.FHIR_READ, handler, None, words)

    return (
        route("GET", f"/{name}/{{id}}", "read", read),
        route("GET", f"/{name}", "search", search),
        route("POST", f"/{name}/_search", "search", search),
    )


ROUTES = (
    *(one for kind in KINDS for one in _routes(kind.name, reader(kind), searcher(kind))),
    *_routes(slots.NAME, slots.read, slots.search),
)


def capabilities(version: str, on: str) -> dict[str, Any]:
    """What can be asked. `on`: the day since which that is so."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": on,
        "kind": "instance",
        "software": {"name": "Kayoi", "version": version},
        "implementation": {"description": "Kayoi, read only"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Authorization: Bearer, a key with fhir:read."},
                "resource": [
                    {
                        "type": name,
                        "interaction": [{"code": "read"}, {"code": "search-type"}],
                        "searchParam": [
                            {"name": one, "type": kind} for one, kind in sorted(known.items())
                        ],
                    }
                    for name, known in sorted(_PARAMETERS.items())
                ],
            }
        ],
    }
