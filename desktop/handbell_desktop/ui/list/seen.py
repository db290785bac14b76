"""What was on the screen for a moment counts as seen; told together, and each only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.list.view import RowsView

A_MOMENT = 1_000  # ms in which nothing scrolled


class SeenWatch(QObject):
    def __init__(self, view: RowsView, seen: Callable[[Sequence[Entry]], object]) -> None:
        super().__init__(view)
        self._view = view
        self._seen = seen
        self.moment = QTimer(self)
        self.moment.setSingleShot(True)
        self.moment.setInterval(A_MOMENT)
        self.moment.timeout.connect(self._tell)
        view.looked_at.connect(self.moment.start)

    def _tell(self) -> None:
        if not self._view.isVisible() or self._view.window().isMinimized():
            return
        unseen = [one for row in self._view.visible() for one in row.entries if not one.record.seen]
        if unseen:
            self._seen(unseen)
