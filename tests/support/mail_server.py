"""A mail server: aiosmtpd in a thread, with TLS, sign-in and every way to refuse, stall or die that a real one has."""

from __future__ import annotations

import asyncio
import ssl
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.ports import free_port
from tests.support.waiting import until

USER, PASSWORD = "bell", "pa:ss@wörd"
OK = "250 taken"


@dataclass(frozen=True)
class Received:
    """One e-mail whose last dot came in, whatever the server answered to it."""

    sender: str
    recipient: str
    raw: bytes
    secure: bool
    user: str | None
    answered: list[str] = field(default_factory=list)

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])

    def part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())

    @property
    def text(self) -> str:
        return self.part("plain")

    @property
    def html(self) -> str:
        return self.part("html")


class Hold:
    """An answer that waits until the test lets it go, or for ever."""

    def __init__(self) -> None:
        self.let_go = threading.Event()


DROP = object()  # the connection is gone, without a word
Answer = str | Hold | object


class MailServer:
    """`sender`, `recipient`, `end` are what it answers to MAIL, RCPT and the last dot: a text, a `Hold`, or DROP."""

    def __init__(self, certificate: tuple[str, str] | None = None, *, tls: bool = False, sign_in: bool = False) -> None:
        self.port = free_port()
        self.received: list[Received] = []
        self.sender: Answer = OK
        self.recipient: Answer | Callable[[str], Answer] = OK
        self.end: Answer = OK
        self.connections = 0
        self._sign_in = sign_in
        self._context: ssl.SSLContext | None = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)
        self._tls = tls
        scheme = "smtps" if tls else "smtp+starttls" if certificate else "smtp"
        self.url = f"{scheme}://{USER + '@' if sign_in else ''}127.0.0.1:{self.port}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(60)

    def wait_for(self, count: int, timeout: float = 15) -> list[Received]:
        until(lambda: len(self.received) >= count, timeout, f"{count} e-mails")
        return self.received[:count]

    @property
    def taken(self) -> list[Received]:
        """Those that it has said it has."""
        return [one for one in self.received if one.answered and one.answered[0].startswith("250")]

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- in its own thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> None:
        context = self._context if self._tls else None
        self._server = await self._loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=context)

    async def _end(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _protocol(self) -> SMTP:
        self.connections += 1
        more: dict[str, Any] = {}
        if self._context is not None and not self._tls:
            more = {"tls_context": self._context, "require_starttls": True}
        if self._sign_in:
            more |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": not self._tls}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one should ask for TLS: implicit TLS is nothing it knows of
            return SMTP(_Handler(self), hostname="mail.example", loop=self._loop, enable_SMTPUTF8=False, **more)


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(  # noqa: N802 — so aiosmtpd calls it
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await _say(smtp, self._server.sender)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return said

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._server.recipient
        said = await _say(smtp, answer(address) if callable(answer) else answer)
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content
        assert content is not None
        user = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else None
        secure = session.ssl is not None or self._server._tls
        one = Received(envelope.mail_from or "", envelope.rcpt_tos[0], content, secure, user)
        self._server.received.append(one)
        said = await _say(smtp, self._server.end)
        one.answered.append(said)
        return said


async def _say(smtp: SMTP, answer: Answer) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Hold):
        while not answer.let_go.is_set():
            await asyncio.sleep(0.01)
        return OK
    assert isinstance(smtp.transport, asyncio.Transport)
    smtp.transport.abort()
    return "421 gone"


def _authenticate(_server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False, auth_data=data)
