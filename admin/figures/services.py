"""What is wanted most and least, also by those who got no time."""

from dataclasses import replace

from admin.figures.ask import Asked
from admin.figures.behind import Trail
from admin.figures.shown import DASH, Cell, Line, Pen, Plot, Section, Series, Table
from admin.figures.visits import part_name
from clinic.db import Tx
from clinic.figures import service
from clinic.figures.service import Sums
from clinic.staff.access.figures import Frame

WAYS = ("booked", "waitlist", "nothing")
LISTED = ("booked", "waitlist")  # of whom nothing was free nobody wrote down who they are


async def sections(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """One section: all services, the most wanted first."""
    t = pen.t
    scope, former = (replace(one, chapter=None) for one in (it.scope, it.former))
    now = await service.broken_down(tx, ("wanted", "visit"), scope, "service")
    before = await service.broken_down(tx, ("wanted",), former, "service")
    services = sorted(frame.named.services, key=lambda one: -now.get(one, Sums()).n("wanted"))
    if scope.service is not None:
        services = [one for one in services if one == scope.service]
    lines = []
    for one in services:
        sums, was = now.get(one, Sums()), before.get(one, Sums())
        way, _ = Trail(scope, it.by).of("service", one)
        lines.append(
            Line(
                part_name(pen, frame, "service", one),
                (
                    pen.count(sums.n("wanted")),
                    *(
                        way.cell(pen.count(sums.n("wanted", kind)), "wanted", kind)
                        if kind in LISTED
                        else pen.count(sums.n("wanted", kind))
                        for kind in WAYS
                    ),
                    way.cell(pen.count(sums.n("visit", "came")), "visit", "came"),
                    Cell(pen.change(sums.n("wanted"), was.n("wanted")) or DASH),
                ),
            )
        )
    columns = (
        t("figures.col.service"),
        *(t(f"figures.wanted.{code}") for code in ("all", *WAYS, "came")),
        t("figures.col.change"),
    )
    shown = services[:15]
    plot = Plot(
        "stacked",
        tuple(line.label for line in lines[:15]),
        tuple(
            Series(
                t(f"figures.wanted.{way}"),
                tuple(now.get(one, Sums()).n("wanted", way) for one in shown),
                tuple(Trail(scope, it.by).of("service", one)[0].url("wanted", way) for one in shown)
                if way in LISTED
                else (),
            )
            for way in WAYS
        ),
    )
    table = Table(t("figures.by.service"), columns, tuple(lines))
    return [Section("wanted", plot=plot if lines else None, tables=(table,))]
