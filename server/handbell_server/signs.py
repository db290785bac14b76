"""What a producer sends as a sign of life, for those who asked for that ("anything", docs/expectations.md).

A busy producer costs one line every two seconds and not one for every notification. Whoever sends while that line is
being written waits for it, so a 201 also says that the sign is on disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from handbell_server.errors import Problem
from handbell_server.rules.expecting import HEARD_EVERY_MS
from handbell_server.runtime import Promise, Runtime

log = logging.getLogger(__name__)


class Signs:
    """Call from greenlets."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._next: dict[int, float] = {}
        self._under_way: dict[int, Promise[None]] = {}

    def note(self, producer_id: int, write: Callable[[], object]) -> None:
        """Write it down, unless that was done a moment ago."""
        under_way = self._under_way.get(producer_id)
        if under_way is not None:
            under_way.wait()
            return
        began = monotonic()
        if began < self._next.get(producer_id, 0.0):
            return
        promise: Promise[None] = self._runtime.promise()
        self._under_way[producer_id] = promise
        try:
            write()
            self._next[producer_id] = began + HEARD_EVERY_MS / 1_000
        except Problem as problem:  # what was sent is stored nevertheless; its sender is not to send it again
            log.warning("a sign of life was not written down: %s", problem.detail)
        finally:
            del self._under_way[producer_id]
            promise.resolve(None)
