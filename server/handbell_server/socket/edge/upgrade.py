"""The way from HTTP to a WebSocket: the handshake, and the probe by which a polling client changes over."""

import socket
from typing import TYPE_CHECKING, Any, Protocol

from handbell_server.runtime import Runtime
from handbell_server.socket.edge import frames
from handbell_server.socket.edge.limits import EdgeLimits
from handbell_server.socket.edge.link import Link
from handbell_server.socket.edge.packets import PacketError, Push
from handbell_server.socket.edge.pulse import Deadlines

if TYPE_CHECKING:
    from handbell_server.socket.edge.link import Owner
    from handbell_server.socket.edge.session import Session

_PROBE_ANSWER = Push(b"3probe")


class Opener(Protocol):
    """What a link needs of the edge it belongs to."""

    runtime: Runtime
    limits: EdgeLimits


def open_link(environ: dict[str, Any], house: Opener, owner: "Owner") -> tuple[Link, bytes] | None:
    """Answer a WebSocket handshake and take its socket over; None when it is none. Also: what was read too early."""
    options = {option.strip() for option in environ.get("HTTP_CONNECTION", "").lower().split(",")}
    key = frames.accept_key(environ.get("HTTP_SEC_WEBSOCKET_KEY", ""))
    if (
        "handbell.takeover" not in environ
        or key is None
        or "upgrade" not in options
        or environ.get("HTTP_UPGRADE", "").lower() != "websocket"
        or environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13"
    ):
        return None
    sock: socket.socket
    sock, early = environ["handbell.takeover"]()
    link = Link(house.runtime.hub, sock, house.limits, owner, house.limits.stranger_message_bytes)
    link.say(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + key + b"\r\n\r\n"
    )
    return link, early


class Upgrade:
    """A second connection of a polling session, until it has proved that it works: probe, answer, change-over."""

    def __init__(self, session: "Session", probes: "Deadlines[Upgrade]") -> None:
        self._session = session
        self._probes = probes
        self._link: Link | None = None
        self._probed = False

    def open(self, environ: dict[str, Any]) -> Any:
        session = self._session
        opened = open_link(environ, session.house, self)
        if opened is None:
            return session.server._bad_request("Bad Request")
        session.upgrading = True
        self._link, early = opened
        self._probes.add(self)
        if early:
            self._link.receive(early)
        return []

    def may_speak(self) -> bool:
        return self._session.may_speak()

    def on_text(self, text: str) -> None:
        link = self._link
        if link is None or self._session.closed:
            self.give_up()
        elif text == "2probe" and not self._probed:
            self._probed = True
            link.must(_PROBE_ANSWER)
            self._session.release_poll()
        elif text == "5" and self._probed:
            self._probes.discard(self)
            self._session.adopt(link)
        else:
            raise PacketError("not a probe")

    def on_fault(self, _code: int) -> None:
        self.give_up()

    def on_lost(self, _reason: str) -> None:
        self.give_up()

    def on_empty(self) -> None:
        """Nothing waits for this."""

    def give_up(self) -> None:
        """The session goes on polling."""
        self._probes.discard(self)
        self._session.upgrading = False
        if self._link is not None:
            self._link.abort()
