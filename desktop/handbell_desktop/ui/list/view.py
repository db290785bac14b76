"""The list itself: what is under the mouse, where the keyboard stands, what can be seen.

`Stillness` keeps what the person looks at where it is. A click is reported, never acted upon: `Triage` knows what it
means.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from handbell_desktop.ui.ago import ago
from handbell_desktop.ui.list.chosen import (
    ALL_OF_THESE,
    CHOOSING,
    MANY,
    ONLY,
    TOGGLE,
    Chosen,
    all_of,
    number_in,
    selected_ranges,
)
from handbell_desktop.ui.list.delegate import RowDelegate
from handbell_desktop.ui.list.geometry import Parts, Spot
from handbell_desktop.ui.list.model import ListModel
from handbell_desktop.ui.list.rows import Row, RowKey
from handbell_desktop.ui.list.stillness import Stillness
from handbell_desktop.ui.list.tips import deed_name, show_tip
from handbell_desktop.ui.words import Words

LONGEST_SLEEP = 3_600_000  # ms: the clock looks up once an hour at least


class RowsView(QTableView):
    opened = Signal(object)  # a Row
    picked = Signal(object)  # a Row: clicked where a click does not open
    pressed_spot = Signal(object, object)  # a Row, and the Spot in it
    waiting = Signal(int)  # how many rows came in above what is visible
    asked = Signal(object, object)  # a Row, and the point (of the viewport) where somebody asks what can be done
    looked_at = Signal()  # other rows are visible now

    def __init__(
        self, model: ListModel, delegate: RowDelegate, words: Words, now: Callable[[], int], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self._delegate = delegate
        self._words = words
        self._now = now
        self._came = 0
        self.click_opens = True  # else it takes two, and one makes the row current
        self._down: tuple[RowKey, Spot | None] | None = None
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.viewport().update)
        self.looked_at.connect(self._clock.stop)  # wound again when the other rows are painted
        self.setModel(model)
        self.setItemDelegate(delegate)
        delegate.setParent(self)
        self._set_up()
        if not delegate.metrics.compact:
            model.rowsInserted.connect(lambda _, first, last: self._fit(first, last))
            model.dataChanged.connect(lambda first, last: self._fit(first.row(), last.row()))
        self._still = Stillness(self, model, lambda: delegate.hovered)
        self._still.settled.connect(self._settled)
        model.modelReset.connect(self._start_over)
        self.selectionModel().currentRowChanged.connect(lambda: self._light(-1, None))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def _set_up(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)  # ours: by x, Space and Ctrl-click
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(0)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Notifications"))
        # What is selected is painted by the delegate, rounded; Qt would lay a bar under it.
        self.setStyleSheet("selection-background-color: transparent")
        self._measure()

    def refresh(self) -> None:
        """Theme, font or language are others now."""
        self._delegate.refresh()
        self._measure()
        self.viewport().update()

    def _measure(self) -> None:
        height = self._delegate.metrics.row_height
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalScrollBar().setSingleStep(max(1, height // 3))
        self._fit_all()

    def _fit_all(self) -> None:
        if not self._delegate.metrics.compact:
            self._fit(0, self._rows.rowCount() - 1)

    def _fit(self, first: int, last: int) -> None:
        """Rows as high as what they say."""
        width, header = self.viewport().width(), self.verticalHeader()
        for number in range(first, last + 1):
            row = self._rows.row(number)
            if row is not None:
                header.resizeSection(number, self._delegate.height(row, width))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit_all()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange):
            self.refresh()

    # ---- which rows

    def current(self) -> Row | None:
        return self._rows.row(self.currentIndex().row())

    def chosen(self) -> Chosen:
        """What a key acts on: the selected rows, else the one the keyboard is on."""
        ranges = selected_ranges(self.selectionModel())
        if number_in(ranges) > MANY:
            first = self._rows.row(ranges[0][0])
            return Chosen([] if first is None else [first], self._rows.names(ranges))
        numbers = (number for first, last in ranges for number in range(first, last + 1))
        rows = [row for number in numbers if (row := self._rows.row(number)) is not None]
        current = self.current()
        return Chosen(rows or ([] if current is None else [current]))

    def visible(self) -> list[Row]:
        """What can be seen, at least by half."""
        half = self._delegate.metrics.tile // 2
        first, last = self.rowAt(half), self.rowAt(self.viewport().height() - half)
        if first < 0:
            return []
        last = self._rows.rowCount() - 1 if last < 0 else last
        return [row for number in range(first, last + 1) if (row := self._rows.row(number)) is not None]

    def hides_some(self, row: Row) -> bool:
        """Whether the body is longer than what a row shows of it."""
        return self._delegate.hides_some(row, self.viewport().width())

    def place_of(self, key: RowKey) -> QRect | None:
        number = self._rows.number_of(key)
        return None if number is None else self.visualRect(self._rows.index(number, 0))

    # ---- the keyboard

    def step(self, by: int) -> None:
        """To the next row, or the previous; the first step goes to the first row that can be seen."""
        count = self._rows.rowCount()
        at = self.currentIndex().row()
        if at < 0:
            self.go(max(0, self.rowAt(self._delegate.metrics.tile // 2)))
        elif count:
            self.go(min(count - 1, max(0, at + by)))

    def go(self, number: int) -> None:
        if not 0 <= number < self._rows.rowCount():
            return
        self._hover(-1)
        index = self._rows.index(number, 0)
        self.selectionModel().setCurrentIndex(index, ONLY)
        self.scrollTo(index)

    def toggle_selected(self) -> None:
        if self.currentIndex().isValid():
            self.selectionModel().select(self.currentIndex(), TOGGLE)

    def select_all(self) -> None:
        """All that are loaded; whoever has more loads it."""
        self.selectionModel().select(all_of(self._rows), ALL_OF_THESE)

    def clear_selected(self) -> bool:
        had = self.selectionModel().hasSelection()
        self.selectionModel().clearSelection()
        return had

    def step_spot(self, by: int) -> None:
        """Into the row's buttons and through them; out of them again at the beginning."""
        row = self.current()
        if row is None:
            return
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            by = -by
        spots = self._parts(row, self.currentIndex()).spots
        at = next((place for place, spot in enumerate(spots) if self._is_hot(spot)), -1) + by
        self._light(self.currentIndex().row(), spots[min(at, len(spots) - 1)] if at >= 0 else None)

    def press(self) -> None:
        """Enter: the spot that is lit, else the row."""
        row = self.current()
        if row is None:
            return
        if self._delegate.hot is not None and self._delegate.hot_row == self.currentIndex().row():
            self.pressed_spot.emit(row, self._delegate.hot)
        else:
            self.opened.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Only paging is the view's own; all else belongs to the shortcuts, or to whoever is around the list."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            page = max(1, self.viewport().height() // self._delegate.metrics.row_height)
            self.step(page if event.key() == Qt.Key.Key_PageDown else -page)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        QWidget.focusInEvent(self, event)  # Qt's own would make a row current that nobody chose
        self.viewport().update()

    # ---- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._point_at(event.position().toPoint())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        _, row = self._row_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or row is None:
            return
        self._point_at(event.position().toPoint())
        self._down = (row.key, self._delegate.hot)
        self._delegate.pressed = True
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)  # two quick clicks are two clicks: on "archive" they archive two
        _, row = self._row_at(event.position().toPoint())
        if not self.click_opens and row is not None and self._delegate.hot is None:
            self._down = None
            self.opened.emit(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        number, row = self._row_at(event.position().toPoint())
        down, self._down = self._down, None
        self._delegate.pressed = False
        self.viewport().update()
        if row is None or down is None or event.button() != Qt.MouseButton.LeftButton:
            return
        spot = self._spot_at(row, number, event.position().toPoint())
        if down[0] != row.key or (down[1] and down[1][:2]) != (spot and spot[:2]):
            return  # let go somewhere else: the person thought better of it
        if spot is not None:
            self.pressed_spot.emit(row, spot)
        elif event.modifiers() & CHOOSING:
            self.selectionModel().select(self._rows.index(number, 0), TOGGLE)
        elif self.click_opens:
            self.opened.emit(row)
        else:
            self.selectionModel().setCurrentIndex(self._rows.index(number, 0), ONLY)
            self.picked.emit(row)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Of the row under the mouse; by the key, of the row that the keyboard is on."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        under = self.viewport().mapFromGlobal(event.globalPos())
        row = self.current() if by_key else self._row_at(under)[1]
        if row is not None:
            self.asked.emit(row, self.visualRect(self.currentIndex()).center() if by_key else under)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        super().enterEvent(event)
        self._point_at(event.position().toPoint())

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._hover(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        super().wheelEvent(event)
        self._point_at(event.position().toPoint())

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _row_at(self, point: QPoint) -> tuple[int, Row | None]:
        number = self.rowAt(point.y())
        return number, self._rows.row(number)

    def _point_at(self, point: QPoint) -> None:
        number, row = self._row_at(point)
        self._hover(number)
        spot = None if row is None else self._spot_at(row, number, point)
        self._light(number, spot)
        self.setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.PointingHandCursor)

    def _spot_at(self, row: Row, number: int, point: QPoint) -> Spot | None:
        parts = self._parts(row, self._rows.index(number, 0))
        over = reversed(parts.spots)  # what is painted last lies on top
        return next((spot for spot in over if spot.rect.contains(point)), None)

    def _parts(self, row: Row, index: QModelIndex) -> Parts:
        return self._delegate.parts(row, self.visualRect(index), self.layoutDirection())

    def _hover(self, number: int) -> None:
        if self._delegate.hovered == number:
            return
        for one in (self._delegate.hovered, number):
            self._repaint(one)
        self._delegate.hovered = number
        if number < 0:
            self._light(-1, None)

    def _light(self, number: int, spot: Spot | None) -> None:
        if (self._delegate.hot_row, self._delegate.hot) == (number, spot):
            return
        for one in (self._delegate.hot_row, number):
            self._repaint(one)
        self._delegate.hot_row, self._delegate.hot = number, spot

    def _is_hot(self, spot: Spot) -> bool:
        hot = self._delegate.hot
        return hot is not None and hot[:2] == spot[:2] and self._delegate.hot_row == self.currentIndex().row()

    def _repaint(self, number: int) -> None:
        if number >= 0:
            self.viewport().update(self.visualRect(self._rows.index(number, 0)))

    def _show_tip(self, event: QHelpEvent) -> None:
        number, row = self._row_at(event.pos())
        if row is None:
            return
        spot = self._spot_at(row, number, event.pos())
        deed = deed_name(row, spot.name) if spot is not None and spot.kind == "deed" else ""
        show_tip(event.globalPos(), self._words.tip(row) if spot is None else deed, self)

    # ---- changes

    def _settled(self, came: int) -> None:
        under = self.viewport().mapFromGlobal(self.cursor().pos())
        if self._delegate.hovered >= 0 and self.viewport().rect().contains(under):
            self._delegate.hovered = -1
            self._point_at(under)
        self._came += came
        self.waiting.emit(self._came)
        self.viewport().update()
        self.looked_at.emit()

    def _start_over(self) -> None:
        self._delegate.hovered = self._delegate.hot_row = -1
        self._delegate.hot = None
        self._came = 0
        self.waiting.emit(0)
        self.looked_at.emit()

    def _scrolled(self, value: int) -> None:
        came = min(self._came, max(0, self.rowAt(0)) if value else 0)
        if came != self._came:
            self._came = came
            self.waiting.emit(came)
        screens_left = (self.verticalScrollBar().maximum() - value) // max(1, self.viewport().height())
        if screens_left < 2 and self._rows.canFetchMore(QModelIndex()):
            self._rows.fetchMore(QModelIndex())
        self.looked_at.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if not self._clock.isActive():
            self._wind_clock()

    def _wind_clock(self) -> None:
        """Sleep until the first visible time is no longer true; nothing rings while nothing is shown."""
        now = self._now()
        times = [ago(row.entry.at, now).until for row in self.visible()]
        times += [row.entry.record.snoozed_until for row in self.visible() if row.entry.record.snoozed_until > now]
        ends = [end for end in times if end is not None]
        if ends:
            self._clock.start(min(LONGEST_SLEEP, max(100, min(ends) - now + 1)))
