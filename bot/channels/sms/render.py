"""A message as the text of an SMS, and how many segments it costs. Pure.

Buttons and pickers have no place in an SMS, but under emergency text: what else can be answered
stands behind a link, which whoever writes the message adds. A text is short, or cut before links.
"""

import math
import re
import unicodedata

from clinic.message.types import Message

LIMIT = 1600  # characters that the gateway takes
SHORT = 480  # characters of UTF-16 that we send: seven segments
# GSM 03.38, basic and extension table; a sign of the extension counts twice.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")
_UNSHOWN = frozenset({"Cc", "Cf", "Cs"})
_SPACES = re.compile(r"[ \t\u00a0\u202f]+")


def text(message: Message) -> str:
    """The words of the SMS: text, the card's rows, links."""
    links = [f"{_plain(link.label)} {_bare(link.url)}" for link in message.links]
    words = [message.text]
    if message.card:
        # The title would say again what the text says.
        words.append("\n".join(f"{label}: {value}" for label, value in message.card.rows))
    if message.urgent:  # what an emergency asks is answered by number
        buttons = enumerate(message.buttons, start=1)
        links += [f"{number} {_plain(button.label)}" for number, button in buttons]
    tail = "".join(f"\n{link}" for link in links)
    return _cut(_plain("\n".join(part for part in words if part)), SHORT - _units(tail)) + tail


def segments(words: str) -> int:
    """How many messages the networks make of a text, and charge for."""
    if all(sign in _GSM or sign in _GSM_TWICE for sign in words):
        septets = sum(2 if sign in _GSM_TWICE else 1 for sign in words)
        return 1 if septets <= 160 else math.ceil(septets / 153)
    units = _units(words)
    return 1 if units <= 70 else math.ceil(units / 67)


def _plain(words: str) -> str:
    """Without signs that no telephone shows, and with the spaces that are in the small alphabet."""
    kept = (sign for sign in words if sign == "\n" or unicodedata.category(sign) not in _UNSHOWN)
    return _SPACES.sub(" ", "".join(kept)).strip()


def _cut(words: str, room: int) -> str:
    if _units(words) <= room:
        return words
    while _units(words) > room - 1:
        words = words[:-1]
    return words.rstrip() + "…"


def _units(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2


def _bare(url: str) -> str:
    return url.removeprefix("tel:")
