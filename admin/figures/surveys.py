"""What patients say of their visits: marks by doctor and service, conduct of staff, and words."""

from dataclasses import replace

from aiohttp import web

from admin.figures.ask import Asked, asked
from admin.figures.shown import DASH, Card, Cell, Line, Pen, Plot, Section, Series, Table
from admin.figures.visits import part_name
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import page, speech_of, staff_of
from clinic.db import Tx
from clinic.figures import rules, service
from clinic.figures.service import Sums
from clinic.figures.survey import CONDUCT, CONDUCTS, MARKS, RECOMMEND, SATISFACTION
from clinic.figures.types import By, Nps
from clinic.staff.access.figures import Frame, access_comments, access_frame

PARTS: tuple[By, ...] = ("doctor", "service")
GOOD = (4, 5)
_FORMS = tuple(f"form:{form}" for form in (SATISFACTION, CONDUCT))


async def sections(tx: Tx, pen: Pen, frame: Frame, it: Asked) -> list[Section]:
    """Recommendation, marks, conduct."""
    scope, former = (replace(one, chapter=None) for one in (it.scope, it.former))
    now = await service.sums(tx, ("mark",), scope)
    before = await service.sums(tx, ("mark",), former)
    if frame.own is not None and now.n("mark", *_FORMS) < rules.SMALL:
        return [Section("recommend", notes=(pen.t("figures.survey.hidden"),))]
    parts = {by: await service.broken_down(tx, ("mark",), scope, by) for by in PARTS}
    return [
        _recommend(pen, frame, now, before, parts),
        _marks(pen, now, before),
        _conduct(pen, now),
    ]


async def comments(request: web.Request) -> web.Response:
    """What patients wrote, for the admin; each look leaves its audit rows."""
    pen, settings = Pen(speech_of(request)), request.app[SETTINGS]
    staff, zone = staff_of(request), settings.clinic.time_zone
    async with request.app[DATABASE].transaction() as tx:
        it = asked(request.query, await access_frame(tx, staff, zone), ())
        since, until = it.scope.since, it.scope.until
        found = await access_comments(tx, request.app[KEYS], staff, since, until, zone)
        return await page(
            request,
            tx,
            "figures/templates/comments.html",
            "figures",
            it=it,
            pen=pen,
            comments=found,
        )


def nps_of(sums: Sums) -> Nps:
    """The net promoter score of the marks."""
    return rules.nps(_marks_of(sums, RECOMMEND))


def _marks_of(sums: Sums, item: str) -> dict[int, int]:
    found = {}
    for kind, one in sums.kinds("mark").items():
        name, _, mark = kind.partition(":")
        if name == item and mark.isdigit():
            found[int(mark)] = one.n
    return found


def _nps(pen: Pen, one: Nps) -> Cell:
    if one.score is None or one.low is None or one.high is None:
        return Cell(pen.t("figures.survey.few", n=one.n) if one.n else DASH, small=bool(one.n))
    between = f"{pen.number(one.low)} … {pen.number(one.high)}"
    return Cell(f"{pen.number(one.score)} ({between})", one.score, one.low, one.high)


