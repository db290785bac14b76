"""A running little server, shared by the tests that can live with its usual limits."""

from collections.abc import Iterator

import pytest

from tests.server.edge.raw import Bare, Bell

QUICK = {
    "http": {"header_seconds": 1.0, "body_seconds": 1.5, "idle_seconds": 2.0},
    "edge": {
        "shed_seconds": 1.5,
        "ping_interval": 1,
        "sockets_per_address": 1000,
        "handshakes_burst": 1000,
    },
}
# What the tests themselves would miss on a machine that stands still: only for those who mean to miss it.
HASTY = {"edge": QUICK["edge"] | {"authenticate_seconds": 1.0, "ping_timeout": 1.0}}


@pytest.fixture(scope="package")
def bell() -> Iterator[Bell]:
    """With its usual times, and room for all sockets of a test run from one address."""
    with Bell(edge={"sockets_per_address": 1000, "handshakes_burst": 1000}) as bell:
        yield bell


@pytest.fixture(scope="package")
def quick_bell() -> Iterator[Bell]:
    """With short deadlines."""
    with Bell(**QUICK) as bell:
        yield bell


@pytest.fixture(scope="package")
def hasty_bell() -> Iterator[Bell]:
    """It shows out within a second who has not signed in or does not answer a ping."""
    with Bell(**HASTY) as bell:
        yield bell


@pytest.fixture(autouse=True)
def no_client_is_left_open() -> Iterator[None]:
    yield
    while Bare.living:
        Bare.living.pop().close()
