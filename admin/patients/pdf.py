"""One patient's data as a PDF to read, in the language of the panel."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from admin.i18n import OWN_NAMES, Speech
from clinic.booking.search import in_language
from clinic.fonts import font_for, printable
from clinic.record.export import Export
from clinic.record.types import Coded, Person

_LINE = HexColor("#bbbbbb")
_LONGEST = 4_000  # characters of one cell, which has to fit a page
Row = Sequence[str]


def document(export: Export, speech: Speech, clinic: str, zone: str) -> bytes:
    """The PDF. The same content gives the same bytes."""
    return _Document(speech, zone).build(export, clinic)


class _Document:
    def __init__(self, speech: Speech, zone: str) -> None:
        self._t, self._zone = speech, ZoneInfo(zone)
        font = font_for(speech.language)
        self._font = font
        self._body = ParagraphStyle("body", fontName=font, fontSize=9, leading=13, wordWrap="CJK")
        self._h1 = ParagraphStyle("h1", parent=self._body, fontSize=16, leading=22)
        self._h2 = ParagraphStyle(
            "h2", parent=self._body, fontSize=11.5, leading=16, spaceBefore=10, spaceAfter=3
        )

    def build(self, export: Export, clinic: str) -> bytes:
        """Lay all out."""
        file, t, content = io.BytesIO(), self._t, export.content
        person = export.record.person
        about = f"{clinic} · {t('record.export.made', at=self._moment(content['exported_at']))}"
        story: list[Flowable] = [
            self._words(person.name, self._h1),
            self._words(about, self._body),
            *self._section("record.identity", self._identity(person)),
            *(part for key, rows in self._sections(export) for part in self._section(key, rows)),
        ]
        made = SimpleDocTemplate(
            file,
            pagesize=A4,
            leftMargin=18 * mm,
            rightMargin=18 * mm,
            topMargin=16 * mm,
            bottomMargin=18 * mm,
            title=t("record.export.title"),
            author=clinic,
            invariant=1,
        )
        made.build(story, onFirstPage=self._foot, onLaterPages=self._foot)
        return file.getvalue()

    def _sections(self, export: Export) -> Iterator[tuple[str, Iterable[Row]]]:
        record, content, t = export.record, export.content, self._t
        yield (
            "record.notes",
            (
                (t(f"record.note.{one.kind}"), one.content, self._moment(one.created_at))
                for one in record.notes
            ),
        )
        yield (
            "record.conditions.all",
            (
                (
                    self._code(one.what),
                    t("record.suspected") if one.suspected else "",
                    self._day(one.started_on),
                    t.month(one.month) if one.month else "",
                )
                for one in record.conditions
            ),
        )
        yield (
            "record.acts",
            (
                (self._code(one.what), f"× {one.count}", self._day(one.on_date))
                for one in record.acts
            ),
        )
        yield (
            "record.supplies",
            (
                (
                    self._code(one.what),
                    t("record.days", n=one.days) if one.days else "",
                    self._day(one.on_date),
                )
                for one in record.supplies
            ),
        )
        yield (
            "record.visits",
            (
                (self._day(one.on_date), ", ".join(t(f"record.from.{it}") for it in one.sources))
                for one in record.visits
            ),
        )
        yield (
            "record.appointments",
            (
                (
                    self._moment(one.starts_at),
                    self._name(one.service) or t("record.outside"),
                    t.code("visit", one.status),
                )
                for one in record.appointments
            ),
        )
        yield "record.answers", self._answers(content["answered"])
        yield (
            "record.messages",
            (
                (self._moment(line["at"]), t(f"record.side.{line['from']}"), line["text"] or "–")
                for chat in content["messages"]
                for line in chat["lines"]
            ),
        )
        yield (
            "record.consents",
            (
                (
                    self._moment(one.at),
                    t.code("channel", one.channel),
                    one.purpose,
                    t("record.given" if one.given else "record.taken_back"),
                )
                for one in record.consents
            ),
        )
        yield "record.tags", ((tag,) for tag in record.tags)
        yield (
            "record.others",
            (
                (name, str(len(content[name])))
                for name in ("triage", "escalations", "requests", "sources", "plans", "outreach")
                if content[name]
            ),
        )

    def _identity(self, person: Person) -> Iterator[Row]:
        t = self._t
        told: Mapping[str, str | None] = {
            "kana": person.kana,
            "chart": person.chart,
            "birth_on": t.birth(person.birth_on) if person.birth_on else None,
            "sex": t(f"sex.{person.sex}") if person.sex else None,
            "language": OWN_NAMES.get(person.language or ""),
            "zone": person.zone,
            "phone": person.phone,
            "email": person.email,
            "address": person.address,
            "insurer": person.insurer,
            "insured": person.insured,
            "acquired_by": person.acquired_by,
            "occupation": person.occupation,
            "membership": person.membership and t(f"record.membership.{person.membership}"),
            "deceased_on": self._day(person.deceased_on),
            "moved_on": self._day(person.moved_on),
        }
        return ((t(f"record.field.{name}"), value) for name, value in told.items() if value)

    def _answers(self, answered: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
        for one in answered:
            resource = one["resource"]
            at = self._moment(datetime.fromisoformat(resource["authored"]))
            yield (resource.get("questionnaire", "").rsplit("/", 1)[-1], at)
            yield from _items(resource.get("item", ()))

    def _section(self, key: str, rows: Iterable[Row]) -> list[Flowable]:
        cells = [[self._words(cell, self._body) for cell in row] for row in rows]
        if not cells:
            return []
        columns = max(map(len, cells))
        for row in cells:
            row += [self._words("", self._body)] * (columns - len(row))
        room = A4[0] - 36 * mm
        table = LongTable(cells, colWidths=[room / columns] * columns)
        table.setStyle(
            TableStyle(
                [
                    ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("TOPPADDING", (0, 0), (-1, -1), 1),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ]
            )
        )
        return [self._words(self._t(key), self._h2), table, Spacer(1, 4)]

    def _words(self, words: str, style: ParagraphStyle) -> Paragraph:
        text = escape(printable(words[:_LONGEST]), quote=False).replace("\n", "<br/>")
        return Paragraph(text, style)

    def _foot(self, canvas: Canvas, made: SimpleDocTemplate) -> None:
        canvas.setFont(self._font, 8)
        canvas.drawCentredString(A4[0] / 2, 10 * mm, str(made.page))

    def _code(self, what: Coded) -> str:
        return what.name or self._t("record.unknown_code", code=what.code)

    def _name(self, names: Mapping[str, str] | None) -> str:
        return in_language(names, self._t.language) if names else ""

    def _day(self, on: date | None) -> str:
        return self._t.day(on) if on else ""

    def _moment(self, at: datetime) -> str:
        return (
            f"{self._t.day(at.astimezone(self._zone))} {self._t.clock(at.astimezone(self._zone))}"
        )


def _items(items: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for item in items:
        answers = item.get("answer", ())
        given = [_value(answer) for answer in answers]
        if given:
            yield (str(item.get("text") or item["linkId"]), ", ".join(given))
        yield from _items(item.get("item", ()))
        for answer in answers:
            yield from _items(answer.get("item", ()))


def _value(answer: Mapping[str, Any]) -> str:
    value = next((held for name, held in answer.items() if name.startswith("value")), "")
    if isinstance(value, Mapping):
        return str(value.get("display") or value.get("value") or value.get("code") or "")
    return str(value)
