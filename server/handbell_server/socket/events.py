"""The Socket.IO half: connecting, and the calls of docs/protocol.md. The same actions as over REST.

The user comes from the token in CONNECT and from nowhere else; no call takes one. Each handler answers within its
greenlet; what a client may send how often, and how big, the edge has checked before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from random import uniform
from typing import Annotated, Any

import msgspec
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import SocketIO
from msgspec import Meta, Struct
from sqlalchemy import bindparam, update
from sqlalchemy.engine import Connection

from handbell_server import sweep
from handbell_server.actions.receipts import Rounds
from handbell_server.auth import SignedIn, bearer, expired
from handbell_server.delivery import Member
from handbell_server.errors import Problem, RateLimited, Unauthenticated
from handbell_server.guessing import address_of, judged
from handbell_server.models import Device
from handbell_server.parsing import Actions, AskedDelta, AskedSnapshot, Cursor, ToldMarks, invalid
from handbell_server.reads import reading
from handbell_server.reads.presence import InUse, in_use
from handbell_server.reads.presence import forget as forget_activity
from handbell_server.reads.presence import left as left_activity
from handbell_server.reads.presence import write as write_activity
from handbell_server.services import Services
from handbell_server.socket.edge import Edge
from handbell_shared import protocol
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from handbell_shared.records import Hello, Position

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_AT_ONCE = 500
_CAPS = (protocol.CAN_RECEIPTS, protocol.CAN_PRESENCE)


class Connect(Struct, frozen=True, gc=False):
    """The CONNECT payload. Unknown members are a newer client's; a newer protocol is another number."""

    token: str
    protocol: int = protocol.PROTOCOL


