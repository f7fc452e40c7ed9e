"""What stands behind a number: a list of patients, visits or conversations, its CSV, and writing
to those who are on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from admin.campaigns.views import begun
from admin.figures.ask import PERIODS, Asked, asked
from admin.figures.behind import Trail, mark, whole_months
from admin.figures.chats import STAGES, step_of
from admin.figures.patients import source_name
from admin.figures.shown import Pen
from admin.figures.visits import chapter_name, part_name
from admin.keys import DATABASE, KEYS, SETTINGS
from admin.lapse.views import OFFERED, download, ticked_of
from admin.page import go_to, page, speech_of, staff_of
from clinic.campaign.read import MOST_PATIENTS
from clinic.campaign.shelf import shelf
from clinic.db import Tx
from clinic.figures import behind, rules, service
from clinic.figures.behind import FIGURES, KINDS, OF_TALKS, OF_VISITS, Behind, Figure
from clinic.figures.types import BYS, By
from clinic.importer.export import csv_lines
from clinic.staff.access.figure_rows import (
    EXPORTED_AT_MOST,
    LISTED_AT_MOST,
    Line,
    access_behind,
    access_people,
    may_list,
)
from clinic.staff.access.figures import Frame, access_frame
from clinic.staff.rules import sees_all_patients

AT = "figures"  # the menu's entry
# The page and the section that a figure's numbers stand on.
OF: Mapping[Figure, tuple[str, str]] = {
    "visit": ("visits", "missed"),
    "arrival": ("visits", "arrivals"),
    "kept": ("patients", "kept"),
    "wanted": ("services", "wanted"),
    "source": ("patients", "sources"),
    "reply": ("chats", "replies"),
    "answer": ("chats", "answer"),
    "alert": ("chats", "alert"),
    "left": ("chats", "funnel"),
}
FILTERS: Mapping[Figure, tuple[str, ...]] = {
    "visit": ("doctor", "service", "chapter"),
    "arrival": ("doctor", "service", "chapter"),
    "kept": ("doctor", "chapter"),
    "wanted": ("doctor", "service"),
}
# The words of kinds, where those of a chart are not theirs.
WORDS: Mapping[str, str] = {
    "visit.came": "figures.wanted.came",
    "arrival.first": "figures.arrivals.first",
    "arrival.repeat": "figures.arrivals.repeat",
    "kept.back": "figures.kept.back",
    "kept.gone": "figures.rows.gone",
    "answer.answered": "figures.times.n",
    "answer.nobody": "figures.times.nobody",
    "alert.answered": "figures.times.n",
    "alert.nobody": "figures.times.nobody",
}
COLUMNS = (
    *("figures.col.when", "lapse.column.chart", "lapse.column.name", "lapse.column.kana"),
    *("figures.rows.kind", "figures.col.doctor", "figures.col.service", "figures.col.chapter"),
)
MOST_KINDS = 10


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A checked question. `kinds`: what may be chosen, by their names in addresses; `chosen`: the
    one that the address has."""

    frame: Frame
    it: Asked
    asked: Behind
    chosen: str
    kinds: Mapping[str, tuple[str, ...]]
    pen: Pen

    @property
    def query(self) -> str:
        """The same question as the end of an address."""
        way = Trail(self.asked.scope, self.it.by)
        kinds = self.chosen.split(",") if self.chosen else ()
        url = way.url(self.asked.figure, *kinds, lacking=self.asked.lacking)
        return url.partition("?")[2]

    def called(self, kind: str) -> str:
        """What a kind of the figure is called."""
        t, figure = self.pen.t, self.asked.figure
        head, _, tail = kind.partition(":" if figure == "reply" else ".")
        match figure:
            case "source":
                return source_name(self.pen, kind)
            case "reply":
                return f"{t.code('channel', head)}: {t(f'figures.replies.{tail}')}"
            case "left":
                step, _, why = tail.partition(".")
                said = f"{t.code('figures.flow', head)}: {t.code(f'figures.step.{head}', step)}"
                return f"{said} ({t.code('figures.why', why)})" if why else said
        section = "missed" if figure == "visit" else "wanted"
        return t(WORDS.get(f"{figure}.{kind}", f"figures.{section}.{kind}"))

    def chosen_words(self, name: str) -> str:
        """What a choice of kinds is called."""
        if self.asked.figure == "left":
            return self.called(name)
        return ", ".join(self.called(kind) for kind in self.kinds.get(name, ()) if kind)

    @property
    def narrowed(self) -> list[str]:
        """What the list is narrowed to, in words."""
        scope, by = self.asked.scope, self.asked.lacking
        chosen: list[tuple[By, object]] = [("service", scope.service), ("chapter", scope.chapter)]
        if scope.doctors and len(scope.doctors) == 1:
            chosen.insert(0, ("doctor", scope.doctors[0]))
        said = [part_name(self.pen, self.frame, one, part) for one, part in chosen if part]
        return [*said, part_name(self.pen, self.frame, by, None)] if by else said


