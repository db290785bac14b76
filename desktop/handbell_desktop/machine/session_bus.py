"""The session bus as an owner's loop wants it: nothing here waits, not even for the greeting.

jeepney knows the wire; this knows a socket that never blocks. What cannot be written at once is kept and written with
the next thing that is read or said: there is always an answer to come, so that moment always comes. A bus that breaks,
misbehaves or stops reading is dropped, and `on_lost` is called once.

    bus = SessionBus(address, watch, on_signal, on_lost)        # OSError when there is no such bus; see `open`
    bus.call(NOTIFICATIONS, "GetCapabilities", then=got_them)   # `then` hears the reply, an error too

`Watch` is the owner's loop: it calls the function whenever the descriptor can be read, until it is told to stop.
"""

from __future__ import annotations

import itertools
import logging
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    Parser,
    message_bus,
    new_method_call,
)
from jeepney.auth import BEGIN, Authenticator
from jeepney.bus import get_bus

BUS = "org.freedesktop.DBus"
READ_AT_ONCE = 1 << 16
READS_PER_TURN = 16  # then the owner's loop has a turn for the others
LARGEST_BACKLOG = 1 << 20  # bytes; a bus that lets so much wait does not read any more

Watch = Callable[[int, Callable[[], None]], Callable[[], None]]  # (descriptor, readable) -> stop
Then = Callable[[Message], None]

log = logging.getLogger(__name__)


def address_of(environment: Mapping[str, str]) -> str | None:
    """Where this person's bus is: the variable, or the place where systemd puts it when a start lost the variable."""
    if named := environment.get("DBUS_SESSION_BUS_ADDRESS"):
        return named
    place = Path(environment.get("XDG_RUNTIME_DIR") or "/nowhere") / "bus"
    return f"unix:path={place}" if place.is_socket() else None


def socket_address(address: str) -> str:
    """What a socket connects to; OSError for every address that is of no use."""
    try:
        return str(get_bus(address))
    except (RuntimeError, ValueError, StopIteration) as error:
        raise OSError(f"the address of the session bus is of no use: {error}") from error


def has_signature(message: Message, signature: str) -> bool:
    """It is no error, and its body is what we expect it to be."""
    said = message.header.fields.get(HeaderFields.signature, "")
    return bool(message.header.message_type != MessageType.error and said == signature)


def error_name(message: Message) -> str:
    return str(message.header.fields.get(HeaderFields.error_name, ""))


def sender_of(message: Message) -> str:
    """The bus itself fills this in, so it is true."""
    return str(message.header.fields.get(HeaderFields.sender, ""))


def member_of(message: Message) -> str:
    return str(message.header.fields.get(HeaderFields.member, ""))


class SessionBus:
    """One connection. After `on_lost` or `close` it is silent for good."""

    def __init__(
        self, address: str, watch: Watch, on_signal: Callable[[Message], None], on_lost: Callable[[], None]
    ) -> None:
        self._on_signal = on_signal
        self._on_lost = on_lost
        self._serials = itertools.count(1)
        self._waiting: dict[int, Then] = {}
        self._parser = Parser()
        self._greeting: Authenticator | None = Authenticator(inc_null_byte=True)
        self._later = bytearray()  # said before the greeting was over
        self._backlog = bytearray()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.setblocking(False)
        try:
            self._socket.connect(socket_address(address))
        except OSError:
            self._socket.close()
            raise
        self._stop_watching = watch(self._socket.fileno(), self.on_readable)
        self.call(message_bus, "Hello")
        self._write(self._greeting.data_to_send() or b"")

    @property
    def open(self) -> bool:
        return self._socket.fileno() >= 0

    def call(
        self,
        to: DBusAddress,
        method: str,
        signature: str | None = None,
        body: tuple[Any, ...] = (),
        *,
        then: Then | None = None,
    ) -> None:
        """Say it now or soon; `then` hears the one answer, unless the bus is lost first."""
        serial = next(self._serials)
        if then is not None:
            self._waiting[serial] = then
        data = new_method_call(to, method, signature, body).serialise(serial=serial)
        if self._greeting is not None:
            self._later += data
        else:
            self._write(data)

    def listen_to(self, **conditions: str) -> None:
        """Ask for these signals; the conditions are constants of ours, so nothing in them needs quoting."""
        rule = ",".join(f"{name}='{value}'" for name, value in {"type": "signal", **conditions}.items())
        self.call(message_bus, "AddMatch", "s", (rule,))

    def on_readable(self) -> None:
        """Take what is there; the watch calls it."""
        try:
            for _ in range(READS_PER_TURN):
                if not self.open:
                    return
                data = self._socket.recv(READ_AT_ONCE)
                if not data:
                    self._lose("it hung up")
                    return
                self._take(data)
        except BlockingIOError:
            self._write(b"")
        except OSError as error:
            self._lose(str(error))

    def close(self) -> None:
        if self.open:
            self._stop_watching()
            self._socket.close()
            self._waiting.clear()

    def _take(self, data: bytes) -> None:
        try:
            if self._greeting is not None:
                self._greet(self._greeting, data)
                return
            messages = self._parser.feed(data)
        except (
            Exception
        ) as error:  # what jeepney makes of bytes that are no D-Bus: ValueError, KeyError, struct.error …
            self._lose(f"it is not understood: {error!r}")
            return
        for message in messages:
            if self.open:
                self._hear(message)

    def _greet(self, greeting: Authenticator, data: bytes) -> None:
        greeting.feed(data)
        if greeting.authenticated:
            self._greeting = None
            self._write(BEGIN + bytes(self._later))
            self._later.clear()

    def _hear(self, message: Message) -> None:
        kind = message.header.message_type
        if kind == MessageType.signal:
            self._on_signal(message)
        elif kind in (MessageType.method_return, MessageType.error):
            then = self._waiting.pop(message.header.fields.get(HeaderFields.reply_serial, -1), None)
            if then is not None:
                then(message)

    def _write(self, data: bytes) -> None:
        self._backlog += data
        try:
            while self._backlog and self.open:
                del self._backlog[: self._socket.send(self._backlog)]
        except BlockingIOError:
            if len(self._backlog) > LARGEST_BACKLOG:
                self._lose("it does not read any more")
        except OSError as error:
            self._lose(os.strerror(error.errno or 0))

    def _lose(self, why: str) -> None:
        if self.open:
            log.info("the session bus is gone: %s", why)
            self.close()
            self._on_lost()
