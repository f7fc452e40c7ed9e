"""The grammar of the lexicon's entries: see `nlu.red_flags.lexicon`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from nlu.red_flags.units import Units

NEXT, GAP = "next", "gap"
NUMBER, YEAR, END, STOP = "$number", "$year", "$end", "$stop"
_EXAMPLES = {NUMBER: "2", YEAR: "2019", END: ".", STOP: ","}
MOST_REPEATED = 4
_PIECE = re.compile(r"\.\.|\)[+*]|[()|+?]|\$\w+|[^\s()|+?]+")
_PATTERN = re.compile(r"[()|+&?$*]|\.\.")


class BadEntry(ValueError):
    """An entry of the lexicon cannot be read. Says which."""


_NONE: Mapping[str, tuple["Run", ...]] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Parts one after the other; each says how it may follow the one before it."""

    steps: tuple["Step", ...]
    first: frozenset[str] = field(init=False)  # the atoms it can begin with

    def __post_init__(self) -> None:
        """Note what it can begin with: asked very often."""
        first = self.steps[0].part.first
        for step, following in pairwise(self.steps):
            if not step.optional:
                break
            first |= following.part.first
        object.__setattr__(self, "first", first)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One of several: atoms (a word, `stem*`, a string of signs) or runs of parts."""

    atoms: frozenset[str]
    runs: tuple[Run, ...] = ()
    first: frozenset[str] = field(init=False)
    by_first: Mapping[str, tuple[Run, ...]] = field(init=False)
    example: str = ""

    def __post_init__(self) -> None:
        """Note what it can begin with: asked very often. Most have no runs, and share one table."""
        by_first: dict[str, list[Run]] = {}
        for run in self.runs:
            for atom in run.first:
                by_first.setdefault(atom, []).append(run)
        table = {atom: tuple(runs) for atom, runs in by_first.items()}
        object.__setattr__(self, "first", self.atoms.union(table) if table else self.atoms)
        object.__setattr__(self, "by_first", table or _NONE)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A part in its place. `how`: NEXT to the part before it, or after a GAP."""

    part: Part
    how: str = NEXT
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An entry of a rule: groups that stand near each other in any order. `source`: as written.

    `context`: what must be said besides, in whatever sentence.
    """

    source: str
    groups: tuple[Run, ...]
    context: Run | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a phrase as a patient says it, and no pattern."""
        return not _PATTERN.search(self.source)

    def example(self) -> str:
        """The sentence it matches that has the first choice everywhere."""
        context = () if self.context is None else (self.context,)
        return " ".join(_example(run) for run in (*context, *self.groups))


