"""Backups that can be trusted, and restores that every device understands.

A backup is made beside the running server and looked at before it gets its name: a file called FILE is always a whole
one. A restore refuses while a server runs, keeps what it replaces, and begins a new epoch: history was rewritten, so
every device starts from a snapshot instead of believing that it is ahead.

Here is the embedded database; `backup_postgres.py` has the other kind, behind the same two functions.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from handbell_server import backup_postgres, database, exclusive, migrations
from handbell_server.actions import installation, mails
from handbell_server.backup_postgres import BackupError
from handbell_server.config import Config

__all__ = ["BackupError", "Restored", "backup", "restore"]

_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Restored:
    """The epoch that has begun, and where the database stands that was replaced ("" when there was none)."""

    epoch: str
    kept: str


def backup(config: Config, target: Path) -> int:
    """Write a backup to `target`, readable by nobody else; answers its size in bytes."""
    if not target.parent.is_dir():
        raise BackupError(f"The folder {target.parent} does not exist.")
    with _beside(target) as unfinished:
        if config.embedded:
            _copy(exclusive.database_file(config), unfinished)
            _check(unfinished)
        else:
            backup_postgres.dump(config, unfinished)
        _settle(unfinished, target)
    return target.stat().st_size


def restore(config: Config, source: Path) -> Restored:
    """Put the database of a backup in the place of the present one."""
    if not source.is_file():
        raise BackupError(f"{source} does not exist.")
    with source.open("rb") as file:
        is_sqlite = file.read(len(_MAGIC)) == _MAGIC
    if is_sqlite != config.embedded:
        kinds = ("the embedded database", "PostgreSQL")
        of, into = kinds if is_sqlite else kinds[::-1]
        raise BackupError(f"{source} is no backup of {into} that this Handbell uses; it may be one of {of}.")
    if not config.embedded:
        kept = backup_postgres.replace_with(config, source)
        return Restored(_begin_epoch(config, source), kept)
    return _restore_file(config, source)


def _restore_file(config: Config, source: Path) -> Restored:
    path = exclusive.database_file(config)
    lock = exclusive.hold(config)
    assert lock is not None
    with closing(lock), _beside(path) as fresh:
        _copy(source, fresh)
        _check(fresh)
        epoch = _begin_epoch(replace(config, database_url=f"sqlite:///{fresh}"), source)
        kept = _keep(path) if path.exists() else ""
        _settle(fresh, path)
    return Restored(epoch, kept)


def _begin_epoch(config: Config, source: Path) -> str:
    """Bring what was restored to the schema of today, and tell every device that history was rewritten."""
    engine = database.attach(Flask("handbell_server"), config)
    try:
        migrations.upgrade(engine)
        with engine.execution_options(immediate=True).begin() as connection:
            mails.after_restore(connection)
            return installation.begin_new_epoch(connection, "operator", f"restored from {source.name}")
    finally:
        engine.dispose()


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A file of our own in the folder of the target, so that giving it the name is one step; gone if we fail."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
    try:
        yield unfinished
    finally:
        for leftover in (unfinished, _with(unfinished, "-wal"), _with(unfinished, "-shm")):
            leftover.unlink(missing_ok=True)


def _settle(unfinished: Path, target: Path) -> None:
    """On disk first, then the name, then the name on disk."""
    _sync(unfinished)
    unfinished.replace(target)
    if os.name != "nt":
        _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy(source: Path, target: Path) -> None:
    """All pages as of one moment. In the log's mode this holds nobody up, and what is written meanwhile is not in it."""
    if not source.is_file():
        raise BackupError(f"There is no database at {source}.")
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}.") from error


def _check(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise BackupError(f"The copy is not a whole database: {error}.") from error
    if problems != ["ok"]:
        raise BackupError(f"The copy is damaged, and so is what was copied: {'; '.join(problems)}.")
    if not {"alembic_version", "installation"} <= tables:
        raise BackupError("This is a SQLite database, but not one of Handbell.")


def _keep(path: Path) -> str:
    """Give the present database a second name; the first one never points at nothing."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=2)) as old:  # a damaged one is kept as it is
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = _free_name(path)
    for suffix in ("-wal", "-shm"):  # left only by a damaged one; they must not be taken for the new one's
        if _with(path, suffix).exists():
            _with(path, suffix).replace(_with(kept, suffix))
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copy2(path, kept)
    return str(kept)


def _free_name(path: Path) -> Path:
    stem = f"{path.name}.before-restore-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (path.with_name(f"{stem}{f'-{number}' if number else ''}") for number in range(1000))
    return next(name for name in names if not name.exists())


def _with(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
