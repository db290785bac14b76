"""Engine.IO and Socket.IO packets, as far as Handbell speaks them: text, namespace "/", no attachments.

A packet is checked completely before anything of the application hears of it; what is wrong ends in one `PacketError`,
which closes the connection without a word.
"""

from typing import Any

import msgspec
from socketio import packet as sio

from handbell_server.socket.edge import frames

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "error"})
_LONGEST_ID = 10


class PacketError(Exception):
    """The client sent something that is not of our protocol."""


class Json:
    """msgspec behind the two functions that python-socketio asks of a JSON module."""

    @staticmethod
    def dumps(value: object, **_options: object) -> str:
        return _encode(value).decode()

    @staticmethod
    def loads(text: str, **_options: object) -> Any:
        return _decode(text)


class Packet(sio.Packet):  # type: ignore[misc]  # python-socketio has no types
    """A Socket.IO packet with strict decoding. JSON and binary handling are set here, for our server alone."""

    json = Json
    uses_binary_events = False

    def decode(self, encoded_packet: object) -> int:
        raise NotImplementedError("packets come in through parse()")


class Push:
    """An outgoing packet, encoded once: the same object may go to any number of sockets, of both transports."""

    __slots__ = ("_frame", "_text", "packet")

    def __init__(self, packet: bytes) -> None:
        self.packet = packet  # with Engine.IO's type in front
        self._frame: bytes | None = None
        self._text: str | None = None

    @property
    def frame(self) -> bytes:
        if self._frame is None:
            self._frame = frames.frame(self.packet)
        return self._frame

    @property
    def text(self) -> str:
        if self._text is None:
            self._text = self.packet.decode()
        return self._text


def prepare(packet: bytes | str) -> Push:
    """A Socket.IO packet, such as `2["push",{…}]`, ready to be offered."""
    return Push(b"4" + (packet.encode() if isinstance(packet, str) else packet))


def parse(text: str, max_depth: int) -> Packet:
    """The Socket.IO packet in `text`, complete and plausible; PacketError otherwise."""
    kind, ack_id, rest = _split(text)
    data: Any = None
    if rest:
        try:
            data = _decode(rest)
        except (ValueError, RecursionError):
            raise PacketError("not JSON") from None
        if rest.count("[") + rest.count("{") > max_depth and _deeper_than(data, max_depth):
            raise PacketError("too deep")
    if not _plausible(kind, ack_id, data):
        raise PacketError("not a packet of ours")
    return Packet(kind, data=data, namespace="/", id=ack_id)


def _split(text: str) -> tuple[int, int | None, str]:
    kind = "0123".find(text[:1]) if text else -1  # CONNECT_ERROR is ours to send; 5 and 6 bring attachments
    if kind < 0:
        raise PacketError("unknown type")
    rest = text[1:]
    if rest.startswith("/"):
        namespace, _, rest = rest.partition(",")
        if namespace.partition("?")[0] != "/":
            raise PacketError("unknown namespace")
    digits = 0
    while digits < len(rest) and rest[digits] in "0123456789":
        digits += 1
    if digits > _LONGEST_ID:
        raise PacketError("id too long")
    return kind, int(rest[:digits]) if digits else None, rest[digits:]


def _plausible(kind: int, ack_id: int | None, data: Any) -> bool:
    if kind == sio.EVENT:
        # A client that may name an event "connect" calls the connect handler with arguments of its choice.
        return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _RESERVED
    if kind == sio.ACK:
        return ack_id is not None and isinstance(data, list)
    return ack_id is None and (data is None or (kind == sio.CONNECT and isinstance(data, dict)))


def _deeper_than(value: Any, depth: int) -> bool:
    """Level by level: recursion is what deep input attacks."""
    level = [value]
    while level and depth >= 0:
        level = [
            child
            for item in level
            if isinstance(item, list | dict)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        depth -= 1
    return bool(level)
