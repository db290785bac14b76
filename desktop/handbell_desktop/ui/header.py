"""What stands around the panel's list: title and buttons above it, tabs, the way to everything below it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from handbell_desktop.kept.shown import Tab
from handbell_desktop.ui import icons
from handbell_desktop.ui.list.view import RowsView
from handbell_desktop.ui.theme import SPACE, ThemeSource

TABS: tuple[Tab, ...] = ("unread", "all", "archived")
MOST = 999


def tool(themes: ThemeSource, icon: str, name: str, tip: str, parent: QWidget) -> QToolButton:
    """A button with an icon that follows the theme."""
    button = QToolButton(parent)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def dress() -> None:
        button.setIcon(icons.icon(icon, themes.theme, "soft"))
        side = max(18, button.fontMetrics().height() + 2)
        button.setIconSize(QSize(side, side))

    themes.changed.connect(dress)
    dress()
    return button


def in_tab_order(*widgets: QWidget) -> None:
    """Tab goes through them as they are read, whenever they were made."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


class Chip(QWidget):
    """A number in a pill."""

    def __init__(self, themes: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_number(self, number: int) -> None:
        self._text = "" if not number else (f"{number}" if number <= MOST else f"{MOST}+")
        self.setVisible(bool(number))
        self.setAccessibleName(self.tr("%n unread", "", number))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics = QFontMetrics(self._themes.theme.font("label", strong=True))
        height = metrics.height() + 4
        return QSize(max(height, metrics.horizontalAdvance(self._text) + 2 * 7), height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme, box = self._themes.theme, QRectF(self.rect())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setFont(theme.font("label", strong=True))
        painter.setPen(theme.colour("on_accent"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()


class Header(QWidget):
    all_read = Signal()
    settings = Signal()
    search_toggled = Signal()

    def __init__(self, themes: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._title = QLabel(self.tr("Notifications"), self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._chip = Chip(themes, self)
        mark = self.tr("Mark all as read")
        self.all_read_button = tool(themes, "check-all", mark, self.tr("Mark all as read (Shift+A)"), self)
        self.search_button = tool(themes, "search", self.tr("Search"), self.tr("Search (/)"), self)
        self.search_button.setCheckable(True)
        self.settings_button = tool(themes, "settings", self.tr("Settings"), self.tr("Settings"), self)
        self.field = QLineEdit(self)
        self.field.setProperty("look", "search")
        self.field.setPlaceholderText(self.tr("Search notifications"))
        self.field.setAccessibleName(self.tr("Search notifications"))
        self.field.setClearButtonEnabled(True)
        self.field.hide()
        self.all_read_button.clicked.connect(self.all_read)
        self.settings_button.clicked.connect(self.settings)
        self.search_button.clicked.connect(self._toggle)
        self._lay_out()
        themes.changed.connect(self._dress)
        self._dress()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(self._title)
        head.addSpacing(SPACE // 2)
        head.addWidget(self._chip)
        head.addStretch()
        for button in (self.all_read_button, self.search_button, self.settings_button):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE + 4, SPACE + 4, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(head)
        layout.addWidget(self.field)

    def show_unread(self, number: int) -> None:
        self._chip.show_number(number)
        self.all_read_button.setEnabled(number > 0)

    # ---- searching

    @property
    def searching(self) -> bool:
        return not self.field.isHidden()

    @property
    def text(self) -> str:
        return self.field.text().strip() if self.searching else ""

    def search(self) -> None:
        self.search_button.setChecked(True)
        self.field.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def stop_search(self) -> None:
        if not self.searching:
            return
        self.search_button.setChecked(False)
        self.field.hide()
        self.field.clear()
        self.search_toggled.emit()

    def _toggle(self, on: bool) -> None:
        if on:
            self.search()
        else:
            self.stop_search()

    def _dress(self) -> None:
        self._title.setFont(self._themes.theme.font("heading"))
        self._chip.update()


class Tabs(QTabBar):
    chosen = Signal()

    def __init__(self, themes: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Which notifications"))
        self._names: dict[Tab, str] = {
            "unread": self.tr("Unread"),
            "all": self.tr("All"),
            "archived": self.tr("Archived"),
        }
        for tab in TABS:
            self.addTab(self._names[tab])
        self.currentChanged.connect(lambda _: self.chosen.emit())

    @property
    def tab(self) -> Tab:
        return TABS[self.currentIndex()]

    def choose(self, tab: Tab) -> None:
        self.setCurrentIndex(TABS.index(tab))

    def show_count(self, tab: Tab, count: int) -> None:
        shown = "" if not count else (f"  {count}" if count <= MOST else f"  {MOST}+")
        self.setTabText(TABS.index(tab), self._names[tab] + shown)


class Footer(QFrame):
    view_all = Signal()
    help = Signal()

    def __init__(self, themes: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.all_button = QPushButton(self.tr("View all"), self)
        self.all_button.setProperty("kind", "quiet")
        self.all_button.clicked.connect(self.view_all)
        self.help_button = tool(themes, "keyboard", self.tr("Keyboard"), self.tr("Keyboard (?)"), self)
        self.help_button.clicked.connect(self.help)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE // 2, SPACE + 4, SPACE // 2)
        layout.addWidget(self.all_button)
        layout.addStretch()
        layout.addWidget(self.help_button)

    def count(self, number: int | None) -> None:
        """How many there are, when the list above does not show them all."""
        self.all_button.setText(self.tr("View all") if number is None else self.tr("View all %n", "", number))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setPen(QPen(self._themes.theme.colour("line"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        painter.end()


class Waiting(QPushButton):
    """A pill over the list: how many rows came in above what is visible."""

    def __init__(self, themes: ThemeSource, view: RowsView) -> None:
        super().__init__(view)
        self._view = view
        self.setProperty("kind", "primary")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def count(self, number: int) -> None:
        self.setVisible(number > 0)
        if number:
            self.setText(self.tr("↑ %n new", "", number))
            self.setStyleSheet(f"border-radius: {self.sizeHint().height() // 2}px")
            self.adjustSize()
            self.place()

    def place(self) -> None:
        self.move(QPoint((self._view.width() - self.width()) // 2, SPACE))
