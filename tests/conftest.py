"""Fixtures for all tests. The costly ones start when the first test asks for them and serve the whole run.

`--long` turns the same tests into the versions that take hours: `make faults` gives it. `--package` adds those that build
packages and install them: `make package-test` gives it.
"""

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import hypothesis
import pytest

from tests.support.databases import ready_database, ready_file
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer
from tests.support.redis import RedisServer

T = TypeVar("T")

# The files that take more than half a minute, the longest first.
_LONGEST = (
    "tests/faults/test_kill.py",
    "tests/shared/model/test_model.py",
    "tests/contract/test_both_halves.py",
    "tests/journey/test_two_servers.py",
    "tests/journey/test_workers.py",
    "tests/server/cli/test_backup.py",
    "tests/faults/test_commit_and_push.py",
    "tests/server/http/test_schemathesis.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the fault and property tests for hours")
    parser.addoption("--package", action="store_true", help="build the packages and install them in clean roots")


def pytest_configure(config: pytest.Config) -> None:
    # A red build must be red again for whoever looks into it, so chance is for the long runs.
    hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
    hypothesis.settings.register_profile("long", deadline=None, print_blob=True, max_examples=5_000)
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "ci")
    # Some hundred servers and bells are started, and one that may not keep what it compiled compiles it every time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # it would begin with the files of many tests; see below


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several processes begin with the files that take longest, or one of them would be left alone with such a file."""
    if hasattr(config, "workerinput"):
        places = {name: place for place, name in enumerate(_LONGEST)}
        items.sort(key=lambda item: places.get(item.path.relative_to(config.rootpath).as_posix(), len(places)))


def pytest_collection_finish() -> None:
    """What is collected stays to the end: looking for garbage in it again and again is a tenth of the property tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@dataclass(frozen=True)
class Effort:
    """How much of the same: `effort.of(50, long=5_000)` kills."""

    long: bool

    def of(self, usual: T, *, long: T) -> T:
        return long if self.long else usual


@pytest.fixture(scope="session")
def effort(pytestconfig: pytest.Config) -> Effort:
    return Effort(long=bool(pytestconfig.getoption("--long")))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """One that may be restarted: on the shared one somebody else's server may be running all the while."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_server(_shared_redis: RedisServer) -> RedisServer:
    """An empty, running Redis, whatever the test before did to it."""
    if _shared_redis.process.alive:
        _shared_redis.thaw()
        _shared_redis.flush()
    else:
        _shared_redis.restart()
    return _shared_redis


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind that Handbell stores in."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'handbell.db'}"
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, PostgresServer)
    return server.create_database()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind, with today's schema and nobody in it."""
    if request.param == "sqlite":
        return ready_file(tmp_path / "handbell.db")
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, PostgresServer)
    return ready_database(server)


class StartsHandbell(Protocol):
    def __call__(
        self,
        name: str = "handbell",
        *,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        start: bool = True,
    ) -> HandbellServer: ...


@pytest.fixture
def handbell_server(tmp_path: Path) -> Iterator[StartsHandbell]:
    """Starts servers, each with a folder of its own; what they wrote is shown when the test fails."""
    servers: list[HandbellServer] = []

    def start_one(
        name: str = "handbell",
        *,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        start: bool = True,
    ) -> HandbellServer:
        directory = tmp_path / name
        directory.mkdir()
        server = HandbellServer(directory, environment=environment, arguments=arguments)
        servers.append(server)
        return server.start() if start else server

    yield start_one
    for server in servers:
        server.close()
        if server.started:
            print(server.process.tail())
