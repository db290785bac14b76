"""A session bus of the test's own, and a desktop on it that remembers what it was told and does what a person would.

    with PrivateBus() as bus, FakeDesktop(bus.address) as desktop:
        ...                                             # the program gets DBUS_SESSION_BUS_ADDRESS=bus.address
        toast = desktop.toast("Build failed")           # waits for a bubble with this title
        desktop.press(toast, "Open")                    # by the label on the button

The desktop answers in a thread of its own; `PrivateBus.call` and `PrivateBus.ask` speak to whoever else is on the bus.
The bus starts nobody: what is not on it is not there, whatever is installed on this machine.
"""

import socket
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from jeepney import (
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_call,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import unwrap_msg
from msgspec import Struct

from tests.support.processes import Process
from tests.support.waiting import LEAST, until

NOTIFICATIONS = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH = "/org/freedesktop/Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
CAPABILITIES = ("actions", "body", "body-markup", "inline-reply", "persistence")
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <auth>EXTERNAL</auth>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
INTROSPECTION = f"""<node><interface name="{WATCHER}">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
</interface></node>"""
SERVICE = "[D-BUS Service]\nName={name}\nExec={command}\n"

T = TypeVar("T")


class PrivateBus:
    """`services` are names that the bus may start by itself, with their commands, as packages install them."""

    def __init__(self, services: Mapping[str, str] | None = None) -> None:
        self._services = dict(services or {})
        self._folder = tempfile.TemporaryDirectory(prefix="bus-")  # short: the path of a socket has at most 107 bytes
        self.address = ""
        self.process = self._start()

    def call(
        self, to: str, path: str, interface: str, member: str, signature: str | None = None, *body: Any
    ) -> tuple[Any, ...]:
        """Call somebody on the bus and wait for the answer. Never from the thread that is to give it: see `ask`."""
        message = new_method_call(DBusAddress(path, to, interface), member, signature, body)
        with open_dbus_connection(self.address) as connection:
            return tuple(unwrap_msg(connection.send_and_get_reply(message, timeout=LEAST)))

    def ask(self, *call: Any) -> "Future[tuple[Any, ...]]":
        """`call` from another thread, for a test whose own loop must go round until the answer is there."""
        answer: Future[tuple[Any, ...]] = Future()

        def work() -> None:
            try:
                answer.set_result(self.call(*call))
            except Exception as error:
                answer.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return answer

    def has_owner(self, name: str) -> bool:
        dbus = "org.freedesktop.DBus"
        return bool(self.call(dbus, "/org/freedesktop/DBus", dbus, "NameHasOwner", "s", name)[0])

    def stop(self) -> None:
        self.process.kill9()

    def restart(self) -> None:
        """A new bus at a new address; whoever was on the old one has lost it."""
        self.stop()
        self.process = self._start()

    def close(self) -> None:
        self.stop()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> Process:
        folder = Path(self._folder.name)
        for name, start in self._services.items():
            (folder / f"{name}.service").write_text(SERVICE.format(name=name, command=start))
        services = f"<servicedir>{folder}</servicedir>" if self._services else ""
        (folder / "bus.conf").write_text(CONFIGURATION.format(folder=folder, services=services))
        command: list[str | Path] = [
            "dbus-daemon",
            f"--config-file={folder / 'bus.conf'}",
            "--nofork",
            "--print-address=1",
        ]
        process = Process(command, name="bus", directory=folder)
        self.address = process.wait_for_line("^(unix:.*)$")[1]
        return process


class Shown(Struct, frozen=True, kw_only=True):
    """A bubble as the daemon was told of it."""

    id: int
    sender: str  # the program's name on the bus
    replaces: int
    app: str
    icon: str
    title: str
    body: str
    actions: dict[str, str]  # key → label
    hints: dict[str, Any]  # without their D-Bus types
    timeout: int


class FakeDesktop:
    """Owns the names of a notification daemon and, if wanted, of the host of tray icons.

    `shown`: bubbles on the screen, by id · `told`: every Notify ever · `taken_down`: ids that the program closed ·
    `items`: tray icons as "sender/path".
    """

    def __init__(
        self,
        address: str,
        *,
        capabilities: Sequence[str] = CAPABILITIES,
        notifications: bool = True,
        tray: bool = False,
    ) -> None:
        self.capabilities = list(capabilities)
        self.told: list[Shown] = []
        self.taken_down: list[int] = []
        self.shown: dict[int, Shown] = {}
        self.items: list[str] = []
        self._address = address
        self._names = [NOTIFICATIONS] * notifications + [WATCHER] * tray
        self._next = 1
        self._held: list[Message] | None = None
        self._lock = threading.RLock()
        self._connection: DBusConnection | None = None
        self._thread: threading.Thread | None = None

    # What a person does. A bubble is named by what `toast` answered.

    def click(self, toast: Shown, token: str | None = None) -> None:
        self._act(toast, "default", token)

    def press(self, toast: Shown, label: str, token: str | None = None) -> None:
        key = next(key for key, said in toast.actions.items() if said == label and key != "default")
        self._act(toast, key, token)

    def reply(self, toast: Shown, words: str) -> None:
        assert "inline-reply" in toast.actions
        self.signal("NotificationReplied", "us", toast.id, words)
        self.close(toast, reason=2)

    def dismiss(self, toast: Shown) -> None:
        self.close(toast, reason=2)

    def expire(self, toast: Shown) -> None:
        self.close(toast, reason=1)

    def close(self, toast: Shown, reason: int) -> None:
        with self._lock:
            if self.shown.pop(toast.id, None) is not None:
                self.signal("NotificationClosed", "uu", toast.id, reason)

    # What a test asks.

    def toast(self, title: str, timeout: float = 10) -> Shown:
        """The bubble with this title that is on the screen now or soon."""
        found = until(lambda: self._titled(title), timeout, f"a toast with the title {title!r}")
        assert found is not None
        return found

    def until(self, condition: Callable[[Self], T], what: str, timeout: float = 10) -> T:
        return until(lambda: condition(self), timeout, what)

    # What may happen to a desktop.

    def start(self) -> Self:
        self._connection = open_dbus_connection(self._address)
        match = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"
        self._connection.send_and_get_reply(message_bus.AddMatch(match), timeout=LEAST)
        # With a name come the first questions, and waiting for a reply drops what comes meanwhile: so that is kept.
        early: deque[Message] = deque()
        with self._connection.filter(MatchRule(type="method_call"), queue=early):
            for name in self._names:
                self._connection.send_and_get_reply(message_bus.RequestName(name), timeout=LEAST)
        for message in early:
            self._hear(message)
        self._thread = threading.Thread(target=self._serve, args=(self._connection,), name="desktop", daemon=True)
        self._thread.start()
        if WATCHER in self._names:
            self._send(new_signal(DBusAddress(WATCHER_PATH, interface=WATCHER), "StatusNotifierHostRegistered"))
        return self

    def stop(self) -> None:
        """Gone, as after a crash: with all bubbles and icons, and without a word to anybody."""
        if self._connection is not None and self._thread is not None:
            with suppress(OSError):  # the bus may be gone already
                self._connection.sock.shutdown(socket.SHUT_RDWR)
            self._thread.join(60)
            self._connection.close()
        self._connection = None
        self.shown.clear()
        self.items.clear()

    def restart(self) -> None:
        """Stopped and started again; what it remembers of what it was told stays for the test to read."""
        self.stop()
        self.start()

    def hold(self) -> None:
        """Be slow: do everything, but answer nothing until `release`."""
        with self._lock:
            self._held = self._held or []

    def release(self, *, backwards: bool = False) -> None:
        """Answer what was held, the last question first if that is wanted."""
        with self._lock:
            held, self._held = self._held or [], None
            for answer in reversed(held) if backwards else held:
                self._send(answer)

    @property
    def held(self) -> int:
        """How many answers wait for `release`."""
        return len(self._held or ())

    def signal(self, name: str, signature: str, *body: Any) -> None:
        """Say something as the notification daemon."""
        self._send(new_signal(DBusAddress(NOTIFICATIONS_PATH, interface=NOTIFICATIONS), name, signature, body))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # How it works.

    def _act(self, toast: Shown, key: str, token: str | None) -> None:
        assert key in toast.actions, f"the bubble has no {key!r}"
        if token is not None:
            self.signal("ActivationToken", "us", toast.id, token)
        self.signal("ActionInvoked", "us", toast.id, key)
        self.close(toast, reason=2)

    def _titled(self, title: str) -> Shown | None:
        with self._lock:
            return next((toast for toast in self.shown.values() if toast.title == title), None)

    def _send(self, message: Message) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.send(message)

    def _serve(self, connection: DBusConnection) -> None:
        with suppress(OSError):  # that is how a stop, or the end of the bus, looks from here
            while True:
                message = connection.receive()
                with self._lock:
                    self._hear(message)

    def _hear(self, message: Message) -> None:
        if message.header.message_type == MessageType.method_call:
            self._answer(message)
        elif message.header.fields.get(HeaderFields.member) == "NameOwnerChanged" and not message.body[2]:
            self._without(message.body[0])

    def _answer(self, call: Message) -> None:
        member = call.header.fields[HeaderFields.member]
        sender = call.header.fields[HeaderFields.sender]
        answer = self._on_notifications(member, call.body, sender)
        if answer is None:
            answer = self._on_watcher(member, call.body, sender)
        if answer is None:
            reply = new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")
        else:
            reply = new_method_return(call, *answer)
        if self._held is not None and member not in ("Get", "GetAll"):
            self._held.append(reply)
        else:
            self._send(reply)

    def _on_notifications(self, member: str, body: tuple[Any, ...], sender: str) -> tuple[Any, ...] | None:
        match member:
            case "GetCapabilities":
                return "as", (self.capabilities,)
            case "GetServerInformation":
                return "ssss", ("Fake", "Handbell's tests", "1", "1.2")
            case "Notify":
                return "u", (self._notify(sender, *body),)
            case "CloseNotification":
                self.taken_down.append(body[0])
                if self.shown.pop(body[0], None) is not None:
                    self.signal("NotificationClosed", "uu", body[0], 3)
                return ()
        return None

    def _notify(
        self,
        sender: str,
        app: str,
        replaces: int,
        icon: str,
        title: str,
        body: str,
        actions: list[str],
        hints: dict[str, tuple[str, Any]],
        timeout: int,
    ) -> int:
        an_id = replaces if replaces in self.shown else self._next
        self._next = max(self._next, an_id + 1)
        toast = Shown(
            id=an_id,
            sender=sender,
            replaces=replaces,
            app=app,
            icon=icon,
            title=title,
            body=body,
            actions=dict(zip(actions[::2], actions[1::2], strict=True)),
            hints={name: value for name, (_, value) in hints.items()},
            timeout=timeout,
        )
        self.told.append(toast)
        self.shown[an_id] = toast
        return an_id

    def _on_watcher(self, member: str, body: tuple[Any, ...], sender: str) -> tuple[Any, ...] | None:
        facts: dict[str, tuple[str, Any]] = {
            "IsStatusNotifierHostRegistered": ("b", True),
            "ProtocolVersion": ("i", 0),
            "RegisteredStatusNotifierItems": ("as", self.items),
        }
        match member:
            case "RegisterStatusNotifierItem":
                item = _full_name(body[0], sender)
                self.items.append(item)
                watcher = DBusAddress(WATCHER_PATH, interface=WATCHER)
                self._send(new_signal(watcher, "StatusNotifierItemRegistered", "s", (item,)))
                return ()
            case "RegisterStatusNotifierHost":
                return ()
            case "Get":
                return "v", (facts[body[1]],)
            case "GetAll":
                return "a{sv}", (facts,)
            case "Introspect":
                return "s", (INTROSPECTION,)
        return None

    def _without(self, gone: str) -> None:
        """Whoever left the bus took the tray icons along."""
        self.items[:] = [item for item in self.items if not item.startswith(f"{gone}/")]


def _full_name(registered: str, sender: str) -> str:
    """An icon names a path of its own (libappindicator), a name with the usual path (most), or both."""
    if registered.startswith("/"):
        return f"{sender}{registered}"
    return registered if "/" in registered else f"{registered}/StatusNotifierItem"
