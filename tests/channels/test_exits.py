"""Whatever a patient or a file wrote arrives as those words in LINE, Telegram, mail and SMS (R26).

Each text of the corpus stands wherever a message holds words of others: its text, its card, a
button, a link's label and a picture's description; and in the clinic's name.
"""

import re
import unicodedata
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from bot.channels.channel import Sent
from bot.channels.email import render as mail
from bot.channels.email.client import EmailChannel
from bot.channels.line import render as line
from bot.channels.line.client import LineChannel
from bot.channels.sms import render as sms
from bot.channels.sms.client import SmsChannel
from bot.channels.telegram.client import TelegramChannel
from bot.local.simulators.line import LineSimulator
from bot.local.simulators.line_rules import problems
from bot.local.simulators.sms import ACCOUNT, SENDER, TOKEN, SmsSimulator
from bot.local.simulators.telegram import TOKEN as BOT
from bot.local.simulators.telegram import TelegramSimulator
from bot.local.simulators.telegram_state import SimulatedTime
from clinic.message.types import Button, Card, Link, Message, Picture
from tests.channels.email.server import MailServer
from tests.channels.line.conftest import PATIENT
from tests.channels.telegram.spec import check_call
from tests.integration.security.payloads import EVALUATED, PAYLOADS

KEY = UUID(int=7)
DESK, TO = "desk@clinic.example", "maria@home.example"
# What mails and markup have of their own to break out by, beside the corpus of the panel.
LINES = (
    *(f"Visit{end}Bcc: evil@example.jp" for end in ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c")),
    *(f"Visit{end}Bcc: evil@example.jp" for end in ("\x1d", "\x1e", "\x85", "\u2028", "\u2029")),
    *("x\r\n.\r\nMAIL FROM:<evil@example.jp>", "=?utf-8?B?QmNjOiBldmls?=", "\n..\n.\n"),
    *("--===============1==\r\nContent-Type: text/html", "\ud83d half", "&lt;b&gt;&amp;nbsp;&#0;"),
    *("<b>x</i>", "<a href='tg://user?id=1'>x</a>", "</b></b>", "<", "&", "<b", "&#", "<!--"),
)
WORDS = (*PAYLOADS, *LINES)


def message(words: str) -> Message:
    """A message that holds the words wherever words of others may stand."""
    return Message(
        f"Dear {words}!",
        "en",
        card=Card(f"Of {words}", ((f"For {words}", f"is {words}"),)),
        buttons=(Button(f"As {words}", "token"),),
        links=(Link(f"See {words}", "https://clinic.example/l/t"),),
    )


def plain(text: str) -> str:
    """What is left to see: letters and signs, without blanks, marks and halves of a sign."""
    hidden = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Co", "Cn")
    return "".join(
        sign for sign in text if unicodedata.category(sign) not in hidden and sign != "\ufffd"
    )


def strings(value: Any) -> list[str]:
    """Every text in a piece of JSON."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def missing(words: str, arrived: str) -> list[str]:
    """The places of `message` whose words did not arrive as they were written."""
    said = plain(arrived)
    heads = ("Dear", "Of", "For", "is", "As", "See")
    return [head for head in heads if plain(f"{head}{words}") not in said]


async def test_line_shows_the_words_in_objects_of_ours_alone() -> None:
    simulator = LineSimulator(time=SimulatedTime(manual=True))
    await simulator.start()
    simulator.platform.users.add(PATIENT)
    channel = LineChannel(simulator.channel_secret, simulator.channel_access_token, simulator.base)
    shape, wrong = None, []
    for number, words in enumerate(WORDS):
        simulator.time.advance(60)
        before = len(simulator.platform.received(PATIENT))
        for n, part in enumerate(channel.split(message(words))):
            key = UUID(int=number * 10 + n + 1)
            assert isinstance(await channel.send(PATIENT, part, key=key), Sent), words
        objects = simulator.platform.received(PATIENT)[before:]
        assert problems(objects) == [], words
        said = "\n".join(text for one in objects for text in strings(one))
        if missing(words, said):
            wrong.append((words, missing(words, said)))
        assert line.clean(said) == said
        if "\n" not in words and "://" not in words:  # an address has a bubble of its own
            shape = shape or kinds(objects)
            assert kinds(objects) == shape, words
    await channel.close()
    await simulator.stop()
    assert wrong == []


def kinds(value: Any) -> Any:
    """The shape of LINE objects: all but the words and how wide they run."""
    if isinstance(value, dict):
        return {name: kinds(one) for name, one in sorted(value.items())}
    return [kinds(one) for one in value] if isinstance(value, list) else None


async def test_telegram_shows_the_words_and_never_fails_to_parse_them() -> None:
    wrong = []
    async with TelegramSimulator(validator=check_call, manual_time=True) as simulator:
        channel = TelegramChannel(BOT, "s3cret", simulator.url)
        simulator.start(11)
        for words in WORDS:
            simulator.time.advance(60)
            ledger = len(simulator.ledger.entries)
            for part in channel.split(message(words)):
                assert isinstance(await channel.send("11", part, key=KEY), Sent), words
            entries = simulator.ledger.entries[ledger:]
            said = "\n".join(text for one in entries for text in strings(one))
            if missing(words, said):
                wrong.append((words, missing(words, said)))
            found = {kind for one in entries for kind in _entities(one)}
            assert found <= {"bold"}, (words, found)
        await channel.close()
        assert simulator.spec_problems == []
    assert wrong == []


def _entities(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [one["type"] for one in value.get("entities") or ()]
        return own + [kind for one in value.values() for kind in _entities(one)]
    return [kind for one in value for kind in _entities(one)] if isinstance(value, list) else []


OURS = frozenset(
    {
        *("From", "To", "Subject", "Date", "Message-ID", "Content-Language", "Auto-Submitted"),
        *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
    }
)
PART = frozenset({"Content-Type", "Content-Transfer-Encoding", "MIME-Version"})
TAGS = frozenset({"html", "meta", "body", "p", "br", "table", "tr", "th", "td", "a", "img"})
ATTRIBUTES = frozenset(
    {
        *("lang", "charset", "dir", "style", "cellpadding", "align", "href", "src", "alt"),
        "width",
    }
)


class Page(HTMLParser):
    """A page as a reader of mail takes it: its words, and whatever is not of ours in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.foreign = "", list[str]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Ours are few, and lead nowhere but to the clinic."""
        given = dict(attrs)
        if tag not in TAGS or not set(given) <= ATTRIBUTES:
            self.foreign.append(f"<{tag} {given}>")
        for name in ("href", "src"):
            if not (given.get(name) or "https://clinic.example/").startswith(
                "https://clinic.example/"
            ):
                self.foreign.append(f"{name}={given[name]}")
        self.words += given.get("alt") or ""

    def handle_data(self, data: str) -> None:
        """What is read."""
        self.words += data

    def handle_comment(self, data: str) -> None:
        """Ours have none."""
        self.foreign.append(f"<!--{data}")


async def test_a_mail_has_our_headers_alone_and_shows_the_words_in_both_of_its_parts() -> None:
    wrong = []
    picture = "https://clinic.example/p.jpg"
    async with MailServer() as server:
        for words in WORDS:
            channel = EmailChannel(
                server.url, DESK, lambda words=words: f"Clinic {words}", lambda _: None
            )
            told = message(words)
            shown = Message(
                told.text,
                "en",
                card=told.card,
                links=told.links,
                picture=Picture(picture, picture, f"As {words}", 600, 400),
            )
            assert await channel.send(TO, shown, key=KEY) == Sent(), words
            found = faults(server.raw[-1], words)
            if found:
                wrong.append((words, found))
        assert server.recipients == [TO] * len(WORDS)
    assert wrong == []


def faults(raw: bytes, words: str) -> list[str]:
    """What is wrong with a mail as it went over the wire."""
    letter = message_from_bytes(raw, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    found = [f"header {name}" for name in set(letter) - OURS]
    found += [f"header {name} twice" for name in set(letter) if len(letter.get_all(name, [])) > 1]
    if not raw.isascii() or re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        found.append("bare line ends or bytes")
    if letter["To"].addresses[0].addr_spec != TO or len(letter["To"].addresses) > 1:
        found.append("to others")
    if [one.addr_spec for one in letter["From"].addresses] != [DESK]:
        found.append(f"from {letter['From']}")
    said = plain(f"Clinic{words}:Of{words}")[:60]
    if not plain(str(letter["Subject"])).startswith(said):
        found.append(f"subject {letter['Subject']}")
    parts = [part for part in letter.walk() if not part.is_multipart()]
    if [part.get_content_type() for part in parts] != ["text/plain", "text/html"]:
        found.append("parts")
    for part in parts:
        found += [f"header {name} of a part" for name in set(part) - PART]
    text, html = (part.get_content() for part in parts)
    page = Page(html)
    found += page.foreign
    for name, arrived in (("text", text), ("page", page.words)):
        left = [one for one in missing(words, arrived) if one != "Of"]  # it is the subject
        found += [f"{name} lacks {one}" for one in left]
        if EVALUATED in arrived and EVALUATED not in words:
            found.append("evaluated")
    return found


async def test_an_sms_is_the_words_and_nothing_else_of_its_form() -> None:
    wrong, sent = [], []
    async with SmsSimulator() as gateway:
        channel = SmsChannel(ACCOUNT, TOKEN, SENDER, gateway.url)
        for number, words in enumerate(WORDS):
            address = f"+81901234{number:04}"
            gateway.time.advance(60)
            assert isinstance(await channel.send(address, message(words), key=KEY), Sent), words
            entry = gateway.ledger.entries[-1]
            sent.append(entry["to"] == address)
            body = entry["body"]
            left = [one for one in missing(words, body) if one not in ("Of", "As")]
            odd = [sign for sign in body if unicodedata.category(sign) in ("Cc", "Cf", "Cs")]
            if left or set(odd) - {"\n"}:
                wrong.append((words, left, odd))
            assert body == sms.text(message(words))
        await channel.close()
        assert gateway.problems == []
        assert len(gateway.ledger.entries) == len(WORDS)
    assert all(sent)
    assert wrong == []


def test_the_corpus_would_do_harm_where_it_is_not_made_harmless() -> None:
    """What the tests above rely on: their judges see what they are to see."""
    assert len(WORDS) > 230
    assert Page("<p><img src=x onerror=window.ran=1></p>").foreign
    assert not Page("<p>&lt;img src=x onerror=window.ran=1&gt;</p>").foreign
    broken = mail.render(
        message("x"),
        TO,
        mail.Letterhead(DESK, "Clinic x"),
        key=KEY,
        written_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert faults(broken.replace(b"To: ", b"Bcc: evil@example.jp\r\nTo: ", 1), "x")
    assert missing("evil", "Dear ev!")