async def listing(request: web.Request) -> web.Response:
    """Who and what is behind a number; posted, with those ticked."""
    ticked = ticked_of((await request.post()).getall("patient", []))
    async with request.app[DATABASE].transaction() as tx:
        return await _show(request, tx, ticked)


async def as_csv(request: web.Request) -> web.Response:
    """The same for a spreadsheet."""
    async with request.app[DATABASE].transaction() as tx:
        one = await _wanted(request, tx)
        found = await access_behind(
            tx, staff_of(request), one.frame, one.asked, most=EXPORTED_AT_MOST, export=True
        )
    speech = speech_of(request)
    titles = [speech(name) for name in COLUMNS]
    lines = csv_lines(titles, (_cells(one, line) for line in found.lines))
    scope = one.asked.scope
    return download(lines, f"{one.asked.figure}-{scope.since}-{scope.until}.csv")


async def write(request: web.Request) -> web.StreamResponse:
    """A draft for those ticked, or for everybody on the list."""
    posted = await request.post()
    ticked = ticked_of(posted.getall("patient", []))
    async with request.app[DATABASE].transaction() as tx:
        one = await _wanted(request, tx)
        if one.asked.figure in OF_TALKS:
            raise web.HTTPNotFound
        staff, most = staff_of(request), MOST_PATIENTS + 1
        ids = sorted(ticked) or await access_people(tx, staff, one.frame, one.asked, most)
        if not ids or len(ids) == most:
            return await _show(request, tx, ticked, problem="none" if not ids else "many")
        made = await begun(request, tx, str(posted.get("template")), {"patients": list(ids)})
    return go_to(f"/campaigns/{made.id}/preview")


async def _show(
    request: web.Request, tx: Tx, ticked: set[int], problem: str | None = None
) -> web.Response:
    one, staff = await _wanted(request, tx), staff_of(request)
    offset = _whole(request.query.get("from"))
    found = await access_behind(tx, staff, one.frame, one.asked, offset=offset)
    tab, section = OF[one.asked.figure]
    on_page = {line.patient.id for line in found.lines if line.patient}
    language = speech_of(request).language
    return await page(
        request,
        tx,
        "figures/templates/rows.html",
        AT,
        status=422 if problem else 200,
        one=one,
        it=one.it,
        pen=one.pen,
        frame=one.frame,
        scope=one.asked.scope,
        tab=tab,
        section=section,
        filters=FILTERS.get(one.asked.figure, ()),
        periods=PERIODS,
        chapters=[(code, chapter_name(one.pen, code)) for code, _, _ in rules.CHAPTERS],
        rows=_told(one, found.lines),
        whole=found.whole,
        of_visits=one.asked.figure in OF_VISITS,
        offset=offset,
        most=LISTED_AT_MOST,
        ticked=ticked,
        elsewhere=sorted(ticked - on_page),
        may_write=sees_all_patients(staff.role) and one.asked.figure not in OF_TALKS,
        sees_all=sees_all_patients(staff.role),
        templates=[(code, shelf()[code].names[language]) for code in OFFERED],
        problem=problem,
    )


