"""How long nobody has touched this computer: asked of a real X server and of desktops on a real bus."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from jeepney import MessageType, message_bus, new_method_return
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

from handbell_desktop.machine.idle.base import IdleTime, Unknown
from handbell_desktop.machine.idle.choose import choose
from handbell_desktop.machine.idle.session import SessionIdleTime
from handbell_desktop.machine.idle.x11 import X11IdleTime
from handbell_desktop.machine.session_bus import member_of
from tests.desktop.toasts.owner import Owner
from tests.support.bus import PrivateBus
from tests.support.screen import Screen
from tests.support.waiting import until


def answer(idle: IdleTime) -> int | None:
    heard: list[int | None] = []
    idle.ask(heard.append)
    return heard[0]


def no_watch(descriptor: int, readable: Callable[[], None]) -> Callable[[], None]:
    return lambda: None


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with Screen(tmp_path) as screen:
        yield screen


def test_an_x_server_counts_from_the_last_touch(screen: Screen) -> None:
    idle = choose(platform="linux", environment={"DISPLAY": screen.display}, watch=no_watch)
    assert isinstance(idle, X11IdleTime)
    until(lambda: (answer(idle) or 0) > 300, 10, "nothing to be touched for a while")

    began = time.monotonic()
    screen.key("a")

    touched = answer(idle)
    assert touched is not None and touched <= (time.monotonic() - began) * 1_000
    idle.close()
    assert answer(idle) is None


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"DISPLAY": ":no-such-display"},
        {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0", "XDG_RUNTIME_DIR": "/nowhere"},
    ],
    ids=["nothing", "no server", "no bus"],
)
def test_where_nobody_can_be_asked_it_is_not_known(environment: dict[str, str]) -> None:
    idle = choose(platform="linux", environment=environment, watch=no_watch)

    assert isinstance(idle, Unknown) and answer(idle) is None
    idle.close()


def test_on_another_platform_its_own_way_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform in ("win32", "darwin"):
        assert isinstance(choose(platform=platform, environment={}, watch=no_watch), Unknown)


class AnyDesktop:
    """A desktop on the bus that answers these methods under that name, in a thread of its own."""

    def __init__(self, bus: PrivateBus, name: str, method: str, signature: str, value: int) -> None:
        self._connection = open_dbus_connection(bus.address)
        unwrap_msg(self._connection.send_and_get_reply(message_bus.RequestName(name), timeout=60))
        self._answer = (method, signature, value)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._connection.close()

    def _serve(self) -> None:
        method, signature, value = self._answer
        with suppress(ConnectionResetError, BrokenPipeError):
            while True:
                call = self._connection.receive()
                if call.header.message_type == MessageType.method_call and member_of(call) == method:
                    self._connection.send(new_method_return(call, signature, (value,)))


@pytest.mark.parametrize(
    ("name", "method", "signature"),
    [("org.gnome.Mutter.IdleMonitor", "GetIdletime", "t"), ("org.freedesktop.ScreenSaver", "GetSessionIdleTime", "u")],
    ids=["GNOME", "KDE"],
)
def test_on_wayland_the_desktop_is_asked(name: str, method: str, signature: str) -> None:
    with PrivateBus() as bus, closing(Owner()) as owner, closing(AnyDesktop(bus, name, method, signature, 4_200)):
        environment = {"WAYLAND_DISPLAY": "wayland-0", "DBUS_SESSION_BUS_ADDRESS": bus.address}
        idle = choose(platform="linux", environment=environment, watch=owner.watch)
        assert isinstance(idle, SessionIdleTime)
        heard: list[int | None] = []
        for times in (1, 2):
            idle.ask(heard.append)
            owner.until(lambda times=times: len(heard) == times, "an answer")  # type: ignore[misc]
        idle.close()

    assert heard == [4_200, 4_200]


def test_a_desktop_that_does_not_say_is_not_known() -> None:
    with PrivateBus() as bus, closing(Owner()) as owner:
        idle = SessionIdleTime(bus.address, owner.watch)
        heard: list[int | None] = []
        idle.ask(heard.append)
        owner.until(lambda: bool(heard), "an answer")
        idle.close()
        idle.ask(heard.append)

    assert heard == [None, None]
