"""One client, over either transport: an Engine.IO socket without queue, writer greenlet or ping greenlet of its own.

Handlers of one client run one after the other, in one greenlet that exists only while there is something to do. So a
client never has more than one handler at work, its calls keep their order, and the disconnect handler never overtakes
the connect handler (in the stock server it can, and leaves a ghost in the rooms).
"""

from typing import Any, Protocol

from engineio import exceptions
from engineio import packet as eio
from engineio.socket import Socket
from socketio import packet as sio

from handbell_server.runtime import Runtime
from handbell_server.socket.edge import frames
from handbell_server.socket.edge.guard import Bucket
from handbell_server.socket.edge.limits import EdgeHooks, EdgeLimits
from handbell_server.socket.edge.link import Link
from handbell_server.socket.edge.outbound import Backlog, Mailbox
from handbell_server.socket.edge.packets import Packet, PacketError, Push, parse, prepare
from handbell_server.socket.edge.pulse import Deadlines
from handbell_server.socket.edge.upgrade import Upgrade, open_link

_PACKETS_PER_POST = 64
_PING, _CLOSE, _NOOP = Push(b"2"), Push(b"1"), Push(b"6")
_CODES = {"limit": frames.POLICY, "slow": frames.TRY_LATER, "unauthenticated": frames.POLICY}


class House(Protocol):
    """What a session needs of the edge it belongs to."""

    runtime: Runtime
    limits: EdgeLimits
    hooks: EdgeHooks
    strangers: Deadlines["Session"]
    pings: Deadlines["Session"]
    pongs: Deadlines["Session"]
    deaf: Deadlines["Session"]
    endings: Deadlines[Link]
    probes: Deadlines[Upgrade]

    def forget(self, session: "Session") -> None: ...


