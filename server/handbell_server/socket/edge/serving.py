"""Listening and serving: the bounds that `socketio.run()` cannot set, around `eventlet.wsgi.server`."""

import contextlib
import errno
import functools
import logging
import socket
from typing import Any

import eventlet
from eventlet import greenio, wsgi

from handbell_server.runtime import Promise, Runtime
from handbell_server.socket.edge.http import HttpConnection, Shared
from handbell_server.socket.edge.http_answer import Application
from handbell_server.socket.edge.limits import HttpLimits

log = logging.getLogger(__name__)

# Out of descriptors or memory is the neighbour's fault or a passing wave: wait, and go on accepting.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
# Rounds of the loop while ending. Somebody may knock for ever; a round reads a thousand sockets at most.
_ROUNDS_AT_MOST = 20
_ROUNDS_TO_BEGIN = 3
_HEARD_AT_ONCE = 500
_NOT_OURS = {errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ECONNRESET, errno.EINTR}


class AddressInUseError(OSError):
    """Somebody listens there already."""


def listen(host: str, port: int, reuse_port: bool = False, backlog: int = 4096) -> socket.socket:
    """A listening socket. `reuse_port` is for several workers of one server only.

    eventlet's own `listen` always shares the port, so that a second server started by mistake takes half of the
    connections instead of failing.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        # Inherited by what is accepted; without it an answer above 16 KiB waits 40 ms for an acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.bind((host, port))
        sock.listen(backlog)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            message = f"{host}:{port} is in use: is another server running?"
            raise AddressInUseError(errno.EADDRINUSE, message) from error
        raise
    sock.setblocking(False)
    return sock


class Listening:
    """A server at work: how many requests it is in, and how to end it gently."""

    def __init__(self, runtime: Runtime, shared: Shared, door: "_Door") -> None:
        self._runtime = runtime
        self._shared = shared
        self._door = door
        self._ended: Promise[None] = runtime.promise()
        self._greenlet: Any = None

    @property
    def in_progress(self) -> int:
        """Requests the application is working on."""
        return self._shared.in_progress

    def start(self, **options: Any) -> None:
        self._greenlet = eventlet.spawn(self._run, options)

    def stop_accepting(self) -> None:
        """Take who has knocked already and refuse everybody else, close the idle connections, and let the others end with
        their request.

        Refuse, and not merely leave waiting: eventlet closes the listening socket when the last request has ended, and until
        then the kernel would take connections for nobody. A proxy would wait for them instead of asking the next server.
        """
        if not self._door.closed:
            self._take_who_has_knocked()
            self._door.closed = True
            self._door.shut()
            eventlet.kill(self._greenlet, OSError(errno.ESHUTDOWN, "stopping"))

    def _take_who_has_knocked(self) -> None:
        """The loop that accepts goes on until nobody knocks, and then those who came in are heard: who has said nothing yet is
        idle to eventlet, which closes the idle."""
        first = self._door.taken
        for _ in range(_ROUNDS_AT_MOST):
            before = self._door.taken
            eventlet.sleep(0)
            if self._door.taken == before:
                break
        for _ in range(_ROUNDS_TO_BEGIN + (self._door.taken - first) // _HEARD_AT_ONCE):
            eventlet.sleep(0)

    def drain(self, timeout: float) -> bool:
        """After `stop_accepting`: wait until every connection has ended; False when time runs out first."""
        try:
            self._ended.wait(timeout)
        except TimeoutError:
            return False
        return True

    def _run(self, options: dict[str, Any]) -> None:
        # Killed before it ever ran, or while the pool was full: both arrive as the OSError that ends the loop.
        with contextlib.suppress(OSError):
            wsgi.server(self._door, self._shared.application, **options)
        self._ended.resolve(None)


class _Door(greenio.GreenSocket):  # type: ignore[misc]  # eventlet has no types
    """The listening socket, with an `accept` that a full descriptor table does not end."""

    closed = False
    taken = 0

    def shut(self) -> None:
        """Closing it would let a stranger have its number while eventlet still knows it; shut, it refuses."""
        with contextlib.suppress(OSError):  # a system that has no such thing for listening sockets
            self.shutdown(socket.SHUT_RDWR)

    def accept(self) -> Any:
        while True:
            try:
                taken = super().accept()
            except OSError as error:
                if error.errno in _EXHAUSTED and not self.closed:
                    log.warning("cannot accept: %s", error)
                    eventlet.sleep(0.05)
                elif error.errno not in _NOT_OURS or self.closed:
                    raise
            else:
                self.taken += 1
                return taken


def serve(
    runtime: Runtime, listener: socket.socket, application: Application, *, limits: HttpLimits | None = None
) -> Listening:
    """Serve the application on the listener, in greenlets, until `stop_accepting`; answers at once."""
    limits = limits or HttpLimits()
    host, port = listener.getsockname()[:2]
    shared = Shared(application, limits, (host, port))
    listening = Listening(runtime, shared, _Door(listener))
    listening.start(
        protocol=functools.partial(HttpConnection, shared),
        max_size=limits.connections,
        socket_timeout=limits.write_seconds,
        keepalive=limits.idle_seconds,
        debug=False,  # or a traceback is written into the connection
        log_output=False,
    )
    return listening
