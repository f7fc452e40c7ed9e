"""Messages as Telegram's sendMessage and sendPhoto take them. Pure.

Limits: Bot API 10.1, both methods and InlineKeyboardButton. What Telegram removes from a text and
which addresses it refuses on buttons: tdlib/td, misc.cpp and LinkManager.cpp.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from bot.channels.graphemes import pieces, units
from clinic.message.types import Button, Link, Message

Json = dict[str, Any]
Run = tuple[bool, str]  # bold?, plain text

TEXT_LIMIT = 4096  # UTF-16 units, after entities are parsed
CAPTION_LIMIT = 1024
BUTTON_LIMIT = 100
TOKEN_LIMIT = 64  # bytes of callback_data
SHORT = 7  # columns of a label that may share its row, such as "9:30 AM"
PER_ROW = 3
URGENT = "\N{LARGE RED CIRCLE} "
BETWEEN = "\n\n———\n\n"  # two messages in one
NOTHING = "…"  # where there are buttons but no words: Telegram refuses an empty text

# Telegram turns control characters into spaces and drops these (line separators, embeddings,
# overrides and vertical lines). Done here, so that what is measured is what arrives.
CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
DROPPED = re.compile(r"[\u2028-\u202e\u0333\u033f\u030a\ud800-\udfff]")
EMPTY = {"Zs", "Zl", "Zp", "Cc", "Cf"}  # categories of which alone no message may consist


def split(message: Message) -> tuple[Message, ...]:
    """The same content as messages of one sendMessage each, in reading order.

    The buttons stand under the last part. A request for the contact has a message of its own
    where there are other buttons, because Telegram shows one keyboard a message.
    """
    if message.contact_request and _keyboard(message):
        asked = message.contact_request
        alone = Message(asked.label, message.language, contact_request=asked)
        return (*split(replace(message, contact_request=None)), alone)
    *texts, last = _fitting_texts(message)
    return (*texts, *_fitting_buttons(last))


def joined(messages: Sequence[Message]) -> Message | None:
    """Several messages as one of one sendMessage; None if something of theirs would be lost.

    Buttons stand below all words: but for navigation, only one of the messages may have any, or
    nobody could tell to which they belong. Neither could one of pictures, cards and links.
    """
    choosing = [one for one in messages if any(b.role != "navigation" for b in one.buttons)]
    for one in messages:
        bare = Message(one.text, messages[0].language, buttons=one.buttons)
        if one != bare or not _says_something(one.text):
            return None
    choices = [b for one in messages for b in one.buttons if b.role != "navigation"]
    # The same words lead to the same place.
    ways = {b.label: b for one in messages for b in one.buttons if b.role == "navigation"}
    text = BETWEEN.join(one.text for one in messages)
    whole = Message(text, messages[0].language, buttons=(*choices, *ways.values()))
    return whole if len(choosing) < 2 and len(split(whole)) == 1 else None


def render(message: Message, address: str) -> Json:
    """The parameters of sendMessage, or of sendPhoto, for one message that `split` gave.

    A picture has the text as its caption. A text too long for one has the picture above it, as the
    large preview of its address: one call either way. Raises ValueError for a message that does not
    fit, a token that is not 1 to 64 bytes, or an address that is no chat id.
    """
    if not _fits(message) or len(message.buttons) + len(message.links) > BUTTON_LIMIT:
        raise ValueError("the message does not fit one sendMessage")
    words = "".join(_markup(run) for run in _runs(message))
    sent = {"chat_id": int(address), "parse_mode": "HTML", "reply_markup": _reply_markup(message)}
    picture = message.picture
    if picture is None or not picture.is_public:
        return {**sent, "text": words, "link_preview_options": {"is_disabled": True}}
    if units(_plain(message)) <= CAPTION_LIMIT:
        return {**sent, "photo": picture.url, "caption": words}
    above = {"url": picture.url, "prefer_large_media": True, "show_above_text": True}
    return {**sent, "text": words, "link_preview_options": above}


def _markup(run: Run) -> str:
    """The only place where text becomes HTML."""
    bold, text = run
    escaped = html.escape(text, quote=False)
    return f"<b>{escaped}</b>" if bold else escaped


def _runs(message: Message) -> tuple[Run, ...]:
    runs: list[Run] = []
    text = _clean(message.text)
    if message.urgent:
        first, _, rest = text.partition("\n")
        runs.append((True, URGENT + first if first else URGENT.strip()))
        runs.append((False, "\n" + rest if rest else ""))
    else:
        runs.append((False, text))
    if message.card:
        runs.append((False, "\n\n" if text or message.urgent else ""))
        runs.append((True, _line(message.card.title)))
        runs += [(False, f"\n{_line(label)}: {_line(value)}") for label, value in message.card.rows]
    spoken = "\n".join(_in_words(link) for link in message.links if not _opens(link))
    if spoken:
        runs.append((False, "\n\n" if text or message.card or message.urgent else ""))
        runs.append((False, spoken))
    if not _says_something("".join(text for _, text in runs)):
        return ((False, _line(message.picture.alt) if message.picture else NOTHING),)
    return tuple(run for run in runs if run[1])


def _plain(message: Message) -> str:
    return "".join(text for _, text in _runs(message))


def _fits(message: Message) -> bool:
    return units(_plain(message)) <= TEXT_LIMIT


def _fitting_texts(message: Message) -> Iterator[Message]:
    if _fits(message):
        yield message
        return
    said = Message("", message.language)
    *texts, text = pieces(_clean(message.text), TEXT_LIMIT - units(URGENT)) or [""]
    last = replace(message, text=text, urgent=message.urgent and not texts)
    if not _fits(last):
        # Then the card does not fit under the text: it follows as plain lines.
        texts.append(text)
        rest = replace(last, text="", urgent=False)
        *more, text = pieces(_plain(rest), TEXT_LIMIT)
        texts = [part for part in (*texts, *more) if part]
        opening = tuple(link for link in message.links if _opens(link))
        last = replace(rest, text=text, card=None, links=opening)
    for index, part in enumerate(texts):
        yield replace(said, text=part, urgent=message.urgent and index == 0)
    yield last


def _fitting_buttons(message: Message) -> Iterator[Message]:
    room = max(BUTTON_LIMIT - len(message.links), 1)
    yield replace(message, buttons=message.buttons[:room])
    rest = message.buttons[room:]
    while rest:
        yield Message(NOTHING, message.language, buttons=rest[:BUTTON_LIMIT])
        rest = rest[BUTTON_LIMIT:]


def _reply_markup(message: Message) -> Json:
    rows = _keyboard(message)
    if message.contact_request:
        if rows:
            raise ValueError("one message cannot ask for the contact and show other buttons")
        asking = {"text": _label(message.contact_request.label), "request_contact": True}
        return {"keyboard": [[asking]], "resize_keyboard": True, "one_time_keyboard": True}
    if rows:
        return {"inline_keyboard": rows}
    # Takes away a keyboard that asked for the contact, if one is still there; else no effect.
    return {"remove_keyboard": True}


def _keyboard(message: Message) -> list[list[Json]]:
    """Choices one a row (short ones by threes), then links, then navigation in a last row."""
    ways = [button for button in message.buttons if button.role == "navigation"]
    choices = [button for button in message.buttons if button.role != "navigation"]
    rows: list[list[Json]] = []
    for short, group in groupby(choices, lambda button: _columns(button.label) <= SHORT):
        buttons = [_button(button) for button in group]
        rows += _in_rows(buttons, PER_ROW if short and len(buttons) >= PER_ROW else 1)
    for link in filter(_opens, message.links):
        rows.append([{"text": _label(link.label), "url": link.url}])
    return rows + _in_rows([_button(way) for way in ways], PER_ROW)


def _in_rows(buttons: list[Json], length: int) -> list[list[Json]]:
    return [buttons[start : start + length] for start in range(0, len(buttons), length)]


def _button(button: Button) -> Json:
    if not 1 <= len(button.token.encode()) <= TOKEN_LIMIT:
        raise ValueError("a token is 1 to 64 bytes")
    return {"text": _label(button.label), "callback_data": button.token}


def _opens(link: Link) -> bool:
    """Whether Telegram takes the address on a button; one it refuses would lose the message."""
    try:
        parts = urlsplit(link.url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "tg":
        return bool(host)
    return parts.scheme in ("http", "https") and ("." in host or ":" in host)


def _in_words(link: Link) -> str:
    """A link that cannot be a button, such as a telephone number, as a line of text."""
    label, target = _line(link.label), _line(link.url.removeprefix("tel:"))
    return label if target in label else f"{label}: {target}"


def _label(label: str) -> str:
    line = _line(label)
    return line if _says_something(line) else NOTHING


def _line(text: str) -> str:
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return DROPPED.sub("", CONTROLS.sub(" ", text)).strip()


def _says_something(text: str) -> bool:
    return any(unicodedata.category(sign) not in EMPTY and sign != "\u2800" for sign in text)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