class Told(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    epoch: Cursor
    rev: Annotated[int, Meta(ge=0, lt=1 << 53)]


class Activity(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    active: bool


class Sockets:
    """The sockets of this process and who is behind them."""

    def __init__(self, services: Services, edge: Edge) -> None:
        self._services = services
        self._edge = edge
        self._people: dict[str, SignedIn] = {}
        self._positions: dict[str, Position] = {}  # by device, until the next round
        self._presence: dict[str, bool] = {}
        self._active: dict[str, bool] = {}
        self._marks = Rounds()

    def __len__(self) -> int:
        return len(self._people)

    def register(self, socketio: SocketIO) -> None:
        """Hook the handlers in. Flask-SocketIO passes a handler what the client sent, and answers what it returns."""
        from flask import request

        def sid() -> str:
            return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO puts it there

        def address() -> str:
            return address_of(self._services.config, request.environ)

        socketio.on_event("connect", lambda auth=None: self.connect(sid(), auth, address()))
        socketio.on_event("disconnect", lambda *_: self.disconnect(sid()))
        socketio.on_event(protocol.DELTA, lambda *sent: self.call(sid(), self.delta, sent))
        socketio.on_event(protocol.SNAPSHOT, lambda *sent: self.call(sid(), self.snapshot, sent))
        socketio.on_event(protocol.ACT, lambda *sent: self.call(sid(), self.act, sent))
        socketio.on_event(protocol.RECEIPTS, lambda *sent: self.call(sid(), self.receipts, sent))
        socketio.on_event(protocol.ACTIVE, lambda *sent: self.call(sid(), self.active, sent))
        socketio.on_event(protocol.POSITION, lambda *sent: self.call(sid(), self.position, sent))

    # ---- coming and going

    def connect(self, sid: str, auth: object, address: str) -> None:
        try:
            asked = msgspec.convert(auth, Connect)
        except msgspec.ValidationError:
            raise self._refusal(Code.UNAUTHENTICATED) from None
        if asked.protocol != protocol.PROTOCOL:
            raise self._refusal(Code.VERSION)
        if self._services.leaving:
            raise self._refusal("busy", retry=True)
        person = self._sign_in(asked.token, address)
        room_now = self._services.delivery.rooms.get(person.user_id)
        if room_now is not None and len(room_now.members) >= self._services.config.sockets_per_user:
            # The newest wins: the oldest are most likely sockets whose clients are gone.
            for oldest in list(room_now.members)[: len(room_now.members) - self._services.config.sockets_per_user + 1]:
                self._services.delivery.leave(person.user_id, oldest)
                self._edge.close(oldest, "limit")
        self._enter(sid, person)

    def _enter(self, sid: str, person: SignedIn) -> None:
        delivery = self._services.delivery
        outlet = self._edge.outlet(sid)
        self._people[sid] = person
        # Into the room first, then read where it stands: the other order loses what is committed in between.
        room = delivery.join(person.user_id, Member(sid, outlet, person.device, person.expires_at))
        try:
            rev, unread, epoch, used = self._services.read(_standing, person.user_id)
        except Exception:
            log.info("a socket could not be let in", exc_info=True)
            self.disconnect(sid)
            raise self._refusal("busy", retry=True) from None
        delivery.standing(room, rev)
        device = used.device if used is not None else None
        hello = Hello(epoch, rev, now_ms(), unread, person.device or "", protocol.TIP_INTERVAL, _CAPS, device)
        outlet.offer(b'2["hello",' + _encode(hello) + b"]")
        delivery.used(person.user_id, used, greeted=sid)
        if person.device is not None:
            self._presence[person.device] = True

    def disconnect(self, sid: str) -> None:
        person = self._people.pop(sid, None)
        if person is None:
            return
        self._services.delivery.leave(person.user_id, sid)
        room = self._services.delivery.rooms.get(person.user_id)
        here = room is not None and any(member.device == person.device for member in room.members.values())
        if person.device is not None and not here:
            self._presence[person.device] = False

    def _sign_in(self, token: str, address: str) -> SignedIn:
        auth = self._services.auth
        try:
            if auth.was_good(bearer(token)):
                identity = auth.by_token(token)
            else:
                identity = judged(self._services.rates.address, address, lambda: auth.by_token(token))
        except Unauthenticated:
            raise self._refusal(Code.UNAUTHENTICATED) from None
        except RateLimited as limited:
            raise self._refusal("busy", retry=True, after_s=int(limited.headers["Retry-After"])) from None
        except Problem:
            raise self._refusal("busy", retry=True) from None
        if not isinstance(identity, SignedIn) or identity.only is not None or expired(identity):
            raise self._refusal(Code.UNAUTHENTICATED)
        return identity

    def _refusal(self, code: str, *, retry: bool = False, after_s: int = 0) -> Refused:
        short = "auth" if code == Code.UNAUTHENTICATED else str(code)
        self._services.metrics.refused_sockets[short] += 1
        more = {"retry_ms": 1000 * after_s + int(uniform(500, 3000))} if retry else {}  # noqa: S311 — spreading load
        return Refused(short, {"code": short} | more)

    # ---- calls

    def call(self, sid: str, run: Callable[[SignedIn, str, Any], Any], sent: tuple[Any, ...]) -> Any:
        """One call of a signed-in client: what it asks for, or what is wrong with it."""
        person = self._people.get(sid)
        if person is None:
            return {"error": {"code": str(Code.UNAUTHENTICATED), "detail": "Connect first."}}
        try:
            return msgspec.to_builtins(run(person, sid, sent[0] if sent else {}))
        except msgspec.ValidationError as error:
            problem = invalid(error)
        except Problem as raised:
            problem = raised
        except Exception:
            log.exception("a call failed")
            problem = Problem("Something went wrong here; it has been logged.")
        return {"error": {"code": str(problem.code), "detail": problem.detail, "field": problem.field}}

    def delta(self, person: SignedIn, _sid: str, sent: Any) -> Any:
        asked = msgspec.convert(sent, AskedDelta)
        at = Position(asked.epoch, asked.rev, None if asked.after is None else asked.after.replace("\x00", ""))
        return self._services.read(reading.delta, person.user_id, at, asked.limit)

    def snapshot(self, person: SignedIn, _sid: str, sent: Any) -> Any:
        asked = msgspec.convert(sent, AskedSnapshot)
        return self._services.read(reading.snapshot, person.user_id, asked.after.replace("\x00", ""), asked.limit)

    def act(self, person: SignedIn, _sid: str, sent: Any) -> Any:
        asked = msgspec.convert(sent, Actions)
        return {"acks": self._services.act(person.user_id, asked.actions)}

    def position(self, person: SignedIn, sid: str, sent: Any) -> None:
        """A receipt: the device holds everything up to here. Remembered, and written down in rounds."""
        told = msgspec.convert(sent, Told)
        room = self._services.delivery.rooms.get(person.user_id)
        if room is not None and room.last is not None and told.epoch == self._services.delivery.epoch:
            at = Position(told.epoch, min(told.rev, room.last))
            if person.device is not None:
                self._positions[person.device] = at

    def receipts(self, person: SignedIn, _sid: str, sent: Any) -> None:
        """What the device did with notifications. Remembered, and written down in rounds."""
        told = msgspec.convert(sent, ToldMarks)
        if person.device is not None:
            self._services.metrics.told(told.receipts)
            self._marks.add(person.user_id, person.device, told.receipts)

    def active(self, person: SignedIn, _sid: str, sent: Any) -> None:
        """The person begins to use the device, or has left it. Remembered, and written down in rounds."""
        told = msgspec.convert(sent, Activity)
        if person.device is not None:
            self._active[person.device] = told.active

    def drained(self, sid: str) -> None:
        """A socket that had missed pushes can take more: a tip tells it to catch up."""
        person = self._people.get(sid)
        if person is not None:
            self._services.delivery.tip_one(person.user_id, sid)

    def write_down(self) -> None:
        """Save who came and went and what devices told since the last round: one transaction, however many they are."""
        if self._marks:
            self._write_marks()
        positions, self._positions = self._positions, {}
        presence, self._presence = self._presence, {}
        active, self._active = self._active, {}
        if not (positions or presence or active):
            return
        try:
            self._services.errand(lambda c: _write_down(c, positions, presence, active))
        except Problem:  # another round; what came meanwhile is newer
            self._positions = positions | self._positions
            self._presence = presence | self._presence
            self._active = active | self._active
            raise

    def _write_marks(self) -> None:
        """Best effort: what cannot be written now is gone, and nothing else is held up by it."""
        marks, self._marks = self._marks, Rounds()
        try:
            self._services.errand(lambda c: marks.write(c, now_ms()))
        except Exception:
            log.warning("what devices said they did with notifications was not written down", exc_info=True)

    def all_offline(self) -> None:
        """This process is about to end; whoever moves to another is online there in a moment."""
        devices = sorted({person.device for person in self._people.values() if person.device is not None})
        if devices:
            self._services.errand(lambda c: _leave(c, devices, now_ms()))


def _standing(connection: Connection, user_id: int) -> tuple[int, int, str, InUse | None]:
    rev, unread = reading.stand(connection, user_id)
    return rev, unread, reading.epoch(connection), in_use(connection, [user_id], now_ms()).get(user_id)


def _write_down(
    connection: Connection, positions: dict[str, Position], presence: dict[str, bool], active: dict[str, bool]
) -> None:
    now = now_ms()
    came = sorted(device for device, is_online in presence.items() if is_online)
    for start in range(0, len(came), _AT_ONCE):
        forget_activity(connection, came[start : start + _AT_ONCE], now)
    write_activity(connection, active.items(), now)
    if positions:
        receive = (
            update(Device)
            .where(Device.id == bindparam("device"))
            .values(received_epoch=bindparam("epoch"), received_rev=bindparam("rev"), received_at=now)
        )
        told = [{"device": device, "epoch": at.epoch, "rev": at.rev} for device, at in sorted(positions.items())]
        connection.execute(receive, told)
    _leave(connection, sorted(presence.keys() - came), now)
    for start in range(0, len(came), _AT_ONCE):
        sweep.set_online(connection, came[start : start + _AT_ONCE], now + sweep.ONLINE_MS)


def _leave(connection: Connection, devices: Sequence[str], now: int) -> None:
    for start in range(0, len(devices), _AT_ONCE):
        part = devices[start : start + _AT_ONCE]
        left_activity(connection, part, now)
        sweep.set_online(connection, part, now)
