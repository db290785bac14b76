"""One HTTP connection, from accept to close: bytes in, the WSGI application in the middle, bytes out.

`eventlet.wsgi` accepts and gives each connection a greenlet; this class is its protocol. The stock one keeps no total
deadlines (a byte every two seconds holds a connection for ever) and spends over 100 µs a request on the e-mail parser
and on registering with the hub for every read. Here one hub listener fills a buffer for the connection's whole life, a
deadline is a number compared by a lazily re-armed timer, and a body is complete before the application sees it, so that
a slow sender never holds a Flask context.

`environ["handbell.takeover"]` hands the naked socket, and what was read beyond the request, to the WebSocket side.
"""

import io
import logging
import socket
import sys
from functools import lru_cache
from typing import Any

from eventlet import hubs, wsgi
from greenlet import getcurrent

from handbell_server.socket.edge.http_answer import Answer, Application
from handbell_server.socket.edge.http_chunks import ChunkedBody
from handbell_server.socket.edge.http_head import Head, Refused, parse_head
from handbell_server.socket.edge.limits import HttpLimits
from handbell_shared.codes import Code

log = logging.getLogger(__name__)

_READ_AT_ONCE = 64 * 1024
_BUFFERED = 256 * 1024  # a client that sends ahead waits in the kernel from here on
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 8 * 1024 * 1024
_NO_BODY = b""


class Gone(Exception):
    """The client left, or its time is up: nothing more can be said to it."""


class Shared:
    """What all connections of one listener share."""

    def __init__(self, application: Application, limits: HttpLimits, address: tuple[str, int]) -> None:
        self.application = application
        self.limits = limits
        self.in_progress = 0
        self.unfinished_bodies = 0
        self.environ: dict[str, Any] = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            "SCRIPT_NAME": "",
            "SERVER_NAME": address[0],
            "SERVER_PORT": str(address[1]),
        }


