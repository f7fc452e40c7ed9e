"""Misspelt names of months and weekdays."""

import re
from collections.abc import Collection

_LONG = 8  # letters, from which on two slips are forgiven instead of one
_SHORT = 6  # letters, below which words are too alike to guess


def corrected(text: str, names: Collection[str], known: Collection[str]) -> str:
    """The text with words that are nearly one of the names put right, unless they are known."""

    def right(match: re.Match[str]) -> str:
        word = match[0]
        if word in names or word in known:
            return word
        near = [name for name in names if _is_near(word, name)]
        return min(near, key=lambda name: (_distance(word, name), name)) if near else word

    return re.sub(rf"[^\W\d_]{{{_SHORT - 1},}}", right, text)


def _is_near(word: str, name: str) -> bool:
    slips = 2 if len(name) >= _LONG else 1
    if len(name) < _SHORT or word[0] != name[0] or abs(len(word) - len(name)) > slips:
        return False
    if len(set(word) ^ set(name)) > 2 * slips:
        return False
    return _distance(word, name) <= slips


def _distance(word: str, other: str) -> int:
    """How many letters are missing, added, wrong or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        new = [i]
        for j, wanted in enumerate(other, 1):
            best = min(row[j] + 1, new[-1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                best = min(best, before[j - 2] + 1)
            new.append(best)
        before, row = row, new
    return row[-1]
