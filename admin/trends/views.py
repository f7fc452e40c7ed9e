"""How the scores and readings of one patient went: charts with thresholds, tables, and what has
changed since last time, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from aiohttp import web

from admin.figures.shown import Cell, Line, Pen, Plot, Section, Series, Table
from admin.keys import DATABASE, SETTINGS
from admin.page import page, speech_of, staff_of
from admin.questionnaires import shown
from clinic.observation import rules
from clinic.observation.service import Stored
from clinic.observation.types import KINDS, Kind, Limit, Unit
from clinic.questionnaire import scoring
from clinic.questionnaire.service import load
from clinic.questionnaire.types import Questionnaire
from clinic.staff.access.trends import Scored, Trends, access_trends

AT = "patients"  # the menu's entry


@dataclass(frozen=True, slots=True)
class Course:
    """One curve with its heading."""

    title: str
    section: Section


@dataclass(frozen=True, slots=True)
class Point:
    """A score at a time, with what it means, "" where nobody wrote that."""

    response_id: int
    at: datetime
    value: Decimal
    band: str


async def show(request: web.Request) -> web.Response:
    """All curves of a patient."""
    settings, pen = request.app[SETTINGS], Pen(speech_of(request))
    patient = int(request.match_info["patient"])
    async with request.app[DATABASE].transaction() as tx:
        found = await access_trends(tx, settings, staff_of(request), patient)
        if found is None:
            raise web.HTTPNotFound
        newest = {one.url: one.questionnaire_id for one in found.scored}
        forms = {url: await load(tx, number) for url, number in newest.items()}
        zone = ZoneInfo(settings.clinic.time_zone)
        courses = [
            *_scores(pen, found, forms, settings.clinic.country, zone),
            *_readings(pen, found, zone),
        ]
        return await page(
            request,
            tx,
            "trends/templates/trends.html",
            AT,
            patient=patient,
            name=found.readings.name,
            courses=courses,
        )


def _scores(
    pen: Pen, found: Trends, forms: Mapping[str, Questionnaire], country: str, zone: ZoneInfo
) -> Iterator[Course]:
    for number, (url, form) in enumerate(forms.items()):
        same = [one for one in found.scored if one.url == url]
        names = dict.fromkeys(name for one in same for name in one.scores)
        known = scoring.forms().get(shown.form_name(url))
        for name in names:
            bands = known.bands if known and known.total == name else ()
            points = [
                _point(one, name, bands, pen.t.language, found.sex, country)
                for one in same
                if name in one.scores
            ]
            title = form.title.get(pen.t.language)
            if len(names) > 1:
                title = f"{title}: {shown.score_name(form, name, pen.t)}"
            starts = [(band, band.begins(found.sex, country)) for band in bands[1:]]
            marks = tuple(
                (f"≥ {_number(start)}: {band.text.get(pen.t.language)}", float(start))
                for band, start in starts
            )
            code = f"score-{number}-{name}"
            yield Course(title, _course(pen, code, title, points, marks, zone))


def _point(
    one: Scored,
    name: str,
    bands: Sequence[scoring.Band],
    language: str,
    sex: str | None,
    country: str,
) -> Point:
    value = one.scores[name]
    reached = [band for band in bands if value >= band.begins(sex, country)]
    words = reached[-1].text.get(language) if reached else ""
    return Point(one.response_id, one.authored_at, value, words)


def _course(
    pen: Pen,
    code: str,
    title: str,
    points: Sequence[Point],
    marks: tuple[tuple[str, float], ...],
    zone: ZoneInfo,
) -> Section:
    t, last = pen.t, points[-1]
    before = points[-2] if len(points) > 1 else None
    days = [pen.day(one.at.astimezone(zone).date()) for one in points]
    changes = ["–", *(_signed(one.value - former.value) for former, one in pairwise(points))]
    lines = tuple(
        Line(
            day,
            (Cell(_number(one.value), float(one.value)), Cell(one.band or "–"), Cell(change)),
            f"/questionnaires/responses/{one.response_id}",
        )
        for one, day, change in zip(points, days, changes, strict=True)
    )
    notes = [_last(pen, _number(last.value), last.band, days[-1])]
    if before is not None:
        notes.append(_since(pen, last.value, before.value, days[-2]))
        if last.band != before.band:
            notes.append(t("trends.band_changed", before=before.band, now=last.band))
    series = Series(title, tuple(float(one.value) for one in points))
    return Section(
        code,
        plot=Plot("line", tuple(days), (series,), marks=marks) if before else None,
        tables=(_table(pen, lines),),
        notes=tuple(notes),
    )


def _readings(pen: Pen, found: Trends, zone: ZoneInfo) -> Iterator[Course]:
    for kind in KINDS:
        same = [
            one
            for one in reversed(found.readings.listed)
            if one.kind == kind and one.status == "final"
        ]
        if same:
            title = pen.t(f"readings.kind.{kind}")
            yield Course(title, _reading(pen, kind, same, found.limits, zone))


def _reading(
    pen: Pen, kind: Kind, same: Sequence[Stored], limits: Sequence[Limit], zone: ZoneInfo
) -> Section:
    t, last = pen.t, same[-1]
    unit = last.unit
    measures = ("systolic", "diastolic") if kind == "blood_pressure" else (kind,)
    days = [pen.day(one.measured_at.astimezone(zone).date()) for one in same]
    values = (
        tuple(float(rules.told(one.value, unit)) for one in same),
        tuple(None if one.second is None else float(rules.told(one.second, unit)) for one in same),
    )
    series = tuple(
        Series(f"{t(f'readings.measure.{name}')} ({unit})", points)
        for name, points in zip(measures, values, strict=False)
    )
    marks = tuple(
        (
            f"{t(f'readings.measure.{it.measure}')}: {t(f'readings.side.{it.side}')} "
            f"{rules.told(it.at, unit)} · {t(f'readings.level.{it.level}')}",
            float(rules.told(it.at, unit)),
        )
        for it in limits
        if it.measure in measures
    )
    changes = ["–", *(_between(former, one, unit) for former, one in pairwise(same))]
    lines = tuple(
        Line(
            f"{day} {t.clock(one.measured_at.astimezone(zone))}",
            (
                Cell(rules.shown(one.value, one.second, one.unit)),
                Cell(t(f"readings.level.{one.level}") if one.level > 1 else "–"),
                Cell(change),
            ),
        )
        for one, day, change in zip(same, days, changes, strict=True)
    )
    meaning = t(f"readings.level.{last.level}") if last.level > 1 else ""
    notes = [_last(pen, rules.shown(last.value, last.second, last.unit), meaning, days[-1])]
    if len(same) > 1:
        notes.append(t("trends.since", change=f"{changes[-1]} {unit}", on=days[-2]))
    plot = Plot("line", tuple(days), series, marks=marks, zero=False)
    return Section(
        kind,
        plot=plot if len(same) > 1 else None,
        tables=(_table(pen, lines),),
        notes=tuple(notes),
    )


def _table(pen: Pen, lines: tuple[Line, ...]) -> Table:
    """All values, the newest first."""
    columns = tuple(pen.t(f"trends.{name}") for name in ("on", "value", "meaning", "change"))
    return Table(pen.t("trends.all"), columns, lines[::-1])


def _last(pen: Pen, value: str, meaning: str, day: str) -> str:
    if meaning:
        return pen.t("trends.last_meaning", value=value, meaning=meaning, on=day)
    return pen.t("trends.last", value=value, on=day)


def _since(pen: Pen, now: Decimal, before: Decimal, day: str) -> str:
    if now == before:
        return pen.t("trends.same", on=day)
    key = "trends.more" if now > before else "trends.less"
    return pen.t(key, by=_number(abs(now - before)), on=day)


def _between(former: Stored, one: Stored, unit: Unit) -> str:
    """How much a reading differs from the former one, of a pressure both numbers."""
    upper = _signed(rules.told(one.value, unit) - rules.told(former.value, unit))
    if one.second is None or former.second is None:
        return upper
    return f"{upper}/{_signed(rules.told(one.second, unit) - rules.told(former.second, unit))}"


def _signed(by: Decimal) -> str:
    return "0" if by == 0 else f"{'+' if by > 0 else '−'}{_number(abs(by))}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}"
