"""Finds the parts of a lexicon in the units of a text. Pure; bounded by what there is to find."""

from collections.abc import Iterator
from itertools import islice

from nlu.red_flags.parts import END, GAP, STOP, Entry, Part, Run, Step
from nlu.red_flags.units import CLAUSE, COMMA, SENTENCE

MOST_FILLERS = 4
MOST_WAYS = 6  # in which one entry is tried at one place: enough to find one that is not denied

Span = tuple[int, int]
# What a match takes: stretches of units, in the order of the entry's parts.
Spans = tuple[Span, ...]


class Scene:
    """A text in which parts are looked for.

    `at`: the atoms that begin at each unit, with where they end. `breaks`: how strong a break
    stands before each unit, and one after the last. `near`, `order`: how far parts may be from each
    other. `over`: the strongest break that parts next to each other may have between them.
    `parted`: the weakest that parts which are only near each other may not have.
    """

    def __init__(
        self,
        at: list[dict[str, int]],
        breaks: list[int],
        fillers: Part,
        *,
        near: int,
        order: int,
        over: int,
        parted: int = SENTENCE,
    ) -> None:
        """See the class."""
        self.at, self.breaks = at, breaks
        self._fillers = fillers
        self._near, self._order, self._over, self._parted = near, order, over, parted
        self._where: dict[str, list[int]] = {}
        for start, atoms in enumerate(at):
            for atom in atoms:
                self._where.setdefault(atom, []).append(start)
        self._known: dict[tuple[int, int], tuple[tuple[int, Spans], ...]] = {}
        self._filled: dict[int, tuple[int, ...]] = {}
        self._said: dict[int, tuple[Spans, ...]] = {}

    def joined(self) -> "Scene":
        """The same text with parts that may be near each other over the end of a sentence."""
        if SENTENCE not in self.breaks[:-1]:
            return self
        return Scene(
            self.at,
            self.breaks,
            self._fillers,
            near=self._near,
            order=self._order,
            over=self._over,
            parted=SENTENCE + 1,
        )

    def occurrences(self, part: Part) -> list[Span]:
        """Where it stands."""
        present = part.first & self._where.keys()
        starts = {start for atom in present for start in self._where[atom]}
        return [(start, end) for start in sorted(starts) for end, _ in self.ends(part, start)]

    def taken(self, part: Part) -> list[tuple[Span, Spans]]:
        """Where it stands, with what it takes: not what lies in its gaps."""
        return [
            ((start, end), spans)
            for start in sorted({start for start, _ in self.occurrences(part)})
            for end, spans in self.ends(part, start)
        ]

    def ends(self, part: Part, start: int) -> tuple[tuple[int, Spans], ...]:
        """Where it ends if it begins at `start`, and what it takes."""
        if start >= len(self.at) or part.first.isdisjoint(self.at[start]):
            return ()
        key = (id(part), start)
        if key not in self._known:
            here = self.at[start]
            found: dict[int, Spans] = {
                end: ((start, end),) for atom, end in here.items() if atom in part.atoms
            }
            for run in {run: None for atom in here for run in part.by_first.get(atom, ())}:
                for end, spans in self._ways(run, start):
                    found.setdefault(end, spans)
            self._known[key] = tuple(found.items())
        return self._known[key]

    def ways(self, entry: Entry, anchor: int, start: int) -> Iterator[Spans]:
        """The ways to find the entry with its group number `anchor` beginning at `start`."""
        others = [run for number, run in enumerate(entry.groups) if number != anchor]
        for _, spans in self._ways(entry.groups[anchor], start):
            yield from self._with(others, spans)

    def said(self, run: Run) -> tuple[Spans, ...]:
        """What stands of it anywhere, in whatever sentence: the ways at each place."""
        if id(run) not in self._said:
            present = run.first & self._where.keys()
            starts = sorted({start for atom in present for start in self._where[atom]})
            self._said[id(run)] = tuple(
                spans for start in starts for _, spans in self._ways(run, start)
            )
        return self._said[id(run)]

    def filled(self, start: int) -> tuple[int, ...]:
        """Where one may get from `start` over fillers only; itself first."""
        if start not in self._filled:
            over = self._over
            reached = [start]
            edge = [start]
            for _ in range(MOST_FILLERS):
                edge = [
                    end
                    for at in edge
                    if at < len(self.at) and self.breaks[at] <= (CLAUSE if at == start else over)
                    for end, _ in self.ends(self._fillers, at)
                    if end not in reached
                ]
                reached += edge
            self._filled[start] = tuple(dict.fromkeys(reached))
        return self._filled[start]

    def _with(self, others: list[Run], spans: Spans) -> Iterator[Spans]:
        if not others:
            yield spans
            return
        low, high = min(span[0] for span in spans), max(span[1] for span in spans)
        run, rest = others[0], others[1:]
        first = run.first
        for start in self._around(low, high):
            if first.isdisjoint(self.at[start]):
                continue
            for end, taken in self._ways(run, start):
                apart = all(end <= begin or start >= stop for begin, stop in spans)
                if (
                    apart
                    and (end > low or low - end <= self._near)
                    and self._unbroken(min(low, start), max(high, end))
                ):
                    yield from self._with(rest, spans + taken)

    def _around(self, low: int, high: int) -> Iterator[int]:
        """Where a part may begin that goes with others: after, before or between them."""
        yield from range(high, min(len(self.at), high + self._near + 1))
        yield from range(low - 1, max(-1, low - 2 * self._near - 1), -1)
        yield from range(low + 1, high)

    def _unbroken(self, low: int, high: int) -> bool:
        return all(self.breaks[at] < self._parted for at in range(low + 1, high))

    def _ways(self, run: Run, start: int) -> Iterator[tuple[int, Spans]]:
        if not run.first.isdisjoint(self.at[start]):
            yield from islice(self._steps(run.steps, start, ()), MOST_WAYS)

    def _steps(self, steps: tuple[Step, ...], at: int, spans: Spans) -> Iterator[tuple[int, Spans]]:
        if not steps:
            yield at, spans
            return
        step, rest = steps[0], steps[1:]
        for start in self._starts(step, at) if spans else (at,):
            for end, taken in self.ends(step.part, start):
                yield from self._steps(rest, end, spans + taken)
        if step.optional or self._closed(step.part, at):
            yield from self._steps(rest, at, spans)

    def _closed(self, part: Part, at: int) -> bool:
        """Whether the part is an end, and nothing but fillers comes before that."""
        least = SENTENCE if END in part.atoms else COMMA
        ends = END in part.atoms or STOP in part.atoms
        return ends and any(self.breaks[end] >= least for end in self.filled(at))

    def _starts(self, step: Step, at: int) -> Iterator[int]:
        """Where the part may begin after one that ended at `at`: the nearest first."""
        if step.how != GAP:
            for start in self.filled(at):
                if start < len(self.at) and self.breaks[start] <= self._over:
                    yield start
            return
        for start in range(at, min(len(self.at), at + self._order + 1)):
            if self.breaks[start] >= self._parted:
                return
            yield start
