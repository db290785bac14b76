"""Whether the bell may ring now, and the moment at which that turns: a pause, and the hours of the week.

Both are the person's choices and the same on all their devices; the clock is this one's. With several accounts each is
quiet by itself, for each may be somebody else's inbox. The bell as a whole is quiet only while all of them are: "paused" must
not be said where something may ring.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import tzinfo

from handbell_desktop.alarm import Alarm
from handbell_desktop.timers import Turns
from handbell_shared.attention import next_quiet, quiet_until
from handbell_shared.preferences import Preferences, zone_of


class Quiet:
    """`turned` is called whenever it may be another than before; `began` and `over` with the accounts of which it is."""

    def __init__(
        self,
        turns: Turns,
        now: Callable[[], int],
        zone: tzinfo | None,
        *,
        was: Collection[str],
        preferences: Callable[[], Mapping[str, Preferences]],
        began: Callable[[Collection[str]], None],
        over: Callable[[Collection[str]], None],
        turned: Callable[[], None],
    ) -> None:
        """`was` are the accounts that were quiet when the program last ran; of those that cannot be read yet it stays."""
        self._now = now
        self._zone = zone
        self._was = frozenset(was)
        self._preferences = preferences
        self._began = began
        self._over = over
        self._turned = turned
        self._alarm = Alarm(turns, now, self.look)

    @property
    def until(self) -> int | None:
        """When the first of them may ring; None when one may ring now."""
        return _first([self._end(preferences) for preferences in self._preferences().values()])

    @property
    def paused_until(self) -> int | None:
        """The same of pauses alone."""
        return _first([self._pause(preferences) for preferences in self._preferences().values()])

    @property
    def paused(self) -> list[str]:
        """The accounts of which somebody said so."""
        return [name for name, preferences in self._preferences().items() if self._pause(preferences) is not None]

    def of(self, account: str) -> int | None:
        """Nothing of this account rings until then; None when it may."""
        preferences = self._preferences().get(account)
        return None if preferences is None else self._end(preferences)

    def pause_of(self, account: str) -> int | None:
        preferences = self._preferences().get(account)
        return None if preferences is None else self._pause(preferences)

    def look(self) -> None:
        """At the clock and at what is chosen; and wait for the next moment at which it may turn."""
        now, known = self._now(), self._preferences()
        quiet = {name for name, preferences in known.items() if self._end(preferences) is not None}
        began, over = quiet - self._was, (self._was & known.keys()) - quiet
        self._was = (self._was - known.keys()) | quiet
        turns = [turn for preferences in known.values() for turn in self._turns_of(preferences, now)]
        self._alarm.set(min(turns, default=None))
        if began:
            self._began(began)
        if over:
            self._over(over)
        self._turned()

    def forget(self, account: str) -> None:
        """It has left this device."""
        self._was -= {account}

    def close(self) -> None:
        self._alarm.set(None)

    # ---- one account

    def _zone_of(self, preferences: Preferences) -> tzinfo | None:
        """The one the person chose, where this machine knows it; else the machine's own, as where no hours are to be reckoned."""
        return (zone_of(preferences.zone) if preferences.quiet_hours.enabled else None) or self._zone

    def _pause(self, preferences: Preferences) -> int | None:
        until = preferences.paused_until
        return until if until is not None and until > self._now() else None

    def _end(self, preferences: Preferences) -> int | None:
        hours = quiet_until(preferences.quiet_hours, self._now(), self._zone_of(preferences))
        return max((end for end in (hours, self._pause(preferences)) if end is not None), default=None)

    def _turns_of(self, preferences: Preferences, now: int) -> list[int]:
        hours, zone = preferences.quiet_hours, self._zone_of(preferences)
        turns = (self._pause(preferences), quiet_until(hours, now, zone), next_quiet(hours, now, zone))
        return [turn for turn in turns if turn is not None]


def _first(ends: Collection[int | None]) -> int | None:
    """The first of all the ends; None when there are none, or something has no end because it has not begun."""
    known = [end for end in ends if end is not None]
    return min(known) if known and len(known) == len(ends) else None
