"""Hands mails to the clinic's own SMTP server, and tells how each sending ended.

Up to the content a failure means that nothing went out. Once the content is on its way, silence or
a broken connection may mean either.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException

from bot.channels.channel import Inbound, Malformed, NotSent, Outcome, Refused, Reply, Sent, Unknown
from bot.channels.email import render as rendering
from bot.channels.email.render import Letterhead, Paper
from clinic import clock
from clinic.errors import KayoiError
from clinic.ids import new_key
from clinic.message.types import Message

log = logging.getLogger(__name__)

BEFORE_CONTENT = 4.0  # s: connection, TLS, login, sender and recipient
CONTENT = 3.5  # s until the server has said that it keeps the mail
PAPER = 30.0  # s, the same for a PDF, for which nobody waits
LOGIN_PAUSE = 300.0  # s; a wrong password is no patient's fault, and trying on gets us shut out
BUSY_PAUSE = 60.0  # s after "try again later"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# RFC 3463: no such mailbox, domain, or syntax; moved without address; takes no mail at all.
_GONE = re.compile(r"^5\.1\.(1|2|3|6|10)\b")


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed in, read from an address such as smtp://user:password@host:587."""

    host: str
    port: int
    user: str
    password: str
    tls: bool  # from the first byte (smtps)
    plain: bool  # no TLS at all: on this machine only


def server(url: str) -> Server:
    """Read `channels.email.smtp_url`. Raises KayoiError, without quoting it: it has a password.

    smtps:// is TLS from the start (465), smtp:// is STARTTLS, which must succeed (587). On this
    machine itself there is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise KayoiError("channels.email.smtp_url is no address") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise KayoiError("channels.email.smtp_url is smtp://... or smtps://user:password@host:port")
    tls = parts.scheme == "smtps"
    return Server(
        parts.hostname,
        port or (465 if tls else 587),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        tls,
        not tls and parts.hostname in LOOPBACK,
    )


class EmailChannel:
    """Implements `bot.channels.channel.Channel` for e-mail."""

    name = "email"
    rate: float | None = 10.0  # a clinic's mailbox is not a bulk sender
    rate_per_chat: float | None = 1.0
    burst = 10.0
    resends_safely = False
    acknowledge_after = 0.0

    def __init__(
        self,
        smtp_url: str,
        sender: str,
        clinic: Callable[[], str],
        unsubscribe: Callable[[str], str | None],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`clinic` gives the name that letters bear now, `unsubscribe` the address that ends mail
        to a recipient.

        `tls`: whom to trust; None: the machine's own authorities. Raises KayoiError.
        """
        self._server = server(smtp_url)
        self._sender, self._clinic = sender, clinic
        self._unsubscribe = unsubscribe
        self._tls = tls
        if not rendering.is_address(sender):
            raise KayoiError("channels.email.sender is no address")

    def split(self, message: Message) -> tuple[Message, ...]:
        """The message itself: a mail may be long."""
        return (message,)

    def parse(self, payload: bytes) -> Inbound:  # noqa: ARG002
        """Raises Malformed: nobody writes to us by e-mail."""
        raise Malformed("e-mail has no events")

    async def send(
        self,
        address: str,
        message: Message,
        *,
        key: UUID,
        reply: Reply | None = None,  # noqa: ARG002
    ) -> Outcome:
        """Hand one mail to the server."""
        head = Letterhead(self._sender, self._clinic(), self._unsubscribe(address))
        try:
            mail = rendering.render(message, address, head, key=key, written_at=clock.now())
        except ValueError:
            return Refused("bad_address", gone=True)
        return await self._deliver(address, mail, CONTENT)

    async def send_paper(self, address: str, paper: Paper) -> Outcome:
        """Hand a PDF for staff to the server."""
        head = Letterhead(self._sender, self._clinic())
        try:
            mail = rendering.render_paper(
                paper, address, head, key=new_key(), written_at=clock.now()
            )
        except ValueError:
            return Refused("bad_address", gone=True)
        return await self._deliver(address, mail, PAPER)

    async def _deliver(self, address: str, mail: bytes, patience: float) -> Outcome:
        where = self._server
        smtp = SMTP(
            hostname=where.host,
            port=where.port,
            timeout=BEFORE_CONTENT,
            use_tls=where.tls,
            start_tls=False if where.plain else not where.tls,
            tls_context=self._tls,
            local_hostname=self._sender.rpartition("@")[2],
        )
        try:
            return await self._introduce(smtp, address) or await _hand_over(smtp, mail, patience)
        finally:
            # Not waited for politely: the outcome is known, and QUIT may take its time.
            smtp.close()

    async def _introduce(self, smtp: SMTP, address: str) -> Outcome | None:
        """All that comes before the content: None if the server waits for it."""
        step = "connect"
        try:
            async with asyncio.timeout(BEFORE_CONTENT):
                await smtp.connect()
                if self._server.user:
                    step = "login"
                    await smtp.login(self._server.user, self._server.password)
                step = "sender"
                await smtp.mail(self._sender)
                step = "recipient"
                await smtp.rcpt(address)
        except SMTPResponseException as error:
            return _refusal(error, step)
        except (SMTPException, OSError, TimeoutError) as error:
            if step == "login" and not isinstance(error, OSError):  # no AUTH offered
                return NotSent("login", LOGIN_PAUSE, whole_channel=True)
            return NotSent(f"{step}: {type(error).__name__}", BUSY_PAUSE)
        return None

    async def acknowledge(self, inbound: Inbound, address: str) -> None:
        """Nothing comes in."""

    async def profile(self, address: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Nothing is known of an address."""
        return {}

    async def own_name(self) -> str | None:
        """None: nobody begins a chat by e-mail."""
        return None

    async def set_webhook(self, url: str) -> str | None:  # noqa: ARG002
        """Nothing: there are no events."""
        return None

    async def close(self) -> None:
        """Nothing is open: every mail has its own connection."""


async def _hand_over(smtp: SMTP, mail: bytes, patience: float) -> Outcome:
    try:
        async with asyncio.timeout(patience):
            await smtp.data(mail)
    except SMTPResponseException as error:
        # A code is an answer: the server has not kept the mail. (-1: it talked nonsense.)
        return _refusal(error, "content") if error.code > 0 else Unknown("content: nonsense")
    except (SMTPException, OSError, TimeoutError) as error:
        return Unknown(f"content: {type(error).__name__}")
    with suppress(SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(0.2):
            await smtp.quit()
    return Sent()


def _refusal(error: SMTPResponseException, step: str) -> Outcome:
    """What an answer of 4xx or 5xx means, by where it came. Never its words: they quote."""
    reason = f"{step} {error.code}"
    if step == "login" or error.code == 530:
        return NotSent("login", LOGIN_PAUSE, whole_channel=True)
    if error.code == 421:
        return NotSent(reason, BUSY_PAUSE, whole_channel=True)
    if error.code < 500 or step == "connect":
        return NotSent(reason, BUSY_PAUSE)
    enhanced = str(error.message).strip()
    gone = step == "recipient" and (error.code == 551 or bool(_GONE.match(enhanced)))
    return Refused(f"{reason} {enhanced[:6]}".strip() if gone else reason, gone=gone)
