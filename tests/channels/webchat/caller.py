"""How a browser speaks to the web chat."""

import asyncio
import hashlib
import json
from typing import Any
from uuid import UUID

from aiohttp import ClientResponse, ClientSession

SECRET = "s" * 43
ADDRESS = hashlib.sha256(SECRET.encode()).hexdigest()
MINE = {"Authorization": f"Bearer {SECRET}"}


def event(number: int = 1, **fields: object) -> dict[str, object]:
    return {"id": str(UUID(int=number)), "kind": "text", "text": "頭が痛い", **fields}


async def post(client: ClientSession, body: bytes, **headers: str) -> ClientResponse:
    given = {"Content-Type": "application/json", **headers}
    return await client.post("/chat/api/events", data=body, headers=given)


async def line_of(stream: ClientResponse) -> dict[str, Any]:
    """The next line of a stream."""
    while True:
        raw = await asyncio.wait_for(stream.content.readline(), 5)
        assert raw, "the stream ended"
        if raw.startswith(b"data: "):
            line: dict[str, Any] = json.loads(raw[6:])
            return line
