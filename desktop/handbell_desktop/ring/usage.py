"""Whether the person is at this computer, for those who chose that toasts are shown only where they are.

Looked at every fifteen seconds, and only while somebody chose so: a bell at rest sets no timer. It is said when it
turns: used, when something was touched within the last two minutes; left, when not. And it is said anew when somebody
comes back to it after half a minute or more, for meanwhile they may have used another: the latest to be taken up is the
one in use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from handbell_desktop.machine.idle.base import IdleTime
from handbell_desktop.timers import Timer, Turns

LOOK_EVERY: Final = 15.0
LEFT_AFTER: Final = 120_000
BACK_AFTER: Final = 30_000


class Usage:
    """`say` hears whether this device is used."""

    def __init__(self, turns: Turns, make: Callable[[], IdleTime], say: Callable[[bool], None]) -> None:
        self._turns = turns
        self._make = make
        self._say = say
        self._idle: IdleTime | None = None
        self._timer: Timer | None = None
        self.used: bool | None = None
        """As it was said last; None while nobody wants to know, or nobody knows."""
        self._before = 0

    def want(self, wanted: bool) -> None:
        """Begin to look, or stop."""
        if wanted and self._idle is None:
            self._idle = self._make()
            self._look()
        elif not wanted and self._idle is not None:
            self.close()
            self.used = None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._idle is not None:
            self._idle.close()
            self._idle = None

    def _look(self) -> None:
        if self._idle is not None:
            self._timer = self._turns.later(LOOK_EVERY, self._look)
            self._idle.ask(self._looked)

    def _looked(self, idle: int | None) -> None:
        if idle is None or self._idle is None:
            return  # not known: this device does not claim to be the one in use
        used, came_back = idle < LEFT_AFTER, self._before >= BACK_AFTER > idle
        self._before = idle
        if used != self.used or (used and came_back):
            self.used = used
            self._say(used)
