"""Imported into a process of Kayoi, writes down when it held which conversation.

One JSON line a turn, into the file that RELIABILITY_TURNS names. The clock is the machine's
monotonic one, which all processes share. Each turn takes some milliseconds longer, so that
processes that do not wait for each other are caught.
"""

import asyncio
import json
import os
import time
from typing import Any

from bot import turn_store

FILE = os.open(os.environ["RELIABILITY_TURNS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
PAUSE = 0.003  # s

_take, _write = turn_store.take, turn_store.write
_began: dict[Any, float] = {}  # by task


async def take(
    tx: Any, keys: Any, account_id: int, *, patiently: bool, afresh: bool = False
) -> turn_store.Loaded | None:
    """As the product's, noting when the conversation was had."""
    loaded = await _take(tx, keys, account_id, patiently=patiently, afresh=afresh)
    if loaded is not None:
        _began[asyncio.current_task()] = time.monotonic()
    return loaded


async def write(tx: Any, keys: Any, writing: turn_store.Writing) -> Any:
    """As the product's, noting the turn."""
    await asyncio.sleep(PAUSE)
    written = await _write(tx, keys, writing)
    event = writing.loaded.event
    turn = {
        "account": writing.loaded.account_id,
        "turn": writing.turn,
        "process": os.getpid(),
        "event": event and event.event_id,
        "began": _began.pop(asyncio.current_task()),
        "ended": time.monotonic(),
    }
    os.write(FILE, json.dumps(turn).encode() + b"\n")
    return written


turn_store.take, turn_store.write = take, write
