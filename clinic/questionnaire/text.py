"""Words of a questionnaire made plain: what a chat can show of Markdown and XHTML."""

import html
import re
from collections.abc import Mapping
from typing import Any

from clinic.questionnaire.reasons import Refused
from clinic.questionnaire.types import Text

LONGEST = 4_000  # characters
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_MARKED_UP = tuple(
    f"http://hl7.org/fhir/StructureDefinition/rendering-{kind}" for kind in ("markdown", "xhtml")
)
# Words by language, then by the original: a catalogue of our own.
Words = Mapping[str, Mapping[str, str]]


class Unsafe(Refused):
    """The text holds what could run, or is far too long; says what."""


_DANGER = re.compile(
    r"<\s*/?\s*(script|iframe|object|embed|form|input|button|link|meta|base|svg|math|style|frame)\b"
    r"|<[a-z][^<>]{0,2000}?\s(on[a-z]{3,20})\s*=|(javascript|vbscript):|(data:text/html)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/h[1-6]|/tr|/li)\s*/?\s*>", re.IGNORECASE)
_ITEM = re.compile(r"<\s*li[^<>]*>", re.IGNORECASE)
_TAG = re.compile(
    r"</?\s*(?:a|b|i|u|s|p|br|em|h[1-6]|hr|li|ol|ul|tt|td|th|tr|div|pre|sub|sup|img|span|code|font"
    r"|small|strong|table|thead|tbody|center|big|abbr|cite|q|blockquote|dl|dt|dd|mark|del|ins)\b"
    r"[^<>]{0,2000}>",
    re.IGNORECASE,
)
_MARKDOWN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[([^\]\n]{0,500})\]\([^()\s]{0,1000}\)"), r"\1"),
    (re.compile(r"\[([^\]\n]{1,500})\]\(([^()\s]{1,1000})\)"), r"\1 (\2)"),
    (re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE), ""),
    (re.compile(r"^ {0,3}> ?", re.MULTILINE), ""),
    (re.compile(r"^( *)[-*+] +", re.MULTILINE), r"\1• "),
    (re.compile(r"(?<!\\)(\*\*|__)(?=\S)([^*_\n]{1,500})(?<=[^\s\\])\1"), r"\2"),
    (re.compile(r"(?<![\w*\\])\*(?=\S)([^*\n]{1,500})(?<=[^\s\\])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w\\])_(?=\S)([^_\n]{1,500})(?<=[^\s\\])_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]{1,500})`"), r"\1"),
    (re.compile(r"\\([*_#`\[\]()\\>+-])"), r"\1"),
)
# Control signs, and those that turn the direction of what follows.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """Without markup; raises Unsafe for scripts and the like, or more than LONGEST characters."""
    if len(text) > LONGEST:
        raise Unsafe("long_text", most=LONGEST)
    if danger := _DANGER.search(text):
        raise Unsafe("unsafe_text", what=next(part for part in danger.groups() if part))
    text = _HIDDEN.sub("", text.replace("\r\n", "\n"))
    text = _TAG.sub("", _ITEM.sub("• ", _BREAK.sub("\n", text)))
    text = html.unescape(text)
    for shape, instead in _MARKDOWN:
        text = shape.sub(instead, text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t\xa0]+\n", "\n", text)).strip()


def text_of(parent: Mapping[str, Any], key: str, words: Words) -> Text:
    """The words under `key` with their translations, plain; raises Unsafe."""
    written = parent.get(key)
    beside = parent.get(f"_{key}")
    extensions = beside.get("extension") if isinstance(beside, dict) else None
    found: dict[str, str] = {}
    marked_up = ""
    for extension in extensions if isinstance(extensions, list) else ():
        if not isinstance(extension, dict):
            continue
        if extension.get("url") == TRANSLATION:
            language, content = _translation(extension)
            if language and content:
                found.setdefault(language, plain(content))
        if extension.get("url") in _MARKED_UP:
            marked_up = str(extension.get("valueMarkdown") or extension.get("valueString") or "")
            marked_up = plain(marked_up)
    original = plain(written) if isinstance(written, str) else marked_up
    for language, known in words.items():
        if original in known:
            found.setdefault(language, plain(known[original]))
    return Text(original, tuple(found.items()))


def _translation(extension: Mapping[str, Any]) -> tuple[str, str]:
    parts = extension.get("extension")
    found = {"lang": "", "content": ""}
    for part in parts if isinstance(parts, list) else ():
        url = part.get("url") if isinstance(part, dict) else None
        if isinstance(url, str) and url in found:
            values = [value for key, value in part.items() if key.startswith("value")]
            found[url] = str(values[0]) if values else ""
    return found["lang"], found["content"]
