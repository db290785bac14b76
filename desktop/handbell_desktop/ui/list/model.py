"""What a list shows, for Qt: rows by number, and the exact change from one state to the next.

`shifting` and `shifted` stand around every change, so that a view can hold what the person is looking at in its place.
`RowsModel` holds all its rows (the panel: a few hundred, grouped). `history.py` has the model for everything there is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from handbell_desktop.long_deeds import Name
from handbell_desktop.ui.list.changes import steps
from handbell_desktop.ui.list.rows import Row, RowKey

Index = QModelIndex | QPersistentModelIndex

ROW = Qt.ItemDataRole.UserRole + 1
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
NOWHERE = QModelIndex()


class ListModel(QAbstractTableModel):
    """One column of rows. `spoken` makes the sentence for a screen reader."""

    shifting = Signal()
    shifted = Signal()

    def __init__(self, spoken: Callable[[Row], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spoken = spoken

    @abstractmethod
    def row(self, number: int) -> Row | None:
        """None when there is none, or no longer."""

    @abstractmethod
    def key(self, number: int) -> RowKey | None:
        """Of the row; costs nothing, unlike the row itself."""

    @abstractmethod
    def names(self, ranges: Sequence[tuple[int, int]]) -> Sequence[Name]:
        """What these rows (from the first to the last of each) are about; costs as little, too, however many."""

    @abstractmethod
    def number_of(self, key: RowKey) -> int | None: ...

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role not in (ROW, ACCESSIBLE, Qt.ItemDataRole.DisplayRole):
            return None
        row = self.row(index.row())
        if row is None or role == ROW:
            return row
        return row.entry.record.title if role == Qt.ItemDataRole.DisplayRole else self._spoken(row)


class RowsModel(ListModel):
    def __init__(self, spoken: Callable[[Row], str], parent: QObject | None = None) -> None:
        super().__init__(spoken, parent)
        self._rows: list[Row] = []
        self._numbers: dict[RowKey, int] = {}

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._rows)

    def row(self, number: int) -> Row | None:
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def key(self, number: int) -> RowKey | None:
        row = self.row(number)
        return None if row is None else row.key

    def names(self, ranges: Sequence[tuple[int, int]]) -> Sequence[Name]:
        found = (one for first, last in ranges for row in self._rows[first : last + 1] for one in row.entries)
        return list(dict.fromkeys((one.account, one.record.id) for one in found))

    def number_of(self, key: RowKey) -> int | None:
        return self._numbers.get(key)

    def show(self, wanted: Sequence[Row]) -> None:
        """Become these rows; nothing that stays is touched."""
        shown = self._rows
        if shown == list(wanted):
            return
        self.shifting.emit()
        keys = [row.key for row in wanted]
        removals, insertions = steps([row.key for row in shown], keys)
        for first, last in removals:
            self.beginRemoveRows(NOWHERE, first, last)
            del shown[first : last + 1]
            self._count()
            self.endRemoveRows()
        for first, last in insertions:
            self.beginInsertRows(NOWHERE, first, last)
            shown[first:first] = wanted[first : last + 1]
            self._count()
            self.endInsertRows()
        self._freshen(wanted)
        self.shifted.emit()

    def _freshen(self, wanted: Sequence[Row]) -> None:
        for number, row in enumerate(wanted):
            if self._rows[number] != row:
                self._rows[number] = row
                index = self.index(number, 0)
                self.dataChanged.emit(index, index)

    def _count(self) -> None:
        self._numbers = {row.key: number for number, row in enumerate(self._rows)}