class Grammar:
    """Reads the entries of one lexicon. What is written alike becomes one part: there are many."""

    def __init__(self, cut: Callable[[str], Units], by_word: bool) -> None:
        """`cut`: how texts are cut into units. `by_word`: whether a unit is a word."""
        self._cut = cut
        self._by_word = by_word
        self._concepts: dict[str, Part] = {}
        self._atoms: dict[str, Part] = {}
        self._choices: dict[str, Part] = {}
        self._words: dict[str, tuple[Part, ...]] = {}
        self._steps: dict[tuple[int, str, bool], Step] = {}
        self._runs: dict[str, Run] = {}

    def learn(self, concepts: Mapping[str, list[str]]) -> None:
        """Read the concepts; one may use those above it."""
        for name, phrases in concepts.items():
            self._concepts[name] = self.one_of(phrases)

    def one_of(self, phrases: list[str]) -> Part:
        """A part that is any of the phrases."""
        return self._part(" | ".join(phrases)) if phrases else Part(frozenset())

    def entry(self, source: str) -> Entry:
        """Read an entry. Raises BadEntry."""
        *contexts, near = _split(source, "&")
        if len(contexts) > 1:
            raise BadEntry(source)
        context = self._run(contexts[0]) if contexts else None
        return Entry(source, tuple(self._run(group) for group in _split(near, "+")), context)

    def _run(self, source: str) -> Run:
        if source not in self._runs:
            self._runs[source] = self._read(source)
        return self._runs[source]

    def _read(self, source: str) -> Run:
        steps: list[Step] = []
        how = NEXT
        for piece in _grouped(source):
            if piece == "..":
                how = GAP
            elif piece == "?":
                if not steps:
                    raise BadEntry(source)
                steps[-1] = self._step(steps[-1].part, steps[-1].how, optional=True)
            elif piece.startswith("(") and not piece.endswith(")"):
                several = self._part(piece[1:-2])
                steps.append(self._step(several, how, optional=piece.endswith("*")))
                steps.extend([self._step(several, NEXT, optional=True)] * (MOST_REPEATED - 1))
                how = NEXT
            else:
                for part in self._parts_of(piece):
                    steps.append(self._step(part, how))
                    how = NEXT
        if not steps:
            raise BadEntry(source)
        return Run(tuple(steps))

    def _step(self, part: Part, how: str, optional: bool = False) -> Step:
        return self._steps.setdefault((id(part), how, optional), Step(part, how, optional))

    def _parts_of(self, piece: str) -> tuple[Part, ...]:
        if piece.startswith("("):
            return (self._part(piece[1:-1]),)
        if piece in _EXAMPLES:
            return (self._atom(piece, _EXAMPLES[piece]),)
        if piece.startswith("$"):
            if piece[1:] not in self._concepts:
                raise BadEntry(piece)
            return (self._concepts[piece[1:]],)
        if piece not in self._words:
            self._words[piece] = self._literal(piece)
        return self._words[piece]

    def _literal(self, piece: str) -> tuple[Part, ...]:
        units = self._cut(piece.removesuffix("*")).units
        if not units:
            raise BadEntry(piece)
        if not self._by_word:
            return (self._atom("".join(units), "".join(units)),)
        last = units[-1] + "*" if piece.endswith("*") else units[-1]
        return tuple(self._atom(unit, unit.removesuffix("*")) for unit in (*units[:-1], last))

    def _atom(self, atom: str, example: str) -> Part:
        if atom not in self._atoms:
            self._atoms[atom] = Part(frozenset({atom}), example=example)
        return self._atoms[atom]

    def _part(self, source: str) -> Part:
        if source not in self._choices:
            self._choices[source] = self._chosen(source)
        return self._choices[source]

    def _chosen(self, source: str) -> Part:
        atoms: set[str] = set()
        runs: list[Run] = []
        example = ""
        for choice in _split(source, "|"):
            run = self._run(choice)
            example = example or _example(run)
            if len(run.steps) == 1 and not run.steps[0].optional:
                atoms |= run.steps[0].part.atoms
                runs.extend(run.steps[0].part.runs)
            else:
                runs.append(run)
        return Part(frozenset(atoms), tuple(runs), example=example)


def _example(run: Run) -> str:
    return " ".join(step.part.example for step in run.steps if not step.optional)


def _split(source: str, mark: str) -> list[str]:
    """The source at each mark that is outside brackets."""
    depth = 0
    if "(" in source or ")" in source:
        pieces = [""]
        for sign in source:
            depth += (sign == "(") - (sign == ")")
            if sign == mark and not depth and not (mark == "+" and pieces[-1].endswith(")")):
                pieces.append("")
            else:
                pieces[-1] += sign
    else:  # most are, and a process starts with some twenty thousand of them
        pieces = source.split(mark)
    if depth or not all(piece.strip() for piece in pieces):
        raise BadEntry(source)
    return pieces


def _grouped(source: str) -> list[str]:
    """Its pieces; a bracket and all in it is one."""
    pieces: list[str] = []
    depth = 0
    for piece in _PIECE.findall(source):
        if depth:
            pieces[-1] += " " + piece
        else:
            pieces.append(piece)
        depth += (piece == "(") - piece.startswith(")")
    return pieces
