"""A running little server, shared by the tests that can live with its usual limits."""

from collections.abc import Iterator

import pytest

from tests.server.edge.raw import Bare, Bell

QUICK = {
    "http": {"header_seconds": 1.0, "body_seconds": 1.5, "idle_seconds": 2.0},
    "edge": {
        "authenticate_seconds": 1.0,
        "shed_seconds": 1.5,
        "ping_interval": 1,
        "ping_timeout": 1.0,
        "sockets_per_address": 1000,
        "handshakes_burst": 1000,
    },
}


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


@pytest.fixture(autouse=True)
def no_client_is_left_open() -> Iterator[None]:
    yield
    while Bare.living:
        Bare.living.pop().close()
