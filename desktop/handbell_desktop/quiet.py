"""Whether the bell may ring now, and the moment at which that turns: a pause, and the hours of the week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from handbell_desktop.alarm import Alarm
from handbell_desktop.timers import Turns
from handbell_shared.attention import QuietHours, next_quiet, quiet_until


class Quiet:
    """`turned` is called whenever it may be another than before; `over` when quiet has just ended."""

    def __init__(
        self,
        turns: Turns,
        now: Callable[[], int],
        zone: tzinfo | None,
        *,
        pause: Callable[[], int | None],
        hours: Callable[[], QuietHours],
        turned: Callable[[], None],
        over: Callable[[], None],
    ) -> None:
        self._now = now
        self._zone = zone
        self._pause = pause
        self._hours = hours
        self._turned = turned
        self._over = over
        self._alarm = Alarm(turns, now, self.look)
        self._was_quiet = False

    @property
    def paused_until(self) -> int | None:
        until = self._pause()
        return until if until is not None and until > self._now() else None

    @property
    def until(self) -> int | None:
        hours = quiet_until(self._hours(), self._now(), self._zone)
        return max((end for end in (hours, self.paused_until) if end is not None), default=None)

    def look(self) -> None:
        """At the clock and at what is chosen; and wait for the next moment at which it may turn."""
        quiet, was_quiet = self.until is not None, self._was_quiet
        self._was_quiet = quiet
        now, hours = self._now(), self._hours()
        turns = (self.paused_until, quiet_until(hours, now, self._zone), next_quiet(hours, now, self._zone))
        self._alarm.set(min((turn for turn in turns if turn is not None), default=None))
        if was_quiet and not quiet:
            self._over()
        self._turned()

    def close(self) -> None:
        self._alarm.set(None)
