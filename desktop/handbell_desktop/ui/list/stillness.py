"""What the person looks at stays where it is while the list changes around it.

Two rules. The row under the mouse, else the row of the keyboard, else (when scrolled) the first one visible, keeps its
place on the screen whatever is inserted above it. And a row that goes away under the mouse is followed by the next one at
the same place, so a pile can be worked through without moving the hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QItemSelectionModel, QObject, Signal
from PySide6.QtWidgets import QTableView

from handbell_desktop.ui.list.chosen import MANY, number_in, selected_ranges
from handbell_desktop.ui.list.model import ListModel
from handbell_desktop.ui.list.rows import RowKey

SELECT = QItemSelectionModel.SelectionFlag.Select
NEXT = 50  # rows below the current one: more are not done away with at once, or it does not matter
ONLY = QItemSelectionModel.SelectionFlag.NoUpdate


class _Held(NamedTuple):
    """What has to be found again after a change."""

    rows: list[RowKey]  # the first of these that is still there …
    y: int  # … comes to this place
    current: list[RowKey]  # the row of the keyboard, then those below it
    selected: list[RowKey]


class Stillness(QObject):
    settled = Signal(int)  # how many rows came in above what is visible

    def __init__(self, view: QTableView, model: ListModel, hovered: Callable[[], int]) -> None:
        super().__init__(view)
        self._view = view
        self._rows = model
        self._hovered = hovered
        self._held: _Held | None = None
        model.shifting.connect(self._hold)
        model.shifted.connect(self._settle)

    def _hold(self) -> None:
        if not self._rows.rowCount():
            self._held = None
            return
        view, selection = self._view, self._view.selectionModel()
        first, last = max(0, view.rowAt(0)), view.rowAt(view.viewport().height())
        last = self._rows.rowCount() if last < 0 else last + 1
        begin, current = self._anchor(first, last), view.currentIndex().row()
        ranges = selected_ranges(selection)
        if number_in(ranges) > MANY:
            ranges = []  # Qt itself follows all but those that move
        chosen = (self._rows.key(number) for first, last in ranges for number in range(first, last + 1))
        self._held = _Held(
            rows=self._keys(begin, last),
            y=view.rowViewportPosition(begin) if begin < last else 0,
            current=self._keys(current, current + NEXT) if current >= 0 else [],
            selected=[key for key in chosen if key is not None],
        )

    def _keys(self, begin: int, end: int) -> list[RowKey]:
        return [key for number in range(begin, end) if (key := self._rows.key(number)) is not None]

    def _anchor(self, first: int, last: int) -> int:
        """The row to hold on to; `last` when there is none, and new rows may push the others down."""
        current = self._view.currentIndex().row()
        if first <= self._hovered() < last:
            return self._hovered()
        if self._view.hasFocus() and first <= current < last:
            return current
        return first if self._view.verticalScrollBar().value() > 0 else last

    def _settle(self) -> None:
        held, self._held = self._held, None
        came = 0
        if held is not None:
            self._find_again(held)
            came = self._stay(held)
        self.settled.emit(came)

    def _find_again(self, held: _Held) -> None:
        """A row that moved is, to Qt, gone and new: it is still the person's row. One that is gone hands over to the next."""
        selection = self._view.selectionModel()
        found = next((at for key in held.current if (at := self._rows.number_of(key)) is not None), None)
        if found is not None and found != self._view.currentIndex().row():
            selection.setCurrentIndex(self._rows.index(found, 0), ONLY)
        for key in held.selected:
            number = self._rows.number_of(key)
            if number is not None:
                selection.select(self._rows.index(number, 0), SELECT)

    def _stay(self, held: _Held) -> int:
        view, bar = self._view, self._view.verticalScrollBar()
        number = next((found for key in held.rows if (found := self._rows.number_of(key)) is not None), None)
        if number is None:
            return 0
        view.updateGeometries()
        before = max(0, view.rowAt(0))
        bar.setValue(bar.value() + view.rowViewportPosition(number) - held.y)
        return max(0, view.rowAt(0) - before)
