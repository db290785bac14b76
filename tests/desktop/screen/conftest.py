"""A screen and a bus for the tests of this folder, and the bell as a program upon them."""

import sys
from collections.abc import Iterator
from typing import Protocol

import pytest

from tests.support.bus import PrivateBus
from tests.support.processes import Process
from tests.support.screen import Screen


@pytest.fixture(scope="package")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with Screen(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


@pytest.fixture(scope="package")
def bus() -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        yield bus


class StartsBell(Protocol):
    def __call__(self, patience: float = 60, second_look: float = 60, *, on_bus: bool = True) -> Process: ...


@pytest.fixture
def start_bell(screen: Screen, bus: PrivateBus) -> Iterator[StartsBell]:
    """Starts the bell; it is gone when the test is over, and its last words are shown if that failed."""
    started: list[Process] = []

    def start(patience: float = 60, second_look: float = 60, *, on_bus: bool = True) -> Process:
        environment = {"DBUS_SESSION_BUS_ADDRESS": bus.address if on_bus else "unix:path=/nonexistent"}
        command = (sys.executable, "-m", "tests.desktop.screen.bell_app", str(patience), str(second_look))
        bell = screen.start("bell", *command, environment=environment)
        started.append(bell)
        bell.wait_for_line("started")
        return bell

    yield start
    for bell in started:
        bell.kill9()
        print(bell.tail())
