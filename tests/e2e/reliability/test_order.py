"""R4: one conversation at a time, in one order, whichever process has it."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from bot.channels.line.client import LineChannel
from bot.channels.line.webhook import read
from bot.channels.rate_limit import RateLimiter
from bot.environment import Environment
from bot.inbox import Inbox
from bot.local.simulators.telegram_state import chance
from bot.outbox import Ready, Sender
from bot.runner import Runner
from bot.tokens import Tokens
from clinic.config import Settings
from clinic.db import Database
from clinic.message.service import open_message
from flows import texts
from nlu.embedded import Embedded
from tests.e2e.reliability.books import close_books, inbound_faults
from tests.e2e.reliability.clinic_rows import add_accounts
from tests.e2e.reliability.figures import note
from tests.e2e.reliability.platforms import LINE_SECRET, Event, line_event, line_user, shuffled
from tests.e2e.reliability.rig import Rig, Rigs
from tests.e2e.reliability.sizes import SAYINGS, Size, sizes
from tests.e2e.reliability.waiting import until

PROCESSES = 3
WINDOW = 2.0  # s within which the messages of a conversation arrive in any order
WATCH = "tests.e2e.reliability.watch_turns"


class Silent(Sender):
    """Sends nothing."""

    async def deliver(self, ready: Sequence[Ready]) -> None:
        """Nothing."""


@sizes(Size(patients=24, events=240), Size(patients=200, events=10_000))
async def test_shuffled_messages_over_three_processes_end_as_one_after_the_other(
    rigs: Rigs, size: Size, seed: int
) -> None:
    async with rigs.open(seed=seed) as rig:
        log = rig.folder / "turns.jsonl"
        watched = {"before": WATCH, "RELIABILITY_TURNS": str(log)}
        for number in range(PROCESSES):
            await rig.web(number, **watched)
        await rig.worker(**watched)
        accounts = await add_accounts(rig, "line", range(size.patients))
        events = _talk(rig, size, accounts)
        await _arrive(rig, events)
        await until(rig.settled, 60 + size.events / 20, "everything is handled and sent")

        turns = _turns(log.read_text())
        overlaps = _overlaps(turns)
        by_id = {event.event_id: event for event in events}
        async with rig.stores.database() as url:
            expected = await _replay(rig, url, accounts, turns, by_id)
        found = await _states(rig.database, rig)
        differing = [account for account in expected if found[account] != expected[account]]
        processes = len({turn["process"] for turns_of in turns.values() for turn in turns_of})
        books = await close_books(rig)
        note(
            "R4",
            seed=seed,
            conversations=len(turns),
            equal=len(expected) - len(differing),
            overlaps=len(overlaps),
            processes=processes,
            **books.figures(),
        )
        assert processes >= PROCESSES
        assert overlaps == []
        assert differing == []
        assert await inbound_faults(rig, {"line": set(by_id)}, silent_turns=True) == []
        assert books.faults == []
        assert rig.complaints() == []


@pytest.mark.parametrize("patients", [100])
async def test_a_button_of_an_old_question_changes_nothing(rigs: Rigs, patients: int) -> None:
    async with rigs.open(seed=1, workers=0) as rig:
        await rig.web()
        accounts = await add_accounts(rig, "line", range(patients))
        for n, text in enumerate(("menu", "language")):
            await _arrive(rig, [_said(rig, n * 1000 + p, p, text) for p in range(patients)], 0.1)
            await until(rig.settled, 20, "two questions were asked")
        before = await _states(rig.database, rig)
        tables = await _domain(rig)
        tokens = {p: Tokens(rig.keys, account) for p, account in accounts.items()}
        presses = [
            line_event(5000 + p, line_user(p), time.time(), token=tokens[p].question(1, p % 5))
            for p in range(patients)
        ]
        await _arrive(rig, presses, 0.1)
        await until(rig.settled, 20, "the old buttons were answered")
        after = await _states(rig.database, rig)
        said = await _last_words(rig)
        closed = texts.text("dialogue.old_question", {}, "en")
        same = [a for a in accounts.values() if after[a]["stack"] == before[a]["stack"]]
        note("R4 old buttons", pressed=patients, unchanged=len(same))
        assert len(same) == patients
        assert [a for a in accounts.values() if closed not in said[a]] == []
        assert await _domain(rig) == tables


def _talk(rig: Rig, size: Size, accounts: dict[int, int]) -> list[Event]:
    """Texts, and presses of buttons of questions that were asked, will be, or never are."""
    events, began = [], time.time()
    each = size.events // size.patients
    for patient in range(size.patients):
        tokens = Tokens(rig.keys, accounts[patient])
        for n in range(each):
            number = patient * each + n
            draw = chance(rig.seed, "talk", number)
            at = began + n / 1000
            if draw < 0.4:
                turn, choice = int(draw * 1000) % each, int(draw * 10_000) % 5
                token = tokens.question(turn, choice)
                events.append(line_event(number, line_user(patient), at, token=token))
            else:
                text = SAYINGS[int(draw * 1000) % len(SAYINGS)]
                events.append(line_event(number, line_user(patient), at, text))
    return shuffled(rig.seed, events, "arrival")


def _said(rig: Rig, number: int, patient: int, text: str) -> Event:
    return line_event(number, line_user(patient), time.time(), text)


async def _arrive(rig: Rig, events: list[Event], within: float = WINDOW) -> None:
    """Each event at some process at some moment of the window; again until it is taken."""

    async def post(n: int, event: Event) -> None:
        await asyncio.sleep(chance(rig.seed, "when", n) * within)
        while True:
            url = rig.webhook("line", int(chance(rig.seed, "where", n) * len(rig.ports)))
            if await event.post(rig.line.session, url) == 200:
                return

    for first in range(0, len(events), 1000):
        part = list(enumerate(events))[first : first + 1000]
        await asyncio.gather(*(post(n, event) for n, event in part))


def _turns(log: str) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for line in log.splitlines():
        turn = json.loads(line)
        found[turn["account"]].append(turn)
    return {account: sorted(turns, key=lambda t: t["turn"]) for account, turns in found.items()}


def _overlaps(turns: dict[int, list[dict[str, Any]]]) -> list[tuple[Any, Any]]:
    return [
        (one, two)
        for of_one in turns.values()
        for one, two in pairwise(of_one)
        if two["began"] < one["ended"]
    ]


async def _replay(
    rig: Rig,
    url: str,
    accounts: dict[int, int],
    turns: dict[int, list[dict[str, Any]]],
    events: dict[str, Event],
) -> dict[int, dict[str, Any]]:
    """The same events in the order in which they were handled, one by one, in one process."""
    database = await Database.open(url, connections=2)
    try:
        await _copy_accounts(rig, database)
        env = Environment(
            database=database,
            keys=rig.keys,
            settings=Settings(data_dir=rig.folder),
            channels={"line": LineChannel(LINE_SECRET, "none", rig.line.url)},
            redis=Redis.from_url(rig.stores.redis_url),
            limiter=RateLimiter(None),
            interpreter=Embedded(),
        )
        inbox, runner = Inbox(database, rig.keys), Runner(env, Silent(env))
        for account, of_account in turns.items():
            for turn in of_account:
                event = events[turn["event"]]
                (received,) = read(event.headers, event.body, LINE_SECRET)
                await inbox.accept("line", received)
                assert await runner.handle_next(account)
        return await _states(database, rig)
    finally:
        await database.close()


async def _copy_accounts(rig: Rig, database: Database) -> None:
    """Ids too: the marks on buttons are made of them."""
    async with rig.database.transaction() as tx:
        rows = await tx.fetch(
            """select a.id, a.channel, a.address_index, a.address, c.id as conversation
               from chat_account a join conversation c on c.account_id = a.id"""
        )
    async with database.transaction() as tx:
        for row in rows:
            await tx.execute(
                """insert into chat_account (id, channel, address_index, address, language,
                     language_chosen, consent_version)
                   values ($1, $2, $3, $4, 'en', true, '2.1')""",
                *(row["id"], row["channel"], row["address_index"], row["address"]),
            )
            await tx.execute(
                "insert into conversation (id, account_id) values ($1, $2)",
                row["conversation"],
                row["id"],
            )


async def _states(database: Database, rig: Rig) -> dict[int, dict[str, Any]]:
    """How each conversation stands: its dialogue, turn, owner and what the account chose."""
    async with database.transaction() as tx:
        rows = await tx.fetch(
            """select c.id, c.account_id, c.turn, c.state, c.owner, a.language, a.consent_version,
                      a.opted_out_at is not null as opted_out
               from conversation c join chat_account a on a.id = c.account_id"""
        )
    found = {}
    for row in rows:
        state = row["state"] and rig.keys.open(row["state"], "conversation.state", row["id"])
        found[row["account_id"]] = {
            **(orjson.loads(state) if state else {}),
            **{name: row[name] for name in ("turn", "owner", "language", "opted_out")},
        }
    return found


async def _domain(rig: Rig) -> list[Any]:
    """Everything but the talk itself."""
    counted = ("patient", "link", "appointment", "task", "consent", "link_attempt")
    tables = [await rig.value(f"select count(*) from {table}") for table in counted]
    return [*tables, *await rig.rows("select language, opted_out_at from chat_account order by id")]


async def _last_words(rig: Rig) -> dict[int, str]:
    """What each account was told in its last turn."""
    said: dict[int, str] = defaultdict(str)
    for row in await rig.rows(
        """select o.account_id, o.key, o.content from outbox o
           join conversation c on c.account_id = o.account_id
           where o.dedup_key like 'turn:' || c.id || ':' || c.turn || ':%' order by o.id"""
    ):
        said[row["account_id"]] += open_message(rig.keys, row["key"], row["content"]).text + "\n"
    return said
