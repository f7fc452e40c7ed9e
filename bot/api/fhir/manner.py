"""How the FHIR interface speaks: application/fhir+json, and OperationOutcome for what is wrong."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from bot.api.problem import CODES, Problem, invalid
from bot.api.route import Route

FORM = "application/x-www-form-urlencoded"
FORMATS = ("json", "application/json", "application/fhir+json", "application/*", "*/*")
MOST_PARAMETERS = 20
LONGEST_VALUE = 2_000
# FHIR issue types by our codes.
ISSUES = {
    "malformed": "structure",
    "unauthorized": "login",
    "no_scope": "forbidden",
    "not_found": "not-found",
    "not_allowed": "not-supported",
    "not_acceptable": "not-supported",
    "too_slow": "timeout",
    "too_large": "too-long",
    "bad_media_type": "not-supported",
    "invalid": "invalid",
    "too_many": "throttled",
    "internal": "exception",
    "unavailable": "transient",
}
Pairs = list[tuple[str, str]]


class Fhir:
    """FHIR R4 in JSON. Parameters may come in the address, or in a form for _search."""

    media_type = "application/fhir+json"

    def refusal(self, problem: Problem) -> tuple[str, bytes]:
        """An OperationOutcome with an issue for each place that is wrong."""
        places = problem.errors or (("", problem.reason or ""),)
        issues = []
        for place, reason in places:
            words = f"{place}: {reason}" if place else CODES[problem.code]
            issue: dict[str, Any] = {
                "severity": "error",
                "code": ISSUES[problem.code],
                "diagnostics": words,
            }
            if place:
                issue["expression"] = [place]
            issues.append(issue)
        return self.media_type, orjson.dumps({"resourceType": "OperationOutcome", "issue": issues})

    def content(self, found: Any) -> bytes:
        """A resource, which is plain data."""
        return orjson.dumps(found)

    def takes(self, media_type: str) -> bool:
        """A form of search parameters."""
        return media_type == FORM

    def query(self, _route: Route, request: web.Request) -> Any:
        """The parameters of the address, in order."""
        wanted = request.headers.get("Accept", "*/*")
        kinds = [one.partition(";")[0].strip() for one in wanted.split(",")]
        pairs: Pairs = list(request.query.items())
        kinds = [value for name, value in pairs if name == "_format"] or kinds
        if not any(kind in FORMATS for kind in kinds):
            return Problem(406, "not_acceptable")
        return _checked([(name, value) for name, value in pairs if name != "_format"])

    def body(self, route: Route, body: bytes) -> Any:
        """The parameters of a form."""
        if route.method == "GET":
            return []
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
        except ValueError:
            return Problem(400, "malformed")
        return _checked(pairs)


def _checked(pairs: Pairs) -> Pairs | Problem:
    if len(pairs) > MOST_PARAMETERS:
        return invalid(("", "too_many"))
    for name, value in pairs:
        if len(value) > LONGEST_VALUE or not (name + value).isprintable():
            return invalid((name[:40] if name.isprintable() else "", "no_value"))
    return pairs
