"""The forms in which patients' words are compared."""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

LONGEST = 5000  # signs of a text that are read
_QUOTES = re.compile("[’‘`´ʼ]")
_KANA = re.compile("[ぁ-ゖァ-ヺ]")
_HAN = re.compile("[㐀-鿿]")


def fold(text: str) -> str:
    """The text with one form of width, case, ё, quotes and spaces, without signs that do not show.

    Marks that stand alone are dropped; й and が are letters of their own.
    """
    # Quotes first: NFKC makes a space and a mark of "´".
    text = unicodedata.normalize("NFKC", _QUOTES.sub("'", text[:LONGEST])).casefold()
    text = "".join(_bare(sign) for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(text.split())


def _bare(sign: str) -> str:
    if sign == "ё":
        return "е"
    return "" if unicodedata.category(sign) in ("Mn", "Cc") and not sign.isspace() else sign


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Chinese in simplified characters; Japanese, which has some of the same, is left as it is."""
    if not _HAN.search(text) or _KANA.search(text):
        return text
    converted: str = _converter().convert(text)
    return converted


def has_kana(text: str) -> bool:
    """Whether the text is surely Japanese."""
    return _KANA.search(text) is not None
