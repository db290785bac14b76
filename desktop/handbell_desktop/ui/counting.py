"""The numbers beside a list: counted by a worker, the last question winning. They are nothing that a list waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Query, Tab

PAUSE: Final = 120  # ms
TABS: Final[tuple[Tab, ...]] = ("unread", "all", "archived")


class Counting(QObject):
    counted = Signal(object)  # the numbers, in the order of the queries

    def __init__(self, desk: Desk, queries: Callable[[], Sequence[Query]], parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._queries = queries
        self._asking = self._again = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.now)

    def soon(self) -> None:
        if not self._pause.isActive():
            self._pause.start()

    def now(self) -> None:
        if self._asking:
            self._again = True
            return
        self._asking = True
        self._desk.count_all(self._queries(), self._found)

    def _found(self, numbers: list[int] | None) -> None:
        if not shiboken6.isValid(self):
            return
        self._asking = False
        if self._again:  # they are of something else
            self._again = False
            self.now()
        elif numbers is not None:
            self.counted.emit(numbers)