class HttpConnection:
    """Serves one connection while it is constructed: that is how `eventlet.wsgi` calls its protocol."""

    def __init__(self, shared: Shared, state: list[Any], _server: object) -> None:
        address, green, _ = state
        self._shared = shared
        self._state = state  # eventlet.wsgi's record of us: at shutdown it closes who is idle and marks the others
        self._sock: socket.socket = green.fd
        self._hub: Any = hubs.get_hub()
        self._buffer = bytearray()
        self._eof = False
        self._taken = False
        self._waiter: Any = None
        self._listener: Any = None
        self._timer: Any = None
        self._deadline: float | None = None
        self._base = {
            **shared.environ,
            "REMOTE_ADDR": address[0],
            "REMOTE_PORT": str(address[1]),
            "handbell.takeover": self.takeover,
        }
        try:
            self._serve()
        except Gone:
            pass
        finally:
            self._base.clear()  # breaks the cycle through `takeover`
            self._let_go()

    def takeover(self) -> tuple[socket.socket, bytes]:
        """Give the socket away; the running request is then answered by whoever took it."""
        self._taken = True
        self._let_go()
        sock = self._sock
        mine = socket.socket(sock.family, sock.type, sock.proto, fileno=sock.detach())
        mine.setblocking(False)
        return mine, bytes(self._buffer)

    # One request after the other.

    def _serve(self) -> None:
        limits = self._shared.limits
        self._listen()
        self._expire_in(limits.header_seconds)
        while self._serve_one():
            self._state[2] = wsgi.STATE_IDLE
            self._expire_in(limits.idle_seconds)

    def _serve_one(self) -> bool:
        """Serve one request; whether the connection stays open for the next."""
        try:
            raw = self._read_head()
            self._state[2] = wsgi.STATE_REQUEST
            environ = self._base.copy()
            head = parse_head(raw, environ, self._shared.limits.header_count)
            body = self._read_body(head)
        except Refused as refusal:
            self._refuse(refusal.status)
            return False
        self._deadline = None  # the time the application takes is its own
        environ["wsgi.input"] = io.BytesIO(body)
        if head.chunked:
            environ["CONTENT_LENGTH"] = str(len(body))
        self._shared.in_progress += 1
        try:
            return self._answer(head, environ)
        finally:
            self._shared.in_progress -= 1

    def _read_head(self) -> bytes:
        limits, buffer = self._shared.limits, self._buffer
        searched, started = 0, False
        while (end := buffer.find(b"\r\n\r\n", searched)) < 0:
            if len(buffer) > limits.header_bytes:
                raise Refused("431 Request Header Fields Too Large")
            if buffer and not started:
                started = True
                self._expire_in(limits.header_seconds)
            searched = max(0, len(buffer) - 3)
            self._read_more()
        if end > limits.header_bytes:
            raise Refused("431 Request Header Fields Too Large")
        raw = bytes(buffer[:end])
        del buffer[: end + 4]
        return raw.removeprefix(b"\r\n")  # some clients send one more line break after a body

    def _read_body(self, head: Head) -> bytes:
        limits = self._shared.limits
        if head.content_length > limits.body_bytes:
            raise Refused("413 Content Too Large")
        if not head.chunked and len(self._buffer) >= head.content_length:
            if not head.content_length:
                return _NO_BODY
            return self._cut(head.content_length)
        self._expire_in(limits.body_seconds)
        if head.expects_continue and not self._buffer:
            self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
        announced = limits.body_bytes if head.chunked else head.content_length
        if self._shared.unfinished_bodies + announced > limits.unfinished_bodies_bytes:
            raise Refused("503 Service Unavailable")
        self._shared.unfinished_bodies += announced
        try:
            return self._read_chunked() if head.chunked else self._read_counted(head.content_length)
        finally:
            self._shared.unfinished_bodies -= announced

    def _read_counted(self, length: int) -> bytes:
        body = bytearray(self._buffer)
        self._buffer.clear()
        while len(body) < length:
            self._read_more()
            body += self._buffer
            self._buffer.clear()
        self._buffer += body[length:]
        return bytes(body[:length])

    def _read_chunked(self) -> bytes:
        chunked = ChunkedBody(self._shared.limits.body_bytes)
        chunked.feed(self._buffer)
        while not chunked.done:
            self._read_more()
            chunked.feed(self._buffer)
        return bytes(chunked.data)

    def _cut(self, length: int) -> bytes:
        part = bytes(self._buffer[:length])
        del self._buffer[:length]
        return part

    # Answers.

    def _answer(self, head: Head, environ: dict[str, Any]) -> bool:
        answer = Answer(head, self._send, head.keep_alive)
        result: Any = ()
        try:
            result = self._shared.application(environ, answer.start)
            if self._state[2] is wsgi.STATE_CLOSE:
                answer.keep_alive = False  # the server began to stop meanwhile
            if not self._taken:
                answer.send(result)
        except Gone:
            raise
        except Exception:
            log.exception("the application failed on a %s", head.method)  # not the path: it may hold a token
            answer.keep_alive = False
            if not answer.started and not self._taken:
                self._send(_refusal("500 Internal Server Error"))
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        return answer.keep_alive and not self._taken

    def _refuse(self, status: str) -> None:
        """Answer what is not served, and read on a little: closing on unread data would destroy the answer."""
        self._send(_refusal(status))
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            raise Gone from None
        self._expire_in(_LINGER_SECONDS)
        read = len(self._buffer)
        while read < _LINGER_BYTES:
            self._buffer.clear()
            self._read_more()
            read += len(self._buffer)

    def _send(self, data: bytes) -> None:
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            raise Gone from None
        view = memoryview(data)
        while sent < len(data):
            sent += self._send_when_possible(view[sent:])

    def _send_when_possible(self, data: memoryview) -> int:
        try:
            hubs.trampoline(self._sock, write=True, timeout=self._shared.limits.write_seconds, timeout_exc=TimeoutError)
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # TimeoutError is one
            raise Gone from None

    # The socket, the hub and the clock.

    def _listen(self) -> None:
        if self._listener is None and not self._eof:
            fileno = self._sock.fileno()
            self._listener = self._hub.add(self._hub.READ, fileno, self._on_readable, self._on_broken, _ignore)

    def _deafen(self) -> None:
        if self._listener is not None:
            self._hub.remove(self._listener)
            self._listener = None

    def _read_more(self) -> None:
        """Wait for bytes; Gone when none will come any more, or when the deadline passes first."""
        if self._eof:
            raise Gone
        before = len(self._buffer)
        self._listen()
        self._waiter = getcurrent()
        try:
            in_time = self._hub.switch()
        finally:
            self._waiter = None
        if not in_time:
            if self._buffer or self._state[2] is wsgi.STATE_REQUEST:
                self._send(_refusal("408 Request Timeout"))
            raise Gone
        if len(self._buffer) == before:
            raise Gone  # woken by the end, not by bytes

    def _on_readable(self, _fileno: int) -> None:
        try:
            data = self._sock.recv(_READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._buffer += data
        else:
            self._eof = True
        if not data or len(self._buffer) >= _BUFFERED:
            self._deafen()
        if self._waiter is not None:
            self._waiter.switch(True)

    def _on_broken(self, _error: BaseException) -> None:
        self._eof = True
        if self._waiter is not None:
            self._waiter.switch(True)

    def _expire_in(self, seconds: float) -> None:
        """Move the deadline; the timer is touched only when it would ring too late."""
        now = self._hub.clock()
        self._deadline = deadline = now + seconds
        if self._timer is None or self._timer[0] > deadline:
            if self._timer is not None:
                self._timer[1].cancel()
            self._timer = (deadline, self._hub.schedule_call_global(seconds, self._on_time))

    def _on_time(self) -> None:
        self._timer = None
        if self._deadline is None:
            return
        left = self._deadline - self._hub.clock()
        if left > 0:
            self._timer = (self._deadline, self._hub.schedule_call_global(left, self._on_time))
        elif self._waiter is not None:
            self._waiter.switch(False)

    def _let_go(self) -> None:
        self._deafen()
        if self._timer is not None:
            self._timer[1].cancel()
            self._timer = None
        self._deadline = None


@lru_cache(16)
def _refusal(status: str) -> bytes:
    """A problem document like all the others, for what never reaches the application."""
    number, _, phrase = status.partition(" ")
    code = _CODES.get(number, Code.MALFORMED)
    problem = f'{{"type":"urn:handbell:problem:{code}","title":"{phrase}","status":{number},"code":"{code}","detail":"{phrase}."}}'
    again = "Retry-After: 1\r\n" if number == "503" else ""
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\n{again}Content-Type: application/problem+json\r\n"
    return f"{head}Content-Length: {len(problem)}\r\n\r\n{problem}".encode()


_CODES = {
    "413": Code.TOO_LARGE,
    "414": Code.TOO_LARGE,
    "431": Code.TOO_LARGE,
    "500": Code.INTERNAL,
    "503": Code.OVERLOADED,
}


def _ignore() -> None:
    """The hub tells us of reused descriptors; ours is always given back before it is closed."""
