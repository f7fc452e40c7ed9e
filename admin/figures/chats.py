"""Figures of conversations: what channels bring, where patients leave, how soon staff answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from admin.figures.ask import Asked
from admin.figures.behind import Trail
from admin.figures.shown import DASH, Card, Cell, Line, Pen, Plot, Section, Series, Table
from clinic.db import Tx
from clinic.figures import behind, rules, service
from clinic.figures.service import Sums
from clinic.figures.types import Scope, Sum
from clinic.staff.access.figures import Frame

STAGES = ("sent", "answered", "booked", "came")
STEPS = 12  # of a flow
FLOWS = ("booking", "visits", "link", "questionnaire", "triage", "readings", "waitlist")
FIGURES = ("step", "left", "goal")


async def sections(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """None of it belongs to a doctor, a service or a disease."""
    scope, former = _plain(it.scope), _plain(it.former)
    now = await service.sums(tx, ("reply", "alert", "answer", *FIGURES), scope)
    before = await service.sums(tx, ("reply", "alert", "answer"), former)
    steps = dict(now.by_kind)
    if scope.until >= it.today:
        for key, one in (await service.todays_steps(tx, frame.zone)).items():
            steps[key] = Sum(steps.get(key, Sum()).n + one.n)
    way = Trail(scope, it.by)
    known = await behind.left_by_kind(tx, frame.zone, scope.since, scope.until)
    return [
        _replies(pen, now, before, way),
        _funnel(pen, Sums(steps), known, way),
        _times(pen, now, before, "answer", way),
        _times(pen, now, before, "alert", way),
    ]


def _plain(scope: Scope) -> Scope:
    return replace(scope, doctors=None, service=None, chapter=None)


def _replies(pen: Pen, now: Sums, before: Sums, way: Trail) -> Section:
    t = pen.t
    channels = sorted({kind.partition(":")[0] for kind in now.kinds("reply")})
    lines = []
    for channel in channels:
        kinds = [f"{channel}:{stage}" for stage in STAGES]
        sent, *others = (now.n("reply", kind) for kind in kinds)
        was = before.n("reply", f"{channel}:answered"), before.n("reply", f"{channel}:sent")
        lines.append(
            Line(
                t.code("channel", channel),
                (
                    way.cell(pen.count(sent), "reply", kinds[0]),
                    *(
                        cell
                        for n, kind in zip(others, kinds[1:], strict=True)
                        for cell in (
                            way.cell(pen.count(n), "reply", kind),
                            pen.share(rules.share(n, sent)),
                        )
                    ),
                    pen.share(rules.share(*was)),
                ),
            )
        )
    stages = [t(f"figures.replies.{stage}") for stage in STAGES]
    rate = t("figures.replies.rate")
    columns = (
        t("figures.col.channel"),
        stages[0],
        *(column for stage in stages[1:] for column in (stage, f"{stage} {rate}")),
        t("figures.replies.former"),
    )
    plot = Plot(
        "bar",
        tuple(line.label for line in lines),
        tuple(
            Series(
                name,
                tuple(now.n("reply", f"{channel}:{stage}") for channel in channels),
                tuple(way.url("reply", f"{channel}:{stage}") for channel in channels),
            )
            for name, stage in zip(stages, STAGES, strict=True)
        ),
    )
    table = Table(t("figures.by.channel"), columns, tuple(lines))
    return Section("replies", plot=plot if lines else None, tables=(table,))


def _funnel(pen: Pen, sums: Sums, known: Mapping[str, int], way: Trail) -> Section:
    """A table a flow: how many reached each step, and how many left there, and why. `known`: how
    many of those that left are known by their conversation."""
    t = pen.t
    reached: dict[str, dict[str, int]] = {}
    for kind, one in sums.kinds("step").items():
        flow, _, step = kind.partition(".")
        reached.setdefault(flow, {})[step] = one.n
    left: dict[str, dict[str, dict[str, int]]] = {}
    for kind, one in sums.kinds("left").items():
        flow, step, why = (*kind.split("."), "", "")[:3]
        left.setdefault(flow, {}).setdefault(step, {})[why] = one.n
    tables = []
    for flow in (one for one in FLOWS if one in reached):
        those = sorted(reached[flow].items(), key=lambda one: -one[1])[:STEPS]
        most = those[0][1]
        lines = [
            Line(
                t.code(f"figures.step.{flow}", step),
                (
                    pen.count(n),
                    Cell(pen.percent(n / most, 0), n / most),
                    *_leaving(pen, left.get(flow, {}).get(step, {}), known, way, f"{flow}.{step}"),
                ),
            )
            for step, n in those
        ]
        done = sums.n("goal", flow)
        share = Cell(pen.percent(done / most, 0), done / most)
        blank = (Cell(""), Cell(""))
        lines.append(Line(t("figures.funnel.goal"), (pen.count(done), share, *blank)))
        codes = ("reached", "share", "left", "why")
        columns = (t("figures.col.step"), *(t(f"figures.funnel.{code}") for code in codes))
        tables.append(Table(t(f"figures.flow.{flow}"), columns, tuple(lines)))
    notes = () if tables else (t("figures.nothing"),)
    return Section("funnel", tables=tuple(tables), notes=notes)


def _leaving(
    pen: Pen, why: Mapping[str, int], known: Mapping[str, int], way: Trail, step: str
) -> tuple[Cell, Cell]:
    reasons = sorted(why.items(), key=lambda one: -one[1])
    said = ", ".join(f"{pen.t.code('figures.why', one)} {pen.number(n)}" for one, n in reasons)
    told = pen.count(sum(why.values()))
    # Of older ones only the sum is kept.
    if sum(n for kind, n in known.items() if step_of(kind) == step) == told.value:
        told = way.cell(told, "left", step)
    return told, Cell(said or DASH)


def step_of(kind: str) -> str:
    """Flow and step of where a conversation was left, without the reason."""
    return ".".join(kind.split(".")[:2])


def _times(
    pen: Pen, now: Sums, before: Sums, figure: Literal["answer", "alert"], way: Trail
) -> Section:
    """Minutes until somebody answered; those that nobody did are told beside it."""
    t = pen.t
    one, was = (
        rules.spread({int(kind): it.n for kind, it in sums.kinds(figure).items() if kind})
        for sums in (now, before)
    )
    cards = tuple(
        Card(
            t(f"figures.times.{code}"),
            Cell(t.wait(60 * value), value, small=one.small) if one.n else Cell(DASH),
            t("figures.before", was=t.wait(60 * old)) if was.n else "",
        )
        for code, value, old in (("median", one.median, was.median), ("p90", one.p90, was.p90))
    )
    values = (one.median, one.p90)
    said = (Cell(t.wait(60 * it), it) if one.n else Cell(DASH) for it in values)
    cells = (way.cell(pen.count(one.n), figure, "answered"), *said)
    nobody = way.cell(pen.count(now.n(figure, "")), figure, "nobody")
    codes = ("n", "median", "p90", "nobody")
    columns = (t("figures.period"), *(t(f"figures.times.{code}") for code in codes))
    line = Line(t("figures.times.now"), (*cells, nobody))
    return Section(figure, cards, tables=(Table(t("figures.times.table"), columns, (line,)),))
