"""LINE without the network: what it takes, refuses and remembers, and what patients do there.

Facts: LINE Messaging API reference and guides (retry keys, reply tokens, rate limits, quota).
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.local.simulators.line_rules import problems
from bot.local.simulators.line_webhooks import Event, ulid
from bot.local.simulators.telegram_state import Allowance, Ledger, SimulatedTime

RETRY_KEY_LIVES = 86_400.0  # seconds
REPLY_TOKEN_LIVES = 60.0  # seconds after (re)delivery
REPLY_TOKEN_DIES = 1_200.0  # seconds after the event, whatever was redelivered
RATE = {"reply": 2000, "push": 2000, "multicast": 200, "loading": 100}  # calls a second
MULTICAST = 500  # users in one call

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, JSON body and further headers."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _ReplyToken:
    user: str
    occurred_at: float
    delivered_at: float
    used: bool = False


class LinePlatform:
    """One LINE Official Account and its friends.

    `strict=False` skips the checks of message contents (for load); `anyone=True` knows every
    well-formed user id without that user having done anything.
    """

    def __init__(
        self,
        time: SimulatedTime,
        ledger: Ledger,
        *,
        strict: bool = True,
        anyone: bool = False,
        quota: int | None = None,
    ) -> None:
        self.time, self.ledger = time, ledger
        self.strict, self.anyone = strict, anyone
        self.quota, self.used = quota, 0
        self.users: set[str] = set()
        self.blocked: set[str] = set()
        self.languages: dict[str, str] = {}
        self.loading: list[str] = []
        self.media: dict[str, bytes] = {}
        self.unsent: set[str] = set()
        self.changed_retries: list[str] = []  # retry keys that came back with another body
        self._taken: dict[str, tuple[float, str, list[Json], bytes]] = {}
        self._tokens: dict[str, _ReplyToken] = {}
        self._allowances = {call: Allowance(rate, rate) for call, rate in RATE.items()}
        self._number = 0

    def knows(self, user: str) -> bool:
        """Whether messages to this id are taken: its owner wrote to us or added us once."""
        return user in self.users or (self.anyone and len(user) == 33 and user[0] == "U")

    def too_fast(self, call: str) -> Answer | None:
        """The 429 of a call beyond its rate."""
        if self._allowances[call].take(self.time.now()):
            return Answer(
                429, {"message": "The API rate limit has been exceeded. Try again later."}
            )
        return None

    def reply(self, body: Json, retry_key: str | None, request_id: str) -> Answer:
        """Reply by a token: once, while it lives, and never with a retry key."""
        if retry_key is not None:
            return Answer(400, {"message": "The retry key cannot be used for this endpoint"})
        if wrong := self._wrong(body):
            return wrong
        token = self._tokens.get(str(body.get("replyToken")))
        now = self.time.now()
        if (
            token is None
            or token.used
            or now > token.delivered_at + REPLY_TOKEN_LIVES
            or now > token.occurred_at + REPLY_TOKEN_DIES
        ):
            return Answer(400, {"message": "Invalid reply token"})
        token.used = True
        sent = self._accept("reply", token.user, body, None, request_id)
        return Answer(200, {"sentMessages": sent})

    def push(self, body: Json, retry_key: str | None, request_id: str) -> Answer:
        """Push to one user; with a retry key once in 24 hours."""
        if retry_key is not None and (again := self._again(body, retry_key)):
            return again
        if wrong := self._wrong(body):
            return wrong
        to = str(body.get("to"))
        if not self.knows(to):
            return Answer(400, {"message": "Failed to send messages"})
        if self.quota is not None and self.used >= self.quota:
            return Answer(429, {"message": "You have reached your monthly limit."})
        if to not in self.blocked:
            self.used += 1
        sent = self._accept("push", to, body, retry_key, request_id)
        if retry_key is not None:
            self._taken[retry_key] = (self.time.now(), request_id, sent, _hashed(body))
        return Answer(200, {"sentMessages": sent})

    def multicast(self, body: Json, retry_key: str | None, request_id: str) -> Answer:
        """The same messages to many users: to all of them or, if one id is wrong, to none."""
        if retry_key is not None and (again := self._again(body, retry_key)):
            return again
        if wrong := self._wrong(body):
            return wrong
        to = body.get("to")
        if not isinstance(to, list) or not 1 <= len(to) <= MULTICAST:
            said = f"Size must be between 1 and {MULTICAST}"
            details = [{"message": said, "property": "to"}]
            return Answer(400, {"message": "The request body has 1 error(s)", "details": details})
        if not all(isinstance(user, str) and self.knows(user) for user in to):
            return Answer(400, {"message": "Failed to send messages"})
        counted = sum(user not in self.blocked for user in to)
        if self.quota is not None and self.used + counted > self.quota:
            return Answer(429, {"message": "You have reached your monthly limit."})
        self.used += counted
        self.ledger.extend(
            self._entry("multicast", user, body, retry_key, request_id) for user in to
        )
        if retry_key is not None:
            self._taken[retry_key] = (self.time.now(), request_id, [], _hashed(body))
        return Answer(200, {})

    def validate(self, body: Json) -> Answer:
        """Check messages without sending them."""
        return self._wrong(body) or Answer(200, {})

    def show_loading(self, body: Json) -> Answer:
        """Show the animation in one user's chat, for 5 to 60 seconds in fives."""
        user, seconds = str(body.get("chatId")), body.get("loadingSeconds", 20)
        if limited := self.too_fast("loading"):
            return limited
        if not self.knows(user) or seconds not in range(5, 61, 5):
            return Answer(400, {"message": "The request body has 1 error(s)"})
        self.loading.append(user)
        return Answer(202, {})

    def event(self, kind: str, user: str, *, reply: bool = True, **content: Any) -> Event:
        """An event of a user, with its own id and, if such events have one, a reply token."""
        self.users.add(user)
        now = self.time.now()
        event: Event = {
            "type": kind,
            "mode": "active",
            "timestamp": int(now * 1000),
            "source": {"type": "user", "userId": user},
            "webhookEventId": ulid(int(now * 1000), self._next()),
            "deliveryContext": {"isRedelivery": False},
            **content,
        }
        if reply:
            token = hashlib.blake2b(str(self._next()).encode(), digest_size=16).hexdigest()
            self._tokens[token] = _ReplyToken(user, now, now)
            event["replyToken"] = token
        return event

    def delivered(self, reply_token: str) -> None:
        """An event went out (again) with this token: its minute begins anew."""
        if token := self._tokens.get(reply_token):
            token.delivered_at = self.time.now()

    def text(self, user: str, text: str) -> Event:
        """The user writes."""
        message = {"type": "text", "id": self._next_id(), "quoteToken": "q", "text": text}
        return self.event("message", user, message=message)

    def picture(self, user: str, content: bytes) -> Event:
        """The user sends a picture, which can then be downloaded."""
        message_id = self._next_id()
        self.media[message_id] = content
        message = {"type": "image", "id": message_id, "quoteToken": "q"}
        return self.event("message", user, message=message | {"contentProvider": {"type": "line"}})

    def tap(self, user: str, token: str, day: date | None = None) -> Event:
        """The user presses a button, or picks a day by a date picker."""
        postback: Json = {"data": token}
        if day:
            postback["params"] = {"date": day.isoformat()}
        return self.event("postback", user, postback=postback)

    def follow(self, user: str) -> Event:
        """The user adds or unblocks the account."""
        again = user in self.blocked
        self.blocked.discard(user)
        return self.event("follow", user, follow={"isUnblocked": again})

    def unfollow(self, user: str) -> Event:
        """The user blocks the account; from here on messages are taken and not delivered."""
        self.blocked.add(user)
        return self.event("unfollow", user, reply=False)

    def unsend(self, user: str, message_id: str) -> Event:
        """The user takes a message back; its content cannot be downloaded any more."""
        self.unsent.add(message_id)
        return self.event("unsend", user, reply=False, unsend={"messageId": message_id})

    def received(self, user: str) -> list[Json]:
        """The message objects that this user's chat shows, oldest first."""
        return [
            message
            for entry in self.ledger.entries
            if entry["chat"] == user and entry["delivered"]
            for message in entry["body"]
        ]

    def _accept(
        self, call: str, user: str, body: Json, retry_key: str | None, request_id: str
    ) -> list[Json]:
        self.ledger.append(self._entry(call, user, body, retry_key, request_id))
        return [{"id": self._next_id(), "quoteToken": "q"} for _ in body.get("messages", ())]

    def _entry(
        self, call: str, user: str, body: Json, retry_key: str | None, request_id: str
    ) -> Json:
        return {
            "channel": "line",
            "call": call,
            "chat": user,
            "body": body.get("messages", []),
            "retry_key": retry_key,
            "request_id": request_id,
            "accepted": True,
            "delivered": user not in self.blocked,
            "time": self.time.now(),
        }

    def _again(self, body: Json, retry_key: str) -> Answer | None:
        """The answer to a retry key that is known or malformed; None if it is new."""
        try:
            uuid.UUID(retry_key)
        except ValueError:
            return Answer(400, {"message": "The retry key is invalid"})
        taken = self._taken.get(retry_key)
        if taken is None or self.time.now() >= taken[0] + RETRY_KEY_LIVES:
            return None
        _, request_id, sent, hashed = taken
        if hashed != _hashed(body):
            self.changed_retries.append(retry_key)
        said: Json = {"message": "The retry key is already accepted"}
        if sent:
            said["sentMessages"] = sent
        return Answer(409, said, {"x-line-accepted-request-id": request_id})

    def _wrong(self, body: Json) -> Answer | None:
        found = problems(body.get("messages")) if self.strict else []
        if not found:
            return None
        details = [{"message": message, "property": place} for place, message in found]
        said = f"The request body has {len(found)} error(s)"
        return Answer(400, {"message": said, "details": details})

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _next_id(self) -> str:
        return str(461_230_966_842_064_000 + self._next())


def _hashed(body: Json) -> bytes:
    return hashlib.blake2b(json.dumps(body, sort_keys=True).encode()).digest()
