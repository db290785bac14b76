"""One connection to the mail server, which carries one e-mail after the other. Blocks: for native threads.

An e-mail is handed over in two steps. `to_the_brink` says everything but the last dot; whatever fails until then has not been
sent, and may be tried again. Then `over` says the dot. From that byte on only the server's answer tells whether it has the
mail; without an answer nobody knows, and it is not sent again (`actions/mails.py`).

Every wait has an end: each step has one of its own, and `abort`, from any thread, breaks off whatever is under way.
"""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from handbell_server.channels.egress import LookupFailedError, in_time, system_lookup
from handbell_server.channels.mail.relay import Relay

LOOKUP_S: Final = 5.0
CONNECT_S: Final = 10.0
REPLY_S: Final = 30.0  # for one answer
BRINK_S: Final = 90.0  # for all of the way to the brink
OVER_S: Final = 120.0  # for the answer to the dot: a server may look at the mail while we wait
_ADDRESSES_AT_MOST: Final = 4
_SAID_AT_MOST: Final = 300
_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_UNPRINTABLE: Final = re.compile(r"[^ -~]+")
_CLOSING: Final = 421


class UnreachableError(Exception):
    """The mail server cannot be used now, whatever the e-mail. A sentence for the operator."""


class RefusedError(Exception):
    """The server said no to this e-mail; it has not been sent. `at_recipient` when it was the address it did not like."""

    def __init__(self, code: int, text: bytes, *, at_recipient: bool = False) -> None:
        self.code = code
        self.said = f"{code} {_readable(text)}"
        self.for_good = code >= 500
        self.at_recipient = at_recipient
        super().__init__(self.said)

    @property
    def nobody_there(self) -> bool:
        """Whether it is the address that is wrong, and not who asks or from where (5.7.x)."""
        enhanced = self.said.split(" ")[1:2]
        return self.at_recipient and self.for_good and not (enhanced and enhanced[0].startswith("5.7"))


class NoAnswerError(Exception):
    """The dot was said and no answer came: nobody knows whether the mail was taken."""


