"""Telling whoever shows something that it is out of date: often enough to seem at once, never more than 20 times a second.

The first change of a quiet time is told in the next turn; what follows within 50 ms is told together at their end. So a
listener repaints for a click without delay, and for a burst of a thousand notifications a handful of times.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from handbell_desktop.timers import Timer, Turns

PAUSE: Final = 0.05
NAMED_AT_MOST: Final = 2_000

log = logging.getLogger(__name__)


class Change(Struct, frozen=True, kw_only=True):
    """What to look at again. `entries` are (account, id); None is all of them."""

    badge: bool = False
    condition: bool = False
    settings: bool = False
    undo: bool = False
    entries: frozenset[tuple[str, str]] | None = frozenset()


class Changes:
    """Collects marks and tells them; `complete` adds, at the last moment, what only a comparison can tell."""

    def __init__(self, turns: Turns, complete: Callable[[Change], Change]) -> None:
        self._turns = turns
        self._complete = complete
        self._listeners: list[Callable[[Change], None]] = []
        self._waiting: Change | None = None
        self._pause: Timer | None = None

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def mark(
        self,
        *,
        condition: bool = False,
        settings: bool = False,
        undo: bool = False,
        entries: Iterable[tuple[str, str]] | None = (),
    ) -> None:
        before = self._waiting
        if before is None:
            before = Change()
            if self._pause is None:
                self._turns.post(self._tell)
        self._waiting = Change(
            condition=before.condition or condition,
            settings=before.settings or settings,
            undo=before.undo or undo,
            entries=_together(before.entries, entries),
        )

    def close(self) -> None:
        self._listeners.clear()
        if self._pause is not None:
            self._pause.cancel()

    def _tell(self) -> None:
        self._pause = None
        if self._waiting is None:
            return
        self._pause = self._turns.later(PAUSE, self._tell)
        change, self._waiting = self._waiting, None
        try:
            change = self._complete(change)
        except Exception:  # a store that cannot be read, say; what is known to have changed is told all the same
            log.exception("A change could not be looked at")
        for listener in list(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("A listener failed")


def _together(
    before: frozenset[tuple[str, str]] | None, new: Iterable[tuple[str, str]] | None
) -> frozenset[tuple[str, str]] | None:
    if before is None or new is None:
        return None
    both = before.union(new)
    return both if len(both) <= NAMED_AT_MOST else None
