"""A layout that breaks lines as text does, so a row of buttons fits into any window at any size of font."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from handbell_desktop.ui.theme import SPACE


class Flow(QLayout):
    def __init__(self, *widgets: QWidget, space: int = SPACE) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._space = space
        self.setContentsMargins(QMargins(0, 0, 0, 0))
        for widget in widgets:
            self.addWidget(widget)

    # The names and the duties of these are QLayout's.

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:  # noqa: N802
        width = sum(item.sizeHint().width() + self._space for item in self._items) - self._space
        return QSize(max(0, width), max((item.sizeHint().height() for item in self._items), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Lines from the leading edge, each as high as its highest; answers the height of all."""
        mirrored = (parent := self.parentWidget()) is not None and parent.isRightToLeft()
        y = 0
        for items in self._lines(rect.width()):
            x, height = 0, max(item.sizeHint().height() for item in items)
            for item in items:
                size = item.sizeHint().boundedTo(QSize(rect.width(), height))
                if move:
                    left = rect.width() - x - size.width() if mirrored else x
                    item.setGeometry(QRect(QPoint(rect.x() + left, rect.y() + y + (height - size.height()) // 2), size))
                x += size.width() + self._space
            y += height + self._space
        return max(0, y - self._space)

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        left = -1
        for item in self._items:
            if item.isEmpty():
                continue
            wants = item.sizeHint().width()
            if left < wants:
                lines.append([])
                left = width
            lines[-1].append(item)
            left -= wants + self._space
        return lines
