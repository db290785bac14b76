"""A receiver of webhooks: a real HTTP server in a thread, that checks signatures by the specification and by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.ports import free_port
from tests.support.waiting import until


@dataclass(frozen=True)
class Received:
    """One request, as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes
    place: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.body)
        return message

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.message["data"]
        return data

    def signed_with(self, secret: str) -> bool:
        """Whether one of the signatures is this secret's; written from the specification, not from our code."""
        key = base64.b64decode(secret.split("_", 1)[1])
        content = b".".join([self.id.encode(), self.headers["webhook-timestamp"].encode(), self.body])
        expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
        given = [part.split(",", 1) for part in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(value, expected) for version, value in given)


Answer = Callable[[Received], bytes | None]


def status(code: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {code} So", *headers, "Content-Length: 0", "", ""]).encode()


OK = status(204)


class Receiver:
    """Answers with `answer(received)`; None closes the connection without a word."""

    def __init__(self, answer: Answer = lambda _received: OK, *, certificate: Path | None = None) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self.at_once = 0
        self.most_at_once = 0
        self.doubled: list[str] = []  # of which two attempts were under way at the same time
        self._open: set[str] = set()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", free_port()), _handler_for(self))
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        self.port: int = self._server.server_address[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}/hooks?of=ci"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def wait_for(self, count: int, timeout: float = 15) -> list[Received]:
        """The first so many requests, when they have come."""
        until(lambda: len(self.received) >= count, timeout, f"{count} calls of the webhook")
        return self.received[:count]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> bytes | None:
        with self._lock:
            received = Received(path, headers, body, len(self.received))
            self.received.append(received)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            one = f"{headers.get('webhook-id')} to {path}"
            if one in self._open:
                self.doubled.append(one)
            self._open.add(one)
        try:
            return self.answer(received)
        finally:
            with self._lock:
                self.at_once -= 1
                self._open.discard(one)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a test may leave a request held for ever

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that gives up, or a handshake that fails, is what some tests are about."""


def _handler_for(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = receiver.take(self.path, headers, body)
            self.close_connection = True
            if answer is not None:
                self.wfile.write(answer)

        def log_message(self, *_about: Any) -> None:
            """Not into the test's output."""

    return Handler


class RawReceiver:
    """Says `play(connection)` to whoever connects, once the request has begun to come in."""

    def __init__(self, play: Callable[[socket.socket], None]) -> None:
        self._play = play
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65_536)
                    self._play(connection)
                except OSError:
                    continue  # the caller has had enough

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
