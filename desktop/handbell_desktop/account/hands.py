"""A thread that does what may wait for a disk or a lock, one job after the other, in the order it was asked.

The owner's thread hands over and goes on. What was handed over is done even when the program ends right after: `close`
lets the hands finish.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)

Job = Callable[[], object]


class Hands:
    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._closing = False

    def do(self, job: Job) -> None:
        """After everything that was asked before; nothing more once they are closing."""
        if self._closing:
            return
        if self._thread.ident is None:
            self._thread.start()
        self._jobs.put(job)

    def close(self) -> None:
        """Take no more; `join` waits for what was taken."""
        self._closing = True
        self._jobs.put(None)

    def join(self, within: float) -> bool:
        """Whether all was done in this time."""
        if self._thread.ident is not None:
            self._thread.join(within)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                log.exception("A job failed")
