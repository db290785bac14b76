"""What the core wants to know, and who says it where nobody can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Then = Callable[[int | None], None]
"""Hears for how many milliseconds nothing was touched; None is "not known here"."""


class IdleTime(Protocol):
    def ask(self, then: Then) -> None:
        """Answered now or a moment later, in the owner's thread; perhaps never, when what is asked goes away."""

    def close(self) -> None: ...


class Unknown:
    """A platform that does not say."""

    def ask(self, then: Then) -> None:
        then(None)

    def close(self) -> None:
        pass
