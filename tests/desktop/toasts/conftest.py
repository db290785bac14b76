"""A bus, an owner's loop, and toasters on them that write down what they hear."""

from collections.abc import Iterator
from typing import Protocol

import pytest

from handbell_desktop.machine.toasts.base import ToastEvent
from handbell_desktop.machine.toasts.freedesktop import FreedesktopToaster
from tests.desktop.toasts.owner import Owner
from tests.support.bus import PrivateBus


@pytest.fixture
def owner() -> Iterator[Owner]:
    owner = Owner()
    yield owner
    owner.close()


@pytest.fixture(scope="module")
def bus() -> Iterator[PrivateBus]:
    """One bus for the tests of a file: each brings its own desktop, and takes it away again."""
    with PrivateBus() as bus:
        yield bus


class Heard:
    """A toaster and what it told its owner."""

    def __init__(self, owner: Owner, bus: PrivateBus) -> None:
        self.events: list[ToastEvent] = []
        self.played: list[str] = []
        self.owner = owner
        self.toaster = FreedesktopToaster(
            self.events.append,
            address=lambda: bus.address or None,
            watch=owner.watch,
            turns=owner,
            play=self.played.append,
            icon="/usr/share/handbell/bell.png",
        )

    def until_ready(self) -> None:
        self.owner.until(lambda: self.toaster.capabilities.buttons, "the toaster to know what the daemon can")

    def until_heard(self, *events: ToastEvent) -> None:
        self.owner.until(lambda: len(self.events) >= len(events), f"{events} to be heard")
        assert self.events == list(events)
        self.events.clear()


class MakesToasters(Protocol):
    def __call__(self, bus: PrivateBus) -> Heard: ...


@pytest.fixture
def toaster_on(owner: Owner) -> Iterator[MakesToasters]:
    made: list[Heard] = []

    def make(bus: PrivateBus) -> Heard:
        made.append(Heard(owner, bus))
        return made[-1]

    yield make
    for heard in made:
        heard.toaster.close()


@pytest.fixture
def heard(toaster_on: MakesToasters, bus: PrivateBus) -> Heard:
    return toaster_on(bus)
