"""The schema and how it came to be: Alembic, asked only when there is something to do.

Every start compares one row with `HEAD`, which costs a millisecond; Alembic itself is imported only to upgrade. All of an
upgrade is one transaction, so one that is killed has not happened. On PostgreSQL an advisory lock lets one of several
starting processes do it, and the others wait as long as it takes: a new index over a large table takes longer than any
statement of a server may.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import Connection

from handbell_server.actions import installation

log = logging.getLogger(__name__)

HEAD = "0019"
_LOCK = 0x48414E44  # "HAND": any number will do, as long as it is ours
_FOLDER = Path(__file__).parent


class TooNewError(Exception):
    """The database was made by a newer Handbell."""


def current(connection: Connection) -> str | None:
    """The revision of the schema, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def upgrade(engine: Engine) -> str | None:
    """Bring the schema to HEAD; the revision it had before, or None when it was there already."""
    with engine.connect() as connection:
        if current(connection) == HEAD:
            return None
    with _one_upgrade_at_a_time(engine) as connection:
        before = current(connection)  # another process may have been faster
        if before == HEAD:
            return None
        if before is not None and before > HEAD:
            raise TooNewError(f"The database is at schema {before}; this Handbell knows up to {HEAD}.")
        _run(connection)
        installation.found(connection)
    log.info("the schema is at %s now", HEAD)
    return before or "nothing"


@contextmanager
def _one_upgrade_at_a_time(engine: Engine) -> Iterator[Connection]:
    with engine.execution_options(immediate=True).connect() as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                # Tables are another matter: whoever waits for one keeps everybody else from it.
                connection.execute(text("SET LOCAL lock_timeout = '5s'"))
                yield connection
        else:
            with _without_cascades(connection), connection.begin():
                yield connection


@contextmanager
def _without_cascades(connection: Connection) -> Iterator[None]:
    """SQLite makes a table anew by dropping the old one, and dropping people would delete their notifications. Said before
    BEGIN, because inside a transaction SQLite does not hear it."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
