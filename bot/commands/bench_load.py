"""The patients of the bench: simulated LINE, and people who press what they were sent.

One process plays both, since the platform that makes a reply token is the one that sends it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.commands.bench_clinic import LANGUAGE, Patient
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.line_webhooks import Event
from bot.local.simulators.telegram_state import Ledger
from flows.texts import text

Json = dict[str, Any]
PATIENCE = 20.0  # s for one answer; nobody waits so long, so the bench fails
MOST_MESSAGES = 12  # of one booking


class BenchFailed(Exception):
    """The measured work was not done, or not done right: there is no figure to tell."""


@dataclass(slots=True)
class Times:
    """How long things took, in seconds."""

    answers: list[float] = field(default_factory=list)  # webhook to 200
    replies: list[float] = field(default_factory=list)  # webhook to the message at the platform


class Pace:
    """Lets patients write at a steady rate: one message each 1/rate seconds, over all of them."""

    def __init__(self, rate: float) -> None:
        """`rate` in messages a second."""
        self._gap = 1 / rate
        self._next: float | None = None

    async def place(self) -> float:
        """Wait for the next place; when it was, by the loop's clock.

        A place that nobody was free to take in time is taken late and counted from when it was.
        """
        now = asyncio.get_running_loop().time()
        at = now if self._next is None else self._next
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)
        return at


class _Heard(Ledger):
    """The simulator's ledger, read as it is written."""

    def __init__(self, tell: "Line") -> None:
        super().__init__()
        self._tell = tell

    def append(self, entry: Json) -> None:
        super().append(entry)
        self._tell.heard(entry)


class Line:
    """Simulated LINE with the patients' hands on it."""

    def __init__(self, secret: str, token: str) -> None:
        """Sign webhooks with `secret`, take calls with `token`."""
        self.simulator = LineSimulator(secret, token, strict=False, anyone=True)
        self.simulator.ledger = self.simulator.platform.ledger = _Heard(self)
        self.statuses: Counter[int] = Counter()
        self._waiting: dict[str, asyncio.Future[tuple[float, list[Json]]]] = {}

    def heard(self, entry: Json) -> None:
        """A message came for a patient."""
        waiting = self._waiting.pop(entry["chat"], None)
        if waiting is not None and not waiting.done():
            waiting.set_result((asyncio.get_running_loop().time(), entry["body"]))

    def delivered(self) -> Counter[str]:
        """How many messages each patient received so far."""
        return Counter(entry["chat"] for entry in self.simulator.ledger.entries)

    async def tell(self, user: str, event: Event, times: Times, since: float) -> list[Json]:
        """Send one event; the message objects that come back. Raises BenchFailed if none do."""
        loop = asyncio.get_running_loop()
        waiting = self._waiting[user] = loop.create_future()
        answered = asyncio.create_task(self._post(event, times, since))
        try:
            async with asyncio.timeout(PATIENCE):
                found: tuple[float, list[Json]] = await waiting
                await answered
        except TimeoutError:
            raise BenchFailed(f"no answer within {PATIENCE:.0f} s") from None
        times.replies.append(found[0] - since)
        return found[1]

    async def post(self, event: Event, times: Times, since: float) -> None:
        """Send one event and wait for nothing but the webhook's answer."""
        await self._post(event, times, since)

    async def _post(self, event: Event, times: Times, since: float) -> None:
        [status] = await self.simulator.webhooks.deliver([event])
        times.answers.append(asyncio.get_running_loop().time() - since)
        self.statuses[status] += 1


async def booking(
    line: Line,
    patient: Patient,
    times: Times,
    pace: Pace | None = None,
    plan: Patient | None = None,
    *,
    typing: bool = False,
) -> AsyncIterator[tuple[Event, list[Json]]]:
    """Book the patient's visit by following what the bot offers; each event and its answer.

    `plan`: whose visit the offers are about, where it is not the patient's own. `typing`: the
    patient types what others press.
    """
    plan, platform = plan or patient, line.simulator.platform
    event = platform.text(patient.user, "book")
    for _ in range(MOST_MESSAGES):
        since = await pace.place() if pace else asyncio.get_running_loop().time()
        answer = await line.tell(patient.user, event, times, since)
        yield event, answer
        actions = dict(_actions(answer))
        following = (_typed if typing else _pressed)(line, patient.user, plan, actions)
        if following is None:
            return
        event = following


def _pressed(line: Line, user: str, plan: Patient, actions: dict[str, Json]) -> Event | None:
    """What a patient with this plan does under these buttons, by label; None: it is booked."""
    if label := _wanted(plan, actions):
        return line.simulator.platform.tap(user, actions[label]["data"])
    for action in actions.values():
        if action["type"] == "datetimepicker":
            return line.simulator.platform.tap(user, action["data"], plan.day)
    return None


def _typed(line: Line, user: str, plan: Patient, actions: dict[str, Json]) -> Event | None:
    """The same in words."""
    words = _wanted(plan, actions)
    if not words and any(action["type"] == "datetimepicker" for action in actions.values()):
        words = f"{plan.day:%B} {plan.day.day}"
    return line.simulator.platform.text(user, words) if words else None


def _wanted(plan: Patient, actions: dict[str, Json]) -> str | None:
    wanted = (
        text("booking.yes", {}, LANGUAGE),
        text("booking.no_note", {}, LANGUAGE),
        text("booking.time", {"at": plan.starts_at}, LANGUAGE),
        plan.service,
    )
    return next((label for label in wanted if label in actions), None)


def _actions(found: Any) -> Iterator[tuple[str, Json]]:
    """The buttons in message objects, with their labels."""
    if isinstance(found, list):
        for item in found:
            yield from _actions(item)
    elif isinstance(found, dict):
        if found.get("type") in ("postback", "datetimepicker"):
            yield found["label"], found
        for item in found.values():
            yield from _actions(item)


@dataclass(frozen=True, slots=True)
class Run:
    """What a crowd did: all its messages, and how many a second while the crowd was complete."""

    messages: int
    rate: float


async def all_book(
    line: Line,
    patients: Iterable[Patient],
    times: Times,
    *,
    at_once: int,
    pace: Pace | None = None,
    plan: Patient | None = None,
    typing: bool = False,
) -> Run:
    """Have the patients book, `at_once` of them side by side.

    Raises BenchFailed as soon as one gets no answer.
    """
    waiting = iter(patients)
    sent, rate = 0, None
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one_after_another() -> None:
        nonlocal sent, rate
        for patient in waiting:
            async for _ in booking(line, patient, times, pace, plan, typing=typing):
                sent += 1
        # From here on there are ever fewer of them, and no machine can be busy with few.
        rate = rate or sent / (loop.time() - began)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(one_after_another())
    except ExceptionGroup as error:
        raise error.exceptions[0] from None
    assert rate is not None
    return Run(sent, rate)


def milliseconds(times: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the longest, in milliseconds."""
    ordered = sorted(times) or [0.0]

    def part(share: float) -> float:
        return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)

    return {"p50": part(0.5), "p99": part(0.99), "max": part(1.0)}
