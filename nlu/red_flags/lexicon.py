"""The lexicon of red flags: what patients say, one file for a language, as data.

A file `<name>.yml` (en, ja, zh, ru) starts with NEEDS A CLINICIAN'S SIGNATURE and holds:

    units: words | signs     how the text is cut. words: alphabets, a unit is a whole word.
                             signs: kana and Han, a unit is one sign and spaces do not count.
    near: 7    order: 4      how many units may lie between parts joined by `+`, and by `..`
    over_ends: yes           parts joined so may lie in two sentences (without it they may not)
    past_by_clause: yes      a time that is past counts for what stands between the same two marks
                             (signs: or spaces), not for the whole sentence
    fillers: [the, my, very] up to four of these may stand between any two parts of a phrase
    concepts: {pain: [pain*, hurt*, ache], chest: [chest, breastbone, heart]}
    rules:                   rule id of rules.yml -> entries
      chest_pain:
        - heart attack
        - $chest + $pain
        - "! chest x-ray"
    denied:  {before: [no, not, without], between: [any, sign of], after: [is gone],
              lists: [or, nor], spared: [not only, not sure]}
    affirmed: {before: [not that i do not], after: [わけではない]}    double denial: as if stated
    past:    {anywhere: [years ago, in $year], spared: [now, again, since]}
    supposed: {before: [if, what if, in case of], after: [たら], spared: [know if, wondering if]}
    breaks:  [but, however]  where a clause ends: no denial and no supposition reaches over it
    quiet:   [cardiology appointment, dying to see you]      idioms: silent whatever the rule
    quiet_over: [fainted as a child .. fine]     the same, and over commas; `quiet` is not
    modifiers: [pregnant, dialysis]     raise a level 3 rule that has `raised` in rules.yml

An entry is parts, written in the folded form (`nlu.folding.fold`: lower case, е for ё, half width):

    chest pain          parts in this order, next to each other (but for fillers)
    chest .. pain       in this order, up to `order` units between
    chest + pain        in any order, up to `near` units between, not over the end of a sentence
    pregnant & blood    the first anywhere in the text, in whatever sentence; what follows it may be
                        any of the above
    (pain|heavy ache)   one of these; each may itself be several parts
    $pain               one of a concept's phrases; concepts may use other concepts
    swell*              words only: any word that begins so
    (my|his)?           may be missing; (my|his)* may also be there up to four times, (..)+ must be
    ! chest x-ray       an exception: what lies inside such a stretch does not count for this rule
    $year               words and signs: a number from 1900 to 2099 (`$number`: any number)
    $end                the end of a sentence
    $stop               any mark: a comma too

What to know when writing one:
- A phrase without operators is part of the reviewed lexicon word for word, and is tested under
  variants (case, width, spaces, apostrophes, typos). Patterns are tested by their first choices.
- words: apostrophes and hyphens are dropped ("can't" is `cant`, "x-ray" is `x ray`; either spelling
  may be written here). A typo (a letter missing, doubled or exchanged with the next) is forgiven in
  words of six letters and more, but not where it makes a word of `friends: [breeding, ...]`.
- signs: katakana is read as hiragana, on both sides, so either may be written. Marks are dropped
  but end clauses. ja.yml is written as Japanese is (kanji and kana variants as choices or
  concepts); zh.yml in simplified characters only: the text is simplified first. ja.yml reads texts
  with kana; zh.yml reads texts without; entries of ja.yml that have no kana at all are read there
  as well.
- A match is denied (asked about, level 3) if right before one of its parts stands a phrase of
  `denied.before` (only `denied.between` may lie between; or a list "no fever or chest pain" by
  `denied.lists`), or right after it one of `denied.after` (fillers may lie between; over a mark
  only at the end of a sentence: "chest pain: no"). A denial within a phrase of `denied.spared` is
  none, and `affirmed` right before or after takes it back.
- `past.anywhere` (in the sentence, up to 12 units away, 24 signs), `supposed.before` (as far,
  before) and `supposed.after` (right after) make it doubtful in the same way; a phrase of
  `past.spared` in the sentence, or of `supposed.spared` over the same place, undoes it.
- Parts that are negative themselves ("can't breathe") are just parts: consumed units deny nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nlu.folding import has_kana, simplified
from nlu.red_flags import units
from nlu.red_flags.atoms import Atoms, Signs, Words
from nlu.red_flags.matching import Scene
from nlu.red_flags.parts import END, NUMBER, STOP, YEAR, Entry, Grammar, Part
from nlu.red_flags.units import CLAUSE, COMMA, Units

NAMES = ("en", "ja", "zh", "ru")
_HERE = Path(__file__).parent
BLOCK = 32  # units; an entry is looked for only where its parts are in three blocks running


@dataclass(frozen=True, slots=True)
class Rule:
    """What is screened for. `order`: its place among rules of one level.

    `raised`: to level 4 where one of the lexicon's modifiers is stated.
    """

    id: str
    level: int
    order: int
    presentation: int
    source: str
    signed_by: str | None
    raised: bool = False


@cache
def rules() -> Mapping[str, Rule]:
    """All rules by id, in the order of rules.yml."""
    return {
        row["id"]: Rule(
            row["id"],
            int(row["level"]),
            order,
            int(row["presentation"]),
            row["source"],
            None if row["signed_by"] == "null" else row["signed_by"],
            row.get("raised") == "true",
        )
        for order, row in enumerate(_read("rules")["rules"])
    }


@dataclass(frozen=True, slots=True)
class Doubt:
    """What makes a match doubtful in a language, and what undoes that."""

    denied_before: Part
    denied_between: Part
    denied_after: Part
    denied_lists: Part
    denied_spared: Part
    affirmed_before: Part
    affirmed_after: Part
    past_anywhere: Part
    past_spared: Part
    supposed_before: Part
    supposed_after: Part
    supposed_spared: Part


class Lexicon:
    """The entries of one language, made ready to be looked for."""

    def __init__(self, data: Mapping[str, Any], more: Mapping[str, list[str]]) -> None:
        """`data`: what a file holds. `more`: entries of another language that are read here too.

        Raises BadEntry for what cannot be read, KeyError for an unknown rule.
        """
        self.by_word = data["units"] == "words"
        self._near, self._order = int(data["near"]), int(data["order"])
        self.over_ends = data.get("over_ends") == "yes"
        self.past_by_clause = data.get("past_by_clause") == "yes"
        grammar = Grammar(units.words if self.by_word else units.signs, self.by_word)
        grammar.learn(data.get("concepts", {}))
        self._fillers = grammar.one_of(data["fillers"])
        self._breaks = grammar.one_of(data.get("breaks", []))
        self.quiet = grammar.one_of(data.get("quiet", []))
        self.quiet_over = grammar.one_of(data.get("quiet_over", []))
        self.modifiers = grammar.one_of(data.get("modifiers", []))
        self.doubt = Doubt(
            *(
                grammar.one_of(data.get(group, {}).get(name, []))
                for group, name in (field.split("_") for field in _DOUBTS)
            )
        )
        self.entries: dict[str, list[Entry]] = {}
        self.exceptions: dict[str, Part] = {}
        if unknown := data["rules"].keys() - rules().keys():
            raise KeyError(*unknown)
        for rule in rules():
            sources = [*data["rules"].get(rule, []), *more.get(rule, [])]
            said = [source for source in sources if not source.startswith("!")]
            self.entries[rule] = [grammar.entry(source) for source in said]
            self.exceptions[rule] = grammar.one_of(
                [source[1:].strip() for source in sources if source.startswith("!")]
            )
        self._index()
        atoms = self._all_atoms()
        self._atoms: Atoms = Words(atoms, data.get("friends", [])) if self.by_word else Signs(atoms)

    def candidates(self, scene: Scene) -> Iterator[tuple[str, Entry, int, int]]:
        """Rules with the entries that may be in it: with the group to begin with, and where."""
        blocks = [
            frozenset().union(*scene.at[start : start + BLOCK])
            for start in range(0, len(scene.at), BLOCK)
        ]
        around = [frozenset().union(*blocks[max(0, n - 1) : n + 2]) for n in range(len(blocks))]
        for start, atoms in enumerate(scene.at):
            seen: set[int] = set()
            present = around[start // BLOCK]
            for atom in atoms:
                for number in self._by_atom.get(atom, ()):
                    rule, entry, anchor, needs = self._indexed[number]
                    if number not in seen and not any(n.isdisjoint(present) for n in needs):
                        seen.add(number)
                        yield rule, entry, anchor, start

    def scene(self, text: Units) -> Scene:
        """The text as this lexicon sees it."""
        over = 0 if self.by_word else COMMA
        breaks = list(text.breaks)
        at = self._atoms.at(text)
        scene = Scene(at, breaks, self._fillers, near=self._near, order=self._order, over=over)
        for start, end in scene.occurrences(self._breaks):
            place = start if self.by_word else end
            breaks[place] = max(CLAUSE, breaks[place])
        return scene

    def _index(self) -> None:
        """Note with which atoms an entry is found: the rarest that it cannot do without."""
        self._indexed: list[tuple[str, Entry, int, tuple[frozenset[str], ...]]] = []
        by_atom: dict[str, list[int]] = {}
        often = Counter(
            atom
            for entries in self.entries.values()
            for entry in entries
            for run in entry.groups
            for atom in run.first
        )
        for rule, entries in self.entries.items():
            for entry in entries:
                weights = [max(often[atom] for atom in run.first) for run in entry.groups]
                anchor = weights.index(min(weights))
                needs = sorted(
                    {
                        step.part.first
                        for run in entry.groups
                        for step in run.steps
                        if not step.optional and step.part.atoms.isdisjoint((END, STOP))
                    },
                    key=lambda first: sum(often[atom] for atom in first),
                )
                for atom in entry.groups[anchor].first:
                    by_atom.setdefault(atom, []).append(len(self._indexed))
                self._indexed.append((rule, entry, anchor, tuple(needs)))
        self._by_atom = {atom: tuple(numbers) for atom, numbers in by_atom.items()}

    def _all_atoms(self) -> set[str]:
        doubts = (getattr(self.doubt, name) for name in _DOUBTS)
        atoms: set[str] = set()
        done: set[int] = set()
        todo = [self._fillers, self._breaks, self.quiet, self.quiet_over, self.modifiers, *doubts]
        todo += self.exceptions.values()
        for _, entry, _, _ in self._indexed:
            context = () if entry.context is None else (entry.context,)
            todo += (step.part for run in (*context, *entry.groups) for step in run.steps)
        while todo:
            part = todo.pop()
            if id(part) not in done:
                done.add(id(part))
                atoms |= part.atoms
                todo += (step.part for run in part.runs for step in run.steps)
        return atoms - {NUMBER, YEAR, END, STOP}


_DOUBTS = tuple(Doubt.__dataclass_fields__)


def _read(name: str) -> Any:
    # Only strings: "no" is a word here. libyaml reads it ten times as fast as Python would.
    text = (_HERE / f"{name}.yml").read_text("utf-8")
    return yaml.load(text, yaml.CBaseLoader)  # noqa: S506


@cache
def lexicon(name: str) -> Lexicon:
    """The lexicon of a language: en, ja, zh or ru. Read once.

    Raises FileNotFoundError if there is none, and what `Lexicon` raises.
    """
    more: dict[str, list[str]] = {}
    if name == "zh":
        for rule, entries in _read("ja")["rules"].items():
            more[rule] = [simplified(e) for e in entries if "$" not in e and not has_kana(e)]
    return Lexicon(_read(name), more)
