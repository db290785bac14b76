"""A real gnome-keyring on a private bus, unlocked with a made-up password, and its door that can be locked again.

`FakeKeyring` stands in where the real one would need a screen and a person: the prompt.
"""

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

from tests.support.bus import PrivateBus
from tests.support.processes import Process
from tests.support.waiting import LEAST, until

NAME = "org.freedesktop.secrets"
PATH = "/org/freedesktop/secrets"
INTERFACE = "org.freedesktop.Secret"
COLLECTION = "/org/freedesktop/secrets/collection/login"
ITEM = f"{COLLECTION}/1"
PROMPT = "/org/freedesktop/secrets/prompt/1"


class GnomeKeyring:
    def __init__(self, bus: PrivateBus, folder: Path) -> None:
        self._bus = bus
        environment = os.environ | {
            "DBUS_SESSION_BUS_ADDRESS": bus.address,
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_RUNTIME_DIR": str(folder),
            "GNOME_KEYRING_CONTROL": "",
        }
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        # The newline matters: without one it takes the empty password and stays locked.
        self.process = Process(command, name="keyring", directory=folder, environment=environment, stdin="pw\n")
        until(lambda: bus.has_owner(NAME), 10, "the keyring")

    def lock(self) -> None:
        path = self._bus.call(NAME, PATH, f"{INTERFACE}.Service", "ReadAlias", "s", "default")[0]
        self._bus.call(NAME, PATH, f"{INTERFACE}.Service", "Lock", "ao", [path])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill9()


class FakeKeyring:
    """One locked keyring with one token, or none yet. `person` is what they say to the prompt: "yes", "no", or nothing at all."""

    def __init__(self, bus: PrivateBus, *, person: str, empty: bool = False) -> None:
        self.locked = True
        self.dismissed = False
        self.asked = 0
        self.kept: list[bytes] = []
        self._items = [] if empty else [ITEM]
        self.person = person
        self._connection = open_dbus_connection(bus.address)
        self._connection.send_and_get_reply(message_bus.RequestName(NAME), timeout=LEAST)
        self._forger = open_dbus_connection(bus.address)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._connection.sock.shutdown(2)
        self._thread.join(60)
        self._connection.close()
        self._forger.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                message = self._connection.receive()
                if message.header.message_type == MessageType.method_call:
                    self._answer(message)

    def _answer(self, call: Message) -> None:
        match call.header.fields[HeaderFields.member]:
            case "SearchItems":
                self._say(call, "aoao", ([], self._items) if self.locked else (self._items, []))
            case "ReadAlias":
                self._say(call, "o", ("/" if self.locked else COLLECTION,))
            case "CreateCollection":
                self._say(call, "oo", ("/", PROMPT))
            case "CreateItem" if not self.locked:
                self.kept.append(bytes(call.body[1][2]))
                self._say(call, "oo", (ITEM, "/"))
            case "Unlock" if not self.locked:
                self._say(call, "aoo", (call.body[0], "/"))
            case "Unlock":
                self._say(call, "aoo", ([], PROMPT))
            case "Prompt":
                self.asked += 1
                self._say(call)
                self._completed(self._forger, ("b", False))  # anybody can say so, but it is not the keyring
                if self.person in ("yes", "no"):
                    self.answered(self.person)
            case "Dismiss":
                self.dismissed = True
                self._say(call)
            case "OpenSession":
                self._say(call, "vo", (("s", ""), "/session/1"))
            case "GetSecret" if not self.locked:
                self._say(call, "(oayays)", (("/session/1", b"", b"token-1", "text/plain"),))
            case _:
                self._connection.send(new_error(call, f"{INTERFACE}.Error.IsLocked"))

    def answered(self, person: str) -> None:
        """What a person who was away says when they are back."""
        self.locked = person == "no"
        self._completed(self._connection, ("b", self.locked))

    def _completed(self, sender: Any, dismissed: tuple[str, bool]) -> None:
        prompt = DBusAddress(PROMPT, interface=f"{INTERFACE}.Prompt")
        sender.send(
            new_signal(
                prompt, "Completed", "bv", (dismissed[1], ("o", COLLECTION) if not self._items else ("ao", [ITEM]))
            )
        )

    def _say(self, call: Message, signature: str | None = None, body: tuple[Any, ...] = ()) -> None:
        self._connection.send(new_method_return(call, signature, body))
