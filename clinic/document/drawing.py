"""A document as a PDF to print and to keep. The same content gives the same bytes."""

import io
from collections.abc import Sequence
from html import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, HRFlowable, Paragraph, SimpleDocTemplate, Spacer

from clinic.document.types import Content
from clinic.fonts import font_for, printable

_EDGE = 22 * mm


def draw(
    content: Content, number: str, clinic: str, below: Sequence[tuple[str, str]] = ()
) -> bytes:
    """The PDF. `below`: facts about it, label and words, under a line at its end."""
    font = font_for(content.language)
    body = ParagraphStyle("body", fontName=font, fontSize=10.5, leading=17, spaceAfter=7)
    if content.language in ("ja", "zh-Hant", "zh-Hans"):
        body = ParagraphStyle("signs", parent=body, wordWrap="CJK")
    heading = ParagraphStyle(
        "heading", parent=body, fontSize=12, leading=18, spaceBefore=8, spaceAfter=3, keepWithNext=1
    )
    title = ParagraphStyle("title", parent=body, fontSize=17, leading=24, spaceAfter=10)
    small = ParagraphStyle("small", parent=body, fontSize=8.5, leading=13, spaceAfter=2)

    def words(text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(printable(text), quote=False).replace("\n", "<br/>"), style)

    def foot(canvas: Canvas, made: SimpleDocTemplate) -> None:
        canvas.setFont(font, 8)
        canvas.drawString(_EDGE, 11 * mm, printable(f"{clinic} · {number}"))
        canvas.drawRightString(A4[0] - _EDGE, 11 * mm, str(made.page))

    story: list[Flowable] = [words(content.title, title)]
    for one in content.blocks:
        story.append(words(one.text, heading if one.kind == "heading" else body))
    if below:
        line = HRFlowable(width="100%", thickness=0.6, color=HexColor("#888888"))
        story += [Spacer(1, 6 * mm), line, Spacer(1, 2 * mm)]
        story += [words(f"{label}: {value}", small) for label, value in below]
    file = io.BytesIO()
    made = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_EDGE,
        rightMargin=_EDGE,
        topMargin=20 * mm,
        bottomMargin=22 * mm,
        title=content.title,
        author=clinic,
        lang=content.language,
        invariant=1,
    )
    made.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()
