"""How long to wait before trying again: full jitter, so that a fleet does not come back in step.

The delay is drawn from the whole of 0 … min(60 s, 1 s · 2ⁿ). A thousand devices that lose their server in the same
moment then spread evenly, where "the delay ± a bit" keeps them marching together. Only health lasting 30 s starts the
count again: a server that accepts and drops must not be asked once a second for ever.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

FIRST: Final = 1.0
LONGEST: Final = 60.0
HEALTHY_AFTER: Final = 30.0


class Backoff:
    """The delays of one series of attempts, in seconds."""

    def __init__(
        self,
        *,
        first: float = FIRST,
        longest: float = LONGEST,
        healthy_after: float = HEALTHY_AFTER,
        draw: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._first = first
        self._longest = longest
        self._healthy_after = healthy_after
        self._draw = draw
        self._failures = 0

    def next_delay(self, *, at_least: float = 0.0) -> float:
        """The delay after one more failure. `at_least` is what the server asked for: the jitter comes on top of it."""
        ceiling = min(self._longest, self._first * 2.0 ** min(self._failures, 32))
        self._failures += 1
        return at_least + self._draw(0.0, ceiling)

    def was_healthy(self, seconds: float) -> None:
        """What was tried has worked for so long."""
        if seconds >= self._healthy_after:
            self._failures = 0
