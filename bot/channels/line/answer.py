"""What LINE answers to a call, read. Pure."""

from dataclasses import dataclass
from typing import Any

import orjson

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What LINE answered to a call."""

    status: int
    body: Json
    retry_after: float
    request_id: str

    @property
    def ok(self) -> bool:
        """Whether LINE did what it was asked."""
        return self.status < 300


def names_reply_token(body: Json) -> bool:
    """Whether an error is about the reply token. LINE says "Invalid reply token" today."""
    return b"replytoken" in orjson.dumps(body).lower().replace(b" ", b"")


def first_id(body: Json) -> str | None:
    """LINE's id of the first message that it took."""
    match body.get("sentMessages"):
        case [{"id": first}, *_]:
            return str(first)
    return None


def as_json(raw: bytes) -> Json:
    """The body of an answer; {} if it is none that LINE gives."""
    try:
        body = orjson.loads(raw or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def retry_after(told: str) -> float:
    """Seconds to wait; 1 where the answer names none (LINE documents no such header)."""
    try:
        return min(max(1.0, float(told)), 3600.0)
    except ValueError:
        return 1.0
