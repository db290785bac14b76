"""A WebSocket connection on the hub: no greenlet, no queue, one `send` per frame while the client keeps up.

The bytes and their bounds are here; what the texts mean is the owner's business (a session, or an upgrade on the way
to one). Everything here runs in the loop and never waits.
"""

import contextlib
import socket
from typing import Any, Protocol

from handbell_server.socket.edge import frames
from handbell_server.socket.edge.limits import EdgeLimits
from handbell_server.socket.edge.outbound import Backlog
from handbell_server.socket.edge.packets import PacketError, Push

_READ_AT_ONCE = 64 * 1024
_WRITE_AT_ONCE = 64 * 1024


class Owner(Protocol):
    """Who hears what arrives."""

    def may_speak(self) -> bool: ...
    def on_text(self, text: str) -> None: ...
    def on_fault(self, code: int) -> None: ...
    def on_lost(self, reason: str) -> None: ...
    def on_empty(self) -> None: ...


class Framed(Protocol):
    """What can be offered: bytes as they go over the wire."""

    @property
    def frame(self) -> bytes: ...


class _Nobody:
    """The owner of a link that is closed."""

    def may_speak(self) -> bool:
        return False

    def on_text(self, text: str) -> None: ...
    def on_fault(self, code: int) -> None: ...
    def on_lost(self, reason: str) -> None: ...
    def on_empty(self) -> None: ...


_NOBODY: Owner = _Nobody()


class Link:
    """One open WebSocket."""

    __slots__ = (
        "_backlog", "_fileno", "_finishing", "_hub", "_limits", "_reader", "_reads", "_sock", "_writes", "owner",
    )  # fmt: skip

    def __init__(self, hub: Any, sock: socket.socket, limits: EdgeLimits, owner: Owner, max_bytes: int) -> None:
        self._hub = hub
        self._sock: socket.socket | None = sock
        self._fileno = sock.fileno()
        self._limits = limits
        self._reader = frames.FrameReader(max_bytes)
        self._backlog: Backlog | None = None  # only while the client does not keep up
        self._finishing = False
        self._writes: Any = None
        self.owner = owner
        self._reads = hub.add(hub.READ, self._fileno, self._on_readable, self._on_broken, _ignore)
        # A listener holds on to the greenlet that made it, here that of the handshake, which is about to end.
        self._reads.greenlet = hub.greenlet

    def accept_messages_up_to(self, max_bytes: int) -> None:
        self._reader.max_bytes = max_bytes

    def set_option(self, level: int, option: int, value: int) -> None:
        """Of the socket itself."""
        if self._sock is not None:
            self._sock.setsockopt(level, option, value)

    # Out.

    @property
    def empty(self) -> bool:
        return self._backlog is None

    def offer(self, push: Framed) -> bool:
        backlog = self._backlog
        if backlog is None:
            self._write(push.frame)
            return True
        if not backlog.has_room(len(push.frame)):
            return False
        self._queue(backlog, push.frame)
        return True

    def must(self, push: Push) -> bool:
        return self._must(push.frame)

    def say(self, data: bytes) -> None:
        """Bytes outside of any packet: the answer to the handshake."""
        self._write(data)

    def finish(self, code: int, reason: str) -> None:
        """Say goodbye and hear nothing more; the caller sees to it that `abort` follows in the end."""
        if self._finishing or self._sock is None:
            return
        self._must(frames.close_frame(code, reason))
        self._finishing = True
        self._reader = frames.FrameReader(0)  # half a message is not kept for as long as the end may take
        if self._backlog is None:
            self._shut()

    def abort(self) -> None:
        """Close, whatever still waits."""
        if self._sock is None:
            return
        for listener in (self._reads, self._writes):
            if listener is not None:
                self._hub.remove(listener)
        self._reads = self._writes = self._backlog = None
        self._sock.close()
        self._sock = None
        self.owner = _NOBODY  # leaves no cycle for the garbage collector to untangle

    def _must(self, data: bytes) -> bool:
        backlog = self._backlog
        if backlog is None:
            self._write(data)
            return True
        if not backlog.has_control_room():
            return False
        self._queue(backlog, data)
        return True

    def _write(self, data: bytes) -> None:
        if self._sock is None:
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._lose()
            return
        if sent < len(data):
            self._backlog = Backlog(self._limits)
            self._queue(self._backlog, data[sent:])
            self._writes = self._hub.add(self._hub.WRITE, self._fileno, self._on_writable, self._on_broken, _ignore)

    @staticmethod
    def _queue(backlog: Backlog, data: bytes) -> None:
        backlog.waiting.append(data)
        backlog.size += len(data)

    def _on_writable(self, _fileno: int) -> None:
        backlog, sock = self._backlog, self._sock
        if backlog is None or sock is None:
            return
        data = backlog.waiting.popleft()
        while backlog.waiting and len(data) + len(backlog.waiting[0]) <= _WRITE_AT_ONCE:
            data += backlog.waiting.popleft()
        try:
            sent = sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._lose()
            return
        backlog.size -= sent
        if sent < len(data):
            backlog.waiting.appendleft(data[sent:])
        elif not backlog.waiting:
            self._hub.remove(self._writes)
            self._writes = self._backlog = None
            if self._finishing:
                self._shut()
            else:
                self.owner.on_empty()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            if self._sock is not None:
                self._sock.shutdown(socket.SHUT_WR)

    # In.

    def _on_readable(self, _fileno: int) -> None:
        if self._sock is None:
            return
        try:
            data = self._sock.recv(_READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lose()
        elif not self._finishing:  # what still comes after our close is read only so that the end is clean
            self.receive(data)

    def receive(self, data: bytes) -> None:
        """Take in what arrived, also what the handshake's read brought along."""
        try:
            for message in self._reader.feed(data):
                if self._finishing or self._sock is None or not self.owner.may_speak():
                    return
                if isinstance(message, str):
                    self.owner.on_text(message)
                else:
                    self._on_control(message)
        except frames.FrameError as error:
            self.owner.on_fault(error.code)
        except PacketError:
            self.owner.on_fault(frames.PROTOCOL_ERROR)

    def _on_control(self, control: frames.Control) -> None:
        if control.opcode == frames.CLOSE:
            self.finish(_echoed(control.payload), "")
            self.owner.on_lost("transport close")
        elif control.opcode == frames.PING and not self._must(frames.frame(control.payload, frames.PONG)):
            self.owner.on_fault(frames.TRY_LATER)

    def _on_broken(self, _error: BaseException) -> None:
        self._lose()

    def _lose(self) -> None:
        owner = self.owner
        self.abort()
        owner.on_lost("transport close")


def _echoed(payload: bytes) -> int:
    """The peer's close code, if it is one that may be sent."""
    if not payload:
        return frames.NORMAL
    code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 0
    if 1000 <= code < 5000 and code not in (1004, 1005, 1006, 1015):
        try:
            payload[2:].decode()
        except UnicodeDecodeError:
            return frames.BAD_TEXT
        return code
    return frames.PROTOCOL_ERROR


def _ignore() -> None:
    """The hub tells us of reused descriptors; ours is always given back before it is closed."""
