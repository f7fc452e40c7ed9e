"""Sheets for the desk: a one-time code with its QR codes, on a page or on A4 labels."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from admin.i18n import Speech
from admin.patients.deep_links import DeepLink
from clinic.fonts import font_for, printable

COLUMNS, ROWS = 3, 8  # 24 labels of 70 x 37 mm, without margins between them
LABELS = COLUMNS * ROWS
_WIDTH, _HEIGHT = A4[0] / COLUMNS, A4[1] / ROWS
_PAD = 4 * mm
_QUIET = 4  # modules around a QR code, ISO/IEC 18004


@dataclass(frozen=True, slots=True)
class Content:
    """What stands on a sheet. `code` is in its groups; `minutes`: how long it is good."""

    clinic: str
    name: str
    chart: str | None
    code: str
    links: tuple[DeepLink, ...]
    minutes: int


def one_page(content: Content, speech: Speech, _first: int = 1) -> bytes:
    """An A4 page to hand over: how it is done, the code, a QR code for each channel."""
    sheet = _Sheet(speech)
    canvas, y = sheet.canvas, A4[1] - 25 * mm
    lines = (
        (12, content.clinic),
        (18, " ".join(filter(None, (content.name, _chart(content, speech))))),
        (11, speech("code.how")),
        (32, content.code),
        (12, speech("code.life", n=content.minutes)),
    )
    for size, words in lines:
        for line in sheet.wrapped(words, size, A4[0] - 40 * mm):
            y -= size * 1.5
            sheet.centred(A4[0] / 2, y, line, size)
    side, gap = 48 * mm, 10 * mm
    left = (A4[0] - len(content.links) * side - (len(content.links) - 1) * gap) / 2
    for n, link in enumerate(content.links):
        x = left + n * (side + gap)
        sheet.qr(link.url, x, y - 12 * mm - side, side)
        sheet.centred(x + side / 2, y - 18 * mm - side, speech.code("channel", link.channel), 12)
    y -= side + 30 * mm
    for line in sheet.wrapped(speech("code.keep"), 10, A4[0] - 40 * mm):
        sheet.centred(A4[0] / 2, y, line, 10)
        y -= 15
    canvas.showPage()
    return sheet.done()


def labels(content: Content, speech: Speech, first: int) -> bytes:
    """Labels of one code, one a channel, from place `first` (1 at the top left, row by row) on."""
    sheet = _Sheet(speech)
    on_labels: Sequence[DeepLink | None] = content.links or (None,)
    for n, link in enumerate(on_labels):
        place = first - 1 + n
        if place and place % LABELS == 0:
            sheet.canvas.showPage()
        row, column = divmod(place % LABELS, COLUMNS)
        x, top = column * _WIDTH + _PAD, A4[1] - row * _HEIGHT - _PAD
        side = _HEIGHT - 2 * _PAD if link else 0
        if link:
            sheet.qr(link.url, x, top - side, side)
        who = " ".join(filter(None, (content.chart, content.name)))
        lines = [
            (6, content.clinic),
            (7.5, who),
            (11, content.code),
            (6, speech("code.life", n=content.minutes)),
            (7, speech.code("channel", link.channel) if link else ""),
        ]
        left = x + side + (2 * mm if link else 0)
        room = _WIDTH - 2 * _PAD - side - 2 * mm
        y = top
        for size, words in lines:
            for line in sheet.wrapped(words, size, room)[:3]:
                y -= size * 1.2
                if y > top - _HEIGHT + _PAD:
                    sheet.at(left, y, line, size)
    sheet.canvas.showPage()
    return sheet.done()


class _Sheet:
    """One PDF as it is drawn."""

    def __init__(self, speech: Speech) -> None:
        self._font = font_for(speech.language)
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=A4, invariant=1)

    def at(self, x: float, y: float, words: str, size: float) -> None:
        self.canvas.setFont(self._font, size)
        self.canvas.drawString(x, y, printable(words))

    def centred(self, x: float, y: float, words: str, size: float) -> None:
        self.canvas.setFont(self._font, size)
        self.canvas.drawCentredString(x, y, printable(words))

    def wrapped(self, words: str, size: float, room: float) -> list[str]:
        """Lines that fit, broken at blanks or, where there are none, anywhere."""
        lines, line = [], ""
        for sign in printable(words):
            if stringWidth(line + sign, self._font, size) <= room:
                line += sign
                continue
            head, blank, tail = line.rpartition(" ")
            lines.append(head if blank and sign != " " else line)
            line = (tail if blank and sign != " " else "") + sign.strip()
        return [*lines, line] if line else lines

    def qr(self, text: str, x: float, y: float, side: float) -> None:
        """A QR code with its quiet zone, in a square whose lower left corner is at x, y."""
        rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=_QUIET))
        module = side / len(rows)
        for n, row in enumerate(rows):
            for m, dark in enumerate(row):
                if dark:
                    self.canvas.rect(
                        x + m * module,
                        y + side - (n + 1) * module,
                        module,
                        module,
                        stroke=0,
                        fill=1,
                    )

    def done(self) -> bytes:
        self.canvas.save()
        return self._file.getvalue()


def _chart(content: Content, speech: Speech) -> str:
    return speech("chart", chart=content.chart) if content.chart else ""
