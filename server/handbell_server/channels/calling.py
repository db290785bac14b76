"""One POST to an address that was judged, with an end to everything.

Five seconds to look the name up, five to connect, fifteen for all from there; 16 KiB for the head of the answer, 4 KiB
of its body, which is thrown away. No redirect is followed, no proxy of the environment is used, nothing is kept open. A
library's client would bring its own idea of each of these, so the few bytes of HTTP/1.1 are written here.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from time import monotonic
from typing import Any, Final

from handbell_server import __version__
from handbell_server.channels.egress import Egress, LookupFailedError, Place, RefusedError

LOOKUP_S: Final = 5.0
CONNECT_S: Final = 5.0
WHOLE_S: Final = 15.0
_HEAD_BYTES: Final = 16 * 1_024
_BODY_BYTES: Final = 4 * 1_024
_BODY_S: Final = 1.0
_ADDRESSES_AT_MOST: Final = 3
_LONGEST_PAUSE_S: Final = 24 * 3_600
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r]")
_RETRY_AFTER: Final = re.compile(rb"^retry-after:[ \t]*([ -~]{1,40}?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)

Dial = Callable[[socket.socket, Any], None]


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a status, or a sentence that says why there is none."""

    status: int | None = None
    error: str | None = None
    retry_after_s: float = 0.0
    broken_off: bool = False  # by us, because this process ends

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def said(self) -> str:
        return self.error or f"The receiver answered {self.status}."


class _NoAnswerError(Exception):
    """Said to the producer as it is."""


class Caller:
    """Makes the calls of one process; `post` blocks and belongs into a native thread."""

    def __init__(self, egress: Egress, dial: Dial = socket.socket.connect) -> None:
        self._egress = egress
        self._dial = dial
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ending = False

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """One attempt. Never raises for what the other side does."""
        try:
            return self._post(self._egress.place(url), headers, body)
        except (RefusedError, LookupFailedError, _NoAnswerError) as error:
            outcome = Outcome(error=str(error))
        except ssl.SSLCertVerificationError:
            outcome = Outcome(error="The receiver's certificate is not valid for this name.")
        except TimeoutError:
            outcome = Outcome(error="The receiver took too long.")
        except ssl.SSLError:
            outcome = Outcome(error="The receiver and we found no way to speak TLS.")
        except OSError:
            outcome = Outcome(error="The connection could not be made, or broke.")
        return Outcome(error="This server is ending.", broken_off=True) if self._ending else outcome

    def abort(self) -> None:
        """Break off what is under way, and refuse what comes: the process ends."""
        with self._lock:
            self._ending = True
            for sock in self._open:
                with contextlib.suppress(OSError):
                    # Not SSLSocket's own, which takes the TLS object away from under the thread that reads.
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _post(self, place: Place, headers: Mapping[str, str], body: bytes) -> Outcome:
        addresses = self._egress.addresses(place, LOOKUP_S)
        end = monotonic() + WHOLE_S
        sock = self._connect(addresses)
        try:
            if place.secure:
                sock = self._secured(sock, place.host, end)
            sock.settimeout(_left(end))
            sock.sendall(_request(place, headers, body))
            head = _read_head(sock, end)
            _read_away(sock, end)
            return head
        finally:
            self._swap(sock, None)
            sock.close()

    def _secured(self, plain: socket.socket, host: str, end: float) -> ssl.SSLSocket:
        plain.settimeout(_left(end))
        sock = self._tls.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
        try:
            self._swap(plain, sock)
            sock.do_handshake()
        except OSError:
            self._swap(sock, None)
            sock.close()
            raise
        return sock

    def _connect(self, addresses: list[tuple[socket.AddressFamily, Any]]) -> socket.socket:
        """To the first of the judged addresses that answers; to nothing else, by no name."""
        end = monotonic() + CONNECT_S
        failure: OSError = TimeoutError()
        tried = addresses[:_ADDRESSES_AT_MOST]
        for place, (family, target) in enumerate(tried):
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                self._swap(None, sock)
                sock.settimeout(_left(end) / (len(tried) - place))  # one that is silent leaves time for the next
                self._dial(sock, target)
            except OSError as error:
                self._swap(sock, None)
                sock.close()
                failure = error
            else:
                return sock
        raise failure

    def _swap(self, old: socket.socket | None, new: socket.socket | None) -> None:
        """Keep in mind what `abort` would have to shut down."""
        with self._lock:
            if old is not None:
                self._open.discard(old)
            if new is not None:
                if self._ending:
                    raise ConnectionAbortedError
                self._open.add(new)


def _left(end: float) -> float:
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _request(place: Place, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [f"POST {place.path} HTTP/1.1", f"Host: {place.authority}", f"User-Agent: Handbell/{__version__}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _read_head(sock: socket.socket, end: float) -> Outcome:
    """The status, past those that only announce one. A byte at a time would be slow; a head too long is no head."""
    read = b""
    taken = 0
    while True:
        head, mark, rest = read.partition(b"\r\n\r\n")
        if mark:
            status = _STATUS.match(head + b"\r")
            if status is None:
                raise _NoAnswerError("The receiver did not answer in HTTP/1.1.")
            if not status[1].startswith(b"1"):
                return Outcome(status=int(status[1]), retry_after_s=_retry_after(head))
            read = rest
            continue
        if taken >= _HEAD_BYTES:
            raise _NoAnswerError("The head of the receiver's answer is too long.")
        sock.settimeout(_left(end))
        got = sock.recv(min(4_096, _HEAD_BYTES - taken))
        if not got:
            raise _NoAnswerError("The receiver closed the connection without an answer.")
        taken += len(got)
        read += got


def _read_away(sock: socket.socket, end: float) -> None:
    """A little of the body, so that the receiver can finish; the status has been said already."""
    end = min(end, monotonic() + _BODY_S)
    taken = 0
    with contextlib.suppress(OSError):
        while taken < _BODY_BYTES:
            sock.settimeout(_left(end))
            got = sock.recv(_BODY_BYTES - taken)
            if not got:
                return
            taken += len(got)


def _retry_after(head: bytes) -> float:
    found = _RETRY_AFTER.search(head)
    if found is None:
        return 0.0
    text = found[1].decode("ascii")
    try:
        seconds = float(int(text)) if text.isdigit() else _until(text)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_PAUSE_S)


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
