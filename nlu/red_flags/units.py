"""A text cut into what is compared: words of alphabets, or signs of kana and Han."""

import re
from dataclasses import dataclass

from nlu.folding import LONGEST, fold

SPACE, COMMA, CLAUSE, SENTENCE = 1, 2, 3, 4  # how strong a break before a unit is

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[.!?;。…]|[,:()\"«»]| [-—–]+ ")
_SENTENCE_MARKS = ".!?;。…"
_SIGN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W_]|ー|[。.!?;…]|[、,:()「」—–]| +")
_SPACED = 3  # signs from one space to the next on the average, from which spaces are marks
_SINGLE = str.maketrans("\n´", ";'")  # an acute accent that stands alone is an apostrophe
SHORT, REPEATS = 400, 4  # signs; how often a repetition is read
_REPEATED = re.compile(r"(.{1,40}?)\1{4,}")
_LONE = re.compile("[\ud800-\udfff]")  # halves of signs, as JSON can carry them
# Latin letters that a slip of the keyboard puts into a Cyrillic word, and the reverse.
_LATIN = "aceopxykmhtbu"
_CYRILLIC = "асеорхукмнтви"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_MIXED = re.compile("[а-я][a-z]|[a-z][а-я]")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a text, and the break before each (0: none); one more break is at its end."""

    units: tuple[str, ...]
    breaks: tuple[int, ...]


def folded(text: str) -> str:
    """The folded text, as long as a channel carries; ends of lines are ends of sentences."""
    # One sign for one: what stands last must not be pushed out. Some signs unfold to many.
    text = fold(_LONE.sub(" ", text[:LONGEST].translate(_SINGLE)))[:LONGEST]
    # Said a hundred times it means no more, and each time costs as much as the first.
    return _REPEATED.sub(r"\1" * REPEATS, text) if len(text) > SHORT else text


def words(text: str) -> Units:
    """A folded text of an alphabet. Apostrophes are dropped: "can't" is often written without."""
    units: list[str] = []
    breaks = [0]
    for token in _TOKEN.findall(text):
        if token[0].isalnum():
            units.append(_levelled(token))
            breaks.append(0)
        else:
            breaks[-1] = max(breaks[-1], SENTENCE if token in _SENTENCE_MARKS else COMMA)
    breaks[-1] = SENTENCE
    return Units(tuple(units), tuple(breaks))


def signs(text: str) -> Units:
    """A folded text in kana and Han: one sign a unit but whole numbers, in hiragana."""
    units: list[str] = []
    breaks = [0]
    space = SPACE if len(text) > _SPACED * (text.count(" ") + 1) else 0
    for sign in _SIGN.findall(text.translate(_TO_HIRAGANA)):
        if sign[0].isalnum():
            units.append(sign)
            breaks.append(0)
        elif sign[0] == " ":
            breaks[-1] = max(breaks[-1], space)
        else:
            breaks[-1] = max(breaks[-1], SENTENCE if sign in _SENTENCE_MARKS else COMMA)
    breaks[-1] = SENTENCE
    return Units(tuple(units), tuple(breaks))


def _levelled(token: str) -> str:
    token = token.replace("'", "")
    return token.translate(_TO_CYRILLIC) if _MIXED.search(token) else token
