"""What a `Replica` keeps: the records, the choices, the cursor, the outbox. And the simplest store there is, in memory.

The desktop keeps the same in SQLite. `step` is one local transaction: it happens whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from handbell_shared.digest import digest_of
from handbell_shared.records import Action, Choice, Notification, Position


class DeviceStore(Protocol):
    @property
    def position(self) -> Position: ...
    @property
    def digest(self) -> int: ...
    @property
    def staged_position(self) -> Position: ...

    def step(self) -> AbstractContextManager[None]: ...

    # ---- records
    def record(self, an_id: str) -> Notification | None: ...
    def live(self) -> Iterable[Notification]: ...
    def put(self, record: Notification) -> None:
        """Keep the record; a deleted one is dropped, for nothing older can arrive behind the cursor."""

    def move(self, position: Position, digest: int) -> None: ...

    # ---- choices
    def choices(self) -> Mapping[str, Choice]: ...
    def choose(self, choice: Choice) -> None: ...
    def unchoose(self, name: str) -> None: ...
    def pending_choices(self) -> Iterable[Action]:
        """The choices in the outbox, acknowledged or not, oldest first."""

    # ---- snapshots
    def stage_begin(self, position: Position, choices: Iterable[Choice] = ()) -> None: ...
    def stage(self, records: Iterable[Notification]) -> None: ...
    def stage_swap(self) -> None:
        """The staged set becomes the set, with its choices, and the position and digest become its own."""

    # ---- outbox
    def enqueue(self, action: Action) -> None: ...
    def unsaid(self, limit: int) -> list[Action]:
        """Actions not yet acknowledged, oldest first."""

    def pending_for(self, an_id: str) -> Iterable[Action]:
        """Every action in the outbox that names the record, acknowledged or not, oldest first."""

    def acknowledge(self, action_id: str, rev: int) -> None: ...
    def unacknowledge(self, beyond: int) -> None:
        """Actions acknowledged at a revision above `beyond` are to be said again."""

    def settle(self, rev: int) -> None:
        """Actions acknowledged at `rev` or before have come back as records; let them go."""

    def forget(self, action_id: str) -> None: ...


class MemoryStore:
    """For clients that start from nothing each time, and for tests."""

    def __init__(self) -> None:
        self.position = Position()
        self.digest = 0
        self.staged_position = Position()
        self.records: dict[str, Notification] = {}
        self.outbox: dict[str, tuple[Action, int | None]] = {}
        self.chosen: dict[str, Choice] = {}
        self._staged: dict[str, Notification] = {}
        self._staged_choices: dict[str, Choice] = {}

    @contextmanager
    def step(self) -> Iterator[None]:
        yield

    def record(self, an_id: str) -> Notification | None:
        return self.records.get(an_id)

    def live(self) -> Iterable[Notification]:
        return list(self.records.values())

    def put(self, record: Notification) -> None:
        if record.deleted:
            self.records.pop(record.id, None)
        else:
            self.records[record.id] = record

    def move(self, position: Position, digest: int) -> None:
        self.position, self.digest = position, digest

    def choices(self) -> Mapping[str, Choice]:
        return self.chosen

    def choose(self, choice: Choice) -> None:
        self.chosen[choice.name] = choice

    def unchoose(self, name: str) -> None:
        del self.chosen[name]

    def pending_choices(self) -> Iterable[Action]:
        return [action for action, _ in self.outbox.values() if action.kind == "choose"]

    def stage_begin(self, position: Position, choices: Iterable[Choice] = ()) -> None:
        self.staged_position, self._staged = position, {}
        self._staged_choices = {choice.name: choice for choice in choices}

    def stage(self, records: Iterable[Notification]) -> None:
        self._staged.update((record.id, record) for record in records)

    def stage_swap(self) -> None:
        self.records, self._staged = self._staged, {}
        self.chosen, self._staged_choices = self._staged_choices, {}
        self.move(self.staged_position, digest_of(self.records.values(), self.chosen.values()))

    def enqueue(self, action: Action) -> None:
        self.outbox[action.id] = (action, None)

    def unsaid(self, limit: int) -> list[Action]:
        return [action for action, rev in self.outbox.values() if rev is None][:limit]

    def pending_for(self, an_id: str) -> Iterable[Action]:
        return [a for a, _ in self.outbox.values() if any(target.id == an_id for target in a.ids)]

    def acknowledge(self, action_id: str, rev: int) -> None:
        if action_id in self.outbox:
            self.outbox[action_id] = (self.outbox[action_id][0], rev)

    def unacknowledge(self, beyond: int) -> None:
        for action, rev in self.outbox.values():
            if rev is not None and rev > beyond:
                self.outbox[action.id] = (action, None)

    def settle(self, rev: int) -> None:
        for action, acked in list(self.outbox.values()):
            if acked is not None and acked <= rev:
                del self.outbox[action.id]

    def forget(self, action_id: str) -> None:
        self.outbox.pop(action_id, None)
