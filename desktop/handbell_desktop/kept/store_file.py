"""The file behind the device's store: opened by one program at a time, brought to today's shape, and rescued if broken.

One owner: the lock is a file of its own (`owner_lock.py`), so that SQLite's locks are free for what they are made for:
the owner's other threads read through connections of their own, beside the one that writes.

`synchronous=FULL`: measured on an ext4 SSD, a commit of one record takes 0.17 ms, without the sync 0.015 ms. That is
what a device can pay for never ringing twice after a power cut, and for keeping what a person did.

A file that is damaged is moved aside, never deleted. Everything in it can be fetched again from the server, except the
outbox: what can still be read of that is carried over. A damaged file is one that SQLite calls so (`CORRUPT`,
`NOTADB`); "locked" and "disk full" are no damage and stay errors.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from msgspec import Struct

from handbell_desktop.kept.whole_file import make_private
from handbell_shared.owner_lock import Held, OwnerLock

# Each entry lifts the file by one version. Entries are only ever added.
UPGRADES: Final = (
    """
    CREATE TABLE state (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        epoch TEXT NOT NULL, rev INTEGER NOT NULL, after TEXT, digest TEXT NOT NULL,
        staged_epoch TEXT NOT NULL, staged_rev INTEGER NOT NULL
    );
    INSERT INTO state VALUES (1, '', 0, NULL, '0', '', 0);
    -- Ids are UUIDv7, so the primary key is also the order by age.
    CREATE TABLE record (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE staged (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    -- `rev` is the acknowledged revision, or nothing while the action is unsaid.
    CREATE TABLE outbox (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rev INTEGER, body BLOB NOT NULL);
    CREATE TABLE pending (
        record TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
        PRIMARY KEY (record, seq)
    ) WITHOUT ROWID;
    CREATE INDEX pending_of_action ON pending (seq);
    """,
    # What the person sees, filled by `folding.py` because `shown_by` is not its number.
    """
    ALTER TABLE state ADD COLUMN shown_by INTEGER NOT NULL DEFAULT 0;
    -- `head` is the action without its targets; those stand in `pending`, each with the generation that was seen.
    ALTER TABLE outbox ADD COLUMN head BLOB;
    CREATE INDEX outbox_unsaid ON outbox (seq) WHERE rev IS NULL;
    CREATE INDEX outbox_said ON outbox (rev) WHERE rev IS NOT NULL;
    DROP TABLE pending;
    CREATE TABLE pending (
        record TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
        generation INTEGER NOT NULL,
        PRIMARY KEY (record, seq, generation)
    ) WITHOUT ROWID;
    CREATE INDEX pending_of_action ON pending (seq);
    CREATE TABLE shown (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL,
        pinned INTEGER NOT NULL, read INTEGER NOT NULL, archived INTEGER NOT NULL, snoozed_until INTEGER NOT NULL,
        type TEXT NOT NULL, source TEXT NOT NULL, priority TEXT NOT NULL, body BLOB
    );
    -- Behind the order stands whatever a list can be filtered by: no row is fetched to be passed over.
    CREATE INDEX shown_order ON shown (archived, pinned, at, id, read, snoozed_until, type, source, priority);
    CREATE INDEX shown_unread ON shown (archived, read, pinned, at, id, snoozed_until) WHERE archived = 0 AND read = 0;
    CREATE INDEX shown_type ON shown (type);
    CREATE INDEX shown_source ON shown (source);
    CREATE INDEX shown_snoozed ON shown (snoozed_until) WHERE snoozed_until > 0;
    CREATE VIRTUAL TABLE found USING fts5 (words, content = '', tokenize = 'unicode61 remove_diacritics 2');
    """,
    # What the person chose, and which rows their rules keep off the bell.
    """
    CREATE TABLE choice (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE staged_choice (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    -- A choice of the outbox aims at no record, so it stands here.
    CREATE TABLE choosing (seq INTEGER PRIMARY KEY REFERENCES outbox ON DELETE CASCADE);
    ALTER TABLE shown ADD COLUMN off_badge INTEGER NOT NULL DEFAULT 0;
    DROP INDEX shown_unread;
    CREATE INDEX shown_unread ON shown (archived, read, off_badge, pinned, at, id, snoozed_until)
        WHERE archived = 0 AND read = 0 AND off_badge = 0;
    """,
    # What is held back: it shows as done, and is neither said nor kept beyond this run until the person can take it back no longer.
    """
    ALTER TABLE outbox ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
    DROP INDEX outbox_unsaid;
    CREATE INDEX outbox_unsaid ON outbox (seq) WHERE rev IS NULL AND held = 0;
    CREATE INDEX outbox_held ON outbox (seq) WHERE held = 1;
    """,
)

_PATIENCE: Final = 5.0  # with somebody who looks into the file by other means, in seconds
_LOG_KEPT: Final = 16 * 1024 * 1024  # the log of a big snapshot does not stay on the disk
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class StoreInUse(Exception):
    """Another program has this file open."""


class StoreTooNew(Exception):
    """A newer version of Handbell has written this file."""


class Rescue(Struct, frozen=True):
    """What became of a damaged file: where it is now, and the actions that could be read."""

    moved_to: Path
    actions: list[bytes]


class StoreFile:
    """The open file, and the lock on it."""

    def __init__(self, connection: sqlite3.Connection, lock: OwnerLock, rescue: Rescue | None) -> None:
        self.connection = connection
        self.rescue = rescue
        self._lock = lock

    def close(self) -> None:
        self.connection.close()
        self._lock.close()


def open_file(path: Path, upgrades: Sequence[str] = UPGRADES) -> StoreFile:
    make_private(path.parent)
    try:
        lock = OwnerLock(path.with_name(f"{path.name}.lock"))
    except Held:
        raise StoreInUse(f"{path} is in use by another Handbell") from None
    try:
        return StoreFile(*_open_or_replace(path, lock, upgrades))
    except BaseException:
        lock.close()
        raise


def _open_or_replace(
    path: Path, lock: OwnerLock, upgrades: Sequence[str]
) -> tuple[sqlite3.Connection, OwnerLock, Rescue | None]:
    try:
        return _open(path, upgrades), lock, None
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    rescue = _move_aside(path)
    return _open(path, upgrades), lock, rescue


def is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _open(path: Path, upgrades: Sequence[str]) -> sqlite3.Connection:
    with suppress(FileExistsError):  # one that is there is not touched: closing it would drop SQLite's own locks on it
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))  # before SQLite makes it, for all to read
    path.chmod(0o600)
    # Used by several threads, one at a time: the link's lock sees to it.
    connection = sqlite3.connect(path, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_KEPT}")
        _check(connection)
        _upgrade(connection, upgrades)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise _damage(verdict)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall():
        try:
            connection.execute(f"SELECT * FROM {name} LIMIT 0")
        except sqlite3.OperationalError as error:  # how SQLite calls damage in an index that is a table to it
            if "vtable constructor failed" in str(error):
                raise _damage(str(error)) from None
            raise


def _upgrade(connection: sqlite3.Connection, upgrades: Sequence[str]) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(upgrades):
        raise StoreTooNew("a newer version of Handbell has written this store; this one cannot read it")
    for number, script in enumerate(upgrades[version:], start=version + 1):
        try:
            connection.executescript(f"BEGIN;{script};PRAGMA user_version = {number};COMMIT;")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _damage(verdict: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(verdict)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _move_aside(path: Path) -> Rescue:
    actions = _read_outbox(path)
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    return Rescue(aside, actions)


def _read_outbox(path: Path) -> list[bytes]:
    """From the old end until it breaks, then from the new end: one bad page in the middle costs only what is on it."""
    found: dict[int, bytes] = {}
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as connection:
            known = {name for _, name, *_ in connection.execute("PRAGMA table_info(outbox)")}
            meant = "WHERE held = 0" if "held" in known else ""
            for seq, body in connection.execute(f"SELECT seq, body FROM outbox {meant} ORDER BY seq {order}"):
                if isinstance(seq, int) and isinstance(body, bytes):
                    found[seq] = body  # noqa: PERF403 — what was read before it breaks must stay
    return [found[seq] for seq in sorted(found)]
