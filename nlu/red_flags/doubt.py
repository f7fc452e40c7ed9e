"""Whether what was found is meant: denied, past or supposed, it is asked about instead."""

from bisect import bisect_left, bisect_right
from functools import cached_property

from nlu.red_flags.lexicon import Lexicon
from nlu.red_flags.matching import Scene, Span, Spans
from nlu.red_flags.parts import Entry, Part, Run
from nlu.red_flags.units import CLAUSE, COMMA, SENTENCE, SPACE

WORDS_AWAY = 12  # how far the past and a supposition reach
LONGEST = 12  # units that a phrase of a denial and the like takes at most
MOST_CONTEXTS = 8  # places of a context that are looked at
TOPIC = 2  # units beside a word of the past that say nothing yet: "last year, I fainted"
LIST_AWAY = 8  # how far a denial reaches over a list: "no fever, cough or chest pain"


class Reader:
    """Judges the matches of one lexicon in one text."""

    def __init__(self, lexicon: Lexicon, scene: Scene) -> None:
        """What is looked for in the scene is looked for when first asked about."""
        self._scene = scene
        self._doubt = lexicon.doubt
        self._lexicon = lexicon
        self._far = WORDS_AWAY if lexicon.by_word else 2 * WORDS_AWAY
        self._silent: dict[str, frozenset[int]] = {}
        self._contexts: dict[tuple[str, int], list[tuple[Spans, bool]]] = {}

    def silent(self, rule: str, spans: Spans) -> bool:
        """Whether some of it is an idiom, or another thing by the same name."""
        if rule not in self._silent:
            self._silent[rule] = self._quiet | self._idle(self._lexicon.exceptions[rule])
        return not all(self._silent[rule].isdisjoint(range(*span)) for span in spans)

    def said(self, rule: str, entry: Entry) -> bool:
        """Whether what the entry wants to be said besides is in the text, if it wants anything."""
        return entry.context is None or bool(self._contexts_of(rule, entry.context))

    def context(self, rule: str, entry: Entry, spans: Spans) -> bool | None:
        """Whether that is stated, in other words than `spans`; None if it is not there."""
        if entry.context is None:
            return True
        said = self._contexts_of(rule, entry.context)
        beside = [sure for at, sure in said if not any(_taken(*span, spans) for span in at)]
        return any(beside) if beside else None

    def _contexts_of(self, rule: str, run: Run) -> list[tuple[Spans, bool]]:
        """Where it is said, with whether it is stated; what is stated first, and not too many."""
        key = rule, id(run)
        if key not in self._contexts:
            said = [
                (spans, not self.doubtful(spans))
                for spans in self._scene.said(run)
                if not self.silent(rule, spans)
            ]
            self._contexts[key] = sorted(said, key=lambda one: not one[1])[:MOST_CONTEXTS]
        return self._contexts[key]

    def doubtful(self, spans: Spans) -> bool:
        """Whether the patient did not say that it is so."""
        low, high = min(start for start, _ in spans), max(end for _, end in spans)
        if self._past_or_supposed(low, high):
            return True
        denials = self._denied_at(high, spans) or any(
            self._denied_before(start, spans) for start in _beginnings(spans)
        )
        return denials and not self._affirmed_at(low, high)

    def _denied_before(self, start: int, spans: Spans) -> bool:
        for begin, end in _among(self._denied, start - LIST_AWAY - LONGEST, start):
            if end <= start and not _taken(begin, end, spans):
                if self._whole(end, start, COMMA) and start in self._through(end, start):
                    return True
                if self._listed(end, start):
                    return True
        return False

    def _listed(self, denied: int, start: int) -> bool:
        """Whether "or" stands right before it, in a clause that began with a denial."""
        return any(
            denied <= begin and start in self._through(end, start)
            for begin, end in _among(self._lists, denied, start)
        ) and self._whole(denied, start, CLAUSE)

    def _through(self, place: int, goal: int) -> set[int]:
        """The places that are reached over words that may stand between a denial and a thing."""
        reached, edge = {place}, [place]
        while edge:
            at = edge.pop()
            for end, _ in self._scene.ends(self._doubt.denied_between, at):
                if end <= goal and end not in reached:
                    reached.add(end)
                    edge.append(end)
        return reached

    def _denied_at(self, high: int, spans: Spans) -> bool:
        for start in self._scene.filled(high):
            if start >= len(self._scene.at):
                continue
            for end, _ in self._scene.ends(self._doubt.denied_after, start):
                over = self._scene.breaks[start] >= COMMA and self._scene.breaks[end] < SENTENCE
                if not over and not self._spared(start, end) and not _taken(start, end, spans):
                    return True
        return False

    def _affirmed_at(self, low: int, high: int) -> bool:
        before, after = self._affirmed
        reach = self._far // 2
        return any(end <= high for _, end in _among(before, low - reach - LONGEST, low)) or any(
            _among(after, low, high + reach)
        )

    def _past_or_supposed(self, low: int, high: int) -> bool:
        first, last = self._sentence(low)
        near, far = max(first, low - self._far), min(last, high + self._far)
        past = any(self._same(*span, low, high) for span in _among(self._past, near, far))
        if past and not any(_among(self._past_spared, first, last)):
            return True
        return any(end <= low for _, end in _among(self._supposed, near, low)) or any(
            self._scene.ends(self._doubt.supposed_after, start)
            for start in self._scene.filled(high)
            if self._scene.breaks[start] < COMMA
        )

    def _same(self, start: int, end: int, low: int, high: int) -> bool:
        """Whether what is said from `low` to `high` happened at the time named there."""
        if not self._lexicon.past_by_clause:
            return True
        first, last = self._clause(start)
        if (last - first) - (end - start) > TOPIC:
            return first < high and low < last
        # Nothing else is said with it: it belongs to its neighbours.
        before = self._clause(first - 1)[0] if first else first
        after = self._clause(last)[1] if last < len(self._scene.at) else last
        return before < high and low < after

    def _clause(self, place: int) -> Span:
        after = bisect_right(self._clauses, place)
        return self._clauses[after - 1], self._clauses[after]

    def _sentence(self, place: int) -> Span:
        after = bisect_right(self._sentences, place)
        return self._sentences[after - 1], self._sentences[after]

    def _whole(self, start: int, end: int, below: int) -> bool:
        return all(self._scene.breaks[at] < below for at in range(start, end + 1) if at)

    def _spared(self, start: int, end: int) -> bool:
        return _covered(start, end, self._denied_spared)

    @cached_property
    def _sentences(self) -> list[int]:
        breaks = self._scene.breaks
        return [0, *(at for at in range(1, len(breaks)) if breaks[at] >= SENTENCE)]

    @cached_property
    def _clauses(self) -> list[int]:
        breaks = self._scene.breaks
        return [0, *(at for at in range(1, len(breaks)) if breaks[at] >= SPACE)]

    @cached_property
    def _quiet(self) -> frozenset[int]:
        quiet, over = self._lexicon.quiet, self._lexicon.quiet_over
        return self._idle(quiet) | self._idle(over, commas=True)

    def _idle(self, part: Part, *, commas: bool = False) -> frozenset[int]:
        """The units of an idiom: it is silent about its own words, between two commas."""
        return frozenset().union(
            *(
                range(*span)
                for (start, end), spans in self._scene.taken(part)
                if commas or COMMA not in self._scene.breaks[start + 1 : end]
                for span in spans
            )
        )

    @cached_property
    def _affirmed(self) -> tuple[list[Span], list[Span]]:
        before = self._scene.occurrences(self._doubt.affirmed_before)
        return before, self._scene.occurrences(self._doubt.affirmed_after)

    @cached_property
    def _denied_spared(self) -> list[Span]:
        return self._scene.occurrences(self._doubt.denied_spared)

    @cached_property
    def _denied(self) -> list[Span]:
        found = self._scene.occurrences(self._doubt.denied_before)
        return [span for span in found if not self._spared(*span)]

    @cached_property
    def _lists(self) -> list[Span]:
        return self._scene.occurrences(self._doubt.denied_lists)

    @cached_property
    def _past(self) -> list[Span]:
        return self._scene.occurrences(self._doubt.past_anywhere)

    @cached_property
    def _past_spared(self) -> list[Span]:
        return self._scene.occurrences(self._doubt.past_spared)

    @cached_property
    def _supposed(self) -> list[Span]:
        spared = self._scene.occurrences(self._doubt.supposed_spared)
        return [
            (start, end)
            for start, end in self._scene.occurrences(self._doubt.supposed_before)
            if not _covered(start, end, spared)
        ]


def _among(spans: list[Span], low: int, high: int) -> list[Span]:
    """Those that begin from `low` to before `high`; spans are sorted."""
    return spans[bisect_left(spans, (low,)) : bisect_left(spans, (high,))]


def _covered(start: int, end: int, spans: list[Span]) -> bool:
    return any(end <= stop for _, stop in _among(spans, start - LONGEST, start + 1))


def _beginnings(spans: Spans) -> list[int]:
    """Where each stretch begins that has something else before it."""
    ends = {end for _, end in spans}
    return [start for start, _ in spans if start not in ends]


def _taken(start: int, end: int, spans: Spans) -> bool:
    return any(start < stop and begin < end for begin, stop in spans)
