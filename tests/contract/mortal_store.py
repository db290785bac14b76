"""A device's store that can die at any write, and then is what its last finished transaction made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from handbell_shared.device_store import MemoryStore
from handbell_shared.records import Action, Choice, Notification, Position


class Killed(Exception):
    """The process ended here."""


class MortalStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.writes_left: int | None = None
        self._deep = False

    @contextmanager
    def step(self) -> Iterator[None]:
        if self._deep:
            yield
            return
        kept = self._state()
        self._deep = True
        try:
            yield
        except Killed:
            vars(self).update(kept)
            raise
        finally:
            self._deep = False

    def _state(self) -> dict[str, Any]:
        return {name: dict(value) if isinstance(value, dict) else value for name, value in vars(self).items()}

    def _write(self) -> None:
        if self.writes_left is not None:
            self.writes_left -= 1
            if self.writes_left < 0:
                raise Killed

    def put(self, record: Notification) -> None:
        self._write()
        super().put(record)

    def move(self, position: Position, digest: int) -> None:
        self._write()
        super().move(position, digest)

    def choose(self, choice: Choice) -> None:
        self._write()
        super().choose(choice)

    def unchoose(self, name: str) -> None:
        self._write()
        super().unchoose(name)

    def stage(self, records: Iterable[Notification]) -> None:
        self._write()
        super().stage(records)

    def stage_swap(self) -> None:
        self._write()
        super().stage_swap()

    def enqueue(self, action: Action) -> None:
        self._write()
        super().enqueue(action)

    def acknowledge(self, action_id: str, rev: int) -> None:
        self._write()
        super().acknowledge(action_id, rev)

    def unacknowledge(self, beyond: int) -> None:
        self._write()
        super().unacknowledge(beyond)

    def settle(self, rev: int) -> None:
        self._write()
        super().settle(rev)
