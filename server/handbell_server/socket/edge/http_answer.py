"""What the application answers, made into as few writes as possible: one, when the length is known."""

import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from types import TracebackType
from typing import Any

from handbell_server.socket.edge.http_head import Head

_GATHER = 64 * 1024  # parts of an answer are sent together up to here

Headers = list[tuple[str, str]]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

_date: tuple[int, str] = (0, "")


def http_date() -> str:
    """The Date header, formatted once a second."""
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = (now, formatdate(now, usegmt=True))
    return _date[1]


class Answer:
    """The answer to one request: WSGI's `start_response`, and the sending of its body."""

    __slots__ = ("_chunked", "_head", "_headers", "_left", "_send", "_status", "bodyless", "keep_alive", "started")

    def __init__(self, head: Head, send: Callable[[bytes], None], keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.started = False  # the status line is on its way, so it is too late for another
        self.bodyless = False
        self._head = head
        self._send = send
        self._status = ""
        self._headers: Headers = []
        self._chunked = False
        self._left: int | None = None  # what Content-Length still promises

    def start(self, status: str, headers: Headers, exc_info: ExcInfo | None = None) -> Callable[[bytes], None]:
        """WSGI's start_response."""
        if exc_info is not None and self.started and exc_info[1] is not None:
            raise exc_info[1]
        if self._status and exc_info is None:
            raise AssertionError("start_response() was called twice")
        self._status, self._headers = status, headers
        return self.write

    def send(self, result: Iterable[bytes]) -> None:
        """Send what the application returned, in one write if its length is known and it is not big."""
        if isinstance(result, list | tuple) and not self.started:
            body = b"".join(result)
            self._begin(len(body), body)
        else:
            self._stream(result)
        if not self.started:
            self._begin(0, b"")
        if self._chunked:
            self._send(b"0\r\n\r\n")
        if self._left:
            self.keep_alive = False  # less than promised: only closing ends this answer

    def write(self, data: bytes) -> None:
        if not self.started:
            self._begin(None, data)
        elif data:
            self._send_body(data)

    def _stream(self, result: Iterable[bytes]) -> None:
        gathered = b""
        for part in result:
            gathered = gathered + part if gathered else part
            length = self._content_length()
            if gathered and (length is None or len(gathered) >= min(length, _GATHER)):
                self.write(gathered)
                gathered = b""
        if gathered:
            self.write(gathered)

    def _content_length(self) -> int | None:
        """What is still to come, as far as the application said so."""
        if self.started:
            return self._left
        for name, value in self._headers:
            if name.lower() == "content-length":
                return int(value)
        return None

    def _begin(self, known: int | None, body: bytes) -> None:
        if not self._status:
            raise AssertionError("the application returned without start_response()")
        self.bodyless = self._head.method == "HEAD" or self._status[:3] in ("204", "304") or self._status[0] == "1"
        head = self._render(known)
        self.started = True
        if self.bodyless or not body:
            self._send(head)
        elif self._chunked:
            self._send(b"%s%x\r\n%s\r\n" % (head, len(body), body))
        else:
            self._send(head + self._within_promise(body))

    def _send_body(self, data: bytes) -> None:
        if self.bodyless:
            return
        if self._chunked:
            self._send(b"%x\r\n%s\r\n" % (len(data), data))
        else:
            self._send(self._within_promise(data))

    def _within_promise(self, data: bytes) -> bytes:
        """Never more than Content-Length said: the rest would be read as the next answer."""
        if self._left is None:
            return data
        data = data[: self._left]
        self._left -= len(data)
        return data

    def _render(self, known: int | None) -> bytes:
        lines = [f"HTTP/1.1 {self._status}"]
        length: int | None = None
        dated = False
        for name, value in self._headers:
            lower = name.lower()
            if lower == "content-length":
                length = int(value)
            elif lower == "connection":
                self.keep_alive = self.keep_alive and "close" not in value.lower()
                continue
            elif lower == "date":
                dated = True
            lines.append(f"{name}: {value}")
        if not dated:
            lines.append(f"Date: {http_date()}")
        self._frame(length, known, lines)
        head = "\r\n".join(lines) + "\r\n\r\n"
        if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
            raise ValueError("a response header contains a line break")
        return head.encode("latin-1")

    def _frame(self, length: int | None, known: int | None, lines: list[str]) -> None:
        """Say how the body ends: by length, by chunks, or by closing."""
        if length is None and not self.bodyless:
            if known is not None:
                length = known
                lines.append(f"Content-Length: {known}")
            elif self._head.http11:
                self._chunked = True
                lines.append("Transfer-Encoding: chunked")
            else:
                self.keep_alive = False
        self._left = None if self.bodyless or self._chunked else length
        if not self.keep_alive:
            lines.append("Connection: close")
        elif not self._head.http11:
            lines.append("Connection: keep-alive")


Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
