"""`harden`: puts the hardened servers in the place of those that Flask-SocketIO made, and the `Edge` that results."""

from typing import Any

from flask_socketio import SocketIO

from handbell_server.runtime import Runtime
from handbell_server.socket.edge.engine import Server
from handbell_server.socket.edge.guard import Guard
from handbell_server.socket.edge.limits import EdgeHooks, EdgeLimits
from handbell_server.socket.edge.link import Link
from handbell_server.socket.edge.packets import Push, prepare
from handbell_server.socket.edge.pulse import Deadlines, Pulse
from handbell_server.socket.edge.session import Session
from handbell_server.socket.edge.streams import Ears, Stream, StreamRefused
from handbell_server.socket.edge.upgrade import Upgrade

_ENDING_SECONDS = 2.0  # for a farewell to get through and the peer to close


class Outlet:
    """Where pushes for one socket go in. Looked up once, at connect, and kept as long as the socket lives."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def offer(self, packet: Push | bytes | str) -> bool:
        """Send an encoded Socket.IO packet; False: refused, because too much waits already, or it is closed.

        For several sockets, `prepare` the packet once and offer the same object to each.
        """
        return self._session.offer(packet if isinstance(packet, Push) else prepare(packet))

    @property
    def closed(self) -> bool:
        return bool(self._session.closed)


class Edge:
    """The hardened side of one Flask-SocketIO instance."""

    def __init__(self, runtime: Runtime, limits: EdgeLimits, hooks: EdgeHooks) -> None:
        self.runtime = runtime
        self.limits = limits
        self.hooks = hooks
        self.guard = Guard(limits)
        self.server: Any = None
        pulse = Pulse(runtime)
        self.strangers: Deadlines[Session] = pulse.every(limits.authenticate_seconds, _show_out)
        self.pings: Deadlines[Session] = pulse.every(limits.ping_interval, Session.ping)
        self.pongs: Deadlines[Session] = pulse.every(limits.ping_timeout, _drop_silent)
        self.deaf: Deadlines[Session] = pulse.every(limits.shed_seconds, _drop_deaf)
        self.endings: Deadlines[Link] = pulse.every(_ENDING_SECONDS, Link.abort)
        self.probes: Deadlines[Upgrade] = pulse.every(limits.authenticate_seconds, Upgrade.give_up)
        self.streams: set[Stream] = set()
        self.idle: Deadlines[Stream] = pulse.every(limits.keepalive_seconds, Stream.keep_alive)
        self.stuck: Deadlines[Stream] = pulse.every(limits.shed_seconds, Stream.drop)
        pulse.start()

    @property
    def sockets(self) -> int:
        """Sessions that are open, signed in or not."""
        return len(self.server.eio.sockets)

    def outlet(self, sid: str) -> Outlet:
        """The outlet of a socket, by the sid that its handlers know; KeyError when it is gone.

        Valid from within the connect handler: what is offered there follows the answer to CONNECT.
        """
        return Outlet(self._session(sid))

    def close(self, sid: str, reason: str) -> None:
        """Say the farewell for this reason and close; a socket that is gone already is no error."""
        try:
            session = self._session(sid)
        except KeyError:
            return
        session.close(reason=reason)

    def close_all(self, reason: str) -> None:
        """Close every socket, at shutdown."""
        for session in list(self.server.eio.sockets.values()):
            session.close(reason=reason)
        for stream in list(self.streams):
            stream.close(reason)

    def open_stream(self, environ: dict[str, Any], ears: Ears, content_type: str | None) -> Stream:
        """Answer this request by a stream: of lines of this type, or over a WebSocket without one. StreamRefused says why not."""
        refusal = self.guard.check_stranger(environ)
        address = self.guard.address(environ)
        refusal = refusal or self.guard.admit(address, "websocket")
        if refusal is not None:
            raise StreamRefused(int(refusal[:3]))
        stream = Stream(self, address, ears)
        try:
            stream.open(environ, content_type)
        except StreamRefused:
            self.guard.left(address)
            raise
        return stream

    def welcome(self, session: Session) -> None:
        self.strangers.add(session)
        self.pings.add(session)

    def forget(self, session: Session) -> None:
        for deadlines in (self.strangers, self.pings, self.pongs, self.deaf):
            deadlines.discard(session)
        self.server.eio.sockets.pop(session.sid, None)
        self.guard.left(session.address)

    def _session(self, sid: str) -> Session:
        eio_sid = self.server.manager.eio_sid_from_sid(sid, "/")
        session: Session = self.server.eio.sockets[eio_sid]
        return session


def harden(
    socketio: SocketIO,
    runtime: Runtime,
    limits: EdgeLimits | None = None,
    hooks: EdgeHooks | None = None,
) -> Edge:
    """Replace the servers of an initialised SocketIO by hardened ones; before the first request.

    Handlers registered before stay registered; those registered later go to the new server. Flask-SocketIO makes its
    server by a fixed name and offers no argument for another class, so it is exchanged in the two places that hold it:
    the instance, and the instance's own middleware.
    """
    edge = Edge(runtime, limits or EdgeLimits(), hooks or EdgeHooks())
    stock: Any = socketio.server
    server = Server(edge)
    server.handlers.update(stock.handlers)
    server.namespace_handlers.update(stock.namespace_handlers)
    edge.server = server
    socketio.server = server
    socketio.sockio_mw.engineio_app = server
    _give_handlers_a_route(socketio)
    return edge


def _give_handlers_a_route(socketio: SocketIO) -> None:
    """Let Flask find something at Socket.IO's own path, which its middleware keeps from ever being asked for.

    For each handler call Flask matches the connection's URL. Without a rule that is a NotFound, kept with its traceback
    in the request: a cycle of 20 KiB around all frames of the call, for the garbage collector to find.
    """
    middleware = socketio.sockio_mw
    middleware.flask_app.add_url_rule(middleware.engineio_path, "socketio", lambda: ("", 404), methods=["GET", "POST"])


def _show_out(session: Session) -> None:
    session.close(reason="unauthenticated")


def _drop_silent(session: Session) -> None:
    session.close(reason=session.server.reason.PING_TIMEOUT)


def _drop_deaf(session: Session) -> None:
    session.close(reason="slow")
