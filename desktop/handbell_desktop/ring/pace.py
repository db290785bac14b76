"""One thing is shown again at most once a second, and then as it is by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from handbell_desktop.timers import Timer, Turns

REST: Final = 1.0


class Pace:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._resting: dict[str, Timer] = {}
        self._waiting: dict[str, Callable[[], None]] = {}

    def show(self, key: str, task: Callable[[], None]) -> None:
        """Do it now; or, if it was done within the last second, at its end and only the latest."""
        if key in self._resting:
            self._waiting[key] = task
        else:
            self._resting[key] = self._turns.later(REST, lambda: self._rested(key))
            task()

    def drop(self, key: str) -> None:
        """What waits is not wanted any more."""
        self._waiting.pop(key, None)

    def close(self) -> None:
        self._waiting.clear()
        for timer in self._resting.values():
            timer.cancel()
        self._resting.clear()

    def _rested(self, key: str) -> None:
        del self._resting[key]
        task = self._waiting.pop(key, None)
        if task is not None:
            self.show(key, task)