class Line:
    def __init__(self, relay: Relay, hello_as: str) -> None:
        self._relay = relay
        self._smtp = _Smtp(self, hello_as)
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._ending = False

    def open(self) -> None:
        """Connect, say hello, speak TLS, sign in. Raises UnreachableError."""
        with self._as_unreachable():
            code, said = self._smtp.connect(self._relay.host, self._relay.port)
            if code != 220:
                raise UnreachableError(f"The mail server greets with {code} {_readable(said)}.")
            self._smtp.ehlo_or_helo_if_needed()
            if self._relay.security == "starttls":
                self._start_tls()
            if self._relay.user:
                self._sign_in(self._relay.user, self._relay.password)

    def to_the_brink(self, sender: str, recipient: str, message: bytes) -> None:
        """Everything up to the last dot. Raises RefusedError or UnreachableError; either way nothing was sent."""
        with self._as_unreachable():
            sized = [f"size={len(message)}"] if self._smtp.has_extn("size") else []
            code, said = self._smtp.mail(sender, sized)
            if code != 250:  # not because of this e-mail: it is about us, and the operator can change that
                raise UnreachableError(f"The mail server takes nothing from {sender}: {code} {_readable(said)}.")
            self._expect((250, 251), self._smtp.rcpt(recipient), at_recipient=True)
            self._expect((354,), self._smtp.docmd("DATA"))
            self._smtp.send(_LEADING_DOT.sub(b"..", message))

    def over(self) -> None:
        """The last dot, and the server's answer. Raises RefusedError or NoAnswerError."""
        assert self._smtp.sock is not None
        try:
            self._smtp.sock.settimeout(OVER_S)
            self._smtp.send(b".\r\n")
            code, said = self._smtp.getreply()
            self._smtp.sock.settimeout(REPLY_S)
        except (OSError, smtplib.SMTPException) as error:
            raise NoAnswerError from error
        if not 200 <= code < 600:
            raise NoAnswerError
        if code >= 300:
            raise RefusedError(code, said)

    def forget(self) -> bool:
        """Begin anew after a refusal; False when the server has had enough of us."""
        try:
            return self._smtp.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def close(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self._smtp.sock is not None:
                self._smtp.quit()
        self._smtp.close()

    def abort(self) -> None:
        """For any thread: nothing of this connection waits any longer."""
        with self._lock:
            self._ending = True
            if self._sock is not None:
                with contextlib.suppress(OSError):
                    # Not SSLSocket's own, which takes the TLS object away from under the thread that reads.
                    socket.socket.shutdown(self._sock, socket.SHUT_RDWR)

    # ---- the socket, which `abort` must always know

    def connect(self, host: str, port: int) -> socket.socket:
        plain = self._connect(host, port)
        plain.settimeout(REPLY_S)
        return self._secured(plain) if self._relay.security == "tls" else plain

    def _connect(self, host: str, port: int) -> socket.socket:
        failure: OSError = OSError("it has no address")
        found = in_time(system_lookup, host, port, LOOKUP_S)[:_ADDRESSES_AT_MOST]
        for family, target in found:
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                self._know(sock)
                sock.settimeout(CONNECT_S / len(found))
                sock.connect(target)
                # Or the dot would wait for the server to say that it has heard of the text: 40 ms for each e-mail.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        raise failure

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        sock = self._relay.tls().wrap_socket(plain, server_hostname=self._relay.host, do_handshake_on_connect=False)
        try:
            self._know(sock)
            sock.do_handshake()
        except OSError:
            sock.close()
            raise
        return sock

    def _know(self, sock: socket.socket) -> None:
        with self._lock:
            if self._ending:
                raise ConnectionAbortedError("this server is ending")
            self._sock = sock

    def _start_tls(self) -> None:
        """As smtplib does it, with a socket that `abort` knows. What was said before TLS is forgotten."""
        if not self._smtp.has_extn("starttls"):
            raise UnreachableError("The mail server offers no STARTTLS, and nothing is sent without TLS.")
        code, said = self._smtp.docmd("STARTTLS")
        if code != 220:
            raise UnreachableError(f"The mail server refuses STARTTLS with {code} {_readable(said)}.")
        assert self._smtp.sock is not None
        self._smtp.begin_anew(self._secured(self._smtp.sock))
        self._smtp.ehlo_or_helo_if_needed()

    def _sign_in(self, user: str, password: str) -> None:
        """In UTF-8, which smtplib's own cannot. The password is inside TLS, or never leaves this machine (`relay.py`)."""
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            answer = self._smtp.docmd("AUTH", "PLAIN " + _encoded(f"\0{user}\0{password}"))
        elif "LOGIN" in offered:
            answer = self._smtp.docmd("AUTH", "LOGIN")
            for word in (user, password):
                if answer[0] == 334:
                    answer = self._smtp.docmd(_encoded(word))
        else:
            raise UnreachableError("The mail server offers no way to sign in that we know (PLAIN or LOGIN).")
        if answer[0] != 235:
            raise UnreachableError(f"The mail server did not let us in: {answer[0]} {_readable(answer[1])}.")

    def _expect(self, wanted: tuple[int, ...], answer: tuple[int, bytes], *, at_recipient: bool = False) -> None:
        code, said = answer
        if code in wanted:
            return
        if code == _CLOSING or not 400 <= code < 600:
            raise UnreachableError(f"The mail server said {code} {_readable(said)}.")
        raise RefusedError(code, said, at_recipient=at_recipient)

    @contextmanager
    def _as_unreachable(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(f"The mail server's certificate is not valid: {error.verify_message}.") from error
        except ssl.SSLError as error:
            raise UnreachableError("The mail server and we found no way to speak TLS.") from error
        except smtplib.SMTPServerDisconnected as error:
            raise UnreachableError("The mail server closed the connection.") from error
        except smtplib.SMTPException as error:
            raise UnreachableError("The mail server does not speak SMTP as we know it.") from error
        except LookupFailedError as error:
            raise UnreachableError(str(error)) from error
        except TimeoutError as error:
            raise UnreachableError("The mail server took too long.") from error
        except OSError as error:
            why = error.strerror or str(error)
            raise UnreachableError(f"The connection to the mail server could not be made, or broke: {why}.") from error


class _Smtp(smtplib.SMTP):
    """smtplib's grammar over a socket of ours."""

    def __init__(self, line: Line, hello_as: str) -> None:
        super().__init__(local_hostname=hello_as, timeout=REPLY_S)
        self._line = line

    def _get_socket(self, host: str, port: int, _timeout: float) -> socket.socket:
        return self._line.connect(host, port)

    def begin_anew(self, sock: socket.socket) -> None:
        self.sock = sock
        self.file: Any = None
        self.helo_resp = None
        self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False


@contextmanager
def ended_after(line: Line, seconds: float) -> Iterator[None]:
    """For those who have no loop that could watch: the line is broken off when this takes longer."""
    timer = threading.Timer(seconds, line.abort)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _encoded(word: str) -> str:
    return base64.b64encode(word.encode()).decode()


def _readable(text: bytes) -> str:
    return _UNPRINTABLE.sub(" ", text.decode("ascii", "replace"))[:_SAID_AT_MOST].rstrip(" .")
