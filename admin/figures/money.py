"""Points of receipts, and what the next months may bring. For the admin only."""

from dataclasses import replace
from datetime import date, timedelta

from admin.figures.ask import Asked
from admin.figures.shown import DASH, Card, Cell, Line, Pen, Plot, Section, Series, Table
from admin.figures.visits import part_name
from clinic.db import Tx
from clinic.figures import rules, service
from clinic.figures.forecast import LEAST, forecast
from clinic.figures.types import Scope
from clinic.staff.access.figures import Frame

LEARNT = 60  # months that the forecast looks back on
YEN = 10  # a point


async def sections(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """Points by month and by disease, and the forecast."""
    found = []
    whole = replace(it.scope, since=rules.month_of(it.scope.since), doctors=None, service=None)
    sums = await service.daily(tx, ("points",), whole)
    t = pen.t
    by_month: dict[date, list[int]] = {
        month: [0, 0, 0] for month in rules.months_between(whole.since, whole.until)
    }
    for (on, _, kind), one in sums.by_day.items():
        by_month[on][0] += one.n
        by_month[on][1 if kind == "outpatient" else 2] += one.total
    lines = tuple(
        Line(
            pen.point(month, "month"),
            (
                pen.count(receipts),
                pen.count(outside),
                pen.count(inside),
                pen.count((outside + inside) * YEN),
                Cell(pen.number((outside + inside) / receipts), (outside + inside) / receipts)
                if receipts
                else Cell(DASH),
            ),
        )
        for month, (receipts, outside, inside) in by_month.items()
    )
    codes = ("receipts", "outpatient", "inpatient", "yen", "each")
    columns = (t("figures.col.month"), *(t(f"figures.points.{code}") for code in codes))
    plot = Plot(
        "stacked",
        tuple(line.label for line in lines),
        tuple(
            Series(columns[number + 1], tuple(one[number] for one in by_month.values()))
            for number in (1, 2)
        ),
    )
    now = sums.total("points")
    was = 0
    if now:  # as many months before: of those that receipts are in
        first, count = min(on for on, _, _ in sums.by_day), len({on for on, _, _ in sums.by_day})
        before = replace(whole, since=rules.later(first, -count), until=first - timedelta(days=1))
        was = (await service.sums(tx, ("points",), before)).total("points")
    parts = await service.broken_down(tx, ("points",), whole, "chapter")
    of_disease = tuple(
        Line(
            part_name(pen, frame, "chapter", part),
            (pen.count(one.n("points")), pen.count(one.total("points"))),
        )
        for part, one in sorted(parts.items(), key=lambda one: -one[1].total("points"))
    )
    tables = (
        Table(t("figures.over_time"), columns, lines),
        Table(
            t("figures.by.chapter"),
            (t("figures.col.chapter"), columns[1], t("figures.points.all")),
            of_disease,
        ),
    )
    card = Card(t("figures.points.all"), pen.count(now), pen.before(now, was))
    found.append(Section("points", (card,), plot, tables))
    found.append(await _ahead(tx, pen, it))
    return found


async def _ahead(tx: Tx, pen: Pen, it: Asked) -> Section:
    """The forecast from the newest month of which receipts are in."""
    t = pen.t
    since = rules.later(rules.month_of(it.today), -LEARNT)
    scope = Scope(since, it.today, chapter=it.scope.chapter)
    sums = await service.daily(tx, ("points",), scope)
    by_month: dict[date, int] = {}
    for (on, _, _), one in sums.by_day.items():
        by_month[on] = by_month.get(on, 0) + one.total
    if not by_month:
        return Section("ahead", notes=(t("figures.ahead.short", n=LEAST),))
    first, last = min(by_month), max(by_month)
    months = rules.months_between(first, last)
    series = [float(by_month.get(month, 0)) for month in months]
    told = forecast(series, first)
    if told is None:
        return Section("ahead", notes=(t("figures.ahead.short", n=LEAST),))
    shown = months[-24:]
    lines = tuple(
        Line(
            pen.point(one.month, "month"),
            (
                Cell(pen.number(one.value), round(one.value), round(one.low), round(one.high)),
                Cell(pen.number(one.low), round(one.low)),
                Cell(pen.number(one.high), round(one.high)),
            ),
        )
        for one in told.ahead
    )
    blank = (None,) * len(shown)
    coming = (None,) * len(told.ahead)
    names = [t(f"figures.ahead.{code}") for code in ("was", "value", "low", "high")]
    plot = Plot(
        "line",
        tuple(pen.point(one, "month") for one in (*shown, *(it.month for it in told.ahead))),
        (
            Series(names[0], (*(by_month.get(month, 0) for month in shown), *coming)),
            *(
                Series(name, (*blank, *(round(value) for value in values)))
                for name, values in zip(
                    names[1:],
                    (
                        [one.value for one in told.ahead],
                        [one.low for one in told.ahead],
                        [one.high for one in told.ahead],
                    ),
                    strict=True,
                )
            ),
        ),
    )
    missed = t(
        "figures.ahead.missed",
        method=t(f"figures.ahead.{told.method}"),
        tried=told.tried,
        error=pen.number(told.errors[told.method]),
        percent=pen.number(told.percent, 1),
    )
    columns = (t("figures.col.month"), *names[1:])
    table = Table(t("figures.ahead.title"), columns, lines)
    return Section("ahead", plot=plot, tables=(table,), notes=(missed,))
