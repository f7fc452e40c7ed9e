"""The pieces of which all languages make days and hours, and how texts are cut into them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from nlu.dates.types import PartName


@dataclass(frozen=True, slots=True)
class Day:
    """What was said of a day; what was not said is None."""

    ahead: int | None = None  # days from today
    year: int | None = None
    years: int | None = None  # from this one
    month: int | None = None
    months: int | None = None  # from this one
    day: int | None = None
    stretch: tuple[int, int] | None = None  # first and last day within the month
    weekday: int | None = None  # Monday is 0
    week: int | None = None  # weeks from this one
    nth: int | None = None  # which such weekday of the month; -1 is the last
    every: frozenset[int] = frozenset()  # a filter: any such weekday
    weekend: bool = False
    whole_week: bool = False  # the week in which the day lies
    within: int | None = None  # days from today to its end
    same_day: bool = False  # the day of the month that today is
    later: int = 0  # days after the day said: "Friday week"
    swapped: bool = False  # day and month may be meant the other way round
    loose: bool = False  # "next Friday": of this week or of the next
    unsure: bool = False
    trailing: bool = False  # month or week were said last: "3 or 4 December"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `settled`: it is known which half of the day is meant.

    `bare`: it may be a day of the month as well, unless one is named.
    """

    hour: int
    minute: int = 0
    settled: bool = False
    unsure: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day."""

    name: PartName


@dataclass(frozen=True, slots=True)
class Number:
    """A bare number, whose neighbours decide what it counts."""

    value: int


@dataclass(frozen=True, slots=True)
class Bound:
    """Makes a stretch of what stands next to it, as "after" and "until" do.

    `behind`: it bounds what stands before it, as in 5日以降. `of_days`: a bare number is a day.
    """

    end: bool  # the last day or hour, else the first
    inclusive: bool = True
    behind: bool = False
    of_days: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Rules out what stands next to it. `lists`: goes on over commas.

    `rest`: the other days of a week that is named with it are fine, as in 来週の水曜以外.

    `verb`: "I can't" may belong to what stands before it as well.
    """

    behind: bool = False
    lists: bool = False
    verb: bool = False
    rest: bool = False


BETWEEN_BEHIND = Bound(end=True, behind=True, of_days=True)  # 2時と4時の間


class Mark(Enum):
    """Words that join or part what is said."""

    OR = auto()
    AND = auto()
    COMMA = auto()
    TO = auto()  # a dash
    TO_WORD = auto()  # joins a range, but after MOVE names where to
    ONTO = auto()  # only after MOVE names where to
    BETWEEN = auto()
    BREAK = auto()  # another clause begins
    ASK = auto()  # the clause was a question
    REPLACE = auto()  # what follows is instead of what was said
    MOVE = auto()
    SINCE = auto()  # what follows is past
    SICK = auto()  # a symptom: "from Monday" tells how long
    PAST = auto()  # this clause tells of what was
    VAGUE = auto()  # depends on what cannot be known
    SKIP = auto()  # a number or a day that is none


Operand = Day | Clock | Part | Number
Token = Operand | Bound | Not | Mark


@dataclass(frozen=True, slots=True)
class Seen:
    """A token in its place. `glued`: nothing of weight stands between it and the one before."""

    token: Token
    glued: bool


Maker = Token | Callable[[re.Match[str]], Token | None]
Rule = tuple[str, Maker]


class Lexicon:
    """Cuts texts by ordered lists of rules: at each place the first that fits holds.

    `words` fit only where words begin and end, `signs` anywhere. A rule that makes None lets its
    text pass as an unknown word. `glue`: what may stand between two tokens that belong together.
    """

    def __init__(self, words: Sequence[Rule], signs: Sequence[Rule], glue: str) -> None:
        self._words, self._signs = words, signs
        self._glue = re.compile(f"(?:{glue})*")

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], list[tuple[re.Pattern[str], Maker]]]:
        """All rules as one pattern, and each by itself.

        Made for the first text: it takes as long as all that a process imports of ours, and most
        processes read no dates.
        """
        words, signs = self._words, self._signs
        edged = [(rf"(?<!\w)(?:{pattern})(?!\w)", make) for pattern, make in words]
        rules = [(re.compile(pattern), make) for pattern, make in (*edged, *signs)]
        nameless = [re.sub(r"\?P<\w+>", "?:", pattern) for pattern, _ in (*words, *signs)]
        choices = [f"(?P<r{number}>{text})" for number, text in enumerate(nameless)]
        after = "|".join(choices[len(words) :])
        if not words:
            return re.compile(after), rules
        before = "|".join(choices[: len(words)])
        return re.compile(rf"(?<!\w)(?:{before})(?!\w)|{after}"), rules

    def cut(self, text: str) -> list[Seen]:
        """The tokens of a folded text, in order."""
        pattern, rules = self._compiled
        seen: list[Seen] = []
        end = 0
        for found in pattern.finditer(text):
            rule, make = rules[int((found.lastgroup or "r0")[1:])]
            token = _made(rule, make, text, found)
            if token is not None:
                glued = self._glue.fullmatch(text, end, found.start()) is not None
                seen.append(Seen(token, glued))
                end = found.end()
        return seen


def _made(rule: re.Pattern[str], make: Maker, text: str, found: re.Match[str]) -> Token | None:
    if not callable(make):
        return make
    match = rule.match(text, found.start())
    return None if match is None else make(match)


START, MIDDLE, END = (1, 10), (11, 20), (21, 31)  # of a month, as the tens of days in the east
FIRST_HALF, SECOND_HALF = (1, 15), (16, 31)
