"""Opening the database: SQLite tuned for one careful writer, or PostgreSQL.

SQLAlchemy's pool lends connections to native threads only; nothing here runs on the loop. On SQLite every transaction
of ours says its own BEGIN, because the driver's implicit one starts too late for a read and too weak for a write: a
reader gets one stable view, a writer (`immediate` execution option) takes the write lock first and cannot be refused
half-way.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection

from handbell_server.config import Config
from handbell_server.models import db

# How long a statement may take before PostgreSQL gives it up: a frozen database becomes an error the producer hears.
_PG_OPTIONS = "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"

_LOCK_SECONDS = 10.0  # how long somebody waits for another connection to SQLite's file

# A network that swallows everything is noticed in seconds, not when the kernel gives up after a quarter of an hour.
_PG_TCP = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}


def attach(app: Flask, config: Config) -> Engine:
    """Make the engine of this app, through Flask-SQLAlchemy."""
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(config)
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _engine_options(config: Config) -> dict[str, Any]:
    if config.embedded:
        return {
            "pool_size": 10,
            "max_overflow": 4,
            "pool_use_lifo": True,  # each connection has a page cache of its own: at rest two do with what ten would hold
            "hide_parameters": True,
            "connect_args": {"timeout": _LOCK_SECONDS, "cached_statements": 512},
        }
    return {
        "pool_size": 10,
        "max_overflow": 4,
        "pool_timeout": 5,
        "pool_pre_ping": False,  # a dead connection is an error we retry; a ping before each use is a round trip
        "hide_parameters": True,  # an error must not carry a hash into a log
        "connect_args": {"connect_timeout": 3, "options": _PG_OPTIONS, **_PG_TCP},
    }


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    _keep_a_log(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-32768", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _keep_a_log(cursor: sqlite3.Cursor) -> None:
    """The first of several that open a new file changes how it is kept, and SQLite does not let the others wait for it."""
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


# 64 MiB of log: from there on it is caught up with while nobody writes, so that it begins anew.
_LOG_PAGES_AT_MOST = 16_384


class Checkpointer:
    """Moves SQLite's log into the database beside the writer instead of inside somebody's commit.

    Inside a commit it is a stall of tens of milliseconds for everyone in that group. Beside a writer who never rests the
    log is never caught up with, and grows; then the writer waits at the gate for the little that is left. When nothing
    is written, the log is truncated, so that it does not keep the size of the busiest minute.
    """

    def __init__(self, path: str, every: float = 0.5) -> None:
        self.gate = threading.Lock()  # whoever writes goes through it: the wait ends when the log is caught up with
        self._path = path
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="handbell-checkpoint", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        # Whoever reads for longer is not waited for: nobody can write meanwhile, and it is tried again soon.
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=0.1)
        try:
            connection.execute("PRAGMA synchronous=FULL")
            previous = -1
            while not self._stop.wait(self._every):
                previous = self._checkpoint(connection, previous)
        finally:
            connection.close()

    def _checkpoint(self, connection: sqlite3.Connection, previous: int) -> int:
        try:
            _busy, log, _moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if 0 < log == previous:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            elif log > _LOG_PAGES_AT_MOST:
                with self.gate:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if log > 2 * _LOG_PAGES_AT_MOST:  # whoever reads is in the way each time: those who write wait for them
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return -1  # a full disk or a busy reader: the next round tries again, and the writer reports what matters
        return int(log)
