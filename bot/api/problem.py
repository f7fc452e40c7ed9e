"""What goes wrong with a call, said so that a program and its maker understand it (RFC 9457).

Nothing of what was sent is said again, only where it is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_ERRORS = 10
LONGEST_PLACE = 120
CODES: Mapping[str, str] = {
    "malformed": "The body is no JSON, or the address or a header is not as it should be.",
    "no_idempotency_key": "Send an Idempotency-Key: 8 to 64 letters, digits or any of . _ : -",
    "unauthorized": "Send a good key: Authorization: Bearer kayoi_...",
    "no_scope": "This key may not be used for that; `scope` names what it lacks.",
    "not_found": "There is nothing here, or nothing that this key may see.",
    "not_allowed": "This address does not know the method; the header Allow tells which it knows.",
    "not_acceptable": "Only JSON is to be had.",
    "too_slow": "The request took too long to come in, or to be answered.",
    "taken": "Somebody else has it: the time, or the chart number.",
    "changed": "It is not what you were shown any more: read it again.",
    "refused": "The clinic's rules do not allow it; `reason` says why.",
    "left_out": "The message would not go to this patient; `reason` says why.",
    "too_large": "A body may have 256 KB.",
    "bad_media_type": "Send application/json in UTF-8, not packed.",
    "invalid": "Something in it is not as it should be: see `errors`.",
    "key_reused": "This Idempotency-Key was used for something else.",
    "too_many": "Too many calls: wait as long as Retry-After says.",
    "internal": "Our mistake; it was noted.",
    "unavailable": "Try again in a moment.",
}


class FieldError(BaseModel):
    """One place that is wrong: a JSON pointer into the body, or the name of a parameter."""

    model_config = ConfigDict(extra="forbid")
    place: str
    reason: str


class ProblemBody(BaseModel):
    """Problem details (RFC 9457). `code` is fixed, for programs; `detail` is for people."""

    model_config = ConfigDict(title="Problem", extra="forbid")
    type: str = "about:blank"
    title: str
    status: int
    code: str = Field(json_schema_extra={"enum": list(CODES)})
    detail: str
    reason: str | None = None
    scope: str | None = None
    errors: list[FieldError] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a call was not carried out. `code` is one of CODES; `wait`: seconds to Retry-After."""

    status: int
    code: str
    reason: str | None = None
    scope: str | None = None
    errors: tuple[tuple[str, str], ...] = ()
    wait: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> ProblemBody:
        """As it is sent."""
        found = [FieldError(place=place, reason=reason) for place, reason in self.errors]
        return ProblemBody(
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=CODES[self.code],
            reason=self.reason,
            scope=self.scope,
            errors=found or None,
        )


NOT_FOUND = Problem(404, "not_found")


def invalid(*errors: tuple[str, str]) -> Problem:
    """Places that are wrong, and why."""
    return Problem(422, "invalid", errors=errors[:MOST_ERRORS])


def not_valid(error: ValidationError, *, pointers: bool) -> Problem:
    """What a model finds wrong, without the values. `pointers`: in a body."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return invalid(
        *(
            (
                ("/" if pointers else "") + "/".join(map(str, one["loc"]))[:LONGEST_PLACE],
                one["type"],
            )
            for one in found
        )
    )


# By what aiohttp raises for an address that is not there, a method, a body.
BY_STATUS: Mapping[int, str] = {
    400: "malformed",
    404: "not_found",
    405: "not_allowed",
    406: "not_acceptable",
    408: "too_slow",
    413: "too_large",
    415: "bad_media_type",
}
