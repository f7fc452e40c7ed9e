"""The fonts of our PDFs: those that every viewer brings for its language, so none is shipped.

The Japanese one has Cyrillic too (row 7 of JIS X 0208): legible, if set wide. Characters beyond the
Basic Multilingual Plane are in none of them; they show as the geta mark, as in print.
"""

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

_JAPANESE = "HeiseiKakuGo-W5"
_FONTS = {"zh-Hans": "STSong-Light", "zh-Hant": "MSung-Light"}
_GETA = "〓"


def font_for(language: str) -> str:
    """The name of the font for a language (BCP 47), known to reportlab from now on."""
    name = _FONTS.get(language, _JAPANESE)
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


def printable(text: str) -> str:
    """The text as the fonts can show it, without control marks."""
    return "".join(
        _GETA if ord(sign) > 0xFFFF else sign
        for sign in text
        if sign.isprintable() or sign in " \u3000\n"
    )
