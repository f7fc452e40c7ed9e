"""The clinic's own words at the beginning of a chat, and the notice's version. Pure."""

import re
import unicodedata
import zlib
from collections.abc import Mapping
from typing import Any, Literal

# Of Kayoi's own notice: raised with every change of its texts, in any language. A test knows them.
KAYOI_NOTICE = 2
# UTF-16 units, as browsers and platforms count. The greeting, what the clinic adds and Kayoi's
# notice go out as one message: Telegram takes 4096, LINE 5000.
GREETING, ADDITION = 500, 1000
PLACES = ("clinic", "phone")  # what stands in the words as {clinic} and {phone}
LONGEST = 16  # characters of a version, as stored

Fault = Literal["long", "places", "signs"]
ByLanguage = Mapping[Any, str]
_PLACE = re.compile(r"\{(" + "|".join(PLACES) + r")\}")
# What turns the direction of the text around it.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def tidy(words: str) -> str:
    """As typed into a form, without spaces at the ends of lines and without many empty lines."""
    lines = "\n".join(line.strip() for line in words.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def fault(words: str, most: int) -> Fault | None:
    """What is wrong with words of the clinic, of which there may be so many UTF-16 units."""
    if len(words.encode("utf-16-le", "surrogatepass")) > 2 * most:
        return "long"
    if re.search(r"[{}]", _PLACE.sub("", words)):
        return "places"
    strange = any(unicodedata.category(sign) in ("Cc", "Cs") for sign in words if sign != "\n")
    return "signs" if strange or _TURNING.search(words) else None


def fill(own: ByLanguage, clinic: str, phone: str) -> dict[str, str]:
    """The words by language with what stands for {clinic} and {phone}."""
    values = {"clinic": clinic, "phone": phone}
    return {tag: _PLACE.sub(lambda at: values[at[1]], words) for tag, words in own.items()}


def notice_version(base: str, own: ByLanguage) -> str:
    """The version of the notice that a patient is shown: of Kayoi's own text, of the clinic's count
    and of what the clinic adds. The same words always have the same version.
    """
    plain = f"{KAYOI_NOTICE}.{base}"
    if not own and len(plain) <= LONGEST:
        return plain
    # A mark of the content, not a secret.
    mark = zlib.crc32(repr((base, sorted(own.items()))).encode())
    return f"{KAYOI_NOTICE}.{base[:4]}.{mark:08x}"
