"""Structured logs: one JSON object a line, on standard error, without secrets and without waiting.

A terminal or a pipe that nobody reads would stop the loop at the first full buffer, so lines go through a bounded queue
to a native thread. When even that is full, lines are dropped and counted, and the count is logged.
"""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from typing import Any, TextIO

import msgspec

from handbell_server.identity.redaction import redact

_encode = msgspec.json.Encoder().encode
_QUEUE_AT_MOST = 20_000
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _Writer:
    """Takes finished lines to a stream, in a thread of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: queue.Queue[bytes | None] = queue.Queue(_QUEUE_AT_MOST)
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="handbell-log", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        self._lines.put(None)
        self._thread.join(2)

    def _run(self) -> None:
        raw = self._stream.buffer
        while True:
            line = self._lines.get()
            batch = []
            while line is not None:
                batch.append(line)
                if len(batch) >= 500 or self._lines.empty():
                    break
                line = self._lines.get()
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                batch.append(
                    _encode({"time": time.time(), "level": "warning", "event": "log lines dropped", "count": dropped})
                )
            try:
                raw.write(b"".join(one + b"\n" for one in batch))
                raw.flush()
            except (OSError, ValueError):
                pass  # nobody reads us any more; there is nowhere left to say so
            if line is None:
                return


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
    root.setLevel(_LEVELS.get(level, 20))
    # Their "info" prints what a packet says, tokens included.
    for noisy in ("socketio", "engineio", "alembic", "handbell_server.socket.edge.engine"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    _access = root.level <= logging.INFO


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
