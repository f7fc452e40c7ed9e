"""A message to a patient as every channel understands it.

Rendering it for a platform is the channel's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Worded:
    """Words of the clinic's own by language; in a language that is not there it has none."""

    by_language: Mapping[str, str]


class DeliveryClass(StrEnum):
    """What may be done when nobody knows whether a message arrived."""

    MUST_ARRIVE = "must_arrive"  # dialogue, confirmations, emergencies: resent once
    CAMPAIGN = "campaign"  # greetings, surveys: never resent


# What goes out first when not everything can: a reply, safety, visits, plans, greetings, marketing.
PRIORITIES: Mapping[str, int] = MappingProxyType(
    {
        "dialogue": 0,
        "staff": 0,
        "emergency": 1,
        "alert": 1,
        "on_call": 1,
        "queue": 2,  # one's place in it, to who sits in the waiting room
        "reminder": 2,
        "offer": 2,
        "form": 3,
        "check_in": 3,
        "question": 3,  # of a plan, with its buttons
        "plan": 3,
        "greeting": 4,
        "education": 4,
        "marketing": 5,
    }
)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice. `token` is opaque and comes back when pressed: at most 64 bytes of ASCII."""

    label: str
    token: str
    role: Literal["primary", "choice", "navigation"] = "choice"


@dataclass(frozen=True, slots=True)
class Link:
    """A button that opens an address (https, tel) outside the conversation."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class DatePick:
    """A date picker where the channel has one; the day comes back with `token`.

    `typed`: a day long ago, of which people know the figures, such as that of a birth: nobody
    should have to turn a calendar back to it, nor take one that nobody chose.
    """

    label: str
    token: str
    initial: date
    earliest: date
    latest: date
    typed: bool = False


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """A button by which the patient shares the telephone number of the account."""

    label: str
    token: str


@dataclass(frozen=True, slots=True)
class Card:
    """A small table such as a visit: a title and label/value rows, shown above the buttons."""

    title: str
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG shown above the text, for who can see it: `alt` and the text say the same in words.

    `url` and `preview_url` (at most 1 MB) are absolute if our public address is known, else paths:
    then only our own page can show it. Sizes in pixels.
    """

    url: str
    preview_url: str
    alt: str
    width: int
    height: int

    @property
    def is_public(self) -> bool:
        """Whether a platform can fetch it."""
        return self.url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said to a patient, in plain text (no markup) of one language (BCP 47).

    `text` stands above the card, the card above the buttons. `urgent` marks emergency text: shown
    prominently and sent by the surest way the channel has.
    """

    text: str
    language: str
    card: Card | None = None
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()
    date_pick: DatePick | None = None
    contact_request: ContactRequest | None = None
    urgent: bool = False
    picture: Picture | None = None
