"""What every channel is to the rest of Kayoi: events in, messages out, and how a sending ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from clinic.message.types import Message


@dataclass(frozen=True, slots=True)
class TextReceived:
    text: str


@dataclass(frozen=True, slots=True)
class TextEdited:
    """The patient changed a message: `text` is what it says now."""

    text: str


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    token: str


@dataclass(frozen=True, slots=True)
class DatePicked:
    token: str
    day: date


@dataclass(frozen=True, slots=True)
class ContactShared:
    """A telephone number. `own` only if the platform vouches that it is the sender's own."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """The patient added the clinic's account, or unblocked it."""


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """The patient blocked the clinic's account: nothing may be sent there."""


@dataclass(frozen=True, slots=True)
class Started:
    """The patient opened the chat by a link of the clinic; `payload` is what the link carried."""

    payload: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """The patient took a message back: its content must be deleted."""

    message_id: str


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """A picture, voice, file, sticker or place, by the platform's own id.

    `content_type` and `size` (bytes) only where they were seen; "" and 0 elsewhere.
    """

    kind: str
    media_id: str
    content_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class AccountLinked:
    """The platform's account-link dialogue ended; `nonce` is the one we gave out."""

    nonce: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event of a kind that Kayoi does not act on; kept and counted."""

    kind: str


Content = (
    TextReceived
    | TextEdited
    | ButtonPressed
    | DatePicked
    | ContactShared
    | Followed
    | Unfollowed
    | Started
    | Unsent
    | MediaReceived
    | AccountLinked
    | Ignored
)


@dataclass(frozen=True, slots=True)
class Received:
    """One event of a webhook before it is understood: enough to store it once and in order."""

    event_id: str  # unique in its channel; the same event redelivered has the same id
    address: str  # the chat account it came from ("" where the event names none)
    occurred_at: datetime  # aware, by the platform's clock where it has one
    payload: bytes  # the event alone, as JSON


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event, understood."""

    content: Content
    occurred_at: datetime
    message_id: str | None = None  # the platform's id of the patient's message
    reply_token: str | None = None  # LINE: answers once, free of quota
    callback_id: str | None = None  # Telegram: the pressed button, to be answered at once
    language: str | None = None  # BCP 47, if the platform tells
    display_name: str | None = None
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform took the message. `message_id` is the platform's, if it tells."""

    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take this message. `gone`: it takes none for this account."""

    reason: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely did not go out and may be tried again, after `retry_after` seconds.

    `whole_channel`: nothing may be called on this channel before then. `quota`: the month's quota
    is used up, so trying again this month is useless.
    """

    reason: str
    retry_after: float = 1.0
    whole_channel: bool = False
    quota: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it went out (time-out, reset after writing, 5xx)."""

    reason: str


@dataclass(frozen=True, slots=True)
class TokenDead:
    """The reply token is of no use and nothing went out: send again without it.

    It must be forgotten first. A later try would take the token's refusal for the proof that an
    earlier one went out, when it was the push after it that got lost.
    """


Outcome = Sent | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Reply:
    """How to answer the event at hand on the cheap: the reply token, and how old it is (s).

    `tried`: an earlier attempt with it ended unknown. A reply token works once, so while it is
    young its refusal after such an attempt proves that the attempt went out.
    """

    token: str
    age: float
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """Messages of this month: how many there may be (None: no limit), and how many there were."""

    limit: int | None
    used: int

    @property
    def spent(self) -> bool:
        """Whether nothing can be sent any more this month."""
        return self.limit is not None and self.used >= self.limit


class Unsigned(Exception):
    """A webhook without the platform's signature or secret: answered 401, nothing is stored."""


class Malformed(ValueError):
    """A webhook or event that is not what the platform sends: answered 400 or ignored."""


class Channel(Protocol):
    """A messaging platform. Parsing and rendering are pure functions of the channel's module."""

    name: str
    # Calls a second over all chats, and to one chat; None where the platform sets no limit.
    rate: float | None
    rate_per_chat: float | None
    burst: float  # calls over all chats that may come at once, at least 1; without a rate any
    resends_safely: bool  # a second push with the same key is recognised by the platform
    acknowledge_after: float  # s; an answer that is out by then needs no sign before it

    def split(self, message: Message) -> tuple[Message, ...]:
        """The same content as messages that each fit one call within the platform's limits."""
        ...

    def parse(self, payload: bytes) -> Inbound:
        """Understand one stored event. Raises Malformed; unknown kinds become Ignored."""
        ...

    async def send(
        self, address: str, message: Message, *, key: UUID, reply: Reply | None = None
    ) -> Outcome | TokenDead:
        """Send one message that `split` gave. `key` names the delivery, the same at each try.

        TokenDead only if there is a `reply`.
        """
        ...

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Show at once that the event came in (stop the button's spinner, show typing).

        Best effort: never raises, never delays the turn.
        """
        ...

    async def profile(self, address: str) -> Mapping[str, Any]:
        """`language` and `display_name` of an account, as far as the platform tells; may be {}."""
        ...

    async def own_name(self) -> str | None:
        """The clinic's own name there, as links to its chat need it; None if nobody tells."""
        ...

    async def set_webhook(self, url: str) -> str | None:
        """Have the platform send its events to `url`; what went wrong, or None."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class NoMedia:
    """It cannot be had: gone, too large, or the platform does not answer."""

    reason: str


@runtime_checkable
class KeepsMedia(Protocol):
    """A channel that keeps what patients sent besides words, for some days or weeks."""

    def media_of(self, payload: bytes) -> MediaReceived | None:
        """What a stored event brought besides words, captioned or not. Raises Malformed."""
        ...

    async def fetch(self, media: MediaReceived, most: int) -> bytes | NoMedia:
        """Its content, of at most `most` bytes. Never raises."""
        ...


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel in which patients see that somebody is writing to them."""

    name: str

    async def show_typing(self, address: str) -> None:
        """Show it for some seconds. Best effort: never raises."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What the platform says of the address that it sends its events to.

    `url` None: it knows none. `fault`: in the platform's words, of its newest trouble; None: none.
    `waiting`: events that it could not deliver yet, if it tells.
    """

    url: str | None
    fault: str | None
    waiting: int | None = None


@runtime_checkable
class CalledBack(Channel, Protocol):
    """A channel whose platform tells whether it reaches us."""

    async def webhook_state(self) -> WebhookState | None:
        """Have the platform try our address out, or tell how it went last; None if it is silent."""
        ...


@runtime_checkable
class SendsToMany(Protocol):
    """A channel that takes the same message for many accounts in one call."""

    most_at_once: int  # accounts in one call
    rate_at_once: float | None  # such calls a second, beside all others

    async def send_to_many(
        self, addresses: Sequence[str], message: Message, *, key: UUID
    ) -> Outcome:
        """Send to all of them, or to none: Refused if one of the addresses is wrong.

        `key` names the delivery. With the same addresses in the same order it goes out once.
        """
        ...


@runtime_checkable
class SendsTogether(Protocol):
    """A channel that takes several messages for one account in one call, as one delivery."""

    def fit_together(self, messages: Sequence[Message]) -> bool:
        """Whether these go in one call, with nothing of theirs lost."""
        ...

    async def send_together(
        self, address: str, messages: Sequence[Message], *, key: UUID
    ) -> Outcome:
        """Send messages that fit together, in this order: all of them, or none.

        `key` as in `send`, for the same messages in the same order.
        """
        ...


@runtime_checkable
class Metered(Protocol):
    """A channel of which the clinic has bought so many messages a month."""

    async def quota(self) -> Quota | None:
        """How much of it is used, approximately; None if nobody tells."""
        ...
