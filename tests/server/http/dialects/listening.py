"""Programs of other systems that listen, as the tests have them: lines of an HTTP answer, and a WebSocket."""

from __future__ import annotations

import json
import socket
from types import TracebackType
from typing import Any, Self

import websocket

from tests.server.http.stage import Person, Stage


def listener(stage: Stage, person: Person, dialect: str = "ntfy") -> str:
    """A token of this person's for a program that listens."""
    made = person.rest.post("/v1/devices/tokens", {"name": "phone", "dialect": dialect})
    assert made.status == 201, made
    return str(made.body["token"])


class Lines:
    """An answer that does not end, read line by line."""

    def __init__(self, port: int, token: str, path: str, *, buffer: int | None = None) -> None:
        self._sock = socket.socket()
        if buffer is not None:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._sock.settimeout(60)
        self._sock.connect(("127.0.0.1", port))
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        self._sock.sendall(request.encode())
        self._file = self._sock.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = dict(line.decode().strip().lower().split(": ", 1) for line in iter(self._file.readline, b"\r\n"))

    def line(self) -> str:
        return self._file.readline().decode()

    def event(self) -> dict[str, Any]:
        line = self.line()
        assert line, "the stream has ended"
        found: dict[str, Any] = json.loads(line)
        return found

    def messages(self, count: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while len(found) < count:
            event = self.event()
            found += [event] if event["event"] == "message" else []
        return found

    def ends(self) -> None:
        while self.line():
            pass

    def close(self) -> None:
        """Vanish without a word."""
        self._file.close()
        self._sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def web_socket(stage: Stage, path: str, token: str | None = None, **more: Any) -> websocket.WebSocket:
    headers = [] if token is None else [f"Authorization: Bearer {token}"]
    url = f"ws://127.0.0.1:{stage.server.port}{path}"
    return websocket.create_connection(url, header=headers, timeout=60, **more)


def heard(sock: websocket.WebSocket) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sock.recv())
    return found
