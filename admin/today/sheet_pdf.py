"""The sheet of a day on paper: whom to expect, with room to write."""

import io
from collections.abc import Sequence
from datetime import date
from html import escape
from itertools import groupby

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from admin.i18n import Speech
from clinic.fonts import font_for, printable
from clinic.reception.sheet import SheetRow

_LINE = HexColor("#888888")
_HEAD = HexColor("#eeeeee")
_WIDTHS = tuple(one * mm for one in (16, 62, 42, 30, 57, 34, 34))
COLUMNS = ("time", "who", "what", "phone", "flags", "came", "notes")


def document(rows: Sequence[SheetRow], on: date, speech: Speech, clinic: str) -> bytes:
    """The PDF, a part for each practitioner. The same content gives the same bytes."""
    font = font_for(speech.language)
    body = ParagraphStyle("body", fontName=font, fontSize=8.5, leading=11, wordWrap="CJK")
    large = ParagraphStyle("large", parent=body, fontSize=14, leading=19)
    heading = ParagraphStyle("heading", parent=body, fontSize=11, leading=15, spaceBefore=6)

    def words(text: str, style: ParagraphStyle = body) -> Paragraph:
        return Paragraph(escape(printable(text), quote=False).replace("\n", "<br/>"), style)

    story: list[Flowable] = [words(f"{speech.day(on)} · {clinic}", large)]
    if not rows:
        story.append(words(speech("day.empty.title")))
    for name, of in groupby(rows, key=lambda one: one.visit.practitioner_name):
        lines = [[words(text) for text in _cells(one, speech)] for one in of]
        head = [words(speech(f"sheet.{column}")) for column in COLUMNS]
        table = LongTable([head, *lines], colWidths=_WIDTHS, repeatRows=1)
        table.setStyle(
            TableStyle(
                [
                    ("GRID", (0, 0), (-1, -1), 0.4, _LINE),
                    ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("TOPPADDING", (0, 0), (-1, -1), 2),
                    ("BOTTOMPADDING", (0, 1), (-1, -1), 7),
                ]
            )
        )
        story += [words(name, heading), table, Spacer(1, 3 * mm)]
    file = io.BytesIO()

    def foot(canvas: Canvas, made: SimpleDocTemplate) -> None:
        canvas.setFont(font, 8)
        canvas.drawCentredString(landscape(A4)[0] / 2, 7 * mm, str(made.page))

    SimpleDocTemplate(
        file,
        pagesize=landscape(A4),
        leftMargin=11 * mm,
        rightMargin=11 * mm,
        topMargin=10 * mm,
        bottomMargin=13 * mm,
        title=f"{on:%Y-%m-%d}",
        author=clinic,
        invariant=1,
    ).build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _cells(one: SheetRow, speech: Speech) -> tuple[str, ...]:
    visit = one.visit
    who = [visit.patient_name, one.kana, speech("chart", chart=visit.chart) if visit.chart else ""]
    flags = [
        speech("sheet.first") if one.first else "",
        speech("sheet.unconfirmed") if visit.status == "booked" and not visit.confirmed else "",
        speech.code("visit", visit.status) if visit.status != "booked" else "",
        *one.notes,
    ]
    return (
        speech.clock(visit.starts_at),
        "\n".join(filter(None, who)),
        "\n".join(filter(None, (visit.service_name, ", ".join(visit.rooms), visit.site_name))),
        one.phone,
        "\n".join(filter(None, flags)),
        "",
        "",
    )
