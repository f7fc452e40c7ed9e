"""Which atoms of a lexicon begin where in a text: words and stems, or strings of signs."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from nlu.red_flags.parts import NUMBER, YEAR
from nlu.red_flags.typos import Typos, shortened
from nlu.red_flags.units import Units

LONGEST_WORD = 40  # letters that are looked at: no word of a lexicon is longer
_REMEMBERED = 4096  # words: chats repeat a few


class Atoms(Protocol):
    """The atoms of a lexicon."""

    def at(self, text: Units) -> list[dict[str, int]]:
        """For each unit the atoms that begin there, with the unit after their end."""


class Words:
    """Of alphabets: an atom is a word, or a stem with `*`."""

    def __init__(self, atoms: Iterable[str], friends: Iterable[str]) -> None:
        """`friends`: words that are no misspelt atoms."""
        atoms = frozenset(atoms)
        self._friends = frozenset(friends)
        self._literals = frozenset(atom for atom in atoms if not atom.endswith("*"))
        self._stems = frozenset(atom[:-1] for atom in atoms if atom.endswith("*"))
        self._shortest = min(map(len, self._stems), default=1)
        self._longest = max(map(len, self._stems), default=0)
        self._typos = Typos(self._literals, self._stems)
        self._of_word = lru_cache(_REMEMBERED)(self._look_up)

    def at(self, text: Units) -> list[dict[str, int]]:
        """See `Atoms`."""
        return [
            dict.fromkeys(self._of_word(unit[:LONGEST_WORD]), number + 1)
            for number, unit in enumerate(text.units)
        ]

    def _look_up(self, word: str) -> tuple[str, ...]:
        if word[0].isdigit():
            exact = (word,) if word in self._literals else ()
            return (*exact, *_number(word))
        found = self._exact(word)
        if word in self._literals or word in self._friends:
            return found
        for short in shortened(word):
            found = found or self._exact(short)
        # A misspelt word may begin like another one.
        literals, stems = self._typos.of(word)
        slips = (*sorted(literals), *sorted(stem + "*" for stem in stems))
        return tuple(dict.fromkeys((*found, *slips)))

    def _exact(self, word: str) -> tuple[str, ...]:
        ends = range(self._shortest, min(len(word), self._longest) + 1)
        stems = (word[:end] for end in ends)
        literal = (word,) if word in self._literals else ()
        return (*literal, *(stem + "*" for stem in stems if stem in self._stems))


class Signs:
    """Of kana and Han: an atom is a string of signs."""

    def __init__(self, atoms: Iterable[str]) -> None:
        """Note how long those are that begin with a sign."""
        self._atoms = frozenset(atoms)
        lengths: dict[str, set[int]] = {}
        for atom in self._atoms:
            lengths.setdefault(atom[0], set()).add(len(atom))
        self._lengths = {sign: tuple(sorted(found)) for sign, found in lengths.items()}

    def at(self, text: Units) -> list[dict[str, int]]:
        """See `Atoms`."""
        # A number is one unit, however long: where each unit begins in the joined text.
        begins: dict[int, int] = {}
        place = 0
        for number, unit in enumerate(text.units):
            begins[place] = number
            place += len(unit)
        begins[place] = len(text.units)
        joined = "".join(text.units)
        found: list[dict[str, int]] = []
        for place, number in list(begins.items())[:-1]:
            ends = (place + length for length in self._lengths.get(joined[place], ()))
            here = {
                joined[place:end]: begins[end]
                for end in ends
                if joined[place:end] in self._atoms and end in begins
            }
            here |= dict.fromkeys(_number(text.units[number]), number + 1)
            found.append(here)
        return found


def _number(unit: str) -> tuple[str, ...]:
    if not unit[0].isdigit():
        return ()
    year = unit.isdecimal() and len(unit) == 4 and unit[:2] in ("19", "20")
    return (NUMBER, YEAR) if year else (NUMBER,)
