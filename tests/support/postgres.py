"""A PostgreSQL of the test's own: a fresh cluster in a temporary folder, on a free port, durable as in production.

`fsync` stays on: half of what is tested is what a 201 promises. PostgreSQL refuses to run as root, so root (a
container, CI) runs it as the user `postgres`, which pytest's own temporary folders would keep out; hence a folder
directly in the system's temporary directory.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from typing import Literal

import psycopg

from tests.support.ports import free_port
from tests.support.processes import Process, ProcessDiedError
from tests.support.waiting import until

ROLE = "handbell"
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
}
HOW = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}

Mode = Literal["smart", "fast", "immediate"]


def find_program(name: str) -> Path:
    """The newest one under Debian's versioned folders, which are not on PATH; else the one on PATH."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(versions, key=lambda path: float(path.parts[-3]))[-1:]
    found = newest or [Path(path) for path in [shutil.which(name)] if path]
    assert found, f"PostgreSQL's {name} is missing: run `make test`, or install postgresql"
    return found[0]


class PostgresServer:
    """One cluster with any number of empty databases."""

    def __init__(self) -> None:
        self.port = free_port()
        self._numbers = count(1)
        self._user = "postgres" if os.geteuid() == 0 else None
        self._directory = Path(tempfile.mkdtemp(prefix="handbell-postgres-"))
        self._data = self._directory / "data"
        try:
            self._make_cluster()
            self.process = self._start()
        except BaseException:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise

    def create_database(self, like: str = "") -> str:
        """The SQLAlchemy URL of a new database: empty, or a copy of the one with this URL, to which nobody is connected."""
        name = f"test_{next(self._numbers)}"
        template = like.rpartition("/")[2] or "template0"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            # Copying the files makes a checkpoint, and under load that takes seconds; the log takes milliseconds.
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{name}"

    def restart(self, mode: Mode = "fast") -> None:
        """`fast` disconnects everybody; `immediate` is a crash with recovery; `smart` waits until all have gone."""
        self.process.stop(ask=HOW[mode], timeout=60)
        self.process = self._start()

    def stop(self) -> None:
        try:
            self.process.stop(ask=HOW["immediate"], timeout=30)
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _make_cluster(self) -> None:
        if self._user is not None:
            shutil.chown(self._directory, self._user, self._user)
        command: list[str | Path] = [
            find_program("initdb"),
            "--pgdata",
            self._data,
            "--username",
            ROLE,
            "--auth",
            "trust",
        ]
        quick = ["--encoding", "UTF8", "--no-locale", "--no-sync", "--no-instructions"]
        subprocess.run(
            [*command, *quick],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self._directory,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )

    def _start(self) -> Process:
        settings = SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self._directory)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        process = Process(
            [find_program("postgres"), "-D", self._data, *options],
            name="postgres",
            directory=self._directory,
            user=self._user,
        )

        def answers() -> bool:
            if not process.alive:
                raise ProcessDiedError(f"PostgreSQL did not start\n{process.tail()}")
            try:
                psycopg.connect(self._address("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:  # not listening yet, or still recovering
                return False
            return True

        try:
            until(answers, 60, "PostgreSQL to answer")
        except BaseException:
            process.kill9()
            raise
        return process

    def _address(self, database: str) -> str:
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{database}"
