"""What was answered to a questionnaire, in charts with their tables: scores, each question, and how
many of those who were asked came to the end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from admin.figures.shown import Card, Cell, Line, Pen, Plot, Section, Series, Table
from admin.i18n import Speech
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.page import page, speech_of, staff_of
from admin.questionnaires import shown
from admin.questionnaires.results import period_of
from admin.questionnaires.views import version_of
from clinic.db import Tx
from clinic.figures import rules
from clinic.importer.export import csv_lines
from clinic.questionnaire import scoring, tally
from clinic.questionnaire.service import load
from clinic.questionnaire.tally import Counted
from clinic.questionnaire.types import Questionnaire, Value
from clinic.staff.access.figures import Frame, access_frame
from clinic.staff.access.questionnaire_figures import Narrowed, Responses, access_counted
from clinic.staff.access.questionnaires import Form, access_versions
from flows import form_item

COLUMNS = ("figure", "table", "line", "column", "value", "low", "high")


@dataclass(frozen=True, slots=True)
class Figure:
    """A section with its heading: a question, or what it tells."""

    title: str
    section: Section


@dataclass(frozen=True, slots=True)
class Made:
    """What both the page and its CSV are made of."""

    form: Form
    versions: tuple[Form, ...]
    frame: Frame
    wanted: Narrowed
    found: Responses
    figures: tuple[Figure, ...]

    @property
    def query(self) -> str:
        """The same question as the end of an address."""
        wanted = self.wanted
        said = {
            "from": wanted.period.first,
            "until": wanted.period.last,
            "version": wanted.version,
            "service": wanted.service,
            "doctor": wanted.practitioner,
        }
        return urlencode({name: value for name, value in said.items() if value is not None})


async def show(request: web.Request) -> web.Response:
    """Charts and tables."""
    pen = Pen(speech_of(request))
    async with request.app[DATABASE].transaction() as tx:
        made = await _made(request, tx, pen)
        return await page(
            request,
            tx,
            "questionnaires/templates/figures.html",
            "questionnaires",
            made=made,
            pen=pen,
        )


async def as_csv(request: web.Request) -> web.Response:
    """All tables as one list: a number a row, with its interval."""
    speech = speech_of(request)
    async with request.app[DATABASE].transaction() as tx:
        made = await _made(request, tx, Pen(speech))
    titles = [speech(f"figures.csv.{name}") for name in COLUMNS]
    period = made.wanted.period
    name = f"questionnaire-{made.form.id}-{period.first}-{period.last}.csv"
    return web.Response(
        body="".join(csv_lines(titles, _rows(made.figures))).encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def _made(request: web.Request, tx: Tx, pen: Pen) -> Made:
    staff, zone = staff_of(request), request.app[SETTINGS].clinic.time_zone
    form, frame = await version_of(request, tx), await access_frame(tx, staff, zone)
    versions = await access_versions(tx, staff, form.id, pen.t.language) or []
    query = request.query
    wanted = Narrowed(
        await period_of(request, tx),
        _one_of(query.get("version", ""), [one.id for one in versions]),
        _one_of(query.get("service", ""), frame.named.services),
        _one_of(query.get("doctor", ""), frame.named.doctors),
    )
    found = await access_counted(tx, request.app[KEYS], staff, form.id, wanted)
    read = await load(tx, wanted.version or form.id)
    figures = (_reached(pen, read, found), *_scores(pen, read, found), *_items(pen, read, found))
    return Made(form, tuple(versions), frame, wanted, found, figures)


def _reached(pen: Pen, form: Questionnaire, found: Responses) -> Figure:
    """How many were asked, answered, gave up, and where."""
    t, it = pen.t, found.asked
    cards = (
        Card(t("questionnaires.figures.responses"), pen.count(found.total)),
        Card(t("questionnaires.figures.asked"), pen.count(it.asked)),
        Card(
            t("questionnaires.figures.completed"),
            pen.share(rules.share(it.completed, it.asked - it.open)),
        ),
    )
    lines = tuple(
        Line(
            t(f"questionnaires.figures.{name}"), (pen.count(n), pen.share(rules.share(n, it.asked)))
        )
        for name, n in (
            ("finished", it.completed),
            ("open", it.open),
            ("begun", it.begun),
            ("unbegun", it.expired - it.begun),
            ("cancelled", it.cancelled),
        )
    )
    counted, rate = t("questionnaires.figures.n"), t("questionnaires.figures.share")
    tables = [
        Table(
            t("questionnaires.figures.what_became"),
            (t("questionnaires.figures.reached"), counted, rate),
            lines,
        )
    ]
    stops = sorted(it.stops.items(), key=lambda one: -one[1])
    plot = None
    if stops:
        words = [_asked_as(form, link_id, pen.t) for link_id, _ in stops]
        plot = Plot("flat", tuple(words), (Series(counted, tuple(n for _, n in stops)),))
        rows = (Line(name, (pen.count(n),)) for name, (_, n) in zip(words, stops, strict=True))
        where = t("questionnaires.figures.stops")
        tables.append(Table(where, (t("questionnaires.figures.question"), counted), tuple(rows)))
    section = Section("reached", cards, plot, tuple(tables))
    return Figure(t("questionnaires.figures.reached"), section)


def _scores(pen: Pen, form: Questionnaire, found: Responses) -> Iterator[Figure]:
    """Each score by month, and how it is distributed."""
    names = dict.fromkeys(name for one in found.opened for name in one.scores)
    for number, name in enumerate(names):
        scored = [(one.on, one.scores[name]) for one in found.opened if name in one.scores]
        title = shown.score_name(form, name, pen.t)
        yield _by_month(pen, title, tally.by_month(scored), number)
        values = [float(score) for _, score in scored]
        known = scoring.forms().get(shown.form_name(form.url))
        words = pen.t("questionnaires.figures.distribution", of=title)
        section = _numbers(pen, f"score-{number}", values)
        if known is not None and known.total == name:
            section = replace(section, tables=(*section.tables, _bands(pen, known, values)))
        yield Figure(words, section)


def _by_month(pen: Pen, title: str, months: tuple[tally.OfMonth, ...], number: int) -> Figure:
    t = pen.t
    mean, middle = t("questionnaires.figures.mean"), t("questionnaires.figures.median")
    plot = Plot(
        "line",
        tuple(t.month(one.month) for one in months),
        (
            Series(mean, tuple(_certain(one.n, one.mean) for one in months)),
            Series(middle, tuple(_certain(one.n, one.median) for one in months)),
        ),
    )
    lines = tuple(
        Line(
            t.month(one.month),
            (
                pen.count(one.n),
                Cell(pen.number(one.mean, 1), round(one.mean, 2), small=one.n < rules.SMALL),
                Cell(pen.number(one.median, 1), one.median, small=one.n < rules.SMALL),
            ),
        )
        for one in months
    )
    columns = (t("quality.month"), t("questionnaires.figures.n"), mean, middle)
    words = t("questionnaires.figures.by_month", of=title)
    drawn = any(one.n >= rules.SMALL for one in months)
    table = Table(words, columns, lines)
    return Figure(words, Section(f"month-{number}", plot=plot if drawn else None, tables=(table,)))


def _certain(n: int, value: float) -> float | None:
    """A number that is drawn; of few cases there is none."""
    return None if n < rules.SMALL else round(value, 2)


def _bands(pen: Pen, known: scoring.Form, values: list[float]) -> Table:
    """How many lie in each band, where its borders are the same for everybody."""
    bands = [one for one in known.bands if not isinstance(one.start, dict)]
    starts = [float(one.begins(None, "")) for one in bands]
    ends = [*starts[1:], float("inf")]
    lines = tuple(
        Line(
            band.text.get(pen.t.language),
            (pen.share(rules.share(sum(low <= one < high for one in values), len(values))),),
        )
        for band, low, high in zip(bands, starts, ends, strict=True)
    )
    meaning = pen.t("questionnaires.figures.bands")
    return Table(meaning, (meaning, pen.t("questionnaires.figures.share")), lines)


def _items(pen: Pen, form: Questionnaire, found: Responses) -> Iterator[Figure]:
    """Each question that can be counted."""
    counted = tally.tally(form, (one.answers for one in found.opened))
    for number, one in enumerate(counted):
        title = shown.form_words(one.item, pen.t.language)
        code = f"item-{number}"
        if one.chosen and one.answered:
            yield Figure(title, _chosen(pen, code, one))
        elif one.numbers:
            yield Figure(title, _numbers(pen, code, list(one.numbers)))


def _chosen(pen: Pen, code: str, one: Counted) -> Section:
    t = pen.t
    rows = [(_called(one, value, t), n) for value, n in one.chosen]
    if one.other:
        rows.append((t("questionnaires.figures.other"), one.other))
    lines = tuple(
        Line(name, (pen.count(n), pen.share(rules.share(n, one.answered)))) for name, n in rows
    )
    counted = t("questionnaires.figures.n")
    plot = Plot(
        "flat", tuple(name for name, _ in rows), (Series(counted, tuple(n for _, n in rows)),)
    )
    caption = t("questionnaires.figures.answered", n=one.answered)
    table = Table(caption, (t("triage.answer"), counted, t("questionnaires.figures.share")), lines)
    return Section(code, plot=plot if one.answered >= rules.SMALL else None, tables=(table,))


def _numbers(pen: Pen, code: str, values: list[float]) -> Section:
    t, found = pen.t, tally.bars(values)
    labels = tuple(
        _number(pen, one.low) + ("" if one.low == one.high else f"–{_number(pen, one.high)}")
        for one in found
    )
    counted = t("questionnaires.figures.n")
    lines = tuple(
        Line(label, (pen.count(one.n), pen.share(rules.share(one.n, len(values)))))
        for label, one in zip(labels, found, strict=True)
    )
    few = len(values) < rules.SMALL
    middle, mean = tally.middle(values), sum(values) / len(values)
    cards = (
        Card(t("questionnaires.figures.n"), pen.count(len(values))),
        Card(t("questionnaires.figures.mean"), Cell(pen.number(mean, 1), mean, small=few)),
        Card(t("questionnaires.figures.median"), Cell(pen.number(middle, 1), middle, small=few)),
    )
    table = Table(
        t("questionnaires.figures.answered", n=len(values)),
        (t("questionnaires.figures.value"), counted, t("questionnaires.figures.share")),
        lines,
    )
    plot = Plot("bar", labels, (Series(counted, tuple(one.n for one in found)),))
    return Section(code, cards, None if few else plot, (table,))


def _number(pen: Pen, value: float) -> str:
    return pen.number(value, 0 if float(value).is_integer() else 1)


def _called(one: Counted, value: Value, speech: Speech) -> str:
    return form_item.called(one.item, value, speech.language)


def _asked_as(form: Questionnaire, link_id: str, speech: Speech) -> str:
    item = form.every.get(link_id)
    return shown.form_words(item, speech.language) if item else link_id


def _rows(figures: tuple[Figure, ...]) -> Iterator[tuple[object, ...]]:
    for figure in figures:
        for table in figure.section.tables:
            for line in table.lines:
                for column, cell in zip(table.columns[1:], line.cells, strict=True):
                    said = cell.text if cell.value is None else cell.value
                    yield (
                        figure.title,
                        table.caption,
                        line.label,
                        column,
                        said,
                        cell.low,
                        cell.high,
                    )


def _one_of(typed: str, known: Any) -> int | None:
    fits = typed.isascii() and typed.isdecimal() and len(typed) < 19
    return int(typed) if fits and int(typed) in known else None
