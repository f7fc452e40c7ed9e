"""Figures of patients: who stays, who drifts away, how often they come, how they found us."""

from dataclasses import replace
from datetime import date, timedelta

from admin.figures.ask import Asked
from admin.figures.behind import Trail, whole_months
from admin.figures.shown import DASH, Card, Cell, Line, Pen, Plot, Section, Series, Table
from admin.figures.visits import part_name
from clinic.db import Tx
from clinic.figures import rules, service
from clinic.figures.service import Sums
from clinic.figures.types import Scope, Season, Spread, Sum
from clinic.lapse.types import State
from clinic.staff.access.figures import Frame

STATES: tuple[State, ...] = ("active", "booked", "due", "at_risk", "lapsed", "dormant")
COHORTS = 12  # months
YEARS = 24  # months that seasons are read from


async def sections(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """The page's figures; what belongs to no doctor is not shown to doctors."""
    found = [await _kept(tx, pen, it)]
    if frame.own is None:
        found.append(await _standing(tx, pen))
    found.append(await _cycle(tx, pen, frame, it))
    if frame.own is None:
        found.append(await _sources(tx, pen, it))
    found.append(await _season(tx, pen, it))
    return found


async def _kept(tx: Tx, pen: Pen, it: Asked) -> Section:
    t = pen.t
    last = rules.month_of(it.scope.until)
    scope = replace(it.scope, since=rules.later(last, 1 - COHORTS), service=None)
    sums = await service.daily(tx, ("kept",), scope)
    by_month = {on: one for (on, _, _), one in sums.by_day.items()}
    lines, rates = [], []
    whole = Sum()
    for month in rules.months_between(scope.since, scope.until):
        one = by_month.get(month, Sum())
        ends = rules.later(month, 1) + timedelta(days=rules.RETURN_DAYS)
        complete = ends <= it.today
        share = rules.share(one.total, one.n)
        if complete:
            whole = Sum(whole.n + one.n, whole.total + one.total)
        said = pen.share(share) if complete else Cell(t("figures.kept.running"))
        way = Trail(whole_months(scope), it.by).at(month, "month")
        seen = way.cell(pen.count(one.n), "kept")
        back = way.cell(pen.count(one.total), "kept", "back")
        lines.append(Line(pen.point(month, "month"), (seen, back, said)))
        known = complete and not share.small and share.rate is not None
        rates.append(round(100 * share.rate, 1) if known and share.rate is not None else None)
    title = t("figures.kept.rate")
    columns = (t("figures.col.month"), t("figures.kept.seen"), t("figures.kept.back"), title)
    plot = Plot(
        "line", tuple(line.label for line in lines), (Series(title, tuple(rates)),), percent=True
    )
    card = Card(title, pen.share(rules.share(whole.total, whole.n)))
    table = Table(t("figures.over_time"), columns, tuple(lines))
    return Section("kept", (card,), plot, (table,))


async def _standing(tx: Tx, pen: Pen) -> Section:
    t = pen.t
    lines = []
    for group, names, states in await service.standings(tx):
        counted = [states.get(state, 0) for state in STATES]
        gone = rules.share(counted[-1] + counted[-2], sum(counted))
        cells = (
            *(
                replace(pen.count(n), url=f"/lapse/{group}?state={state}" if n else None)
                for state, n in zip(STATES, counted, strict=True)
            ),
            pen.share(gone),
        )
        lines.append(Line(pen.name(names), cells, f"/lapse/{group}"))
    if not lines:
        return Section("standing", notes=(t("figures.standing.none"),))
    columns = (
        t("figures.col.group"),
        *(t(f"lapse.state.{state}") for state in STATES),
        t("figures.standing.rate"),
    )
    table = Table(t("figures.standing.now"), columns, tuple(lines))
    links = (("/lapse", t("figures.standing.board")), ("/cohorts", t("figures.standing.survival")))
    return Section("standing", tables=(table,), links=links)


async def _cycle(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> Section:
    t = pen.t
    now, before = (replace(one, service=None) for one in (_months(it), _months(it, former=True)))
    by = "chapter" if it.by == "service" else it.by
    parts = await service.broken_down(tx, ("gap",), now, by)
    was = _spread(await service.sums(tx, ("gap",), before))
    whole = _spread(await service.sums(tx, ("gap",), now))
    lines = []
    for part, sums in sorted(parts.items(), key=lambda one: -one[1].n("gap")):
        one = _spread(sums)
        days = (one.low, one.median, one.high, one.p90)
        cells = (pen.count(one.n), *(_days(pen, one, value) for value in days))
        lines.append(Line(part_name(pen, frame, by, part), cells))
    columns = (
        t(f"figures.col.{by}"),
        *(t(f"figures.cycle.{code}") for code in ("n", "low", "median", "high", "p90")),
    )
    cards = (
        Card(
            t("figures.cycle.median"),
            _days(pen, whole, whole.median),
            t("figures.before", was=_days(pen, was, was.median).text),
        ),
        Card(
            t("figures.cycle.half"),
            Cell(f"{whole.low}{DASH}{whole.high}") if whole.n else Cell(DASH),
        ),
    )
    return Section("cycle", cards, tables=(Table(t(f"figures.by.{by}"), columns, tuple(lines)),))


def _months(it: Asked, *, former: bool = False) -> Scope:
    """The period in whole months: gaps are kept by month."""
    scope = it.former if former else it.scope
    return replace(scope, since=rules.month_of(scope.since))


def _spread(sums: Sums) -> Spread:
    return rules.spread({int(kind): one.n for kind, one in sums.kinds("gap").items()})


def _days(pen: Pen, one: Spread, value: int) -> Cell:
    return Cell(pen.number(value), value, small=one.small) if one.n else Cell(DASH)


async def _sources(tx: Tx, pen: Pen, it: Asked) -> Section:
    t = pen.t
    scope, former = (
        replace(one, doctors=None, service=None, chapter=None) for one in (it.scope, it.former)
    )
    now = (await service.sums(tx, ("source",), scope)).kinds("source")
    before = (await service.sums(tx, ("source",), former)).kinds("source")
    whole = sum(one.n for one in now.values())
    way = Trail(scope, it.by)
    lines = tuple(
        Line(
            source_name(pen, kind),
            (
                way.cell(pen.count(one.n), "source", pen.mark(kind)),
                pen.share(rules.share(one.n, whole)),
                pen.count(before.get(kind, Sum()).n),
            ),
        )
        for kind, one in sorted(now.items(), key=lambda one: -one[1].n)
    )
    columns = (
        t("figures.col.source"),
        *(t(f"figures.sources.{code}") for code in ("n", "rate", "former")),
    )
    plot = Plot(
        "flat",
        tuple(line.label for line in lines[:12]),
        (
            Series(
                columns[1],
                tuple(int(line.cells[0].value or 0) for line in lines[:12]),
                tuple(line.cells[0].url for line in lines[:12]),
            ),
        ),
    )
    old = sum(one.n for one in before.values())
    card = Card(columns[1], way.cell(pen.count(whole), "source"), pen.before(whole, old))
    table = Table(t("figures.sources.title"), columns, lines)
    return Section("sources", (card,), plot if lines else None, (table,))


def source_name(pen: Pen, kind: str) -> str:
    """What a way of finding us is called; what the staff wrote down stands as they wrote it."""
    head, _, tail = kind.partition(":")
    if head == "told":
        return tail
    if head == "chat":
        return pen.t("figures.sources.chat", channel=pen.t.code("channel", tail))
    return pen.t(f"figures.sources.{head}")


async def _season(tx: Tx, pen: Pen, it: Asked) -> Section:
    t = pen.t
    last = rules.month_of(it.today) - timedelta(days=1)  # of whole months only
    scope = replace(it.scope, since=rules.later(rules.month_of(it.today), -YEARS), until=last)
    sums = await service.daily(tx, ("arrival",), scope)
    counts: dict[date, int] = {}
    for (on, _, _), one in sums.by_day.items():
        counts[on] = counts.get(on, 0) + one.n
    first = min(counts, default=last)
    # Half a year of days says nothing of seasons: whole years, back from the last whole month.
    years = min(2, (last - first).days // 360)
    since = rules.later(rules.month_of(it.today), -12 * years)
    days = {
        since + timedelta(days=number): counts.get(since + timedelta(days=number), 0)
        for number in range((last - since).days + 1)
    }
    if not years:
        return Section("season", notes=(t("figures.season.short"),))
    months = rules.seasons(days, by_weekday=False)
    weekdays = rules.seasons(days, by_weekday=True)
    tables = (
        Table(
            t("figures.season.months"),
            _season_columns(pen, "month"),
            tuple(Line(pen.month(one.number), _season_cells(pen, one)) for one in months),
        ),
        Table(
            t("figures.season.weekdays"),
            _season_columns(pen, "weekday"),
            tuple(Line(t.weekday(one.number), _season_cells(pen, one)) for one in weekdays),
        ),
    )
    plot = Plot(
        "bar",
        tuple(pen.month(one.number) for one in months),
        (Series(t("figures.season.index"), tuple(_index(one) for one in months)),),
    )
    note = t("figures.season.of", since=pen.day(since), until=pen.day(last))
    return Section("season", plot=plot, tables=tables, notes=(note,))


def _season_columns(pen: Pen, by: str) -> tuple[str, ...]:
    return (pen.t(f"figures.col.{by}"), pen.t("figures.season.index"), pen.t("figures.season.days"))


def _season_cells(pen: Pen, one: Season) -> tuple[Cell, ...]:
    index = _index(one)
    return (Cell(DASH) if index is None else Cell(pen.number(index), index), pen.count(one.days))


def _index(one: Season) -> int | None:
    return None if one.index is None else round(one.index)
