"""Regular expressions of strangers, matched in a time that they cannot stretch.

Python's `re` tries alternatives one after the other: `(a+)+$` takes minutes on forty letters. Here
all alternatives are followed at once (Thompson 1968): the time is at most length of the text times
size of the pattern, and the steps are counted. What cannot be done so (look-around,
back-references) is refused.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from clinic.questionnaire.reasons import Refused

LONGEST_PATTERN = 500  # characters
LONGEST_TEXT = 4_000
MOST_STATES = 2_000
DEEPEST = 30  # groups within groups
MOST_STEPS = 300_000  # about 0.1 s

Single = Callable[[str], bool]


class Unsupported(Refused):
    """The pattern is wrong, or has something that is not supported; says what."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that a whole text has to match. Equal if the source is."""

    source: str
    _states: tuple["_State", ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def compile(cls, source: str) -> "Pattern":
        """Raises Unsupported. `matches('...')`, as some write it, is taken for what it wraps."""
        inner = re.fullmatch(r"matches\('(.*)'\)", source.strip())
        text = inner[1].replace("\\\\", "\\").replace("\\'", "'") if inner else source
        if len(text) > LONGEST_PATTERN:
            raise Unsupported("long_expression", most=LONGEST_PATTERN)
        machine = _Machine(text)
        return cls(source, tuple(machine.states))

    def matches(self, text: str, most_steps: int = MOST_STEPS) -> bool:
        """Whether the whole text does; one beyond LONGEST_TEXT or so many steps does not."""
        if len(text) > LONGEST_TEXT:
            return False
        end = len(self._states) - 1
        alive = self._closure([0], 0, text)
        steps = 0
        for place, sign in enumerate(text, 1):
            moved = [
                state.then[0]
                for number in alive
                if (state := self._states[number]).single is not None and state.single(sign)
            ]
            alive = self._closure(moved, place, text)
            steps += len(alive)
            if not alive or steps > most_steps:
                return False
        return end in alive

    def _closure(self, numbers: list[int], place: int, text: str) -> set[int]:
        """These states, and all that are reached from them without reading a sign."""
        found: set[int] = set()
        while numbers:
            number = numbers.pop()
            if number in found:
                continue
            found.add(number)
            state = self._states[number]
            if state.single is None and (state.holds is None or state.holds(text, place)):
                numbers.extend(state.then)
        return found


@dataclass(slots=True)
class _State:
    """Reads one sign, or goes on without (where `holds`, if there is such a condition)."""

    single: Single | None = None
    holds: Callable[[str, int], bool] | None = None
    then: list[int] = field(default_factory=list)


# What the parser gives: a part makes its states between two that are there.
_Part = Callable[["_Machine", int, int], None]
_QUANTIFIER = re.compile(r"\{(\d{1,4})(?:(,)(\d{0,4}))?\}|[*+?]")
_ESCAPED = re.compile(r"\\(?:[dDwWsStnrfv]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^\w\s])")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


class _Machine:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0
        self.states: list[_State] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # "[[:alpha:]]" does not mean here what it says
                re.compile(source)
        except (re.error, RecursionError, OverflowError, Warning) as error:
            raise Unsupported("no_pattern", error=str(error)) from None
        part = self._alternatives()
        if self.at < len(source):
            raise Unsupported("pattern_sign", sign=source[self.at], at=self.at)
        begin, last = self.add(), self.add()
        part(self, begin, last)
        self.states[last], self.states[-1] = self.states[-1], self.states[last]
        for state in self.states:
            state.then = [self._moved(number, last) for number in state.then]

    def _moved(self, number: int, last: int) -> int:
        """Where a state is now that the end was put last."""
        final = len(self.states) - 1
        return final if number == last else last if number == final else number

    def add(self, state: _State | None = None) -> int:
        """Room for one state more; raises Unsupported beyond the bound."""
        if len(self.states) >= MOST_STATES:
            raise Unsupported("pattern_repeats")
        self.states.append(state or _State())
        return len(self.states) - 1

    def _alternatives(self) -> _Part:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _any_of(branches)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            part = self._atom()
            while quantifier := _QUANTIFIER.match(self.source, self.at):
                self.at = quantifier.end()
                if self._take("+"):
                    raise Unsupported("pattern_possessive")
                self._take("?")  # a lazy one matches the same whole texts
                part = _repeated(part, *_bounds(quantifier))
            parts.append(part)
        return _one_after_another(parts)

    def _atom(self) -> _Part:
        sign = self.source[self.at]
        if sign == "(":
            return self._group()
        if sign in "^$":
            self.at += 1
            return _condition(_at_begin if sign == "^" else _at_end)
        for shape in (_CLASS, _ESCAPED):
            if found := shape.match(self.source, self.at):
                self.at = found.end()
                return _reads(_single(found[0]))
        if sign == "\\":
            raise Unsupported("pattern_escape", sign=self.source[self.at : self.at + 2])
        self.at += 1
        return _reads(_any_sign if sign == "." else sign.__eq__)

    def _group(self) -> _Part:
        self.at += 1
        if self._take("?") and not self._take(":"):
            raise Unsupported("pattern_group")
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsupported("pattern_deep")
        part = self._alternatives()
        self.depth -= 1
        self._take(")")
        return part

    def _take(self, sign: str) -> bool:
        taken = self.source.startswith(sign, self.at)
        self.at += taken
        return taken


def _single(source: str) -> Single:
    """One sign of a class or an escape; on one sign, `re` has nothing to try."""
    matches = re.compile(source).fullmatch
    return lambda sign: matches(sign) is not None


def _any_sign(sign: str) -> bool:
    return sign != "\n"


def _at_begin(_text: str, place: int) -> bool:
    return place == 0


def _at_end(text: str, place: int) -> bool:
    return place == len(text)


def _bounds(quantifier: re.Match[str]) -> tuple[int, int | None]:
    simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
    if quantifier[0] in simple:
        return simple[quantifier[0]]
    least = int(quantifier[1])
    if not quantifier[2]:
        return least, least
    return least, int(quantifier[3]) if quantifier[3] else None


def _reads(single: Single) -> _Part:
    def build(machine: _Machine, begin: int, end: int) -> None:
        machine.states[begin].then.append(machine.add(_State(single, then=[end])))

    return build


def _condition(holds: Callable[[str, int], bool]) -> _Part:
    def build(machine: _Machine, begin: int, end: int) -> None:
        machine.states[begin].then.append(machine.add(_State(holds=holds, then=[end])))

    return build


def _any_of(parts: list[_Part]) -> _Part:
    def build(machine: _Machine, begin: int, end: int) -> None:
        for part in parts:
            part(machine, begin, end)

    return build


def _one_after_another(parts: list[_Part]) -> _Part:
    def build(machine: _Machine, begin: int, end: int) -> None:
        for place, part in _until_last(parts, machine, end):
            part(machine, begin, place)
            begin = place
        if not parts:
            machine.states[begin].then.append(end)

    return build


def _until_last(parts: list[_Part], machine: _Machine, end: int) -> Iterator[tuple[int, _Part]]:
    for number, part in enumerate(parts, 1):
        yield (end if number == len(parts) else machine.add()), part


def _repeated(part: _Part, least: int, most: int | None) -> _Part:
    def build(machine: _Machine, begin: int, end: int) -> None:
        for _ in range(least):
            begin = _then(part, machine, begin)
        if most is None:
            # A state of its own to come back to, so that nothing else leads into the circle.
            again = machine.add()
            machine.states[begin].then.append(again)
            back = _then(part, machine, again)
            machine.states[back].then.append(again)
            begin = again
        else:
            for _ in range(most - least):
                machine.states[begin].then.append(end)
                begin = _then(part, machine, begin)
        machine.states[begin].then.append(end)

    return build


def _then(part: _Part, machine: _Machine, begin: int) -> int:
    end = machine.add()
    part(machine, begin, end)
    return end
