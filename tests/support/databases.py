"""Databases with today's schema and nobody in it, each a copy of one that was migrated once.

Running every migration for every test takes longer than most of the tests, and longer with every migration. A copy is an
installation of its own: it gets an epoch that no other has.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_shared.ids import new_id
from tests.support.postgres import PostgresServer


def migrate(url: str) -> str:
    with open_engine(Config(database_url=url)):
        return url


@cache
def _migrated_file() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "original.db"
        migrate(f"sqlite:///{file}")
        return file.read_bytes()  # whole: the last connection took the log into it


def ready_file(file: Path) -> str:
    """The URL of a copy in this file."""
    file.write_bytes(_migrated_file())
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE installation SET epoch = ?", (new_id(),))
    return f"sqlite:///{file}"


@cache
def _migrated_in(server: PostgresServer) -> str:
    return migrate(server.create_database())


def ready_database(server: PostgresServer) -> str:
    """The URL of a copy in this PostgreSQL."""
    url = server.create_database(like=_migrated_in(server))
    with _connect(url) as connection:
        _become_another(connection)
    return url


class Reused:
    """Databases of one PostgreSQL that are emptied and used again, for tests that only write rows.

    Making one and taking it away costs more than what most of the tests do with it: some hundred files each.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._free: list[str] = []
        with _connect(ready_database(server)) as connection:
            tables = connection.execute(_TABLES).fetchall()
            self._tables = [str(name) for (name,) in tables]
            self._rows = {name: rows for name in self._tables if (rows := _rows_of(connection, name))}

    def take(self) -> str:
        return self._free.pop() if self._free else ready_database(self._server)

    def give_back(self, url: str) -> None:
        """As it was when it was new, counters too; nobody may be connected any more."""
        with _connect(url) as connection:
            connection.execute("SET session_replication_role = replica")  # in any order, whatever refers to whatever
            for name in self._tables:
                connection.execute(f"DELETE FROM {name}")
            for name, rows in self._rows.items():
                with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                    copy.write(rows)
            connection.execute(_BEGIN_TO_COUNT_ANEW)
            _become_another(connection)
        self._free.append(url)


_TABLES = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
"""
_BEGIN_TO_COUNT_ANEW = """
    SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
"""


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))


def _rows_of(connection: psycopg.Connection, name: str) -> bytes:
    with connection.cursor().copy(f"COPY {name} TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def _become_another(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE installation SET epoch = %s", (new_id(),))