class Session(Socket):  # type: ignore[misc]  # python-engineio has no types
    """What Engine.IO's server sees as its socket."""

    def __init__(self, server: Any, sid: str, house: House, address: str) -> None:
        # The stock constructor is not called: it makes a queue for every connection.
        self.server = server
        self.sid = sid
        self.house = house
        self.address = address
        self.session: dict[str, Any] = {}
        self.connected = self.upgrading = self.upgraded = self.closing = self.closed = False
        self.sio_sid: str | None = None  # once Socket.IO's CONNECT was accepted
        self.out: Link | Mailbox = Mailbox(house.runtime, house.limits)
        self.held: Backlog | None = None  # what waits for the answer to CONNECT
        self._shedding = False
        limits = house.limits
        self._bucket = Bucket(limits.events_per_second, limits.events_burst, house.runtime.hub.clock())
        self._inbox: list[Packet] = []  # short, for it is bounded by the rate; an empty deque takes 760 bytes
        self._working = False
        self._gone: str | None = None  # why; the disconnect handler is still to hear of it

    # Out.

    def offer(self, push: Push) -> bool:
        """Send a push if there is room for it; False: it was not taken, and `on_drained` will follow."""
        if self.closed or self._shedding:
            return False
        held = self.held
        if held is not None:
            if held.has_room(len(push.packet)):
                self._hold(held, push)
                return True
        elif self.out.offer(push):
            return True
        self._shedding = True
        self.house.deaf.add(self)
        if self.sio_sid is not None:
            self.house.hooks.on_shed(self.sio_sid)
        return False

    def send(self, pkt: Any) -> None:
        """Engine.IO's way to send: answers, emits, and its own packets. Nothing of it may be dropped."""
        push = pkt.__dict__.get("handbell_push")
        if push is None:
            encoded = pkt.encode()
            if not isinstance(encoded, str):
                raise TypeError("binary packets are not sent")
            # Kept on the packet: an emit to a room brings the same one to every member.
            push = pkt.handbell_push = Push(encoded.encode())
        self._must(push)

    def ping(self) -> None:
        self.house.pongs.add(self)
        self._must(_PING)

    def on_empty(self) -> None:
        """Everything that waited is on its way."""
        if not self._shedding or self.held is not None:
            return
        self._shedding = False
        self.house.deaf.discard(self)
        if self.sio_sid is not None and not self.closed:
            self.house.runtime.spawn(self.house.hooks.on_drained, self.sio_sid)

    def begin_connect(self) -> None:
        """From here on events wait: a client must not hear one before the answer to its CONNECT."""
        if self.held is None and self.sio_sid is None:
            self.held = Backlog(self.house.limits)

    def end_connect(self, sio_sid: str | None) -> None:
        """CONNECT was answered: accepted under this sid, or refused."""
        held, self.held = self.held, None
        if sio_sid is None or self.closed:
            return
        self.sio_sid = sio_sid
        self.house.strangers.discard(self)
        if isinstance(self.out, Link):
            self.out.accept_messages_up_to(self.house.limits.message_bytes)
        for push in held.waiting if held is not None else ():
            self._must(push)
        if self.out.empty:
            self.on_empty()

    def _must(self, push: Push) -> None:
        if self.closed:
            return
        # While CONNECT is being answered only that answer (types 0 and 4) and Engine.IO's own packets pass.
        if self.held is not None and push.packet[:1] == b"4" and push.packet[1:2] not in (b"0", b"4"):
            if self.held.has_control_room():
                self._hold(self.held, push)
            else:
                self.close(reason="slow")
        elif not self.out.must(push):
            self.close(reason="slow")

    @staticmethod
    def _hold(held: Backlog, push: Push) -> None:
        held.waiting.append(push)
        held.size += len(push.packet)

    # In.

    def may_speak(self) -> bool:
        """Whether one more frame or packet is within the rate; if not, the connection ends here."""
        if self.closed:
            return False
        if self._bucket.take(self.house.runtime.hub.clock()):
            return True
        self.close(reason="limit")
        return False

    def on_text(self, text: str) -> None:
        """One Engine.IO packet. Runs in the loop: it decides, and leaves the work to the session's greenlet."""
        kind = text[:1]
        if kind == "4":
            self._on_message(text[1:])
        elif text == "3":
            if self in self.house.pongs:
                self.house.pongs.discard(self)
                self.house.pings.add(self)
        elif text == "1":
            self.close(reason=self.server.reason.CLIENT_DISCONNECT)
        elif text != "6":
            raise PacketError("not an Engine.IO packet")

    def on_fault(self, code: int) -> None:
        self.close(reason=self.server.reason.TRANSPORT_ERROR, code=code)

    def on_lost(self, reason: str) -> None:
        self.close(abort=True, reason=reason)

    def _on_message(self, text: str) -> None:
        limits = self.house.limits
        packet = parse(text, limits.json_depth)
        if packet.packet_type == sio.ACK:
            # Not in line: the handler at work may be waiting for just this.
            self.house.runtime.spawn(self.server.deliver, self, packet)
            return
        self._inbox.append(packet)
        self._work()

    def _work(self) -> None:
        if not self._working:
            self._working = True
            self.house.runtime.spawn(self._run_handlers)

    def _run_handlers(self) -> None:
        try:
            while self._inbox or self._gone is not None:
                if self._gone is None:
                    self.server.deliver(self, self._inbox.pop(0))
                else:
                    self._inbox.clear()
                    reason, self._gone = self._gone, None
                    self.server.deliver_end(self, reason)
        finally:
            self._working = False

    # The polling transport.

    def poll(self) -> list[Any]:
        mailbox = self.out
        if not isinstance(mailbox, Mailbox) or mailbox.polled:
            self.on_fault(frames.PROTOCOL_ERROR)  # two requests would share the packets between them
            raise exceptions.EngineIOError("already polled")
        mailbox.wait(self.server.ping_interval + self.server.ping_timeout)
        packets = [eio.Packet(int(push.text[0]), push.text[1:]) for push in mailbox.take()]
        if mailbox.empty and not self.closed:
            self.on_empty()
        return packets

    def handle_post_request(self, environ: dict[str, Any]) -> None:
        limits = self.house.limits
        longest = limits.message_bytes if self.sio_sid is not None else limits.stranger_message_bytes
        body = environ["wsgi.input"].read(longest + 1)
        try:
            texts = body.decode().split("\x1e")
            if len(body) > longest or len(texts) > _PACKETS_PER_POST:
                raise PacketError("too much at once")
            for text in texts:
                if self.may_speak():
                    self.on_text(text)
        except (UnicodeDecodeError, PacketError):
            self.on_fault(frames.PROTOCOL_ERROR)
        if self.closed:
            raise exceptions.EngineIOError("closed")

    # The WebSocket transport.

    def _upgrade_websocket(self, environ: dict[str, Any], _start_response: Any) -> Any:
        if self.connected:
            if self.upgrading:
                return self.server._bad_request("Bad Request")
            return Upgrade(self, self.house.probes).open(environ)
        link = open_link(environ, self.house, self)
        if link is None:
            self.on_lost(self.server.reason.TRANSPORT_ERROR)
            return self.server._bad_request("Bad Request")
        self.connected = True
        self.adopt(*link)
        return []

    def release_poll(self) -> None:
        """The client upgrades: its waiting request ends with nothing to say."""
        self._must(_NOOP)

    def adopt(self, link: Link, early: bytes = b"") -> None:
        """From now on everything goes over this link."""
        mailbox, self.out = self.out, link
        self.upgrading, self.upgraded = False, True
        link.owner = self
        if self.sio_sid is not None:
            link.accept_messages_up_to(self.house.limits.message_bytes)
        while isinstance(mailbox, Mailbox) and not mailbox.empty:
            for push in mailbox.take():
                if push is not _NOOP:
                    self._must(push)
        if link.empty:
            self.on_empty()
        if early:
            link.receive(early)

    # The end.

    def close(self, wait: bool = True, abort: bool = False, reason: str | None = None, code: int | None = None) -> None:
        """End this session; never waits. The disconnect handler hears `reason`."""
        reason = reason or self.server.reason.SERVER_DISCONNECT
        if not self.closed and not abort:
            self._say_farewell(reason)
        if not self.closed:  # the farewell itself may have found the client gone
            self._end(abort, reason, code or _CODES.get(reason, frames.NORMAL))

    def _end(self, abort: bool, reason: str, code: int) -> None:
        self.closing = self.closed = True
        self.house.forget(self)
        if isinstance(self.out, Link):
            if abort:
                self.out.abort()
            else:
                self.out.finish(code, reason)
                self.house.endings.add(self.out)
        self._gone = reason
        self._work()

    def _say_farewell(self, reason: str) -> None:
        if reason == "slow":
            return  # it does not listen
        text = self.house.hooks.farewell(reason) if self.sio_sid is not None else None
        if text is not None:
            self._must(prepare(text))
        if isinstance(self.out, Mailbox):
            self._must(_CLOSE)

    # What the stock socket does for itself, and the pulse does here.

    def check_ping_timeout(self) -> bool:
        return not self.closed

    def schedule_ping(self) -> None:
        self.house.pings.add(self)
