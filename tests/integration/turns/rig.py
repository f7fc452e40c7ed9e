"""Patients who talk to the clinic, and looks into its ledgers."""

import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.channels.channel import Received
from bot.environment import Environment
from bot.inbox import Inbox
from bot.outbox import Sender
from bot.runner import Runner
from bot.turns import Turns
from clinic.conversation.types import Line
from clinic.message.service import transcript
from clinic.message.types import Message


class Rig:
    """One process of Kayoi, without its HTTP server."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.sender = Sender(env)
        self.runner = Runner(env, self.sender)
        self.turns = Turns(self.runner)
        self.inbox = Inbox(env.database, env.keys)

    def patient(self, name: str = "a") -> "Patient":
        return Patient(self, name.ljust(64, "0"))

    async def value(self, query: str, *arguments: Any) -> Any:
        async with self.env.database.transaction() as tx:
            return await tx.fetchval(query, *arguments)

    async def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        async with self.env.database.transaction() as tx:
            return [tuple(row.values()) for row in await tx.fetch(query, *arguments)]

    async def execute(self, query: str, *arguments: Any) -> None:
        async with self.env.database.transaction() as tx:
            await tx.execute(query, *arguments)


@dataclass
class Patient:
    """Somebody at the web chat; `shown` are the clinic's messages of the last turn."""

    rig: Rig
    address: str
    language: str = "en"
    account_id: int = 0
    shown: list[Message] = field(default_factory=list)

    async def does(self, event_id: str | None = None, **fields: Any) -> str:
        """Send one event and see it handled; the words of the answer."""
        known = {line.id for line in await self.lines()}
        event_id = event_id or str(uuid.uuid4())
        now = datetime.now(UTC)
        event = {"id": event_id, "language": self.language, **fields}
        event["kayoi_received_at"] = now.timestamp()
        received = Received(event_id, self.address, now, json.dumps(event).encode())
        stored = await self.rig.inbox.accept("webchat", received)
        assert stored.account_id is not None
        self.account_id = stored.account_id
        self.rig.turns.wake(self.account_id)
        await self.rig.turns.idle()
        fresh = [line for line in await self.lines() if line.id not in known]
        self.shown = [line.message for line in fresh if line.message]
        return "\n".join(message.text for message in self.shown)

    async def starts(self, payload: str = "") -> str:
        return await self.does(kind="start", payload=payload)

    async def says(self, text: str) -> str:
        return await self.does(kind="text", text=text)

    async def presses(self, label: str) -> str:
        """Press the button whose label begins so, among those of the last message."""
        buttons = self.shown[-1].buttons
        found = [b for b in buttons if b.label.startswith(label)]
        assert len(found) == 1, (label, [b.label for b in buttons])
        (button,) = found
        return await self.does(kind="press", token=button.token, label=button.label)

    async def lines(self) -> list[Line]:
        async with self.rig.env.database.transaction() as tx:
            return await transcript(tx, self.rig.env.keys, self.account_id, limit=100)

    async def comes_in(self) -> None:
        """Be greeted and agree to be written to."""
        await self.starts()
        await self.presses("I agree")

    async def presses_first(self) -> str:
        """Press the most obvious choice of the last message."""
        buttons = [b for b in self.shown[-1].buttons if b.role != "navigation"]
        button = next((b for b in buttons if b.role == "primary"), buttons[0])
        return await self.does(kind="press", token=button.token, label=button.label)

    async def books(self, name: str = "Maria Ito") -> int:
        """Book the first thing there is, by what the chat offers; the appointment's id."""
        await self.says("menu")
        await self.presses("Book")
        for _ in range(15):
            if not [b for b in self.shown[-1].buttons if b.role != "navigation"]:
                await self.says(name)
            else:
                await self.presses_first()
            booked = await self.rig.value(
                "select max(id) from appointment where account_id = $1 and status = 'booked'",
                self.account_id,
            )
            if booked:
                return int(booked)
        raise AssertionError(self.shown)
