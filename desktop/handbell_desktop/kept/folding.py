"""What the person sees, written beside what the server said.

    record   what the server said                          shown   record ⊕ pending actions, as columns to ask for
    pending  which action of the outbox aims at which      found   the words of each shown row, as a full-text index

Lists, badge and search are then single queries (`shown.py`). All of this follows from `record` and `outbox`, so it is
written in their transaction, and can be made anew from them: `state.shown_by` is the number of the code that wrote it,
and a file with another number is folded afresh when it is opened. Change the number with any change of what is written.

A view that is deleted has no row. `shown.body` is there only where pending actions make the view another than the
record. Actions never change words, so `found` follows the record alone. It keeps no text of its own: to take words out
again, the index has to be told the very words that went in, which is why the record as it was is asked for everywhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec
from msgspec.structs import replace

from handbell_shared.actions import join
from handbell_shared.records import Action, Notification

SHOWN_BY: Final = 2
_BATCH: Final = 1_000

_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(Notification).decode
_action = msgspec.json.Decoder(Action).decode

_INSERT: Final = (
    "INSERT INTO shown (at, pinned, read, archived, snoozed_until, off_badge, type, source, priority, body, id, n)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_UPDATE: Final = (
    "UPDATE shown SET at = ?, pinned = ?, read = ?, archived = ?, snoozed_until = ?, off_badge = ?, type = ?, source = ?,"
    " priority = ?, body = ?, id = ? WHERE n = ?"
)
_INDEX: Final = "INSERT INTO found (rowid, words) VALUES (?, ?)"
_UNINDEX: Final = "INSERT INTO found (found, rowid, words) VALUES ('delete', ?, ?)"
_PENDING: Final = "SELECT head, generation FROM pending JOIN outbox USING (seq) WHERE record = ? ORDER BY seq"


class Folding:
    """The writing half. Every method belongs into a transaction of the store, which owns the connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._executemany = connection.executemany

    def show(self, record: Notification, was: Notification | None) -> None:
        """The record has just been kept, in the place of `was`."""
        view = self._fold(record)
        row = self._execute("SELECT n FROM shown WHERE id = ?", (record.id,)).fetchone()
        if view.deleted:
            if row is not None and was is not None:
                self._hide(row[0], was)
        elif row is None:
            n = self._execute(_INSERT, _columns(view, record, None)).lastrowid
            self._execute(_INDEX, (n, words_of(record)))
        else:
            self._execute(_UPDATE, _columns(view, record, row[0]))
            before, words = words_of(was or record), words_of(record)
            if words != before:
                self._execute(_UNINDEX, (row[0], before))
                self._execute(_INDEX, (row[0], words))

    def hide(self, was: Notification) -> None:
        """The record has just been dropped."""
        row = self._execute("SELECT n FROM shown WHERE id = ?", (was.id,)).fetchone()
        if row is not None:
            self._hide(row[0], was)

    def show_again(self, ids: Iterable[str]) -> None:
        """What is pending for these records has changed."""
        for an_id in ids:
            row = self._execute("SELECT body FROM record WHERE id = ?", (an_id,)).fetchone()
            if row is not None:
                record = _record(row[0])
                self.show(record, record)

    def show_only(self, records: Iterable[Notification]) -> None:
        """These are all the records there are."""
        self._execute("DELETE FROM shown")
        self._execute("INSERT INTO found (found) VALUES ('delete-all')")
        touched = {an_id for (an_id,) in self._execute("SELECT DISTINCT record FROM pending")}
        pairs = ((record, self._fold(record) if record.id in touched else record) for record in records)
        seen = ((record, view) for record, view in pairs if not view.deleted)
        n = 0
        while batch := list(islice(seen, _BATCH)):
            numbered = list(enumerate(batch, start=n + 1))
            self._executemany(_INSERT, [_columns(view, record, n) for n, (record, view) in numbered])
            self._executemany(_INDEX, [(n, words_of(record)) for n, (record, _) in numbered])
            n += len(batch)

    def aim(self, seq: int, action: Action) -> None:
        """The action stands in the outbox under this number."""
        self._execute("UPDATE outbox SET head = ? WHERE seq = ?", (_encode(replace(action, ids=())), seq))
        rows = ((target.id, seq, target.generation) for target in action.ids)
        self._executemany("INSERT OR IGNORE INTO pending VALUES (?, ?, ?)", rows)

    def refresh(self) -> None:
        """Write everything anew if other code than this has written it."""
        if self._execute("SELECT shown_by FROM state").fetchone() == (SHOWN_BY,):
            return
        self._execute("DELETE FROM pending")
        for seq, body in self._execute("SELECT seq, body FROM outbox").fetchall():
            self.aim(seq, _action(body))
        self.show_only(_record(body) for (body,) in self._execute("SELECT body FROM record ORDER BY id"))
        self._execute("UPDATE state SET shown_by = ?", (SHOWN_BY,))

    def _fold(self, record: Notification) -> Notification:
        for head, generation in self._execute(_PENDING, (record.id,)):
            record = join(record, _action(head), generation)
        return record

    def _hide(self, n: int, was: Notification) -> None:
        self._execute("DELETE FROM shown WHERE n = ?", (n,))
        self._execute(_UNINDEX, (n, words_of(was)))


def words_of(record: Notification) -> str:
    """What a person can look for."""
    actor = record.actor.name if record.actor else ""
    return "\n".join(part for part in (record.title, record.body, record.source, actor) if part)


def _columns(view: Notification, record: Notification, n: int | None) -> tuple[object, ...]:
    return (
        view.updated_at or view.created_at,
        view.pinned,
        view.read,
        view.archived,
        view.snoozed_until,
        not view.may("badge"),
        view.type,
        view.source,
        view.priority,
        None if view is record else _encode(view),
        view.id,
        n,
    )
