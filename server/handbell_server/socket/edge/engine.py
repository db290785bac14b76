"""Engine.IO's and Socket.IO's servers, with our sessions, packets and rooms in the place of theirs.

Everything is done by subclass and constructor argument; the libraries' modules are left as they are.
"""

import io
import logging
from typing import Any, Protocol

import engineio
import socketio
from engineio import packet as eio
from socketio import packet as sio

from handbell_server.socket.edge import frames
from handbell_server.socket.edge.guard import Guard
from handbell_server.socket.edge.packets import Json, Packet
from handbell_server.socket.edge.rooms import Rooms
from handbell_server.socket.edge.session import House, Session

log = logging.getLogger(__name__)

# Of a request, what is not kept: the connection itself, and what would make Flask look for another kind of route, find
# none, and keep that with its traceback (see `edge._give_handlers_a_route`).
_DROPPED = frozenset({"handbell.takeover", "HTTP_UPGRADE"})

# Of a request, what is the same for all: enough for Flask to call a handler.
_OF_ALL = frozenset({
    "flask.app", "wsgi.version", "wsgi.url_scheme", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess",
    "wsgi.run_once", "SCRIPT_NAME", "PATH_INFO", "REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
})  # fmt: skip


class KeptEnviron(dict[str, Any]):
    """An environment that outlives its request.

    Werkzeug leaves every request it makes of an environment in it: a cycle, and several KiB for each idle socket.
    """

    def __setitem__(self, key: str, value: Any) -> None:
        if key != "werkzeug.request":
            super().__setitem__(key, value)


class GuardedHouse(House, Protocol):
    """What the servers need of the edge they belong to."""

    guard: Guard

    def welcome(self, session: Session) -> None: ...


class Engine(engineio.Server):  # type: ignore[misc]  # python-engineio has no types
    """Engine.IO's server."""

    def __init__(self, *, house: GuardedHouse, **options: Any) -> None:
        super().__init__(**options)
        self.house = house

    def handle_request(self, environ: dict[str, Any], start_response: Any) -> Any:
        refusal = self.house.guard.check(environ)
        if refusal is not None:
            return _refuse(refusal, start_response)
        return super().handle_request(environ, start_response)

    def deliver(self, session: Session, packet: Packet) -> None:
        """Bring a checked packet to Socket.IO; in the session's greenlet."""
        self._trigger_event("message", session, packet)

    def deliver_end(self, session: Session, reason: str) -> None:
        self._trigger_event("disconnect", session.sid, reason)

    def _handle_connect(
        self, environ: dict[str, Any], start_response: Any, transport: str, jsonp_index: Any = None
    ) -> Any:
        house = self.house
        address = house.guard.address(environ)
        refusal = house.guard.admit(address, transport)
        if refusal is not None:
            return _refuse(refusal, start_response)
        session = Session(self, self.generate_id(), house, address)
        self.sockets[session.sid] = session
        house.welcome(session)
        kept = KeptEnviron((key, value) for key, value in environ.items() if key not in _DROPPED)
        self._trigger_event("connect", session.sid, kept)
        session.send(eio.Packet(eio.OPEN, Json.dumps(self._opening(session, transport))))
        if transport == "websocket":
            return session.handle_get_request(environ, start_response)
        session.connected = True
        return self._ok(session.poll())

    def _opening(self, session: Session, transport: str) -> dict[str, Any]:
        return {
            "sid": session.sid,
            "upgrades": self._upgrades(session.sid, transport),
            "pingInterval": int(self.ping_interval) * 1000,
            "pingTimeout": int(self.ping_timeout * 1000),
            "maxPayload": self.max_http_buffer_size,
        }


class Server(socketio.Server):  # type: ignore[misc]  # python-socketio has no types
    """Socket.IO's server."""

    _settled: KeptEnviron | None = None

    def __init__(self, house: GuardedHouse) -> None:
        limits = house.limits
        super().__init__(
            house=house,
            async_mode="eventlet",
            client_manager=Rooms(),
            serializer=Packet,
            async_handlers=False,  # the session's greenlet is asynchrony enough, and keeps the order
            monitor_clients=False,  # the pulse does
            logger=log,
            engineio_logger=log,
            ping_interval=limits.ping_interval,
            ping_timeout=limits.ping_timeout,
            max_http_buffer_size=limits.message_bytes,
            http_compression=False,
            cors_allowed_origins=house.guard.allows_origin,
            cors_credentials=False,
        )

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    def _handle_eio_message(self, session: Session, packet: Packet) -> None:
        kind = packet.packet_type
        if kind == sio.CONNECT:
            self._connect(session, packet)
        elif session.sio_sid is None:
            session.on_fault(frames.PROTOCOL_ERROR)  # speaks before it has introduced itself
        elif kind == sio.EVENT:
            self._handle_event(session.sid, "/", packet.id, packet.data)
        elif kind == sio.ACK:
            self._handle_ack(session.sid, "/", packet.id, packet.data)
        else:
            self._handle_disconnect(session.sid, "/", self.reason.CLIENT_DISCONNECT)
            session.close(reason=self.reason.CLIENT_DISCONNECT)

    def disconnect(self, sid: str, namespace: str | None = None, ignore_queue: bool = False) -> None:
        """The stock server leaves the connection open, for another namespace; here there is only one."""
        session = self.eio.sockets.get(self.manager.eio_sid_from_sid(sid, "/"))
        super().disconnect(sid, namespace, ignore_queue)
        if session is not None:
            session.close()

    def _connect(self, session: Session, packet: Packet) -> None:
        if session.sio_sid is not None:
            session.on_fault(frames.PROTOCOL_ERROR)
            return
        session.begin_connect()
        sid = None
        try:
            self._handle_connect(session.sid, "/", packet.data)
            sid = self.manager.sid_from_eio_sid(session.sid, "/")
        finally:
            session.end_connect(sid)
        if sid is not None and session.sid in self.environ:
            self.environ[session.sid] = self._environ_of_all(self.environ[session.sid])

    def _environ_of_all(self, environ: dict[str, Any]) -> KeptEnviron:
        """What a request said is asked for while its client is let in. Then it is 1 KB for hours, so all get the same."""
        if self._settled is None:
            self._settled = KeptEnviron((key, value) for key, value in environ.items() if key in _OF_ALL)
            self._settled["wsgi.input"] = io.BytesIO()
        return self._settled


def _refuse(status: str, start_response: Any) -> list[bytes]:
    body = status.encode()
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
