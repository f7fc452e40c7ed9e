"""Figures as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Step = Literal["day", "week", "month"]
# What a breakdown is by: the doctor of the visit, the service (department), the chapter of disease.
By = Literal["doctor", "service", "chapter"]
BYS: tuple[By, ...] = ("doctor", "service", "chapter")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: both days included. `doctors` None: everybody's, also of no doctor."""

    since: date
    until: date
    doctors: tuple[int, ...] | None = None
    service: int | None = None
    chapter: str | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of some days."""

    n: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """`of` cases of which `n` are meant, with Wilson's 95 % interval.

    `rate` is None where there were no cases; `small`: too few to be told without the interval.
    """

    n: int
    of: int
    rate: float | None
    low: float
    high: float
    small: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """Where `n` values lie: quartiles, median and 90th percentile; 0 where there are none."""

    n: int
    low: int
    median: int
    high: int
    p90: int

    @property
    def small(self) -> bool:
        """Too few for a median to say much."""
        return self.n < 5


@dataclass(frozen=True, slots=True)
class Nps:
    """Of marks from 0 to 10: the share of 9 and 10 less that of 0 to 6, from -100 to 100.

    `score` and its interval are None where there are fewer than five answers.
    """

    n: int
    promoters: int
    detractors: int
    score: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Season:
    """How a month or weekday stands to the average one, which is 100; None: it never came."""

    number: int
    index: float | None
    days: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """A month that has not been yet: what is expected, and the 95 % interval."""

    month: date
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """`method` had the smaller mean error when it was tried on the past: `errors` by method."""

    method: Literal["naive", "holt_winters"]
    ahead: tuple[Ahead, ...]
    tried: int  # months it was tried on
    errors: Mapping[str, float]  # mean absolute error, in the series' unit
    percent: float  # of the chosen method, of the mean
