"""How the second start reaches the first, on Linux and macOS: a socket in a folder that only this person can enter.
Linux also says who is at the other end. Windows has another door, `instance_loopback.py`.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Protocol

DONE = b"ok"
LONGEST_PATH = 100  # of a socket: 108 bytes on Linux, 104 on macOS, with the last one a zero
SOCKET = "instance.sock"


class Door(Protocol):
    def open(self, directory: Path) -> socket.socket:
        """Listen; the caller holds the lock, so what is in the way is left over from a crash."""

    def hear(self, visitor: socket.socket, longest: int, seconds: float) -> bytes: ...
    def tell(self, directory: Path, message: bytes, seconds: float) -> bool: ...
    def shut(self, directory: Path) -> None: ...


class UnixDoor:
    def open(self, directory: Path) -> socket.socket:
        (directory / SOCKET).unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        try:
            with _Reachable(directory) as path:
                listener.bind(path)
            (directory / SOCKET).chmod(0o600)
            listener.listen(8)
        except OSError:
            listener.close()
            raise
        return listener

    def hear(self, visitor: socket.socket, longest: int, seconds: float) -> bytes:
        _same_person(visitor)
        deadline = Deadline(visitor, seconds)
        message = deadline.read_line(longest)
        deadline.write(DONE)
        return message

    def tell(self, directory: Path, message: bytes, seconds: float) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            deadline = Deadline(line, seconds)
            with _Reachable(directory) as path:
                line.connect(path)
            _same_person(line)
            deadline.write(message + b"\n")
            return deadline.read(len(DONE)) == DONE

    def shut(self, directory: Path) -> None:
        (directory / SOCKET).unlink(missing_ok=True)


class Deadline:
    """Reads and writes that are over in time, however slowly the other side drips."""

    def __init__(self, line: socket.socket, seconds: float) -> None:
        self._line = line
        self._until = time.monotonic() + seconds
        line.settimeout(seconds)

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self._some(size - len(data))
        return data

    def read_line(self, longest: int) -> bytes:
        data = b""
        while not data.endswith(b"\n"):
            if len(data) > longest:
                raise ValueError("too long a message")
            data += self._some(longest + 1 - len(data))
        return data[:-1]

    def write(self, data: bytes) -> None:
        self._line.settimeout(max(0.001, self._until - time.monotonic()))
        self._line.sendall(data)

    def _some(self, most: int) -> bytes:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        self._line.settimeout(left)
        data = self._line.recv(most)
        if not data:
            raise ConnectionResetError("it hung up")
        return data


class _Reachable:
    """A path that fits into a socket's address: a long one goes by the number of its folder, which Linux can do."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._folder = -1

    def __enter__(self) -> str:
        path = str(self._directory / SOCKET)
        if len(os.fsencode(path)) <= LONGEST_PATH or sys.platform != "linux":
            return path
        self._folder = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        return f"/proc/self/fd/{self._folder}/{SOCKET}"

    def __exit__(self, *_: object) -> None:
        if self._folder >= 0:
            os.close(self._folder)


def _same_person(line: socket.socket) -> None:
    """The folder lets nobody else in; Linux can be asked, so it is."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
        if user != os.geteuid():
            raise PermissionError("somebody else is at the other end")
