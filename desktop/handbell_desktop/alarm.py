"""One moment that something waits for: the end of a snooze, of a pause, of an offer to undo.

Moments are times on the calendar, and timers count seconds: a machine that slept has a calendar that went on alone. So
an alarm looks at the clock when it rings and goes on waiting if it is too early, and never sleeps for longer than a
quarter of an hour at a time. That also keeps clear of timers that count in 32 bits of milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from handbell_desktop.timers import Timer, Turns

LONGEST: Final = 900.0


class Alarm:
    def __init__(
        self, turns: Turns, now: Callable[[], int], task: Callable[[], None], *, furthest: float = math.inf
    ) -> None:
        """Nothing is ever set further ahead than `furthest` (ms): if it is, the clock was set back, and it rings."""
        self._turns = turns
        self._now = now
        self._task = task
        self._furthest = furthest
        self._at: int | None = None
        self._timer: Timer | None = None

    def set(self, at: int | None) -> None:
        """Ring at this time (ms) and not at the one before; None is never."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._at = at
        if at is not None:
            self._timer = self._turns.later(min(LONGEST, max(0.0, (at - self._now()) / 1000)), self._look)

    def _look(self) -> None:
        self._timer = None
        if self._at is not None and 0 < self._at - self._now() <= self._furthest:
            self.set(self._at)
        elif self._at is not None:
            self._at = None
            self._task()
