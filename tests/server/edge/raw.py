"""Clients that can misbehave: plain sockets, and WebSocket frames made by hand."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from tests.support.waiting import LEAST, until

CONNECT = b'40{"token":"good"}'


class Bell:
    """The little server of `bell_server.py`, running."""

    def __init__(self, **options: Any) -> None:
        script = Path(__file__).with_name("bell_server.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=LEAST) as answer:
            return bytes(answer.read())

    def said(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.get("/said"))
        return answer

    def push(self, count: int = 1, size: int = 10) -> int:
        request = urllib.request.Request(f"{self.url}/push/{count}/{size}", method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=LEAST) as answer:
            return int(json.loads(answer.read())["taken"])

    def ask_to_end(self) -> None:
        self._process.terminate()

    def stop(self, word: str = "") -> tuple[str, str]:
        """End it; what it said on its way out. The word is for who is held."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.communicate(word, timeout=LEAST)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def connect(bell: Bell, receive_buffer: int | None = None) -> socket.socket:
    sock = socket.socket()
    if receive_buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(LEAST)
    try:
        sock.connect(("127.0.0.1", bell.port))
    except OSError:
        sock.close()
        raise
    return sock


def read_to_end(sock: socket.socket) -> bytes:
    """Everything until the server closes; a reset counts as a close."""
    data = b""
    try:
        while part := sock.recv(65536):
            data += part
    except ConnectionResetError:
        pass
    return data


def masked(payload: bytes, first: int = 0x81) -> bytes:
    """A client's frame; `first` is the byte of flags and opcode."""
    mask = os.urandom(4)
    size = len(payload)
    if size < 126:
        header = bytes((first, 0x80 | size))
    elif size < 65536:
        header = bytes((first, 0x80 | 126)) + size.to_bytes(2, "big")
    else:
        header = bytes((first, 0x80 | 127)) + size.to_bytes(8, "big")
    repeated = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return header + mask + (int.from_bytes(payload, "big") ^ repeated).to_bytes(size, "big")


class Bare:
    """A WebSocket client that does only what it is told. All are closed when their test ends."""

    living: ClassVar[list["Bare"]] = []

    def __init__(
        self,
        bell: Bell,
        *,
        query: str = "",
        sign_in: bool = True,
        receive_buffer: int | None = None,
        ahead: bytes = b"",
    ) -> None:
        self.sock = connect(bell, receive_buffer)
        self.living.append(self)
        self.sock.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
            + ahead
        )
        self._data = b""
        head = self._until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        if sign_in:
            self.send(CONNECT)
            until(lambda: self.text().startswith("40"), 5, "the answer to CONNECT")

    def send(self, payload: bytes, first: int = 0x81) -> None:
        self.sock.sendall(masked(payload, first))

    def frame(self) -> tuple[int, bytes]:
        """The next frame: its opcode and its payload."""
        head = self._exactly(2)
        size = head[1]
        if size == 126:
            size = int.from_bytes(self._exactly(2), "big")
        elif size == 127:
            size = int.from_bytes(self._exactly(8), "big")
        return head[0] & 15, self._exactly(size)

    def text(self) -> str:
        opcode, payload = self.frame()
        assert opcode == 1, (opcode, payload)
        return payload.decode()

    def closed_with(self) -> int | None:
        """Read on until the end; the code of the close frame, or None when the connection just ended."""
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == 8:
                    code = int.from_bytes(payload[:2], "big")
                    assert read_to_end(self.sock) == b"", "nothing may follow a close frame"
                    return code
        except (EOFError, ConnectionResetError):
            return None

    def close(self) -> None:
        self.sock.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._data:
            self._more()
        head, _, self._data = self._data.partition(mark)
        return head

    def _exactly(self, size: int) -> bytes:
        while len(self._data) < size:
            self._more()
        part, self._data = self._data[:size], self._data[size:]
        return part

    def _more(self) -> None:
        part = self.sock.recv(65536)
        if not part:
            raise EOFError
        self._data += part


def trickle(sock: socket.socket, drops: bytes, every: float) -> None:
    """Send one byte at a time until the server has had enough."""
    sock.settimeout(every)
    for byte in drops:
        try:
            sock.sendall(bytes((byte,)))
            if not sock.recv(4096):
                break
        except TimeoutError:
            continue
        except OSError:
            break
