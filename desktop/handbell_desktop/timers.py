"""Time and turns, as the desktop's core asks for them: Qt answers in the running application, a hand-wound clock in tests.

The core has one owner thread. What happens elsewhere (the link, the writer's hands, a request) is handed over by `post`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Timer(Protocol):
    def cancel(self) -> None:
        """It will not ring any more; harmless when it has rung."""


class Turns(Protocol):
    """The owner's thread, seen from everywhere."""

    def post(self, task: Callable[[], None]) -> None:
        """Run the task in the owner's thread, after what was posted before; callable from any thread."""

    def later(self, seconds: float, task: Callable[[], None]) -> Timer:
        """Run the task in the owner's thread after this time; only the owner calls this."""

    def work(self, task: Callable[[], object], done: Callable[[object], None]) -> None:
        """Run the task in a thread of its own, then `done` in the owner's with its result, or with the exception."""
