"""SQLite's log beside a writer who never rests, beside readers, and when all is quiet again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from handbell_server import database
from handbell_server.database import Checkpointer
from tests.support.waiting import until

PAGE = 4_096
AT_MOST = 200  # pages, as the bound is in these tests
WITHIN = 60.0
PATIENCE = 0.6  # of one who writes


@pytest.fixture(autouse=True)
def _a_small_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_LOG_PAGES_AT_MOST", AT_MOST)


class File:
    """A database in a file, with one who writes into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "wal_autocheckpoint=0"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, what BLOB)")
        self.write(50)

    def write(self, pages: int) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for an_id in range(pages):
            row = "INSERT OR REPLACE INTO pages VALUES (?, randomblob(3000))"
            self._connection.execute(row, (an_id % 50,))
        self._connection.execute("COMMIT")

    def log_pages(self) -> int:
        return Path(f"{self.path}-wal").stat().st_size // PAGE

    def beginnings(self) -> int:
        """How often the log has begun anew; it stands in its head."""
        with Path(f"{self.path}-wal").open("rb") as log:
            return int.from_bytes(log.read(16)[12:], "big")

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def close(self) -> None:
        self._connection.close()


class Counting(Checkpointer):
    """It tells how often it has looked."""

    def __init__(self, path: Path) -> None:
        self.rounds = 0
        super().__init__(str(path), every=0.005)

    def _checkpoint(self, connection: sqlite3.Connection, previous: int) -> int:
        log = super()._checkpoint(connection, previous)
        self.rounds += 1
        return log


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    with closing(File(tmp_path / "log.db")) as file:
        yield file


def write_until(done: Callable[[], bool], file: File, checkpointer: Checkpointer) -> None:
    """Without a rest."""
    deadline = monotonic() + WITHIN
    while not done():
        assert monotonic() < deadline, f"the log has {file.log_pages()} pages"
        with checkpointer.gate:
            file.write(5)


def test_the_log_begins_anew_again_and_again_beside_a_writer_who_never_rests(file: File) -> None:
    with closing(Counting(file.path)) as checkpointer:
        begun = file.beginnings()
        write_until(lambda: file.beginnings() >= begun + 5, file, checkpointer)


def test_the_log_is_given_back_when_nobody_writes_any_more_however_long_it_became(file: File) -> None:
    while file.log_pages() <= AT_MOST:
        file.write(5)
    assert file.log_pages() < 2 * AT_MOST
    with closing(Counting(file.path)):
        until(lambda: file.log_pages() == 0, WITHIN, "an empty log")


def test_somebody_who_reads_for_long_does_not_keep_those_who_write_waiting(file: File) -> None:
    with closing(file.connect()) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM pages").fetchone()
        while file.log_pages() <= 3 * AT_MOST:
            file.write(50)
        with closing(Counting(file.path)) as checkpointer:
            write_until(lambda: checkpointer.rounds >= 5, file, checkpointer)  # or "database is locked"
            reader.execute("ROLLBACK")
            until(lambda: file.log_pages() == 0, WITHIN, "the log to be given back after that")
