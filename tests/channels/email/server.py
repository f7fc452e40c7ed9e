"""Mail servers for tests: aiosmtpd in the test's own loop, strict, with scripted faults."""

import asyncio
import email
import ssl
from collections import deque
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "desk@clinic.example", "p@ss:word"


class MailServer:
    """Use as `async with MailServer() as server`.

    `answers` are scripted by step (MAIL, RCPT, DATA): "" goes well, a line is answered instead,
    "drop" ends the connection, "silence" says nothing more. `mails` were taken, with their order.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, login: bool = False, implicit: bool = False
    ) -> None:
        self.answers: dict[str, deque[str]] = {}
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.port = 0
        self._tls, self._login, self._implicit = tls, login, implicit
        self._server: asyncio.Server | None = None
        self._held = asyncio.Event()
        self._sessions: set[SMTP] = set()

    def once(self, step: str, *answers: str) -> None:
        self.answers.setdefault(step, deque()).extend(answers)

    @property
    def url(self) -> str:
        user = "desk%40clinic.example:p%40ss%3Aword@" if self._login else ""
        return f"smtp{'s' if self._implicit else ''}://{user}127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            session = SMTP(
                self,
                hostname="mail.clinic.example",
                loop=loop,
                tls_context=None if self._implicit else self._tls,
                require_starttls=self._tls is not None and not self._implicit,
                auth_required=self._login,
                auth_require_tls=self._tls is not None,
                authenticator=self._authenticate,
            )
            self._sessions.add(session)
            return session

        self._server = await loop.create_server(
            protocol, "127.0.0.1", 0, ssl=self._tls if self._implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.set()
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            _cut(session)
        await asyncio.sleep(0)

    def _authenticate(
        self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)

    async def _scripted(self, step: str, server: SMTP) -> str:
        waiting = self.answers.get(step)
        answer = waiting.popleft() if waiting else ""
        if answer == "drop":
            _cut(server)
        if answer == "silence":
            await self._held.wait()
        return answer

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        return await self._scripted("MAIL", server) or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        answer = await self._scripted("RCPT", server)
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await self._scripted("DATA", server)
        if answer and answer != "kept, then drop":
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        message = email.message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.recipients += envelope.rcpt_tos
        if answer:
            _cut(server)
        return "250 kept"


def _cut(session: SMTP) -> None:
    if session.transport is not None:
        assert isinstance(session.transport, asyncio.WriteTransport)
        session.transport.abort()
