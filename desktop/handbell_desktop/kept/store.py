"""What this device knows and what it still has to say, in one SQLite file: a `DeviceStore` that survives a kill.

A step is one transaction, so records, cursor, digest and outbox move together or not at all. Records and actions are
kept as the JSON they travel as: a member that is added to them later needs no new column, and nothing is translated
twice. Cursor and digest are also held in memory, because every push asks for them; a step that fails puts them back.
What the person sees of all this is written beside it by `folding.py`, in the same step, for the readers of `shown.py`.

Not locked against threads: whoever shares it brings the lock (`Link` does).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import msgspec

from handbell_desktop.kept.folding import Folding
from handbell_desktop.kept.store_file import Rescue, StoreFile, is_damage, open_file
from handbell_shared.digest import digest_of, fingerprint
from handbell_shared.records import Action, Choice, Notification, Position

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_record = msgspec.json.Decoder(Notification).decode
_action = msgspec.json.Decoder(Action).decode
_choice = msgspec.json.Decoder(Choice).decode


class SqliteStore:
    """Use `SqliteStore.open`; `moved_aside` names the damaged file that was found in its place, if there was one."""

    def __init__(self, file: StoreFile) -> None:
        self.moved_aside = file.rescue.moved_to if file.rescue else None
        self._file = file
        self._connection = file.connection
        self._execute = file.connection.execute
        self._folding = Folding(file.connection)
        self._in_step = False
        self._choices: dict[str, Choice] = {}
        self._recall()

    @classmethod
    def open(cls, path: Path) -> Self:
        file = open_file(path)
        try:
            store = cls(file)
            with store.step():
                store._folding.refresh()
                store._let_go("held = ?", 1)  # whoever held it back is gone
                if file.rescue is not None:
                    store._carry_over(file.rescue)
        except BaseException:
            file.close()
            raise
        return store

    def close(self) -> None:
        self._file.close()

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
        except BaseException as error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
                self._doubt()
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
        with self.step():
            was = self.record(record.id)
            if not record.deleted:
                self._execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (record.id, _encode(record)))
                self._folding.show(record, was)
            elif was is not None:
                self._execute("DELETE FROM record WHERE id = ?", (record.id,))
                self._folding.hide(was)

    def move(self, position: Position, digest: int) -> None:
        self._execute(
            "UPDATE state SET epoch = ?, rev = ?, after = ?, digest = ?",
            (position.epoch, position.rev, position.after, f"{digest:x}"),  # 64 bits without a sign: as text
        )
        self._position, self._digest = position, digest

    # ---- choices

    def choices(self) -> Mapping[str, Choice]:
        return self._choices

    def choose(self, choice: Choice) -> None:
        self._execute("INSERT OR REPLACE INTO choice VALUES (?, ?)", (choice.name, _encode(choice)))
        self._choices = {**self._choices, choice.name: choice}

    def unchoose(self, name: str) -> None:
        self._execute("DELETE FROM choice WHERE name = ?", (name,))
        self._choices = {known: choice for known, choice in self._choices.items() if known != name}

    def pending_choices(self) -> Iterable[Action]:
        rows = self._execute("SELECT body FROM choosing JOIN outbox USING (seq) ORDER BY seq")
        return [_action(body) for (body,) in rows]

    # ---- snapshots

    def stage_begin(self, position: Position, choices: Iterable[Choice] = ()) -> None:
        self._execute("DELETE FROM staged")
        self._execute("DELETE FROM staged_choice")
        rows = ((choice.name, _encode(choice)) for choice in choices)
        self._connection.executemany("INSERT INTO staged_choice VALUES (?, ?)", rows)
        self._execute("UPDATE state SET staged_epoch = ?, staged_rev = ?", (position.epoch, position.rev))
        self._staged_position = position

    def stage(self, records: Iterable[Notification]) -> None:
        rows = ((record.id, _encode(record)) for record in records)
        self._connection.executemany("INSERT OR REPLACE INTO staged VALUES (?, ?)", rows)

    def stage_swap(self) -> None:
        with self.step():
            self._execute("DELETE FROM record")
            self._execute("INSERT INTO record SELECT id, body FROM staged ORDER BY id")
            self._execute("DELETE FROM staged")
            self._execute("DELETE FROM choice")
            self._execute("INSERT INTO choice SELECT name, body FROM staged_choice")
            self._execute("DELETE FROM staged_choice")
            self._choices = self._stored_choices()
            digest = digest_of((), self._choices.values())

            def passing() -> Iterator[Notification]:
                nonlocal digest
                for (body,) in self._execute("SELECT body FROM record ORDER BY id"):
                    record = _record(body)
                    digest ^= fingerprint(record)
                    yield record

            self._folding.show_only(passing())
            self.move(self._staged_position, digest)

    # ---- outbox

    def enqueue(self, action: Action) -> None:
        if self._execute("UPDATE outbox SET held = 0 WHERE id = ? AND held = 1", (action.id,)).rowcount:
            return  # it shows already
        self._put_out(action, held=False)

    def hold(self, action: Action) -> None:
        """It shows as done and is not said: until it is enqueued, forgotten, or the store is opened again."""
        self._put_out(action, held=True)

    def _put_out(self, action: Action, *, held: bool) -> None:
        with self.step():
            (seq,) = self._execute(
                "INSERT INTO outbox (id, rev, body, held) VALUES (?, NULL, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET rev = NULL, body = excluded.body RETURNING seq",
                (action.id, _encode(action), held),
            ).fetchone()
            before = self._aims("seq = ?", seq)
            self._execute("DELETE FROM pending WHERE seq = ?", (seq,))
            self._folding.aim(seq, action)
            if action.kind == "choose":
                self._execute("INSERT OR IGNORE INTO choosing VALUES (?)", (seq,))
            self._folding.show_again(before | {target.id for target in action.ids})

    def unsaid(self, limit: int) -> list[Action]:
        rows = self._execute("SELECT body FROM outbox WHERE rev IS NULL AND held = 0 ORDER BY seq LIMIT ?", (limit,))
        return [_action(body) for (body,) in rows]

    def pending_for(self, an_id: str) -> Iterable[Action]:
        rows = self._execute(
            "SELECT body FROM outbox WHERE seq IN (SELECT seq FROM pending WHERE record = ?) ORDER BY seq", (an_id,)
        )
        return [_action(body) for (body,) in rows]

    def acknowledge(self, action_id: str, rev: int) -> None:
        self._execute("UPDATE outbox SET rev = ? WHERE id = ?", (rev, action_id))

    def unacknowledge(self, beyond: int) -> None:
        self._execute("UPDATE outbox SET rev = NULL WHERE rev > ?", (beyond,))

    def settle(self, rev: int) -> None:
        self._let_go("rev <= ?", rev)

    def forget(self, action_id: str) -> None:
        self._let_go("id = ?", action_id)

    # ---- within

    def _let_go(self, which: str, value: object) -> None:
        with self.step():
            touched = self._aims(which, value)
            self._execute(f"DELETE FROM outbox WHERE {which}", (value,))
            self._folding.show_again(touched)

    def _aims(self, which: str, value: object) -> set[str]:
        """The records that these actions of the outbox are about."""
        rows = self._execute(
            f"SELECT record FROM pending WHERE seq IN (SELECT seq FROM outbox WHERE {which})", (value,)
        )
        return {an_id for (an_id,) in rows}

    def _doubt(self) -> None:
        """What SQLite calls damage in the middle of a step may be in what follows from the rest: fold that afresh."""
        with suppress(sqlite3.Error):
            self._execute("UPDATE state SET shown_by = 0")

    def _recall(self) -> None:
        """What memory holds, as the file has it."""
        epoch, rev, after, digest, staged_epoch, staged_rev = self._execute(
            "SELECT epoch, rev, after, digest, staged_epoch, staged_rev FROM state"
        ).fetchone()
        self._position = Position(epoch, rev, after)
        self._digest = int(digest, 16)
        self._staged_position = Position(staged_epoch, staged_rev)
        self._choices = self._stored_choices()

    def _stored_choices(self) -> dict[str, Choice]:
        return {name: _choice(body) for name, body in self._execute("SELECT name, body FROM choice")}

    def _carry_over(self, rescue: Rescue) -> None:
        kept = 0
        for body in rescue.actions:
            try:
                self.enqueue(_action(body))
                kept += 1
            except msgspec.MsgspecError:
                continue  # half of an action is none
        log.warning("The store was damaged. It is kept as %s; %d actions were rescued", rescue.moved_to, kept)
