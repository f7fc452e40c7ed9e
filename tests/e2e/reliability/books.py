"""The equations: what the platforms' ledgers say against what our own tables say.

"Twice" and "lost" are counted from the ledgers alone. A message is known by all that the patient
sees of it; its buttons carry the turn or the visit, so that hardly two are the same.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from bot.channels.line import render as line_render
from bot.channels.telegram import render as telegram_render
from bot.local.simulators.telegram_text import clean, parse_html, trimmed
from clinic.message.codec import load_message
from clinic.message.service import open_message
from clinic.message.types import Message
from tests.e2e.reliability.rig import Rig

UNFINISHED = frozenset({"pending", "leased", "inflight"})
Shown = tuple[str, str, str]  # channel, chat, what it shows


@dataclass(frozen=True, slots=True)
class Entry:
    """An outbox row, and what the patient sees of it."""

    id: int
    shown: Shown
    state: str
    reason: str | None
    delivery_class: str
    purpose: str
    attempts: int
    unknowns: int
    told: bool  # staff have a task that says it may not have arrived
    open: bool  # it will be tried again


@dataclass(slots=True)
class Books:
    """Both sides, and what does not agree."""

    entries: list[Entry]
    delivered: Counter[Shown]
    unfinished: int = 0
    states: Counter[str] = field(default_factory=Counter)  # by "channel state"
    twice: dict[str, int] = field(default_factory=dict)  # by channel: copies beyond the first
    given_up: int = 0  # nobody knows whether it arrived, it did not, and staff were told
    faults: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """What was counted."""
        return {
            "rows": len(self.entries),
            "delivered": sum(self.delivered.values()),
            "states": dict(sorted(self.states.items())),
            "twice": self.twice,
            "given_up": self.given_up,
        }


async def close_books(rig: Rig, *, ambiguous: int = 0, concurrency: int = 52) -> Books:
    """Compare every message of the run with the ledgers.

    `ambiguous`: how many calls the platforms answered so that nobody can know how they ended.
    `concurrency`: how many sendings a killed process can have had under way (32 turns and 20 of
    the sweep).
    """
    books = Books(await _entries(rig), _delivered(rig))
    by_shown: dict[Shown, list[Entry]] = defaultdict(list)
    for entry in books.entries:
        by_shown[entry.shown].append(entry)
        books.states[f"{entry.shown[0]} {entry.state}"] += 1
        if entry.state in UNFINISHED or entry.open:
            books.unfinished += 1
            books.faults.append(f"unfinished: outbox {entry.id} {entry.state}")
    books.twice = {"line": 0, "telegram": 0}
    for shown, entries in by_shown.items():
        _compare(books, shown, entries)
    for shown in books.delivered.keys() - by_shown.keys():
        books.faults.append(f"delivered, but in no row: {shown[0]} {shown[2][:80]}")
    allowed = ambiguous + rig.kills * concurrency
    if books.twice["telegram"] > allowed:
        books.faults.append(f"Telegram twice {books.twice['telegram']} > {allowed}")
    unknown = sum(entry.state == "unknown" for entry in books.entries)
    if unknown > allowed:
        books.faults.append(f"unknown {unknown} > {allowed}")
    return books


def _compare(books: Books, shown: Shown, entries: list[Entry]) -> None:
    channel = shown[0]
    delivered = books.delivered[shown]
    states = Counter(entry.state for entry in entries)
    ids = [entry.id for entry in entries]
    may = states["sent"] + states["unknown"] + sum(states[state] for state in UNFINISHED)
    if delivered < states["sent"]:
        books.faults.append(f"said sent, but not delivered: {channel} outbox {ids}")
    copies = max(0, delivered - may)
    books.twice[channel] += copies
    if copies and (channel == "line" or entries[0].delivery_class == "campaign"):
        books.faults.append(f"twice: {channel} outbox {ids}, {delivered} times")
    if delivered > 2 * len(entries):
        books.faults.append(f"more than one copy: {channel} outbox {ids}, {delivered} times")
    if not may and delivered:
        books.faults.append(f"refused or skipped, but delivered: {channel} outbox {ids}")
    missing = max(0, may - delivered)
    for entry in entries:
        if entry.state == "unknown" and not entry.open and missing:
            missing -= 1
            if entry.delivery_class == "campaign":
                continue  # shown as unknown, never resent: that is its class
            if channel == "line" or not entry.told:
                books.faults.append(f"lost: {channel} outbox {entry.id} {entry.reason}")
            else:
                books.given_up += 1


async def campaign_faults(rig: Rig, recipients: int) -> list[str]:
    """What is wrong with the rows of campaigns: each recipient has an end, that of their message.

    What the messages themselves came to is told by `close_books`. `recipients`: how many there are
    to be.
    """
    faults = []
    rows = await rig.rows(
        """select r.state, coalesce(o.state, c.state) as message, count(*)
           from recipient r left join outbox o on o.id = r.outbox_id
           left join chunk c on c.id = r.chunk_id group by 1, 2"""
    )
    if (found := sum(row["count"] for row in rows)) != recipients:
        faults.append(f"{found} recipients instead of {recipients}")
    for row in rows:
        ends = row["state"] in ("sent", "refused", "unknown")
        if row["state"] in ("pending", "queued"):
            faults.append(f"{row['count']} recipients are {row['state']}")
        elif ends and row["message"] != row["state"]:
            said = f"{row['count']} recipients {row['state']}, their messages {row['message']}"
            faults.append(said)
    return faults


async def _entries(rig: Rig) -> list[Entry]:
    rows = await rig.rows(
        """select o.id, o.key, o.content, o.state, o.reason, o.delivery_class, o.purpose,
                  o.attempts, o.unknowns, o.send_at < 'infinity' as again, a.channel, a.address,
                  a.address_index,
                  exists (select 1 from task t where t.key = 'undelivered:' || o.id) as told
           from outbox o join chat_account a on a.id = o.account_id order by o.id"""
    )
    found = []
    for row in rows:
        where = "chat_account.address"
        address = rig.keys.open(row["address"], where, row["address_index"]).decode()
        message = open_message(rig.keys, row["key"], row["content"])
        found.append(
            Entry(
                id=row["id"],
                shown=_shown(row["channel"], address, message),
                state=row["state"],
                reason=row["reason"],
                delivery_class=row["delivery_class"],
                purpose=row["purpose"],
                attempts=row["attempts"],
                unknowns=row["unknowns"],
                told=row["told"],
                open=row["state"] == "unknown" and row["again"],
            )
        )
    return found + await _members(rig)


async def _members(rig: Rig) -> list[Entry]:
    """The same of everybody in a chunk."""
    rows = await rig.rows(
        """select k.key, k.content, k.state, k.reason, k.purpose, k.attempts, k.unknowns,
                  k.send_at < 'infinity' as again, r.id, a.channel, a.address, a.address_index
           from recipient r join chunk k on k.id = r.chunk_id
           join chat_account a on a.id = r.account_id order by r.id"""
    )
    where = "chat_account.address"
    return [
        Entry(
            id=row["id"],
            shown=_shown(
                row["channel"],
                rig.keys.open(row["address"], where, row["address_index"]).decode(),
                load_message(rig.keys.open(row["content"], "chunk.content", row["key"])),
            ),
            state=row["state"],
            reason=row["reason"],
            delivery_class="campaign",
            purpose=row["purpose"],
            attempts=row["attempts"],
            unknowns=row["unknowns"],
            told=False,
            open=row["state"] == "unknown" and row["again"],
        )
        for row in rows
    ]


def _shown(channel: str, address: str, message: Message) -> Shown:
    if channel == "line":
        return channel, address, _text(line_render.render(message))
    asked = telegram_render.render(message, address)
    text, _ = trimmed(*parse_html(clean(asked["text"])))
    return channel, address, _text([clean(text), _tokens(asked["reply_markup"] or {})])


def _delivered(rig: Rig) -> Counter[Shown]:
    found: Counter[Shown] = Counter(
        ("line", entry["chat"], _text(entry["body"])) for entry in rig.line.ledger()
    )
    found.update(
        (
            "telegram",
            str(entry["chat_id"]),
            _text([entry["text"], _tokens(entry["reply_markup"])]),
        )
        for entry in rig.telegram.ledger()
        if entry["method"] == "sendMessage"
    )
    return found


def _tokens(markup: dict[str, Any]) -> list[str]:
    return [
        button.get("callback_data", button["text"])
        for row in markup.get("inline_keyboard", [])
        for button in row
    ]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


# What came in -------------------------------------------------------------------------------------


async def inbound_faults(
    rig: Rig, taken: dict[str, set[str]], *, silent_turns: bool = False
) -> list[str]:
    """What is wrong with the events: each one answered 200 once in the ledger, and once in effect.

    `taken`: channel -> ids of all events the platform was answered 200 for. `silent_turns`: there
    may be turns that say nothing, such as words for staff.
    """
    faults = []
    rows = await rig.rows("select channel, event_id, state from inbound")
    stored = Counter((row["channel"], row["event_id"]) for row in rows)
    for channel, ids in taken.items():
        lost = [one for one in ids if not stored[channel, one]]
        if lost:
            faults.append(f"answered 200, but not stored: {len(lost)} {channel} {lost[:3]}")
    several = [name for name, count in stored.items() if count > 1]
    if several:
        faults.append(f"stored twice: {len(several)} {several[:3]}")
    for state in ("new", "failed"):
        if count := sum(row["state"] == state for row in rows):
            faults.append(f"{state}: {count} events")
    return faults + await _effect_faults(rig, silent_turns)


async def _effect_faults(rig: Rig, silent_turns: bool) -> list[str]:
    """Each event moves its conversation by one turn, and each turn says something, once.

    Counted against unique events, so that an event stored twice shows here as well.
    """
    faults = []
    for row in await rig.rows(
        """select c.id, c.turn,
                  count(distinct i.event_id) filter (where i.state = 'done') as events,
                  (select count(distinct o.dedup_key) from outbox o
                   where o.account_id = c.account_id
                     and o.dedup_key like 'turn:' || c.id || ':%:0') as answers,
                  (select count(*) from timer t where t.conversation_id = c.id
                   and t.kind = 'wait' and t.state = 'fired') as silences
           from conversation c left join inbound i on i.account_id = c.account_id
           group by c.id order by c.id"""
    ):
        turns, events = row["turn"], row["events"] + row["silences"]
        # A turn that says nothing and changes nothing is not counted.
        if turns > events or (turns < events and not silent_turns):
            faults.append(f"conversation {row['id']}: {events} events, {turns} turns")
        if row["answers"] != turns and not silent_turns:
            faults.append(f"conversation {row['id']}: {turns} turns, {row['answers']} answers")
    return faults
