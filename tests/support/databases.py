"""Databases with today's schema and nobody in it, each a copy of one that was migrated once.

Running every migration for every test takes longer than most of the tests, and longer with every migration. A copy is an
installation of its own: it gets an epoch that no other has.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import psycopg

from handbell_server.cli.common import open_engine
from handbell_server.config import Config
from handbell_shared.ids import new_id
from tests.support.postgres import PostgresServer


def migrate(url: str) -> str:
    with open_engine(Config(database_url=url)):
        return url


class SqliteTemplate:
    """`directory` is where the original lies, for as long as copies are made."""

    def __init__(self, directory: Path) -> None:
        self._original = directory / "original.db"
        migrate(f"sqlite:///{self._original}")

    def copy_to(self, file: Path) -> str:
        """The URL of a copy in this file."""
        shutil.copyfile(self._original, file)  # whole: the last connection took the log into it
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE installation SET epoch = ?", (new_id(),))
        return f"sqlite:///{file}"


@cache
def _migrated_in(server: PostgresServer) -> str:
    return migrate(server.create_database())


def ready_database(server: PostgresServer) -> str:
    """The URL of a copy in this PostgreSQL."""
    url = server.create_database(like=_migrated_in(server))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("UPDATE installation SET epoch = %s", (new_id(),))
    return url