def _recommend(
    pen: Pen, frame: Frame, now: Sums, before: Sums, parts: dict[By, dict[int, Sums]]
) -> Section:
    t = pen.t
    counts, was = _marks_of(now, RECOMMEND), nps_of(before)
    cards = (
        Card(t("figures.survey.nps"), _nps(pen, nps_of(now)), _before(pen, _nps(pen, was))),
        Card(t("figures.survey.answers"), pen.count(now.n("mark", f"form:{SATISFACTION}"))),
    )
    lines = tuple(Line(str(mark), (pen.count(counts.get(mark, 0)),)) for mark in range(11))
    title = t("figures.survey.answers")
    plot = Plot(
        "bar",
        tuple(line.label for line in lines),
        (Series(title, tuple(counts.get(mark, 0) for mark in range(11))),),
    )
    tables = [Table(t("figures.survey.marks"), (t("figures.survey.mark"), title), lines)]
    for by in PARTS:
        ranked = sorted(parts[by].items(), key=lambda one: -nps_of(one[1]).n)
        named = tuple(
            Line(
                part_name(pen, frame, by, part),
                (
                    pen.count(nps_of(sums).n),
                    *_sides(pen, nps_of(sums)),
                    _nps(pen, nps_of(sums)),
                    _mean(pen, _marks_of(sums, "waiting")),
                    _mean(pen, _marks_of(sums, "explained")),
                ),
            )
            for part, sums in ranked
        )
        codes = ("answers", "promoters", "detractors", "nps")
        columns = (
            t(f"figures.col.{by}"),
            *(t(f"figures.survey.{code}") for code in codes),
            *(t(f"figures.survey.item.{item}") for item in ("waiting", "explained")),
        )
        tables.append(Table(t(f"figures.by.{by}"), columns, named))
    return Section("recommend", cards, plot if counts else None, tuple(tables))


def _sides(pen: Pen, one: Nps) -> tuple[Cell, Cell]:
    """How many would and would not; of few answers it could be guessed whose they are."""
    if one.score is None:
        return Cell(DASH), Cell(DASH)
    return pen.count(one.promoters), pen.count(one.detractors)


def _before(pen: Pen, cell: Cell) -> str:
    return pen.t("figures.before", was=cell.text)


def _mean(pen: Pen, marks: dict[int, int]) -> Cell:
    n = sum(marks.values())
    if n < rules.SMALL:
        return Cell(pen.t("figures.survey.few", n=n) if n else DASH, small=bool(n))
    mean = sum(mark * count for mark, count in marks.items()) / n
    return Cell(pen.number(mean, 1), mean)


def _marks(pen: Pen, now: Sums, before: Sums) -> Section:
    t = pen.t
    lines, good = [], []
    for item in MARKS:
        marks, was = _marks_of(now, item), _marks_of(before, item)
        n = sum(marks.values())
        share = rules.share(sum(marks.get(one, 0) for one in GOOD), n)
        cells = (
            *(pen.count(marks.get(mark, 0)) for mark in range(1, 6)),
            _mean(pen, marks),
            pen.share(share),
            _mean(pen, was),
        )
        lines.append(Line(t(f"figures.survey.item.{item}"), cells))
        good.append(None if share.small or share.rate is None else round(100 * share.rate, 1))
    title = t("figures.survey.good")
    columns = (
        t("figures.survey.question"),
        *(str(mark) for mark in range(1, 6)),
        *(t(f"figures.survey.{code}") for code in ("mean", "good", "mean_before")),
    )
    plot = Plot("flat", tuple(one.label for one in lines), (Series(title, tuple(good)),), True)
    table = Table(t("figures.survey.marks"), columns, tuple(lines))
    return Section("marks", plot=plot if any(good) else None, tables=(table,))


def _conduct(pen: Pen, now: Sums) -> Section:
    """`mistreated` is asked the other way round, and for that has a line of its own words."""
    t = pen.t
    kinds = ("yes", "partly", "no", "not_apply", "unsaid")
    lines = []
    for item in CONDUCTS:
        counts = {one: now.n("mark", f"{item}:{one}") for one in kinds}
        told = counts["yes"] + counts["partly"] + counts["no"]
        cells = (
            *(pen.count(counts[one]) for one in kinds),
            pen.share(rules.share(counts["yes"], told)),
        )
        lines.append(Line(t(f"figures.survey.item.{item}"), cells))
    columns = (
        t("figures.survey.question"),
        *(t(f"figures.survey.said.{one}") for one in kinds),
        t("figures.survey.yes_rate"),
    )
    card = Card(t("figures.survey.answers"), pen.count(now.n("mark", f"form:{CONDUCT}")))
    return Section(
        "conduct", (card,), tables=(Table(t("figures.survey.said"), columns, tuple(lines)),)
    )
