"""The owner's thread in the running application: Qt's loop.

A posted task crosses threads as a queued signal to an object that lives in the loop's thread. It must be a bound method
of a QObject: a plain function connected to a signal would run in whatever thread emitted it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_LONGEST: Final = 86_400.0  # Qt counts milliseconds in 32 bits; what is further away is waited for in pieces

log = logging.getLogger(__name__)


class QtTurns(QObject):
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._over = False
        self._timers: set[_QtTimer] = set()
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, task: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the application has ended while a thread was still at work
            self._posted.emit(task)

    def later(self, seconds: float, task: Callable[[], None]) -> _QtTimer:
        timer = _QtTimer(self, task)
        self._timers.add(timer)
        timer.start(seconds)
        return timer

    def work(self, task: Callable[[], object], done: Callable[[object], None]) -> None:
        def run() -> None:
            result: object
            try:
                result = task()
            except Exception as error:
                result = error
            self.post(lambda: done(result))

        # Daemons: a keyring's prompt that nobody answers must not keep the program from ending.
        threading.Thread(target=run, name="handbell-work", daemon=True).start()

    def end(self) -> None:
        """Nothing that is still under way runs any more."""
        self._over = True
        for timer in tuple(self._timers):
            timer.cancel()

    def _run(self, task: Callable[[], None]) -> None:
        if self._over:
            return
        try:
            task()
        except Exception:
            log.exception("A task of the desktop failed")

    def _forget(self, timer: _QtTimer) -> None:
        self._timers.discard(timer)


class _QtTimer:
    """Rings once. Coarse beyond two seconds, so that the system may wake up for several timers at once."""

    def __init__(self, turns: QtTurns, task: Callable[[], None]) -> None:
        self._turns = turns
        self._task = task
        self._left = 0.0
        self._over = False
        self._timer = QTimer(turns)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ring)

    def start(self, seconds: float) -> None:
        piece = min(max(seconds, 0.0), _LONGEST)
        self._left = seconds - piece
        self._timer.setTimerType(Qt.TimerType.CoarseTimer if piece > 2 else Qt.TimerType.PreciseTimer)
        self._timer.start(int(piece * 1000))

    def cancel(self) -> None:
        if self._over:
            return  # Qt's half is gone, and touching it would raise
        self._over = True
        self._timer.stop()
        self._timer.deleteLater()
        self._turns._forget(self)

    def _ring(self) -> None:
        if self._left > 0:
            self.start(self._left)
            return
        self.cancel()
        self._turns._run(self._task)
