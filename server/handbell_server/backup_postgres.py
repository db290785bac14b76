"""Backing up and restoring PostgreSQL, by its own tools.

What a restore replaces stays in the same database, in a schema of its own: renaming one is instant, needs no right that
the owner of a database does not have, and can be taken back when the restore fails. Passwords reach the tools in the
environment, where other users of the machine cannot read them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL, make_url

from handbell_server import database
from handbell_server.config import Config

_KEPT = "handbell_before_"
_VERSIONS = Path("/usr/lib/postgresql")  # Debian keeps the tools of each version here, off PATH


class BackupError(Exception):
    """It was not done, and the sentence says why."""


def dump(config: Config, target: Path) -> None:
    """A backup in PostgreSQL's custom format, which its own reader has looked through."""
    url = make_url(config.database)
    quiet = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={_KEPT}*")
    _run(url, "pg_dump", *quiet, f"--file={target}", f"--dbname={_address(url)}")
    _check(url, target)


def replace_with(config: Config, source: Path) -> str:
    """Restore; answers the name of the schema that holds what was there before, or ""."""
    url = make_url(config.database)
    _check(url, source)
    with _engine(config) as engine:
        _refuse_while_used(engine)
        kept = _move_aside(engine)
        try:
            whole = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
            _run(url, "pg_restore", *whole, f"--dbname={_address(url)}", str(source))
        except BackupError:
            _move_back(engine, kept)
            raise
    return kept


def find_tool(name: str) -> Path:
    """The newest one: it reads what older servers write, and not the other way round."""
    versioned = sorted(_VERSIONS.glob(f"*/bin/{name}"), key=_version)
    found = [*versioned[-1:], *(Path(path) for path in [shutil.which(name)] if path)]
    if not found:
        raise BackupError(f"{name} was not found. Install PostgreSQL's client programs (Debian: postgresql-client).")
    return found[0]


def _version(tool: Path) -> float:
    try:
        return float(tool.parts[-3])
    except ValueError:
        return 0.0


def _check(url: URL, path: Path) -> None:
    listed = _run(url, "pg_restore", "--list", str(path))
    if " alembic_version " not in listed or " installation " not in listed:
        raise BackupError(f"{path} is a backup of PostgreSQL, but not one of Handbell.")


def _refuse_while_used(engine: Engine) -> None:
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with engine.connect() as connection:
        count = connection.execute(others).scalar_one()
    if count:
        raise BackupError(f"{count} connections use the database. Stop every Handbell server and worker first.")


def _move_aside(engine: Engine) -> str:
    with engine.begin() as connection:
        known = text("SELECT to_regclass('public.alembic_version') IS NOT NULL")
        if not connection.execute(known).scalar_one():
            return ""
        kept = _KEPT + time.strftime("%Y%m%d_%H%M%S")
        connection.execute(text(f"ALTER SCHEMA public RENAME TO {kept}"))
        connection.execute(text("CREATE SCHEMA public"))
        return kept


def _move_back(engine: Engine, kept: str) -> None:
    if kept:
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text(f"ALTER SCHEMA {kept} RENAME TO public"))


@contextmanager
def _engine(config: Config) -> Iterator[Engine]:
    engine = database.attach(Flask("handbell_server"), config)
    try:
        yield engine
    finally:
        engine.dispose()


def _address(url: URL) -> str:
    """The address in libpq's words, without the password."""
    plain = url.set(drivername="postgresql")
    return URL.create(
        "postgresql", plain.username, None, plain.host, plain.port, plain.database, plain.query
    ).render_as_string(hide_password=False)


def _run(url: URL, tool: str, *arguments: str) -> str:
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    command = [str(find_tool(tool)), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
        raise BackupError(f"{tool} failed: {words[0]}")
    return done.stdout
