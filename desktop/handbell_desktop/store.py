"""What this device knows and what it still has to say, in one SQLite file: a `DeviceStore` that survives a kill.

A step is one transaction, so records, cursor, digest and outbox move together or not at all. Records and actions are
kept as the JSON they travel as: a member that is added to them later needs no new column, and nothing is translated
twice. Cursor and digest are also held in memory, because every push asks for them; a step that fails puts them back.

Not locked against threads: whoever shares it brings the lock (`Link` does).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import msgspec

from handbell_desktop.store_file import Rescue, open_file
from handbell_shared.digest import digest_of
from handbell_shared.records import Action, Notification, Position

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(Notification).decode
_action = msgspec.json.Decoder(Action).decode


class SqliteStore:
    """Use `SqliteStore.open`; `moved_aside` names the damaged file that was found in its place, if there was one."""

    def __init__(self, connection: sqlite3.Connection, moved_aside: Path | None = None) -> None:
        self.moved_aside = moved_aside
        self._connection = connection
        self._execute = connection.execute
        self._in_step = False
        self._recall()

    @classmethod
    def open(cls, path: Path) -> Self:
        connection, rescue = open_file(path)
        store = cls(connection, rescue.moved_to if rescue else None)
        if rescue is not None:
            store._carry_over(rescue)
        return store

    def close(self) -> None:
        self._connection.close()

    @property
    def position(self) -> Position:
        return self._position

    @property
    def digest(self) -> int:
        return self._digest

    @property
    def staged_position(self) -> Position:
        return self._staged_position

    @contextmanager
    def step(self) -> Iterator[None]:
        if self._in_step:
            yield  # part of the step around it
            return
        self._execute("BEGIN IMMEDIATE")
        self._in_step = True
        try:
            yield
            self._execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            self._recall()
            raise
        finally:
            self._in_step = False

    # ---- records

    def record(self, an_id: str) -> Notification | None:
        row = self._execute("SELECT body FROM record WHERE id = ?", (an_id,)).fetchone()
        return None if row is None else _record(row[0])

    def live(self) -> Iterable[Notification]:
        return [_record(body) for (body,) in self._execute("SELECT body FROM record ORDER BY id")]

    def put(self, record: Notification) -> None:
        if record.deleted:
            self._execute("DELETE FROM record WHERE id = ?", (record.id,))
        else:
            self._execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (record.id, _encode(record)))

    def move(self, position: Position, digest: int) -> None:
        self._execute(
            "UPDATE state SET epoch = ?, rev = ?, after = ?, digest = ?",
            (position.epoch, position.rev, position.after, f"{digest:x}"),  # 64 bits without a sign: as text
        )
        self._position, self._digest = position, digest

    # ---- snapshots

    def stage_begin(self, position: Position) -> None:
        self._execute("DELETE FROM staged")
        self._execute("UPDATE state SET staged_epoch = ?, staged_rev = ?", (position.epoch, position.rev))
        self._staged_position = position

    def stage(self, records: Iterable[Notification]) -> None:
        rows = ((record.id, _encode(record)) for record in records)
        self._connection.executemany("INSERT OR REPLACE INTO staged VALUES (?, ?)", rows)

    def stage_swap(self) -> None:
        with self.step():
            digest = digest_of(_record(body) for (body,) in self._execute("SELECT body FROM staged"))
            self._execute("DELETE FROM record")
            self._execute("INSERT INTO record SELECT id, body FROM staged ORDER BY id")
            self._execute("DELETE FROM staged")
            self.move(self._staged_position, digest)

    # ---- outbox

    def enqueue(self, action: Action) -> None:
        with self.step():
            (seq,) = self._execute(
                "INSERT INTO outbox (id, rev, body) VALUES (?, NULL, ?)"
                " ON CONFLICT (id) DO UPDATE SET rev = NULL, body = excluded.body RETURNING seq",
                (action.id, _encode(action)),
            ).fetchone()
            self._execute("DELETE FROM pending WHERE seq = ?", (seq,))
            rows = ((target.id, seq) for target in action.ids)
            self._connection.executemany("INSERT OR IGNORE INTO pending VALUES (?, ?)", rows)

    def unsaid(self, limit: int) -> list[Action]:
        rows = self._execute("SELECT body FROM outbox WHERE rev IS NULL ORDER BY seq LIMIT ?", (limit,))
        return [_action(body) for (body,) in rows]

    def pending_for(self, an_id: str) -> Iterable[Action]:
        rows = self._execute("SELECT body FROM pending JOIN outbox USING (seq) WHERE record = ? ORDER BY seq", (an_id,))
        return [_action(body) for (body,) in rows]

    def acknowledge(self, action_id: str, rev: int) -> None:
        self._execute("UPDATE outbox SET rev = ? WHERE id = ?", (rev, action_id))

    def unacknowledge(self, beyond: int) -> None:
        self._execute("UPDATE outbox SET rev = NULL WHERE rev > ?", (beyond,))

    def settle(self, rev: int) -> None:
        self._execute("DELETE FROM outbox WHERE rev <= ?", (rev,))

    def forget(self, action_id: str) -> None:
        self._execute("DELETE FROM outbox WHERE id = ?", (action_id,))

    # ---- within

    def _recall(self) -> None:
        """What memory holds, as the file has it."""
        epoch, rev, after, digest, staged_epoch, staged_rev = self._execute(
            "SELECT epoch, rev, after, digest, staged_epoch, staged_rev FROM state"
        ).fetchone()
        self._position = Position(epoch, rev, after)
        self._digest = int(digest, 16)
        self._staged_position = Position(staged_epoch, staged_rev)

    def _carry_over(self, rescue: Rescue) -> None:
        kept = 0
        with self.step():
            for body in rescue.actions:
                try:
                    self.enqueue(_action(body))
                    kept += 1
                except msgspec.MsgspecError:
                    continue  # half of an action is none
        log.warning("The store was damaged. It is kept as %s; %d actions were rescued", rescue.moved_to, kept)
