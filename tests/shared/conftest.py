"""What the tests of the link share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handbell_shared.link_state import Online
from tests.shared.link_device import Device
from tests.shared.link_server import InboxServer


@pytest.fixture
def server() -> Iterator[InboxServer]:
    with InboxServer() as running:
        yield running


@pytest.fixture
def make_device() -> Iterator[Callable[..., Device]]:
    devices: list[Device] = []

    def make(url: str, **options: Any) -> Device:
        device = Device(url, **options)
        devices.append(device)
        device.link.start()
        return device

    yield make
    for device in devices:
        device.link.close()


@pytest.fixture
def device(server: InboxServer, make_device: Callable[..., Device]) -> Device:
    """One that has caught up."""
    made = make_device(server.url)
    made.wait(Online)
    return made
