"""Selecting everything that a list has, also what is not loaded yet: page after page, with the loop turning in between."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QTimer

from handbell_desktop.ui.list.model import ListModel
from handbell_desktop.ui.list.view import RowsView


class Everything(QObject):
    def __init__(self, view: RowsView, model: ListModel) -> None:
        super().__init__(view)
        self._view = view
        self._rows = model
        self._turn = QTimer(self)
        self._turn.timeout.connect(self._go_on)
        model.modelReset.connect(self._turn.stop)

    def select(self) -> None:
        self._view.select_all()
        self._turn.start(0)

    def _go_on(self) -> None:
        if not self._rows.canFetchMore(QModelIndex()) or not self._view.selectionModel().hasSelection():
            self._turn.stop()
            return
        self._rows.fetchMore(QModelIndex())
        self._view.select_all()
