"""Structured logs: one JSON object a line, on standard error, without secrets and without waiting.

A terminal or a pipe that nobody reads would stop the loop at the first full buffer, so lines go through a bounded queue
to a native thread. When even that is full, lines are dropped and counted, and the count is logged.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from typing import Any, TextIO

import msgspec

from handbell_server.identity.redaction import redact

_encode = msgspec.json.Encoder().encode
_LINES_AT_MOST = 50_000
_LOOK_EVERY = 0.05
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _Writer:
    """Takes finished lines to a stream, in a thread of its own.

    The thread looks every few hundredths of a second instead of being woken for each line: a wake-up costs the loop
    more than everything else about a request's line together.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque()
        self._dropped = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="handbell-log", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        if len(self._lines) < _LINES_AT_MOST:
            self._lines.append(line)
        else:
            self._dropped += 1

    def close(self) -> None:
        self._ending.set()
        self._thread.join(2)

    def _run(self) -> None:
        ending = False
        while not ending:
            ending = self._ending.wait(_LOOK_EVERY)
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            dropped, self._dropped = self._dropped, 0
            if dropped:
                event = {"time": time.time(), "level": "warning", "event": "log lines dropped", "count": dropped}
                lines.append(_encode(event))
            if lines:
                self._write(b"\n".join(lines) + b"\n")

    def _write(self, text: bytes) -> None:
        try:
            self._stream.buffer.write(text)
            self._stream.buffer.flush()
        except (OSError, ValueError):
            pass  # nobody reads us any more; there is nowhere left to say so


class _Handler(logging.Handler):
    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = redact(logging.Formatter().formatException(record.exc_info))
        self._writer.put(_encode(line))


_writer: _Writer | None = None
_access = False


def start(level: str) -> None:
    """Begin to log; once, by the program's entry point."""
    global _writer, _access
    _writer = _Writer(sys.stderr)
    root = logging.getLogger()
    root.handlers[:] = [_Handler(_writer)]
    root.setLevel(_LEVELS[level])
    # Their "info" prints what a packet says, tokens included.
    for noisy in ("socketio", "engineio", "alembic", "handbell_server.socket.edge.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Its warnings are of what fails while it clears up after an error, and that error we hear and tell ourselves.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    _access = root.level <= logging.INFO
    # What Python would say in lines of its own.
    threading.excepthook = _thread_ended
    logging.captureWarnings(True)


def _thread_ended(how: threading.ExceptHookArgs) -> None:
    name = how.thread.name if how.thread is not None else "?"
    error = (how.exc_type, how.exc_value or how.exc_type(), how.exc_traceback)
    logging.getLogger(__name__).error("the thread %s has ended", name, exc_info=error)


def stop() -> None:
    global _writer
    writer, _writer = _writer, None
    if writer is not None:
        writer.close()


def access(
    request_id: str, method: str, route: str, status: int, seconds: float, who: str | None, code: str | None
) -> None:
    """The line of one request: the route, never the address asked for, which may hold what nobody should keep."""
    if _writer is None or not _access:
        return
    _writer.put(
        b'{"time":%.3f,"level":"info","event":"request","id":"%s","method":"%s","route":"%s","status":%d,"ms":%.2f,"who":%s,"code":%s}'
        % (
            time.time(),
            request_id.encode(),
            method.encode(),
            route.encode(),
            status,
            seconds * 1000,
            _encode(who),
            _encode(code),
        )
    )
