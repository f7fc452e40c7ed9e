"""Writes a message as LINE message objects. Pure.

The patient may be 78 and see badly: choices are large buttons one above the other in a flex
bubble, which also shows on a desktop; they are boxes, because a box wraps a long label and LINE's
own button component cuts it. Limits: LINE Messaging API reference, message objects and actions.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from bot.channels.graphemes import cut, first_piece, pieces, shorten, units
from clinic.message.types import Button, Card, DatePick, Link, Message, Picture

Json = dict[str, Any]

MAX_OBJECTS = 5  # in one reply or push
MAX_QUICK_REPLIES = 13
TEXT_UNITS = 5000
ALT_TEXT_UNITS = 1500
QUICK_REPLY_LABEL = 20  # grapheme clusters
FLEX_LABEL = 40  # grapheme clusters
URI_LENGTH = 1000
IMAGE_URL = 2000

# Ours: the platform would take 30 KB a bubble (we count JSON with escapes, its longest form), and
# more buttons, but a patient reads about a dozen.
BUBBLE_BYTES = 26_000
BUBBLE_BUTTONS = 12
BUBBLE_TEXT_UNITS = 1000
SHOWN_LABEL = 100  # grapheme clusters
CARD_VALUE = 200  # grapheme clusters
WRITTEN_URL = 2000
HEADING = 60  # grapheme clusters

BRAND, PALE, RED = "#0B6B4F", "#E3EFEA", "#B3261E"
INK, GREY, WHITE = "#1A1A1A", "#555555", "#FFFFFF"

_TAKEN_SCHEMES = re.compile(r"(https?|line|tel):", re.IGNORECASE)
# Control characters and the marks that reorder the text around them (a patient's name may hold
# any), and halves of surrogate pairs, which LINE does not take.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Part:
    """A component of a bubble, what stands for it in the notification, and if it is a button."""

    component: Json
    alt: str
    button: bool = False


def split(message: Message) -> tuple[Message, ...]:
    """The same content as messages that each fit one call: at most five LINE message objects."""
    if len(_objects(message)) <= MAX_OBJECTS:
        return (message,)
    first, second = _halves(message)
    return split(first) + split(second)


def render(message: Message) -> list[Json]:
    """The LINE message objects of a message; at most five if it came from `split`.

    A contact request is left out: LINE has none. Navigation becomes quick replies, which LINE
    shows under the last object.
    """
    return render_together([message])


def fit_together(messages: Sequence[Message]) -> bool:
    """Whether all of these go in one push: as many message objects as it takes."""
    return (
        sum(len(_objects(message)) for message in messages) <= MAX_OBJECTS
        and len(_navigation_of(messages)) <= MAX_QUICK_REPLIES
    )


def render_together(messages: Sequence[Message]) -> list[Json]:
    """The LINE message objects of one or several messages, one after the other.

    LINE shows quick replies under the last object only: those of all messages stand there.
    """
    objects = [one for message in messages for one in _objects(message)]
    quick = [_quick_reply(button) for button in _navigation_of(messages)[:MAX_QUICK_REPLIES]]
    if quick:
        objects[-1] = objects[-1] | {"quickReply": {"items": quick}}
    return objects


def clean(text: str) -> str:
    """The text without control characters (but line feeds and tabs) and reordering marks."""
    return _HALF_PAIR.sub("\ufffd", _UNWANTED.sub("", text))


@lru_cache(maxsize=64)  # `split` makes them, and `render` right after it
def _objects(message: Message) -> list[Json]:
    shown = _picture(message.picture)
    return shown + _spoken(message, "" if shown else "…")


def _picture(picture: Picture | None) -> list[Json]:
    """A picture that LINE can fetch. It has no words there: the text below says the same."""
    if picture is None or not picture.is_public:
        return []
    urls = {"originalContentUrl": _uri(picture.url), "previewImageUrl": _uri(picture.preview_url)}
    return [{"type": "image", **urls}] if max(map(len, urls.values())) <= IMAGE_URL else []


def _spoken(message: Message, nothing: str) -> list[Json]:
    """All but the picture; `nothing` stands where there are no words, unless it is empty."""
    text = _said(message)
    actions = [*map(_button, _choices(message)), *map(_link, _links(message))]
    if message.date_pick:
        actions.append(_date(message.date_pick))
    if message.urgent:
        actions = [
            _emphatic(part) if "uri" in part.component["action"] else part for part in actions
        ]
        return _urgent(text, [*_card(message.card), *actions])
    if not (actions or message.card):
        said = pieces(text, TEXT_UNITS) or [nothing]
        return [_text_message(piece) for piece in said if piece]
    # Only a text message makes the addresses in it work, and long texts read better in one.
    apart = units(text) > BUBBLE_TEXT_UNITS or "://" in text
    before = [_text_message(piece) for piece in pieces(text, TEXT_UNITS)] if apart else []
    inside = [] if apart else list(map(_paragraph, pieces(text, BUBBLE_TEXT_UNITS)))
    return before + _bubbles([*inside, *_card(message.card), *actions])


def _said(message: Message) -> str:
    """The text, with the links that LINE takes in no button written out below it."""
    odd = (link for link in message.links if not _fits_a_button(link))
    written = (f"{_label(link.label)}\n{clean(link.url)[:WRITTEN_URL]}" for link in odd)
    return "\n".join([clean(message.text), *written]).strip()


def _navigation(message: Message) -> list[Button]:
    return [button for button in message.buttons if button.role == "navigation"]


def _navigation_of(messages: Sequence[Message]) -> list[Button]:
    """Navigation of all of these; of several messages the same words once, since they lead to the
    same place."""
    found = [one for message in messages for one in _navigation(message)]
    return found if len(messages) == 1 else list({one.label: one for one in found}.values())


def _choices(message: Message) -> list[Button]:
    choices = [button for button in message.buttons if button.role != "navigation"]
    return choices + _navigation(message)[MAX_QUICK_REPLIES:]


def _links(message: Message) -> list[Link]:
    return [link for link in message.links if _fits_a_button(link)]


def _urgent(text: str, rest: list[_Part]) -> list[Json]:
    """Emergency text under a red header. Its first line is the heading if it is short."""
    heading, _, below = text.partition("\n")
    if not (below.strip() and heading == cut(heading, HEADING)):
        heading, below = "⚠️", text
    paragraphs = map(_paragraph, pieces(below, BUBBLE_TEXT_UNITS))
    found = _bubbles([*paragraphs, *rest] or [_paragraph("…")])
    header = _box("vertical", [_words(heading, size="xl", weight="bold", color=WHITE)])
    header |= {"backgroundColor": RED, "paddingAll": "16px"}
    found[0]["contents"] = {"type": "bubble", "header": header} | found[0]["contents"]
    found[0]["altText"] = shorten(text, ALT_TEXT_UNITS) or found[0]["altText"]
    return found


def _emphatic(part: _Part) -> _Part:
    """A link of an urgent message, such as the emergency number, as what is pressed first."""
    words = [word | {"color": WHITE} for word in part.component["contents"]]
    return replace(part, component=part.component | {"contents": words, "backgroundColor": RED})


def _bubbles(parts: list[_Part]) -> list[Json]:
    """The parts in order, in as few flex bubbles as hold them."""
    return [_bubble(group) for group in _grouped(parts)]


def _grouped(parts: list[_Part]) -> Iterator[list[_Part]]:
    whole = json.dumps([part.component for part in parts])
    if len(whole) <= BUBBLE_BYTES and sum(part.button for part in parts) <= BUBBLE_BUTTONS:
        yield parts  # as nearly always; weighing each part takes longer than all else here
        return
    group: list[_Part] = []
    size = buttons = 0
    for part in parts:
        length = len(json.dumps(part.component))
        if group and (size + length > BUBBLE_BYTES or buttons + part.button > BUBBLE_BUTTONS):
            yield group
            group, size, buttons = [], 0, 0
        group.append(part)
        size, buttons = size + length, buttons + part.button
    yield group


def _bubble(parts: Sequence[_Part]) -> Json:
    body = _box("vertical", [part.component for part in parts]) | {"spacing": "lg"}
    told = [part.alt for part in parts if not part.button] or [part.alt for part in parts]
    return {
        "type": "flex",
        "altText": shorten("\n".join(told), ALT_TEXT_UNITS),
        "contents": {"type": "bubble", "size": "mega", "body": body},
    }


def _text_message(text: str) -> Json:
    return {"type": "text", "text": text}


def _paragraph(text: str) -> _Part:
    return _Part(_words(text), text)


def _card(card: Card | None) -> list[_Part]:
    if not card:
        return []
    title, parts = _shown(card.title), []
    if title:
        parts.append(_Part(_words(title, size="xl", weight="bold"), title))
    for label, value in card.rows:
        label, value = _shown(label) or "–", cut(clean(value).strip(), CARD_VALUE) or "–"
        row = _box(
            "horizontal",
            [_words(label, color=GREY, flex=2), _words(value, weight="bold", flex=3)],
        )
        parts.append(_Part(row | {"spacing": "md"}, f"{label}: {value}"))
    return parts or [_paragraph("–")]


def _button(button: Button) -> _Part:
    label = _label(button.label)
    action = {"type": "postback", "data": button.token, "displayText": label}
    return _pressable(label, action, prominent=button.role == "primary")


def _link(link: Link) -> _Part:
    return _pressable(_label(link.label), {"type": "uri", "uri": _uri(link.url)}, prominent=False)


def _date(pick: DatePick) -> _Part:
    # LINE wants min < max. The flow judges the day that comes back, so one more does no harm.
    latest = max(pick.latest, pick.earliest + timedelta(days=1))
    action = {
        "type": "datetimepicker",
        "data": pick.token,
        "mode": "date",
        "initial": min(max(pick.initial, pick.earliest), latest).isoformat(),
        "min": pick.earliest.isoformat(),
        "max": latest.isoformat(),
    }
    return _pressable(_label(pick.label), action, prominent=True)


def _pressable(label: str, action: Json, *, prominent: bool) -> _Part:
    back, ink = (BRAND, WHITE) if prominent else (PALE, INK)
    box = _box("vertical", [_words(label, color=ink, weight="bold", align="center")])
    box |= {"action": action | {"label": cut(label, FLEX_LABEL)}, "backgroundColor": back}
    return _Part(box | {"paddingAll": "16px", "cornerRadius": "10px"}, label, button=True)


def _quick_reply(button: Button) -> Json:
    label = _label(button.label)
    action = {"type": "postback", "label": cut(label, QUICK_REPLY_LABEL), "data": button.token}
    return {"type": "action", "action": action | {"displayText": label}}


def _words(text: str, **style: Any) -> Json:
    """A text component. `scaling`: it grows with the letter size the patient set in LINE."""
    return {"type": "text", "text": text, "size": "lg", "color": INK, "wrap": True} | {
        "scaling": True,
        **style,
    }


def _box(layout: str, contents: list[Json]) -> Json:
    return {"type": "box", "layout": layout, "contents": contents}


def _shown(text: str) -> str:
    return cut(clean(text).strip(), SHOWN_LABEL)


def _label(text: str) -> str:
    return _shown(text) or "…"  # LINE refuses an empty one


def _uri(url: str) -> str:
    return quote(clean(url).strip(), safe="%/:=&?~#+!$,;'@()*[]")


def _fits_a_button(link: Link) -> bool:
    uri = _uri(link.url)
    return len(uri) <= URI_LENGTH and bool(_TAKEN_SCHEMES.match(uri))


def _halves(message: Message) -> tuple[Message, Message]:
    """Two messages that say the same: the text is cut, else what there is most of."""
    if message.picture:
        return Message("", message.language, picture=message.picture), replace(
            message, picture=None
        )
    piece, rest = first_piece(clean(message.text), TEXT_UNITS)
    if rest:
        first = Message(piece, message.language, urgent=message.urgent)
        return first, replace(message, text=rest)
    rows = message.card.rows if message.card else ()
    # Quick replies go away with the next message, so navigation stays with the last.
    buttons = tuple(sorted(message.buttons, key=lambda button: button.role == "navigation"))
    most = max(len(rows), len(buttons), len(message.links))
    half = most // 2
    if message.card and len(rows) == most:
        first = Message(message.text, message.language, urgent=message.urgent)
        return (
            replace(first, card=replace(message.card, rows=rows[:half])),
            replace(message, text="", card=Card("", rows[half:])),
        )
    later = replace(message, text="", card=None)
    if len(buttons) == most:
        first = replace(message, buttons=buttons[:half], links=(), date_pick=None)
        return first, replace(later, buttons=buttons[half:])
    first = replace(message, buttons=(), links=message.links[:half], date_pick=None)
    return first, replace(later, buttons=buttons, links=message.links[half:])
