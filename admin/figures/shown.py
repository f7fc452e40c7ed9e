"""What a page of figures is made of, and how numbers are written. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from babel.dates import format_skeleton
from babel.numbers import format_decimal, format_percent

from admin.i18n import LANGUAGES, Speech
from clinic.booking.search import in_language
from clinic.figures import rules
from clinic.figures.types import Share, Step

DASH = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as it is read, and as a spreadsheet takes it, with its interval. `url`: the list of
    what was counted."""

    text: str
    value: float | int | str | None = None
    low: float | None = None
    high: float | None = None
    small: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table; `url`: where there is more of it."""

    label: str
    cells: tuple[Cell, ...]
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: the first is the lines' own."""

    caption: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One number of now, and what it was before."""

    title: str
    cell: Cell
    before: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One curve or row of bars; None: nothing is known of that point. `urls`: of each point the
    list of what was counted, where there is one; the same stand in the table."""

    name: str
    values: tuple[float | int | None, ...]
    urls: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart for figures.js. `marks`: thresholds with their names, as lines across it; `zero`:
    its scale begins there."""

    kind: str  # line, bar, stacked, flat (bars that lie)
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    percent: bool = False
    marks: tuple[tuple[str, float], ...] = ()
    zero: bool = True

    @property
    def silence(self) -> Literal["nothing", "zero"] | None:
        """Why there is nothing to draw: nothing was counted, or what was measured is zero all
        along. A share or a course may be known to be zero; where it has thresholds it is drawn."""
        known = [value for one in self.series for value in one.values if value is not None]
        if any(known):
            return None
        if known and (self.percent or self.kind == "line"):
            return None if self.marks else "zero"
        return "nothing"

    def data(self) -> dict[str, Any]:
        """As JSON for the page."""
        return {
            "kind": self.kind,
            "labels": self.labels,
            "series": [
                {"name": one.name, "values": one.values} | ({"urls": one.urls} if one.urls else {})
                for one in self.series
            ],
            "percent": self.percent,
            "marks": [{"name": name, "at": at} for name, at in self.marks],
            "zero": self.zero,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """One figure: `code` names its words, how it is counted among them."""

    code: str
    cards: tuple[Card, ...] = ()
    plot: Plot | None = None
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)
    links: tuple[tuple[str, str], ...] = ()


class Pen:
    """Writes numbers and days in the reader's language."""

    def __init__(self, speech: Speech, mark: Callable[[str], str] = str) -> None:
        """`mark`: of a kind that may be words of staff, what stands in an address."""
        self.t = speech
        self.mark = mark
        self._locale = LANGUAGES[speech.language]

    def number(self, value: float | int, digits: int = 0) -> str:
        """A number, grouped as the language does."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=self._locale))

    def percent(self, rate: float, digits: int = 1) -> str:
        """A share as per cent."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
        return str(format_percent(rate, format=pattern, locale=self._locale))

    def count(self, value: int) -> Cell:
        """How many."""
        return Cell(self.number(value), value)

    def share(self, one: Share) -> Cell:
        """A rate with its interval; of few cases the interval without the rate."""
        if one.rate is None:
            return Cell(DASH)
        between = f"{self.percent(one.low, 0)}{DASH}{self.percent(one.high, 0)}"
        if one.small:
            text = self.t("figures.few", k=one.n, of=one.of, between=between)
        else:
            text = f"{self.percent(one.rate)} ({between})"
        return Cell(text, one.rate, one.low, one.high, one.small)

    def change(self, now: float, former: float) -> str:
        """How much more or less than before; no share of very little."""
        more = rules.change(now, former)
        if more is None or former < rules.SMALL:
            return ""
        return f"{'+' if more >= 0 else '−'}{self.percent(abs(more), 0)}"

    def before(self, now: float, former: float, said: str | None = None) -> str:
        """The line under a card's number."""
        more = self.change(now, former)
        was = self.t("figures.before", was=said or self.number(former))
        return f"{was} ({more})" if more else was

    def day(self, on: date) -> str:
        """A day in short."""
        return str(format_skeleton("yMMMd", on, locale=self._locale))

    def point(self, on: date, step: Step) -> str:
        """A chart's point: a day, the first day of a week, a month."""
        skeleton = "yMMM" if step == "month" else "MMMd"
        return str(format_skeleton(skeleton, on, locale=self._locale))

    def month(self, number: int) -> str:
        """A month's name by its number."""
        return str(format_skeleton("MMM", date(2026, number, 1), locale=self._locale))

    def name(self, names: Mapping[str, str]) -> str:
        """A name in the reader's language."""
        return in_language(names, self.t.language)


def rows_of(sections: Iterable[Section], speech: Speech) -> Iterator[tuple[object, ...]]:
    """All tables as long rows: figure, table, line, column, value, lower and upper bound."""
    for section in sections:
        title = speech(f"figures.{section.code}.title")
        for table in section.tables:
            for line in table.lines:
                for column, cell in zip(table.columns[1:], line.cells, strict=True):
                    said = cell.text if cell.value is None else cell.value
                    yield (title, table.caption, line.label, column, said, cell.low, cell.high)
