"""The window's filters: type, source, priority and how long ago. Each says what it filters when it filters nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from handbell_desktop.kept.shown import Query, Tab
from handbell_desktop.ui import icons
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_desktop.ui.type_names import TypeNames, one_line
from handbell_shared.records import Priority

Range = Literal["today", "week", "month"]
DAYS: dict[Range, int] = {"today": 0, "week": 7, "month": 30}
LONGEST_NAME = 24  # characters that a box grows with; the rest is in its list


def since(chosen: Range | None, now: datetime) -> int | None:
    """Pure. Today begins at midnight of the person's own time zone; 7 days are 7 times 24 hours."""
    if chosen is None:
        return None
    begin = now - timedelta(days=DAYS[chosen])
    if chosen == "today":
        begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return round(begin.timestamp() * 1000)


class Filters(QWidget):
    changed = Signal()

    def __init__(self, themes: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.type = self._box(self.tr("Type"), self.tr("All types"))
        self.source = self._box(self.tr("Source"), self.tr("All sources"))
        self.priority = self._box(self.tr("Priority"), self.tr("Any priority"))
        self.range = self._box(self.tr("Time"), self.tr("Any time"))
        for priority, name in zip(get_args(Priority), self._priorities(), strict=True):
            self.priority.addItem(name, priority)
        for chosen, name in zip(DAYS, (self.tr("Today"), self.tr("Last 7 days"), self.tr("Last 30 days")), strict=True):
            self.range.addItem(name, chosen)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        for box in self.boxes:
            layout.addWidget(box)

    @property
    def boxes(self) -> tuple[QComboBox, ...]:
        return self.type, self.source, self.priority, self.range

    def _box(self, name: str, nothing: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)  # all as high as the highest
        box.setMinimumContentsLength(8)
        box.setMaximumWidth(LONGEST_NAME * self.fontMetrics().averageCharWidth() + 48)
        box.addItem(nothing, None)
        box.activated.connect(lambda _: self.changed.emit())
        return box

    def offer(self, types: Sequence[str], sources: Sequence[str]) -> None:
        """What there is to choose from now; what is chosen stays."""
        if [self.type.itemData(n) for n in range(1, self.type.count())] != list(types):
            self._fill(self.type, [(TypeNames().one(one), one) for one in types])
            for number, one in enumerate(types, start=1):
                self.type.setItemIcon(number, icons.icon(icons.type_icon(one), self._themes.theme, "soft"))
        if [self.source.itemData(n) for n in range(1, self.source.count())] != list(sources):
            self._fill(self.source, [(one_line(one), one) for one in sources])

    def _fill(self, box: QComboBox, items: Sequence[tuple[str, str]]) -> None:
        chosen, _ = box.currentData(), QSignalBlocker(box)
        while box.count() > 1:
            box.removeItem(1)
        for name, value in items:
            box.addItem(name, value)
        box.setCurrentIndex(max(0, box.findData(chosen)))

    def query(self, tab: Tab, text: str, now: datetime) -> Query:
        return Query(
            tab=tab,
            text=text,
            type=self.type.currentData(),
            source=self.source.currentData(),
            priority=self.priority.currentData(),
            since=since(self.range.currentData(), now),
        )

    @property
    def any(self) -> bool:
        return any(box.currentIndex() > 0 for box in self.boxes)

    def clear(self) -> None:
        for box in self.boxes:
            box.setCurrentIndex(0)
        self.changed.emit()

    def _priorities(self) -> tuple[str, str, str, str]:
        return self.tr("Low"), self.tr("Normal"), self.tr("High"), self.tr("Urgent")
