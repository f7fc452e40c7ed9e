"""Slips of the finger: the forms of a word that are one slip away from it, made beforehand."""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from zlib import crc32

SHORTEST = 6  # letters of a word in which a slip is forgiven: shorter ones have too many neighbours
_EXCHANGED = 8  # ... in which one letter may be another
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


def slips(word: str) -> Iterator[str]:
    """What a finger makes of it: two letters swapped, one missing, one doubled. The first stays.

    With `?` for the place: one letter exchanged, in long words.
    """
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        if at + 1 < len(word):
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if len(word) >= _EXCHANGED:
            yield word[:at] + "?" + word[at + 1 :]


class Typos:
    """Finds the words and stems that a misspelt word may have been."""

    def __init__(self, literals: Iterable[str], stems: Iterable[str]) -> None:
        """Precompute the slips of the long ones."""
        self._literals = _Slipped(literals)
        self._stems = _Slipped(stems)

    def of(self, token: str) -> tuple[set[str], set[str]]:
        """The literals and the stems it is one slip away from."""
        if len(token) < SHORTEST - 1 or not token.isalpha():
            return set(), set()
        starts = (token[:end] for end in range(SHORTEST - 1, len(token) + 1))
        stems = {stem for start in starts for stem in self._stems.of(start)}
        return set(self._literals.of(token)), stems


def shortened(token: str) -> tuple[str, ...]:
    """A drawn out word ("painnnn") as it is usually written: with two letters, and with one."""
    if not _DRAWN_OUT.search(token):
        return ()
    return _DRAWN_OUT.sub(r"\1\1", token), _DRAWN_OUT.sub(r"\1", token)


class _Slipped:
    """The slips of some words. There are tens of thousands: only their sums are kept, sorted."""

    def __init__(self, words: Iterable[str]) -> None:
        long = sorted(word for word in words if len(word) >= SHORTEST and word.isalpha())
        # By the first letter, as that stays.
        self._words = {letter: tuple(group) for letter, group in groupby(long, itemgetter(0))}
        self._sums = {letter: _sums(group) for letter, group in self._words.items()}

    def of(self, token: str) -> Iterator[str]:
        """The words of which it is a slip."""
        words, sums = self._words.get(token[0], ()), self._sums.get(token[0], ())
        for form in _forms(token):
            low = crc32(form.encode()) << 32
            for at in range(bisect_left(sums, low), len(sums)):
                number = sums[at] - low
                if number >> 32:
                    break
                # Another form may have the same sum.
                if form in slips(words[number]):
                    yield words[number]


def _sums(words: tuple[str, ...]) -> Sequence[int]:
    sums = {
        (crc32(form.encode()) << 32) + number
        for number, word in enumerate(words)
        for form in slips(word)
    }
    return array("Q", sorted(sums))


def _forms(token: str) -> Iterator[str]:
    yield token
    if len(token) >= _EXCHANGED:
        for at in range(1, len(token)):
            yield token[:at] + "?" + token[at + 1 :]
