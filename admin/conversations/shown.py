"""What the inbox shows besides what is stored: ready answers for one patient, known codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.i18n import LANGUAGES, choose
from admin.keys import SETTINGS
from admin.page import speech_of
from clinic import clock
from clinic.canned.rules import fill, language_for
from clinic.canned.service import canned_answers
from clinic.config import Settings
from clinic.db import Tx
from clinic.staff.access.cards import Card
from clinic.staff.access.heads import ConversationHead

PROBLEMS = frozenset(
    {"taken", "not_mine", "length", "note", "changed", "placeholder", "media", "again", "snooze"}
    | {"nobody"}
)
DONE = frozenset({"handed_back", "assigned", "snoozed"})
SNOOZES = ("hour", "afternoon", "tomorrow", "monday")


@dataclass(frozen=True, slots=True)
class Ready:
    """A ready answer for the patient at hand. `beside`: the same in the reader's language, "" if
    that is the patient's own or there is none; `missing`: not in the patient's language."""

    id: int
    shortcut: str
    text: str
    language: str
    beside: str
    beside_language: str
    missing: bool
    lacks: tuple[str, ...]


async def canned(
    request: web.Request, tx: Tx, head: ConversationHead, cards: Sequence[Card]
) -> list[Ready]:
    """The ready answers, filled in for the patient, beside what the reader understands."""
    settings, reader = request.app[SETTINGS], speech_of(request).language
    spoken = _spoken(settings, head, cards)
    card = cards[0] if len(cards) == 1 else None
    found = []
    for answer in await canned_answers(tx):
        language = language_for(answer, (spoken, "en", *settings.clinic.languages))
        filled = fill(answer.texts[language], language, _values(settings, language, card))
        other = language_for(answer, (reader,))
        beside = fill(answer.texts[other], other, _values(settings, other, card))
        apart = other == reader != language
        found.append(
            Ready(
                answer.id,
                answer.shortcut,
                filled.text,
                language,
                beside.text if apart else "",
                other,
                language != spoken,
                filled.lacks,
            )
        )
    return found


def _spoken(settings: Settings, head: ConversationHead, cards: Sequence[Card]) -> str:
    """The language in which the chat is answered: what it speaks, else what the record says."""
    told = (head.language, *(card.language for card in cards), settings.clinic.languages[0])
    return choose([one for one in told if one], settings.clinic.languages[0]).language


def _values(settings: Settings, language: str, card: Card | None) -> Mapping[str, str]:
    """What placeholders stand for. Of several patients no one is meant: then there is no name."""
    values = {"clinic": settings.clinic.name, "phone": settings.clinic.phone or ""}
    if card is not None:
        values["name"] = card.name
        if card.next_at is not None and language in LANGUAGES:
            speech = choose([language])
            values["next_visit"] = speech.moment(card.next_at, settings.clinic.time_zone)
    return values


def done(request: web.Request) -> str | None:
    """What was just done, as the address tells."""
    told = request.query.get("done")
    return told if told in DONE else None


def minute(settings: Settings) -> str:
    """This minute in the clinic's zone, as a form's field writes it."""
    now = clock.now().astimezone(ZoneInfo(settings.clinic.time_zone))
    return now.strftime("%Y-%m-%dT%H:%M")


def opening(settings: Settings) -> time | None:
    """When the desk opens, if the clinic has said."""
    hours = settings.clinic.desk_hours
    return time.fromisoformat(hours[0]) if hours else None
