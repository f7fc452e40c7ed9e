"""Messages and lines as the JSON that the page shows. Pure.

Everything is data: the page puts strings into text nodes only, so nothing is escaped here.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.channels.channel import Malformed
from bot.channels.webchat import parse
from bot.channels.webchat.types import Line
from clinic.message.types import DatePick, Link, Message, Picture

SCHEMES = ("http://", "https://", "tel:")

Json = dict[str, Any]


def render(message: Message) -> Json:
    """A message as the page shows it."""
    asked = message.contact_request
    return {
        "text": message.text,
        "language": message.language,
        "urgent": message.urgent,
        "picture": message.picture and _picture(message.picture),
        "card": message.card
        and {"title": message.card.title, "rows": [list(row) for row in message.card.rows]},
        "buttons": [
            {"label": button.label, "token": button.token, "role": button.role}
            for button in message.buttons
        ],
        "links": [_link(link) for link in message.links],
        "date": message.date_pick and _date(message.date_pick),
        "contact": asked and {"label": asked.label, "token": asked.token},
    }


def render_line(line: Line) -> Json:
    """A line of the conversation. What was erased, or cannot be read any more, says so."""
    shown: Json = {"id": line.id, "side": line.side, "at": _instant(line.at)}
    if line.name:
        shown["by"] = {"name": line.name, "doctor": line.doctor}
    if line.message is not None:
        return shown | {"standing": line.standing, "message": render(line.message)}
    try:
        if line.event is not None:
            return shown | dict(parse.shown(line.event))
    except Malformed:
        pass  # a kind that an older version took and this one does not know
    return shown | {"erased": True}


def _instant(at: datetime) -> str:
    """In UTC and of one length, so that the page can order lines by comparing texts."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _link(link: Link) -> Json:
    """A link; one that a page must not open (javascript:, data:) keeps its words alone."""
    safe = link.url.lower().startswith(SCHEMES)
    return {"label": link.label, "url": link.url if safe else None}


def _picture(picture: Picture) -> Json:
    """A picture of our own, by its path: the page shows none of another host."""
    return {
        "path": urlsplit(picture.url).path,
        "alt": picture.alt,
        "width": picture.width,
        "height": picture.height,
    }


def _date(pick: DatePick) -> Json:
    return {
        "label": pick.label,
        "token": pick.token,
        "initial": pick.initial.isoformat(),
        "earliest": pick.earliest.isoformat(),
        "latest": pick.latest.isoformat(),
        "typed": pick.typed,
    }
