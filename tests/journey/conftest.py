"""A fleet: several real servers on one PostgreSQL and one Redis, and people with devices on them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.storm import ROOMY
from tests.journey.seeding import PASSWORD, settle
from tests.support.databases import ready_database
from tests.support.devices import Device
from tests.support.handbell import COMMAND, HandbellServer
from tests.support.postgres import PostgresServer
from tests.support.processes import Process
from tests.support.redis import RedisServer
from tests.support.rest import Rest
from tests.support.waiting import until


class Fleet:
    """Servers by name, workers, devices; everything is gone at the end."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.stack = ExitStack()
        self.servers: list[HandbellServer] = []
        self.workers: list[Process] = []
        self.key = ""

    def serve(
        self, *names: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None
    ) -> tuple[HandbellServer, ...]:
        """Start these side by side; answers when all are ready."""
        started = []
        for name in names:
            directory = self.folder / name
            directory.mkdir()
            settings = self.environment | dict(environment or {})
            server = HandbellServer(directory, environment=settings, arguments=arguments)
            self.stack.callback(server.close)
            server.begin()
            started.append(server)
        for server in started:
            server.process.wait_for_line(rf"{re.escape(server.url)}\b", 30)
        self.servers += started
        return tuple(started)

    def work(self, name: str = "worker") -> Process:
        """A `handbell worker` beside the servers."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("HANDBELL_")}
        command = [*COMMAND, "worker"]
        process = Process(
            command, name=f"{name}-{len(self.workers)}", directory=self.folder, environment=inherited | self.environment
        )
        self.stack.callback(process.kill9)
        process.wait_for_line("worker is ready", 30)
        self.workers.append(process)
        return process

    def people(self, *names: str) -> None:
        self.key = settle(self.environment, names)

    def producer(self, server: HandbellServer, timeout: float = 30) -> Rest:
        rest = Rest(server.url, self.key, timeout)
        self.stack.callback(rest.close)
        return rest

    def device(self, user: str, url: str, name: str = "device", password: str = PASSWORD) -> Device:
        """Signed in and caught up."""
        with Rest(url) as door, door.sign_in(user, password, name) as session:
            assert session.token is not None
            device = Device(url, user, session.token, name)
        self.stack.callback(device.close)
        until(device.online.is_set, 15, f"{device.name} to be online")
        return device


@pytest.fixture
def fleet(tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer) -> Iterator[Fleet]:
    """Nobody serves yet."""
    urls = {"HANDBELL_DATABASE_URL": ready_database(postgres_server), "HANDBELL_REDIS_URL": redis_server.url}
    fleet = Fleet(tmp_path, ROOMY | urls)
    with fleet.stack:
        yield fleet
    for server in fleet.servers:
        print(server.process.tail())
