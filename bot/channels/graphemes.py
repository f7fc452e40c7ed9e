"""Measures text as channels do, in UTF-16 units and grapheme clusters; cuts only between those.

Pure. Grapheme clusters follow Unicode's UAX #29 without its Indic conjuncts, which later versions
join: such a text counts longer here than there, and is at worst cut a little early.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

ELLIPSIS = "…"
_SENTENCE_END = re.compile(r"[。．！？!?…]+[」』）)\"]*\s*|\.\s+")

_EXTEND_BESIDES_MARKS = re.compile(
    "[\u0e33\u0eb3\u200c\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
# Spacing marks (Mc) that stand alone: Myanmar, Tai Tham and Ahom vowel signs.
_LONE_MARK = re.compile(
    "[\u102b\u102c\u1038\u1062-\u1064\u1067-\u106d\u1083\u1087-\u108c\u108f\u109a-\u109c"
    "\u1a61\u1a63\u1a64\uaa7b\uaa7d\U00011720\U00011721]"
)
_PREPEND = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3"
    "\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46]"
)
# Somewhat wider than the Unicode list; it matters only on both sides of a zero-width joiner.
_PICTOGRAPH = re.compile(
    "[©®\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23fa\u24c2\u25aa-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa"
    "\U0001f400-\U0001faff\U0001fc00-\U0001fffd]"
)


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> list[str]:
    """The grapheme clusters of the text, in order; joined they are the text again."""
    return list(_clusters(text))


def cut(text: str, limit: int) -> str:
    """The text in at most `limit` grapheme clusters, ending in an ellipsis where it was cut.

    Clusters of very many code points count too: the result has at most 4 * `limit` code points.
    """
    if len(text) <= limit:
        return text
    clusters = graphemes(text[: 4 * limit + 1])
    if len(clusters) <= limit and len(text) <= 4 * limit:
        return text
    kept = ""
    for cluster in clusters[: limit - 1]:
        if len(kept) + len(cluster) >= 4 * limit:
            break
        kept += cluster
    return (kept or text[: limit - 1]).rstrip() + ELLIPSIS


def shorten(text: str, limit: int) -> str:
    """The text in at most `limit` UTF-16 units, ending in an ellipsis where it was cut."""
    if units(text) <= limit:
        return text
    window = _window(text, limit - 1)
    return window[: _borders(text, len(window))[-1]].rstrip() + ELLIPSIS


def pieces(text: str, limit: int) -> list[str]:
    """The text as pieces of at most `limit` UTF-16 units, without blank ones."""
    found = []
    while text:
        piece, text = first_piece(text, limit)
        if piece.strip():
            found.append(piece)
    return found


def first_piece(text: str, limit: int) -> tuple[str, str]:
    """The start of the text in at most `limit` UTF-16 units, and the rest.

    Cut between paragraphs, else lines, sentences, words, characters: the first of these with a
    border in the second half of what fits. White space at the cut is dropped.
    """
    if units(text) <= limit:
        return text, ""
    window = _window(text, limit)
    borders = _borders(text, len(window))
    at = next(_places(window, frozenset(borders)), borders[-1])
    return text[:at].rstrip(), text[at:].lstrip()


def _window(text: str, limit: int) -> str:
    """As much of the text's start as has at most `limit` UTF-16 units."""
    return text[:limit].encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _borders(text: str, end: int) -> list[int]:
    """The ends of the grapheme clusters of `text` up to `end`; `end` if the first is longer."""
    ends = accumulate(map(len, _clusters(text[: end + 1])))
    return [at for at in ends if at < end or at == end < len(text)][: end + 1] or [end]


def _places(window: str, borders: frozenset[int]) -> Iterator[int]:
    """Good places to cut at, best first."""
    half = len(window) // 2
    sentences = [found.end() for found in _SENTENCE_END.finditer(window, half)]
    for candidates in (
        [window.rfind("\n\n") + 2],
        [window.rfind("\n") + 1],
        sentences[::-1],
        [window.rfind(" ") + 1],
    ):
        yield from (at for at in candidates if half < at and at in borders)


@lru_cache(maxsize=4096)
def _property(char: str) -> str:
    """The Grapheme_Cluster_Break property of a character, as far as the rules below need it."""
    code = ord(char)
    category = unicodedata.category(char)
    if char == "\u200d":
        return "joiner"
    if _EXTEND_BESIDES_MARKS.match(char) or category in ("Mn", "Me"):
        return "extend"
    if category == "Mc":
        return "other" if _LONE_MARK.match(char) else "extend"
    if _PREPEND.match(char):
        return "prepend"
    if category in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return "control"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "flag"
    if _PICTOGRAPH.match(char):
        return "pictograph"
    return _hangul(code)


def _hangul(code: int) -> str:
    """The kind of a Hangul jamo or syllable, else "other"."""
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LVT" if (code - 0xAC00) % 28 else "LV"
    return "other"


_HANGUL_JOINS = {"L": ("L", "V", "LV", "LVT"), "V": ("V", "T"), "LV": ("V", "T")}
_HANGUL_JOINS |= {"T": ("T",), "LVT": ("T",)}


def _clusters(text: str) -> Iterator[str]:
    start, before, flags, pictograph = 0, "", 0, False
    for at, char in enumerate(text):
        kind = _property(char)
        if before and not _joined(before, kind, flags, pictograph, text[at - 1 : at + 1]):
            yield text[start:at]
            start = at
        flags = flags + 1 if kind == "flag" else 0
        pictograph = kind == "pictograph" or (
            pictograph and before != "joiner" and kind in ("extend", "joiner")
        )
        before = kind
    if text:
        yield text[start:]


def _joined(before: str, kind: str, flags: int, pictograph: bool, pair: str) -> bool:
    """Whether a character of `kind` continues the cluster of the one `before` it."""
    if "control" in (before, kind):
        return pair == "\r\n"
    if kind in ("extend", "joiner") or before == "prepend":
        return True
    if before == "joiner" and kind == "pictograph":
        return pictograph
    if before == kind == "flag":
        return flags % 2 == 1
    return kind in _HANGUL_JOINS.get(before, ())
