"""In which time zone quiet hours and summaries are reckoned: found by typing a part of its name."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import available_timezones

from PySide6.QtCore import QLocale, QSize, Qt, QTime, Signal
from PySide6.QtGui import QShowEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter

from handbell_shared.preferences import zone_of


class ZoneBox(QComboBox):
    chosen = Signal(object)  # its name; None is each device's own

    def __init__(self) -> None:
        super().__init__()
        self._shown: str | None = None
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.addItem(self.tr("Each device's own"), None)
        self.activated.connect(self._picked)
        edit = self.lineEdit()
        assert edit is not None
        edit.setAccessibleName(self.tr("Find a time zone"))
        edit.editingFinished.connect(self._typed)

    def show_value(self, name: str | None) -> None:
        self._shown = name
        if self.findData(name) < 0:
            self.addItem(str(name), name)
        self.setCurrentIndex(self.findData(name))
        edit = self.lineEdit()
        if edit is not None and not edit.hasFocus():
            edit.setCursorPosition(0)  # what does not fit is cut at its end

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        if self.count() > 3:
            return
        known = sorted(
            name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
        )
        for name in known:
            if self.findData(name) < 0:
                self.addItem(name, name)
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self.show_value(self._shown)

    def sizeHint(self) -> QSize:  # noqa: N802
        """What most people see in it is seen whole, where there is room."""
        usual = super().sizeHint()
        spare = usual.width() - self.minimumContentsLength() * self.fontMetrics().horizontalAdvance("X")
        return usual.expandedTo(QSize(self.fontMetrics().horizontalAdvance(self.itemText(0)) + spare, 0))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        event.ignore()

    def _picked(self, number: int) -> None:
        name = self.itemData(number)
        if name != self._shown:
            self.chosen.emit(name)

    def _typed(self) -> None:
        """What is no zone is not kept."""
        number = self.findText(self.currentText().strip(), Qt.MatchFlag.MatchFixedString)
        if number < 0:
            self.show_value(self._shown)
        else:
            self._picked(number)


def time_in(name: str | None) -> str:
    """What the clocks say there; nothing for a zone that this machine does not know."""
    zone = zone_of(name)
    if zone is None:
        return ""
    now = datetime.now(zone)
    return QLocale().toString(QTime(now.hour, now.minute), QLocale.FormatType.ShortFormat)
