"""A message as an e-mail: plain text, and the same as a small page of HTML. Pure.

Nothing of a message becomes a header but its card's title, and that one on one line; what is text
stays text. A campaign's picture stands by an address that is the same for all: nothing that is sent
tells who read it when.
"""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

from clinic.message.types import Link, Message, Picture

OPENED = ("https://", "http://", "tel:")
SUBJECT = 120  # characters
PICTURE = 600  # pixels, at most so wide
# Also marks that turn the words around them, which a name may hold, and halves of a sign.
_MARKS = r"\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_UNSHOWN = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{_MARKS}]+")
_NOT_TEXT = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_MARKS}]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: an address, and the name shown with it.

    `unsubscribe` is an address (https) that ends all e-mail with one POST (RFC 8058), or None.
    """

    sender: str
    clinic: str
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF for staff, with the words of its mail."""

    subject: str
    words: str
    language: str
    name: str  # of the file
    content: bytes


def is_address(text: str) -> bool:
    """Whether a text can stand as an address in a header and in an SMTP command."""
    return _ADDRESS.fullmatch(text) is not None


def message_id(key: UUID, sender: str) -> str:
    """The name of the mail, the same at each try: a mailbox that got it twice may show it once."""
    return f"<{key}@{sender.rpartition('@')[2]}>"


def render(
    message: Message, to: str, head: Letterhead, *, key: UUID, written_at: datetime
) -> bytes:
    """The mail as it goes over the wire. Raises ValueError if an address is none."""
    mail = _begin(to, head, subject(message, head.clinic), message.language, key, written_at)
    if head.unsubscribe:
        mail["List-Unsubscribe"] = f"<{_line(head.unsubscribe)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text(message), charset="utf-8", cte="base64")
    mail.add_alternative(page(message), subtype="html", charset="utf-8", cte="base64")
    return mail.as_bytes()


def render_paper(
    paper: Paper, to: str, head: Letterhead, *, key: UUID, written_at: datetime
) -> bytes:
    """The mail with a PDF as it goes over the wire. Raises ValueError if an address is none."""
    mail = _begin(to, head, paper.subject, paper.language, key, written_at)
    mail.set_content(_NOT_TEXT.sub(" ", paper.words) + "\n", charset="utf-8", cte="base64")
    mail.add_attachment(paper.content, maintype="application", subtype="pdf", filename=paper.name)
    return mail.as_bytes()


def subject(message: Message, clinic: str) -> str:
    """Who writes and, if there is a card, of what: it may be read on a locked screen."""
    title = f": {_line(message.card.title)}" if message.card else ""
    return f"{_line(clinic)}{title}"[:SUBJECT]


def text(message: Message) -> str:
    """The whole message in plain text."""
    parts = [message.text]
    if picture := _picture(message):
        parts.append(f"[{picture.alt}]\n{picture.url}")
    if message.card:
        parts.append("\n".join(f"{label}: {value}" for label, value in message.card.rows))
    parts += [f"{link.label}\n{link.url}" for link in message.links if _opens(link)]
    return _NOT_TEXT.sub(" ", "\n\n".join(part for part in parts if part)) + "\n"


def page(message: Message) -> str:
    """The same for readers of HTML. Every word is escaped; only our own links open."""
    parts = [_paragraph(part) for part in message.text.split("\n\n") if part]
    if picture := _picture(message):
        parts.insert(
            0,
            f'<p><img src="{_safe(picture.url)}" alt="{_safe(picture.alt)}"'
            f' width="{min(picture.width, PICTURE)}" style="max-width:100%;height:auto"></p>',
        )
    if message.card:
        rows = "".join(
            f"<tr><th align='left'>{_safe(label)}</th><td>{_safe(value)}</td></tr>"
            for label, value in message.card.rows
        )
        parts.append(f"<table cellpadding='4'>{rows}</table>")
    parts += [
        f'<p><a href="{_safe(link.url)}">{_safe(link.label)}</a></p>'
        for link in message.links
        if _opens(link)
    ]
    language = _safe(message.language)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f'<body dir="auto" style="font:18px/1.6 sans-serif">{"".join(parts)}</body></html>\n'
    )


def _begin(
    to: str, head: Letterhead, title: str, language: str, key: UUID, written_at: datetime
) -> EmailMessage:
    if not is_address(to) or not is_address(head.sender):
        raise ValueError("not an address")
    mail = EmailMessage(policy=SMTP.clone(max_line_length=78))
    mail["From"] = Address(_line(head.clinic), addr_spec=head.sender)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = _line(title)[:SUBJECT]
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = message_id(key, head.sender)
    mail["Content-Language"] = language
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: holiday notices stay away
    return mail


def _paragraph(words: str) -> str:
    return "<p>" + "<br>".join(_safe(line) for line in words.split("\n")) + "</p>"


def _safe(words: str) -> str:
    return html.escape(_NOT_TEXT.sub(" ", words))


def _picture(message: Message) -> Picture | None:
    """The picture, if a mail program can fetch it: by an address that is the same for all."""
    picture = message.picture
    return picture if picture and picture.is_public and not _UNSHOWN.search(picture.url) else None


def _opens(link: Link) -> bool:
    return link.url.startswith(OPENED) and not _UNSHOWN.search(link.url)


def _line(words: str) -> str:
    # "=?" begins a word that mail programs decode, and would be shown as another.
    return _UNSHOWN.sub(" ", words).replace("=?", "= ?").strip()
