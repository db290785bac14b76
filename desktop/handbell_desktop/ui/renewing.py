"""Looks now and then whether the program was upgraded, and says so when nobody is in the middle of something."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from handbell_desktop.machine.renewal import LOOK_EVERY, Renewal


class Renewing(QObject):
    due = Signal()

    def __init__(self, renewal: Renewal | None, in_use: Callable[[], bool]) -> None:
        super().__init__()
        self._renewal, self._in_use = renewal, in_use
        self._timer = QTimer(self)
        self._timer.setInterval(round(LOOK_EVERY * 1000))
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        if self._renewal is not None:
            self._timer.start()

    def look(self) -> None:
        if self._renewal is not None and self._renewal.due() and not self._in_use():
            self._timer.stop()
            self.due.emit()
