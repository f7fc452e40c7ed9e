"""Figures of visits: who came, who did not, how full the days were."""

from admin.figures.ask import Asked
from admin.figures.behind import Trail, trail
from admin.figures.shown import DASH, Card, Cell, Line, Pen, Plot, Section, Series, Table
from clinic.db import Tx
from clinic.figures import rules, service
from clinic.figures.service import Sums
from clinic.figures.types import By, Share, Sum
from clinic.staff.access.figures import Frame

DUE = ("came", "missed")
TAKEN = ("came", "missed", "open")
ALL = ("came", "missed", "open", "late", "cancelled")


async def sections(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """The page's figures, in order."""
    now = await service.daily(tx, ("arrival", "visit"), it.scope)
    before = await service.sums(tx, ("arrival", "visit"), it.former)
    step = rules.step_of(it.scope.since, it.scope.until)
    points = rules.points(it.scope.since, it.scope.until, step)
    by_point: dict[object, dict[tuple[str, str], Sum]] = {one: {} for one in points}
    for (on, figure, kind), one in now.by_day.items():
        sums = by_point[rules.point_of(on, step)]
        was = sums.get((figure, kind), Sum())
        sums[figure, kind] = Sum(was.n + one.n, was.total + one.total)
    way = trail(it)
    parts = [(pen.point(one, step), Sums(by_point[one]), way.at(one, step)) for one in points]
    return [
        _arrivals(pen, now, before, parts, way),
        _missed(pen, now, before, parts),
        *await _occupancy(tx, pen, frame, it),
        await _parted(tx, pen, frame, it),
    ]


def missed_share(sums: Sums) -> Share:
    """Who did not come, of those who should have."""
    return rules.share(sums.n("visit", "missed"), sums.n("visit", *DUE))


def late_share(sums: Sums) -> Share:
    """Who cancelled when it was too late to offer the time to others, of all that were booked."""
    return rules.share(sums.n("visit", "late"), sums.n("visit", *ALL))


Parts = list[tuple[str, Sums, Trail]]


def _arrivals(pen: Pen, now: Sums, before: Sums, parts: Parts, way: Trail) -> Section:
    t = pen.t
    kinds = (("first",), ("repeat",))
    cards = tuple(
        Card(
            t(f"figures.arrivals.{code}"),
            way.cell(pen.count(now.n("arrival", *those)), "arrival", *those),
            pen.before(now.n("arrival", *those), before.n("arrival", *those)),
        )
        for code, those in (("all", ()), ("first", ("first",)), ("repeat", ("repeat",)))
    )
    lines = tuple(
        Line(
            label,
            (
                one.cell(pen.count(sums.n("arrival")), "arrival"),
                *(
                    one.cell(pen.count(sums.n("arrival", *those)), "arrival", *those)
                    for those in kinds
                ),
            ),
        )
        for label, sums, one in parts
    )
    names = tuple(t(f"figures.arrivals.{code}") for code in ("first", "repeat"))
    plot = Plot(
        "stacked",
        tuple(label for label, _, _ in parts),
        tuple(
            Series(
                name,
                tuple(sums.n("arrival", *those) for _, sums, _ in parts),
                tuple(one.url("arrival", *those) for _, _, one in parts),
            )
            for name, those in zip(names, kinds, strict=True)
        ),
    )
    columns = (t("figures.col.when"), t("figures.arrivals.all"), *names)
    return Section("arrivals", cards, plot, (Table(t("figures.over_time"), columns, lines),))


def _missed(pen: Pen, now: Sums, before: Sums, parts: Parts) -> Section:
    t = pen.t
    cards = tuple(
        Card(
            t(f"figures.missed.{code}"),
            pen.share(part(now)),
            t("figures.before", was=pen.share(part(before)).text),
        )
        for code, part in (("rate", missed_share), ("late_rate", late_share))
    )
    lines = tuple(
        Line(
            label,
            (
                one.cell(pen.count(sums.n("visit", *DUE)), "visit", *DUE),
                one.cell(pen.count(sums.n("visit", "missed")), "visit", "missed"),
                pen.share(missed_share(sums)),
                one.cell(pen.count(sums.n("visit", "late")), "visit", "late"),
                pen.share(late_share(sums)),
                one.cell(pen.count(sums.n("visit", "cancelled")), "visit", "cancelled"),
                one.cell(pen.count(sums.n("visit", "open")), "visit", "open"),
            ),
        )
        for label, sums, one in parts
    )
    codes = ("due", "missed", "rate", "late", "late_rate", "cancelled", "open")
    columns = (t("figures.col.when"), *(t(f"figures.missed.{code}") for code in codes))
    plot = Plot(
        "line",
        tuple(label for label, _, _ in parts),
        tuple(
            Series(
                t(f"figures.missed.{code}"),
                tuple(_rate(part(sums)) for _, sums, _ in parts),
                tuple(one.url("visit", kind) for _, _, one in parts),
            )
            for code, part, kind in (
                ("rate", missed_share, "missed"),
                ("late_rate", late_share, "late"),
            )
        ),
        percent=True,
    )
    return Section("missed", cards, plot, (Table(t("figures.over_time"), columns, lines),))


def _rate(share: Share) -> float | None:
    """What a chart may show: nothing of few cases."""
    return None if share.small or share.rate is None else round(100 * share.rate, 1)


async def _occupancy(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """Booked of open minutes; open minutes belong to no service and to no disease."""
    if it.scope.service or it.scope.chapter:
        return []
    t = pen.t
    now = await service.broken_down(tx, ("visit", "open"), it.scope, "doctor")
    before = await service.broken_down(tx, ("visit", "open"), it.former, "doctor")
    lines, plotted = [], []
    for doctor, names in frame.named.doctors.items():
        sums = now.get(doctor, Sums())
        taken, opened = sums.total("visit", *TAKEN), sums.total("open")
        if taken or opened:
            was = before.get(doctor, Sums())
            lines.append(
                Line(
                    pen.name(names),
                    (
                        Cell(pen.number(taken / 60, 1), taken),
                        Cell(pen.number(opened / 60, 1), opened),
                        _full(pen, taken, opened),
                        _full(pen, was.total("visit", *TAKEN), was.total("open")),
                    ),
                )
            )
            plotted.append(round(100 * taken / opened, 1) if opened else None)
    sums_of = [sum(one.total("visit", *TAKEN) for one in part.values()) for part in (now, before)]
    open_of = [sum(one.total("open") for one in part.values()) for part in (now, before)]
    card = Card(
        t("figures.occupancy.rate"),
        _full(pen, sums_of[0], open_of[0]),
        t("figures.before", was=_full(pen, sums_of[1], open_of[1]).text),
    )
    columns = (t("figures.col.doctor"), *(t(f"figures.occupancy.{c}") for c in _OCCUPANCY))
    plot = Plot(
        "flat",
        tuple(line.label for line in lines),
        (Series(t("figures.occupancy.rate"), tuple(plotted)),),
        percent=True,
    )
    table = Table(t("figures.by.doctor"), columns, tuple(lines))
    return [Section("occupancy", (card,), plot if lines else None, (table,))]


_OCCUPANCY = ("taken", "opened", "rate", "former")


def _full(pen: Pen, taken: int, opened: int) -> Cell:
    if not opened:
        return Cell(DASH)
    return Cell(pen.percent(taken / opened), taken / opened)


async def _parted(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> Section:
    t = pen.t
    now = await service.broken_down(tx, ("arrival", "visit"), it.scope, it.by)
    before = await service.broken_down(tx, ("arrival",), it.former, it.by)
    parts = sorted(now.items(), key=lambda one: -one[1].n("arrival"))
    ways = [trail(it).of(it.by, part) for part, _ in parts]
    lines = tuple(
        Line(
            part_name(pen, frame, it.by, part),
            (
                way.cell(pen.count(sums.n("arrival")), "arrival", lacking=none),
                Cell(pen.change(sums.n("arrival"), before.get(part, Sums()).n("arrival")) or DASH),
                *(
                    way.cell(pen.count(sums.n("arrival", kind)), "arrival", kind, lacking=none)
                    for kind in ("first", "repeat")
                ),
                way.cell(pen.count(sums.n("visit", *DUE)), "visit", *DUE, lacking=none),
                pen.share(missed_share(sums)),
                pen.share(late_share(sums)),
            ),
        )
        for (part, sums), (way, none) in zip(parts, ways, strict=True)
    )
    columns = (
        t(f"figures.col.{it.by}"),
        t("figures.arrivals.all"),
        t("figures.col.change"),
        *(t(f"figures.arrivals.{code}") for code in ("first", "repeat")),
        *(t(f"figures.missed.{code}") for code in ("due", "rate", "late_rate")),
    )
    plot = Plot(
        "flat",
        tuple(line.label for line in lines[:12]),
        (
            Series(
                t("figures.arrivals.all"),
                tuple(sums.n("arrival") for _, sums in parts[:12]),
                tuple(way.url("arrival", lacking=none) for way, none in ways[:12]),
            ),
        ),
    )
    table = Table(t(f"figures.by.{it.by}"), columns, lines)
    return Section("parted", (), plot if lines else None, (table,))


def part_name(pen: Pen, frame: Frame, by: By, part: object) -> str:
    """What a doctor, service or chapter is called; what has none came by receipts or a list."""
    if by == "chapter":
        return chapter_name(pen, str(part)) if part else pen.t("figures.no_chapter")
    names = frame.named.doctors if by == "doctor" else frame.named.services
    if isinstance(part, int) and part in names:
        return pen.name(names[part])
    return pen.t("figures.no_part")


def chapter_name(pen: Pen, code: str) -> str:
    """A chapter of ICD-10 by its number, with its name."""
    return f"{code} {pen.t(f'figures.chapter.{code}')}"
