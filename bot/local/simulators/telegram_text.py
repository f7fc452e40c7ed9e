"""What Telegram makes of a text: cleaning and HTML entities, as strictly as its server.

From the behaviour of tdlib/td (misc.cpp, MessageEntity.cpp). Written apart from
bot.channels.telegram.render, which it judges.
"""

import re
from typing import Any

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));?", re.IGNORECASE)
TOKEN = re.compile(r"<|&")
HREF = re.compile(r'href\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|(\S+))', re.IGNORECASE)
MARKS = re.compile("[\u200e\u200f]+")


class NotParsed(ValueError):
    """The text of a 400 "can't parse entities"."""


def units(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """The text as the server keeps it: without control characters, overrides, vertical lines."""
    text = re.sub(r"[\x00-\x09\x0b\x0c\x0e-\x1f]", " ", text).replace("\r", "")
    text = re.sub("[\u2028-\u202e\u0333\u033f\u030a]", "", text)
    # In a run of direction marks all but the last become non-joiners.
    return MARKS.sub(lambda run: "\u200c" * (len(run[0]) - 1) + run[0][-1], text)


def is_empty(text: str) -> bool:
    """Whether only characters are left that show nothing."""
    return not re.sub(
        "[\\s\u1680\u180e\u2000-\u200f\u202e-\u2060\u2800\u3000\ufeff\ufffc]", "", text
    )


def trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Without white space at both ends; the entities move along."""
    start = units(text) - units(text.lstrip(" \n"))
    text = text.strip(" \n")
    kept = []
    for entity in entities:
        first = max(entity["offset"] - start, 0)
        end = min(entity["offset"] + entity["length"] - start, units(text))
        if end > first:
            kept.append({**entity, "offset": first, "length": end - first})
    return text, kept


def parse_html(markup: str) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and its entities. Raises NotParsed as the server answers 400."""
    text, at = "", 0
    open_tags: list[tuple[str, int, dict[str, Any]]] = []
    entities: list[dict[str, Any]] = []
    while found := TOKEN.search(markup, at):
        text += markup[at : found.start()]
        at = found.start()
        if found[0] == "&":
            sign, at = _reference(markup, at)
            text += sign
            continue
        end = markup.find(">", at)
        place = len(markup[:at].encode("utf-8", "surrogatepass"))
        closing = markup.startswith("</", at)
        if closing and not open_tags:
            raise NotParsed(f"Unexpected end tag at byte offset {place}")
        if end < 0:
            raise NotParsed(f"Unclosed {'end' if closing else 'start'} tag at byte offset {place}")
        inside = markup[at + 1 + closing : end]
        name = inside.split()[0].lower() if inside[:1].strip() else ""
        at = end + 1
        if closing:
            opened, offset, extra = open_tags.pop()
            if name and name != opened:
                raise NotParsed(
                    f"Unmatched end tag at byte offset {place}, "
                    f'expected "</{opened}>", found "</{name}>"'
                )
            length = units(text) - offset
            if length:
                entities.append({"type": TAGS[opened], "offset": offset, "length": length} | extra)
        elif name not in TAGS:
            raise NotParsed(f'Unsupported start tag "{name}" at byte offset {place}')
        else:
            link = HREF.search(inside) if name == "a" else None
            extra = {"url": next(filter(None, link.groups()), "")} if link else {}
            open_tags.append((name, units(text), extra))
    if open_tags:
        raise NotParsed(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return text + markup[at:], sorted(entities, key=lambda e: (e["offset"], -e["length"]))


def _reference(markup: str, at: int) -> tuple[str, int]:
    found = REFERENCE.match(markup, at)
    if not found:
        return "&", at + 1
    hexadecimal, decimal, name = found.groups()
    if name:
        return NAMED[name.lower()], found.end()
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if not 0 < code < 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return "&", at + 1
    return chr(code), found.end()
