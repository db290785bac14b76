"""What this device did with notifications and the server does not know yet: said in batches, as far as it goes.

Best effort: it waits in memory for a connection, survives losing one, and ends with the program. What was said on a
connection that broke at that moment may be lost, and when there is too much, the oldest is: nothing depends on it.
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from handbell_shared.records import Mark

KEPT_AT_MOST: Final = 1_000


class Marks:
    """Safe to use from several threads. One entry for each notification; of each moment the first counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._marks: dict[str, Mark] = {}

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, mark: Mark) -> None:
        with self._lock:
            before = self._marks.get(mark.id)
            self._marks[mark.id] = mark if before is None else both(before, mark)
            if len(self._marks) > KEPT_AT_MOST:
                del self._marks[next(iter(self._marks))]

    def take(self, at_most: int) -> list[Mark]:
        with self._lock:
            taken = list(self._marks.values())[:at_most]
            for mark in taken:
                del self._marks[mark.id]
        return taken


def both(first: Mark, second: Mark) -> Mark:
    """Of each moment the one that was told first."""
    return Mark(
        first.id,
        second.shown if first.shown is None else first.shown,
        second.clicked if first.clicked is None else first.clicked,
        second.dismissed if first.dismissed is None else first.dismissed,
        second.held if first.held is None else first.held,
        second.held_for if first.held is None else first.held_for,
    )
