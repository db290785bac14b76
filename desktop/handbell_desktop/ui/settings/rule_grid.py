"""The table of rules as a person sees it: solid what was said of this line itself, pale what comes from elsewhere.

One widget for any number of sources: cells are painted, and a screen reader hears each as a sentence. A click or Space turns a
switch; e-mail has three answers, so it asks by a menu; the arrow at the end takes back all that was said of a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from handbell_desktop.rule_table import Line
from handbell_desktop.ui import icons
from handbell_desktop.ui.parts import scaled
from handbell_desktop.ui.settings.rule_words import RuleWords
from handbell_desktop.ui.theme import RADIUS_SMALL, SPACE, ThemeSource
from handbell_shared.kinds import TYPE_ICONS
from handbell_shared.preferences import EMail
from handbell_shared.records import Channel, Scope

Index = QModelIndex | QPersistentModelIndex
COLUMNS: Final[tuple[Channel, ...]] = ("toast", "sound", "badge", "email", "push")
RESET: Final = len(COLUMNS) + 1
CELL: Final = Qt.ItemDataRole.UserRole
CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter)
Row = Line | str  # a str is the head of a part


class RuleModel(QAbstractTableModel):
    def __init__(self, words: RuleWords) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._words = words

    def show(self, rows: Sequence[Row]) -> None:
        same = [_name(row) for row in rows] == [_name(row) for row in self.rows]
        if same:
            self.rows = list(rows)
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, RESET))
        else:
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 — the name is Qt's
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        return 0 if parent is not None and parent.isValid() else RESET + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == CELL:
            return row
        if isinstance(row, str):
            return row if index.column() == 0 and role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words.name(row) if index.column() == 0 else None
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words.cell(row, _column(index.column()), reset=index.column() == RESET)
        return None

    def headerData(self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        channel = _column(section)
        if way != Qt.Orientation.Horizontal or channel is None:
            return "" if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words.channel(channel)
        return self._words.about(channel) if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.rows[index.row()], str) or index.column() == 0:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class RuleDelegate(QStyledItemDelegate):
    def __init__(self, themes: ThemeSource, words: RuleWords, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._words = words
        self.hovered: QModelIndex | None = None

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line = index.data(CELL)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(line, str):
            self._head(painter, option.rect, line if index.column() == 0 else "")
        elif index.column() == 0:
            self._name(painter, option.rect, line)
        elif index.column() == RESET:
            self._reset(painter, option, line, index)
        else:
            self._cell(painter, option, line, COLUMNS[index.column() - 1], index)
        painter.restore()

    def _head(self, painter: QPainter, rect: QRect, text: str) -> None:
        theme = self._themes.theme
        painter.setFont(theme.font("small", strong=True))
        painter.setPen(theme.colour("soft"))
        where = rect.adjusted(SPACE, 0, 0, -SPACE // 2)
        painter.drawText(where, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignBottom, text)

    def _name(self, painter: QPainter, rect: QRect, line: Line) -> None:
        theme, size = self._themes.theme, scaled(16)
        inner = line.part == "sources" and (line.scope.type or line.scope.category)
        left = rect.left() + SPACE + (2 * SPACE + size if inner else 0)
        icon = _icon(line)
        if icon:
            at = QRect(left, rect.center().y() - size // 2, size, size)
            painter.drawPixmap(at.topLeft(), icons.pixmap(icon, theme.hex("soft"), size, _ratio(painter)))
            left += size + SPACE
        painter.setFont(theme.font("body", strong=line.part == "everything"))
        painter.setPen(theme.colour("text"))
        where = QRect(left, rect.top(), rect.right() - left - SPACE, rect.height())
        text = painter.fontMetrics().elidedText(self._words.name(line), Qt.TextElideMode.ElideMiddle, where.width())
        painter.drawText(where, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, text)
        if line.critical:
            width = painter.fontMetrics().horizontalAdvance(text)
            point = QPoint(left + width + SPACE, rect.center().y() - size // 2)
            painter.drawPixmap(point, icons.pixmap("shield", theme.hex("warning"), size, _ratio(painter)))

    def _cell(
        self, painter: QPainter, option: QStyleOptionViewItem, line: Line, channel: Channel, index: Index
    ) -> None:
        theme = self._themes.theme
        own, locked, holds = line.own(channel) and not line.locked(channel), line.locked(channel), line.holds[channel]
        on = holds is True or holds == "now"
        text = self._words.email(holds) if isinstance(holds, str) else ""
        chip = _chip(option.rect, self._width(painter, text) if text else 0)
        if own:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_soft" if on else "line"))
            painter.drawRoundedRect(chip, RADIUS_SMALL, RADIUS_SMALL)
        self._edge(painter, option, chip, index, locked=locked)
        colour = ("accent" if on else "text") if own else "faint" if text else "edge"
        if text:
            painter.setFont(theme.font("small", strong=own))
            painter.setPen(theme.colour(colour))
            painter.drawText(chip, CENTRE, text)
            return
        name = "shield" if locked else ("check" if on else "close")
        size = scaled(16)
        point = QPoint(round(chip.center().x() - size / 2), round(chip.center().y() - size / 2))
        painter.drawPixmap(point, icons.pixmap(name, theme.hex(colour), size, _ratio(painter)))

    def _reset(self, painter: QPainter, option: QStyleOptionViewItem, line: Line, index: Index) -> None:
        chip = _chip(option.rect, 0)
        self._edge(painter, option, chip, index, locked=not line.says_something)
        if line.says_something:
            size = scaled(16)
            point = QPoint(round(chip.center().x() - size / 2), round(chip.center().y() - size / 2))
            painter.drawPixmap(point, icons.pixmap("undo", self._themes.theme.hex("soft"), size, _ratio(painter)))

    def _edge(
        self, painter: QPainter, option: QStyleOptionViewItem, chip: QRectF, index: Index, *, locked: bool
    ) -> None:
        """Under the mouse and under the keyboard."""
        theme = self._themes.theme
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(chip, RADIUS_SMALL, RADIUS_SMALL)
        elif not locked and self.hovered is not None and self.hovered == index:
            painter.setPen(QPen(theme.colour("edge"), 1))
            painter.drawRoundedRect(chip, RADIUS_SMALL, RADIUS_SMALL)

    def _width(self, painter: QPainter, text: str) -> int:
        painter.setFont(self._themes.theme.font("small", strong=True))
        return painter.fontMetrics().horizontalAdvance(text)


class RuleGrid(QTableView):
    said = Signal(object, object, object)  # a Line, a channel, and what to say: "turn", an EMail, or None for nothing
    reset_line = Signal(object)
    moved = Signal(object)  # where the keyboard is now, as a rectangle of this widget

    def __init__(self, themes: ThemeSource) -> None:
        super().__init__()
        self._themes = themes
        self.words = RuleWords()
        self._model = RuleModel(self.words)
        self._delegate = RuleDelegate(themes, self.words, self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Rules"))
        self.setCornerButtonEnabled(False)
        for corner in self.findChildren(QAbstractButton):  # Qt's own, above a column that is hidden
            corner.setAccessibleName(self.accessibleName())
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(1)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._model.modelReset.connect(self._measure)
        themes.changed.connect(self._measure)

    def show_rows(self, rows: Sequence[Row]) -> None:
        self._model.show(rows)

    @property
    def rows(self) -> list[Row]:
        return self._model.rows

    def press(self, row: int, column: int) -> None:
        """As a click or Space on this cell."""
        line, channel = self._model.rows[row], _column(column)
        if isinstance(line, str):
            return
        if column == RESET:
            if line.says_something:
                self.reset_line.emit(line)
        elif channel == "email":
            self._ask(line, row, column)
        elif channel is not None and not line.locked(channel):
            self.said.emit(line, channel, "turn")

    def go_to(self, scope: Scope) -> None:
        """The keyboard is on the line of this rule, where there is one."""
        self.setFocus()
        row = next((n for n, one in enumerate(self.rows) if isinstance(one, Line) and one.scope == scope), None)
        if row is not None:
            self._go(row, 1)

    # ---- Qt's

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 — the name is Qt's
        index = self.indexAt(event.position().toPoint())
        presses = index.isValid() and self._presses(index)
        self._delegate.hovered = index if presses else None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if presses else Qt.CursorShape.ArrowCursor)
        self.viewport().update()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        self._delegate.hovered = None
        self.viewport().update()
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and self._presses(index):
            self.setCurrentIndex(index)
            self.press(index.row(), index.column())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)  # two quick clicks are two clicks

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and index.isValid():
            self.press(index.row(), index.column())
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if event.key() == Qt.Key.Key_Down else -1, 0)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            forward = (event.key() == Qt.Key.Key_Right) == (self.layoutDirection() == Qt.LayoutDirection.LeftToRight)
            self._step(0, 1 if forward else -1)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        if not self.currentIndex().isValid() or self.currentIndex().column() == 0:
            self._go(next((n for n, row in enumerate(self.rows) if isinstance(row, Line)), 0), 1)

    # ---- within

    def _presses(self, index: QModelIndex) -> bool:
        line, channel = self._model.rows[index.row()], _column(index.column())
        if isinstance(line, str) or index.column() == 0:
            return False
        return line.says_something if channel is None else not line.locked(channel)

    def _step(self, down: int, right: int) -> None:
        at = self.currentIndex()
        row, column = at.row() + down, min(RESET, max(1, at.column() + right))
        while 0 <= row < len(self.rows) and isinstance(self.rows[row], str):
            row += down or 1
        if 0 <= row < len(self.rows):
            self._go(row, column)

    def _go(self, row: int, column: int) -> None:
        index = self._model.index(row, column)
        self.setCurrentIndex(index)
        self.moved.emit(self.visualRect(index).translated(self.viewport().pos()))

    def _ask(self, line: Line, row: int, column: int) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        answers: tuple[EMail, ...] = ("now", "digest", "never")
        for answer in answers:
            action = menu.addAction(self.words.email_long(answer))
            action.setCheckable(True)
            action.setChecked(line.holds["email"] == answer)
            action.triggered.connect(self._saying(line, answer))
        if line.own("email"):
            menu.addSeparator()
            menu.addAction(self.tr("Say nothing about it here")).triggered.connect(self._saying(line, None))
        menu.popup(self.viewport().mapToGlobal(self.visualRect(self._model.index(row, column)).bottomLeft()))

    def _saying(self, line: Line, what: EMail | None) -> Callable[[], None]:
        return lambda: self.said.emit(line, "email", what)

    def _measure(self) -> None:
        theme = self._themes.theme
        head = self.horizontalHeader()
        head.setFont(theme.font("small"))
        head.setStyleSheet("QHeaderView::section { background: transparent; padding: 4px 2px; }")
        size = scaled(16) + SPACE + SPACE // 2
        for number, channel in enumerate(COLUMNS, start=1):
            names = [self.words.channel(channel)]
            names += [self.words.email(one) for one in ("now", "digest", "never")] if channel == "email" else []
            wide = max(head.fontMetrics().horizontalAdvance(name) for name in names)
            self.setColumnWidth(number, max(size, wide + SPACE + SPACE // 2))
        self.setColumnWidth(RESET, size)
        low = max(size + SPACE // 2, self.fontMetrics().height() + SPACE + 4)
        for number, row in enumerate(self._model.rows):
            self.setRowHeight(number, low if isinstance(row, Line) else round(low * 1.2))
            if isinstance(row, str):
                self.setSpan(number, 0, 1, RESET + 1)
            elif self.columnSpan(number, 0) > 1:
                self.setSpan(number, 0, 1, 1)
        head.setFixedHeight(head.fontMetrics().height() + SPACE + 4)
        self.setFixedHeight(head.height() + sum(self.rowHeight(n) for n in range(len(self._model.rows))) + 2)


def _column(number: int) -> Channel | None:
    return COLUMNS[number - 1] if 1 <= number < RESET else None


def _name(row: Row) -> object:
    return row if isinstance(row, str) else (row.part, row.scope)


def _icon(line: Line) -> str:
    match line.part:
        case "everything":
            return "bell"
        case "types":
            return TYPE_ICONS.get(line.scope.type or "", "bell")
        case _:
            return ""


def _chip(rect: QRect, text: int) -> QRectF:
    side = scaled(16) + SPACE
    width = max(side, text + SPACE + 4)
    return QRectF(rect.center().x() - width / 2 + 0.5, rect.center().y() - side / 2 + 0.5, width, side)


def _ratio(painter: QPainter) -> float:
    device = painter.device()
    return device.devicePixelRatioF() if device is not None else 1.0
