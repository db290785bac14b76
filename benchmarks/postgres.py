"""A PostgreSQL of our own for the length of a run: fresh cluster, free port, every commit on the disk."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.processes import OTHER_CORE, BenchmarkError, free_port, running

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
}


class Postgres:
    """A running cluster that hands out empty databases."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    def url(self, database: str) -> str:
        """The address of a database, as all three servers understand it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The address of a new, empty database, which is dropped with the block."""
        self._run(f'CREATE DATABASE "{name}"')
        try:
            yield self.url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')
            # What a finished cell left to write must not be written during the next one.
            self._run("CHECKPOINT")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def _programs() -> Path:
    """The folder with initdb and postgres."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise BenchmarkError("PostgreSQL is not installed: apt-get install postgresql")
    return versions[-1].parent


def _as_unprivileged(folder: Path) -> list[str]:
    """What to put before a command so that PostgreSQL, which refuses root, starts."""
    if os.getuid() != 0:
        return []
    try:
        account = pwd.getpwnam("postgres")
    except KeyError as error:
        raise BenchmarkError("run as an ordinary user, or create the user `postgres`") from error
    os.chown(folder, account.pw_uid, account.pw_gid)
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]


@contextmanager
def cluster(scratch: Path) -> Iterator[Postgres]:
    """A running cluster below `scratch`, on the core that the server under test does not use."""
    programs = _programs()
    folder = scratch / "postgres"
    folder.mkdir()
    before = _as_unprivileged(folder)
    data = folder / "data"
    port = free_port()
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*before, *initdb], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    postgres = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), *settings]
    with running([*before, *postgres], scratch / "postgres.log", OTHER_CORE, stop=signal.SIGINT) as process:
        ours = Postgres(port, process.pid)
        _wait_ready(ours)
        yield ours


def _wait_ready(postgres: Postgres, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(postgres.url("postgres")).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
