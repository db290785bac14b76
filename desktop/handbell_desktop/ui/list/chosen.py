"""What a verb acts on: a row, a few that are selected, or so many that nobody reads them all first."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QAbstractItemModel, QItemSelection, QItemSelectionModel, Qt

from handbell_desktop.kept.shown import Entry
from handbell_desktop.long_deeds import Name
from handbell_desktop.ui.list.rows import Row
from handbell_shared.protocol import TARGETS_PER_ACTION

ONLY = QItemSelectionModel.SelectionFlag.NoUpdate
TOGGLE = QItemSelectionModel.SelectionFlag.Toggle
ALL_OF_THESE = QItemSelectionModel.SelectionFlag.ClearAndSelect
CHOOSING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier

MANY = TARGETS_PER_ACTION
"""Rows that are selected beyond this number are known by name only."""


class Chosen(Struct, frozen=True):
    rows: Sequence[Row] = ()
    """All of them; of many, the first one."""
    many: Sequence[Name] = ()
    """All of them, when they are many."""

    @property
    def entries(self) -> list[Entry]:
        """Each once, also when a group and one of its members are selected."""
        found = {(one.account, one.record.id): one for row in self.rows for one in row.entries}
        return list(found.values())


def selected_ranges(selection: QItemSelectionModel) -> list[tuple[int, int]]:
    """First and last row of each, from above: a hundred thousand selected rows are mostly one range."""
    ranges = selection.selection()
    found = (ranges.at(number) for number in range(ranges.size()))
    return sorted((one.top(), one.bottom()) for one in found)


def number_in(ranges: Sequence[tuple[int, int]]) -> int:
    return sum(last - first + 1 for first, last in ranges)


def all_of(model: QAbstractItemModel) -> QItemSelection:
    last = model.rowCount() - 1
    return QItemSelection() if last < 0 else QItemSelection(model.index(0, 0), model.index(last, 0))