def _told(
    one: _Wanted, lines: Sequence[Line]
) -> list[tuple[Line, tuple[str, str, str, str], bool]]:
    """Each line with its words, and whether its patient can be ticked: once on a page."""
    seen: set[int] = set()
    told = []
    for line in lines:
        first = line.patient is not None and line.patient.id not in seen
        if line.patient is not None:
            seen.add(line.patient.id)
        told.append((line, _parts(one, line), first))
    return told


def _parts(one: _Wanted, line: Line) -> tuple[str, str, str, str]:
    """Kind, doctor, service and chapter in words; "" where a row tells none."""
    row, named = line.row, one.frame.named
    doctor, service_ = named.doctors.get(row.doctor or 0), named.services.get(row.service or 0)
    return (
        one.called(row.kind),
        one.pen.name(doctor) if doctor else "",
        one.pen.name(service_) if service_ else "",
        row.chapter,
    )


def _cells(one: _Wanted, line: Line) -> tuple[object, ...]:
    row, who = line.row, line.patient
    named = (who.chart or "", who.name, who.kana) if who else ("", "", "")
    return (row.on.isoformat(), *named, *_parts(one, line))


async def _wanted(request: web.Request, tx: Tx) -> _Wanted:
    """Raises HTTPNotFound of no figure of ours, HTTPForbidden of one that is not for the role."""
    query, staff = request.query, staff_of(request)
    figure = next((one for one in FIGURES if one == query.get("figure", "visit")), None)
    if figure is None:
        raise web.HTTPNotFound
    zone = request.app[SETTINGS].clinic.time_zone
    frame = await access_frame(tx, staff, zone)
    pen = Pen(speech_of(request), lambda kind: mark(request.app[KEYS], kind))
    it = asked(query, frame, (*FILTERS.get(figure, ()), "by"))
    scope = whole_months(it.scope) if figure == "kept" else it.scope
    lacking = next((one for one in BYS if one == query.get("lacking")), None)
    if not {"doctor": scope.doctors, "service": scope.service, "chapter": scope.chapter}.get(
        lacking or "", True
    ):
        lacking = lacking if figure in OF_VISITS else None
    else:
        lacking = None
    made = Behind(figure, scope, (), lacking)
    if not may_list(staff, made):
        raise web.HTTPForbidden
    kinds = await _kinds(tx, pen, zone, made)
    chosen = ",".join(query.get("kind", "").split(",")[:MOST_KINDS])
    if chosen and chosen not in kinds:
        several = [one for one in chosen.split(",") if one in kinds]
        chosen = ",".join(several) or chosen[:60]
        # What is not there (any more) finds nothing, rather than everything.
        kinds = {**kinds, chosen: tuple(kind for one in several for kind in kinds[one]) or ("",)}
    made = replace(made, kinds=kinds[chosen] if chosen else ())
    return _Wanted(frame, it, made, chosen, kinds, pen)


async def _kinds(tx: Tx, pen: Pen, zone: str, one: Behind) -> dict[str, tuple[str, ...]]:
    """What may be chosen of a figure, by the name in an address."""
    scope = one.scope
    match one.figure:
        case "source":
            found = (await service.sums(tx, ("source",), scope)).kinds("source")
            return {pen.mark(kind): (kind,) for kind in sorted(found)}
        case "reply":
            found = (await service.sums(tx, ("reply",), scope)).kinds("reply")
            channels = sorted({kind.partition(":")[0] for kind in found})
            of = [f"{channel}:{stage}" for channel in channels for stage in STAGES]
            return {kind: (kind,) for kind in of}
        case "left":
            steps: dict[str, tuple[str, ...]] = {}
            known = await behind.left_by_kind(tx, zone, scope.since, scope.until)
            for kind in sorted(known):
                steps[step_of(kind)] = (*steps.get(step_of(kind), ()), kind)
            return steps
    return {kind: (kind,) for kind in KINDS[one.figure]}


def _whole(text: str | None) -> int:
    said = text or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 0
