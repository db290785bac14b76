"""One way out, for programs that follow by other protocols: lines of an HTTP answer that does not end, or texts over a
plain WebSocket.

Like a socket of ours, a stream has no greenlet and no thread while nothing happens. What is said to it waits within the
bounds of every socket; who says too much to a client that does not keep up waits in `send`, and the client that takes
nothing for `shed_seconds` is gone. A client that vanished without a word is found by the system, which gives up on bytes
that nobody acknowledges.
"""

import contextlib
import socket
from collections.abc import Sequence
from typing import Any, Protocol

from handbell_server.runtime import Promise, Runtime
from handbell_server.socket.edge import frames
from handbell_server.socket.edge.guard import Bucket, Guard
from handbell_server.socket.edge.limits import EdgeLimits
from handbell_server.socket.edge.link import Link
from handbell_server.socket.edge.pulse import Deadlines
from handbell_server.socket.edge.upgrade import open_link

_UNACKNOWLEDGED_MS = 60_000
_PING = frames.frame(b"", frames.PING)
_CODES = {"restart": 1012, "limit": frames.POLICY, "revoked": frames.POLICY, "slow": frames.TRY_LATER, "busy": 1013}


class StreamRefused(Exception):
    """No stream for this request; an HTTP status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class StreamEnded(Exception):
    """The client is gone."""


class Ears(Protocol):
    """Who speaks over the stream, and hears of its end."""

    def keep_alive(self) -> bytes:
        """What to say so that nobody on the way thinks it dead; nothing leaves it to the protocol."""

    def ended(self) -> None: ...


class StreamHouse(Protocol):
    """What a stream needs of the edge it belongs to."""

    runtime: Runtime
    limits: EdgeLimits
    guard: Guard
    endings: Deadlines[Link]
    idle: Deadlines["Stream"]
    stuck: Deadlines["Stream"]
    streams: set["Stream"]


class Lines(Link):
    """The rest of an HTTP answer that ends with its connection. What the client says meanwhile is not read."""

    __slots__ = ()

    def finish(self, code: int, reason: str) -> None:
        if not self._finishing and self._sock is not None:
            self._finishing = True
            if self._backlog is None:
                self._shut()

    def receive(self, data: bytes) -> None:
        """A browser may send its next request ahead; there is no answer to it here."""


class _Said:
    __slots__ = ("frame",)

    def __init__(self, frame: bytes) -> None:
        self.frame = frame


class Stream:
    """One open stream."""

    def __init__(self, house: StreamHouse, address: str, ears: Ears) -> None:
        self._house = house
        self._address = address
        self._ears = ears
        self._link: Link | None = None
        self._room: Promise[None] | None = None
        limits = house.limits
        self._bucket = Bucket(limits.events_per_second, limits.events_burst, house.runtime.hub.clock())
        self.closed = False

    def open(self, environ: dict[str, Any], content_type: str | None) -> None:
        """Take the connection of this request over: for lines of this type, or as a WebSocket without one."""
        if content_type is None:
            opened = open_link(environ, self._house, self)
            if opened is None:
                raise StreamRefused(400)
            self._link, early = opened
        else:
            if "handbell.takeover" not in environ:
                raise StreamRefused(503)
            sock, early = environ["handbell.takeover"]()
            self._link = Lines(self._house.runtime.hub, sock, self._house.limits, self, 0)
            self._link.say(_head(content_type))
        if self.closed:  # gone while it was being greeted
            return
        _forget_the_vanished(self._link)
        self._house.streams.add(self)
        self._house.idle.add(self)
        if early:
            self._link.receive(early)

    # ---- out

    def offer(self, said: Sequence[bytes]) -> bool:
        """Say these, each as a text or a line of its own, if there is room for all of them."""
        link = self._link
        if self.closed or link is None:
            return False
        parts = said if isinstance(link, Lines) else map(frames.frame, said)
        if not link.offer(_Said(b"".join(parts))):
            return False
        if not link.empty and self not in self._house.stuck:
            self._house.stuck.add(self)
        return True

    def send(self, said: Sequence[bytes]) -> None:
        """Say these, and wait until there is room for them. In greenlets only; one at a time."""
        while not self.offer(said):
            if self.closed:
                raise StreamEnded
            self._room = self._house.runtime.promise()
            self._room.wait()

    def keep_alive(self) -> None:
        self._house.idle.add(self)
        said = self._ears.keep_alive()
        if said:
            self.offer([said])
        elif self._link is not None and self._link.empty:
            self._link.say(_PING)

    def close(self, reason: str) -> None:
        """Say goodbye and end."""
        if self.closed or self._link is None:
            return
        link = self._link
        self._end()
        link.finish(_CODES.get(reason, frames.NORMAL), reason)
        self._house.endings.add(link)

    def drop(self) -> None:
        """It takes nothing."""
        if self._link is not None:
            self._link.abort()
        self._end()

    def _end(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._house.streams.discard(self)
        self._house.idle.discard(self)
        self._house.stuck.discard(self)
        self._house.guard.left(self._address)
        self.on_empty()
        self._ears.ended()

    # ---- what the link hears

    def may_speak(self) -> bool:
        """There is nothing to say for a listener; but a pong, or a client's own ping, is no offence."""
        if not self.closed and self._bucket.take(self._house.runtime.hub.clock()):
            return True
        self.close("limit")
        return False

    def on_text(self, text: str) -> None:
        """Nobody listens to listeners."""

    def on_fault(self, code: int) -> None:
        self.close("limit")

    def on_lost(self, reason: str) -> None:
        self._end()

    def on_empty(self) -> None:
        self._house.stuck.discard(self)
        if self._room is not None:
            self._room.resolve(None)
            self._room = None


def _head(content_type: str) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
        "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    ).encode()


def _forget_the_vanished(link: Link) -> None:
    """Where the system has it (Linux): end what has not acknowledged anything for a while, and not after a quarter of an hour."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        with contextlib.suppress(OSError):
            link.set_option(socket.IPPROTO_TCP, option, _UNACKNOWLEDGED_MS)
