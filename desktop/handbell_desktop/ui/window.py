"""The window: the whole history, searched and filtered, and one notification to read in full.

Everything it shows comes from this device's own store, so it works the same without a network. The list may hold any
number of rows; what is next to it is the row that the keyboard, or the last click, is on.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from handbell_desktop.changes import Change
from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Entry, Query
from handbell_desktop.ui import icons, keys
from handbell_desktop.ui.counting import TABS, Counting
from handbell_desktop.ui.empty import EmptyState
from handbell_desktop.ui.filters import Filters
from handbell_desktop.ui.header import Tabs, Waiting, in_tab_order, tool
from handbell_desktop.ui.keys import Verb
from handbell_desktop.ui.list.chosen import Chosen
from handbell_desktop.ui.list.delegate import RowDelegate
from handbell_desktop.ui.list.everything import Everything
from handbell_desktop.ui.list.history import HistoryModel
from handbell_desktop.ui.list.rows import Row, RowKey
from handbell_desktop.ui.list.seen import SeenWatch
from handbell_desktop.ui.list.view import RowsView
from handbell_desktop.ui.notice import Notice
from handbell_desktop.ui.place import fitting
from handbell_desktop.ui.reading import ReadingPane
from handbell_desktop.ui.reply_bar import ReplyBar
from handbell_desktop.ui.sheets import Sheets
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_desktop.ui.triage import Triage
from handbell_desktop.ui.undo_bar import UndoBar
from handbell_desktop.ui.words import Words
from handbell_shared.clock import now_ms
from handbell_shared.records import Button

TYPING_PAUSE: Final = 150  # ms
SIZE: Final = QSize(980, 660)
PLACE: Final = "inbox"  # the window's name among those whose place is remembered


class Window(QWidget):
    settings_wanted = Signal()
    rule_wanted = Signal(str, object)  # an account and the Scope of its rule
    sign_in_wanted = Signal(str)

    def __init__(
        self, desk: Desk, themes: ThemeSource, now: Callable[[], int] = now_ms, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._desk = desk
        self._themes = themes
        self._now = now
        self._asked: Query | None = None
        self._words = Words(self)
        self.setWindowTitle(self.tr("Handbell"))
        self.model = HistoryModel(
            desk, lambda row: self._words.spoken(row, now(), self._account(row.entry.account)), self
        )
        self._delegate = RowDelegate(themes, self._words, now, self._account, compact=True)
        self.view = RowsView(self.model, self._delegate, self._words, now, self)
        self.view.click_opens = False
        self.everything = Everything(self.view, self.model)
        self.triage = Triage(desk, self.view, now)
        self._make_parts()
        self._lay_out()
        self._connect()
        self._dress()
        self._take_place()

    def _make_parts(self) -> None:
        desk, themes = self._desk, self._themes
        self.search = QLineEdit(self)
        self.search.setProperty("look", "search")
        self.search.setPlaceholderText(self.tr("Search everything"))
        self.search.setAccessibleName(self.tr("Search everything"))
        self.search.setClearButtonEnabled(True)
        mark = self.tr("Mark all of these as read")
        self.all_read_button = tool(themes, "check-all", mark, self.tr("Mark all of these as read (Shift+A)"), self)
        self.help_button = tool(themes, "keyboard", self.tr("Keyboard"), self.tr("Keyboard (?)"), self)
        self.settings_button = tool(themes, "settings", self.tr("Settings"), self.tr("Settings"), self)
        self.filters = Filters(themes, self)
        self.tabs = Tabs(themes, self)
        self.tabs.choose("all")
        self.count = QLabel(self)
        self.count.setProperty("tone", "faint")
        self.notice = Notice(desk, themes, self)
        self.no_tray = QLabel(self.tr("This desktop has no tray. Handbell lives in this window."), self)
        self.no_tray.setProperty("tone", "soft")
        self.no_tray.setWordWrap(True)
        self.no_tray.hide()
        self.empty = EmptyState(themes, self)
        self.splitter = QSplitter(self)  # the pane is made in its place: a label that is moved forgets its font
        self.reading = ReadingPane(themes, self._delegate, self._words, self._now, self.splitter)
        self.reply_bar = ReplyBar(themes, self)
        self.undo_bar = UndoBar(desk, themes, self._now, self)
        self.waiting = Waiting(themes, self.view)
        self.sheets = Sheets(desk, themes, self.triage, self, self._now)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE)
        self._counting = Counting(desk, lambda: [*(Query(tab=tab) for tab in TABS), self._asked or self.query], self)

    def _lay_out(self) -> None:
        top, bars = QHBoxLayout(), QVBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.search, 1)
        for button in (self.all_read_button, self.help_button, self.settings_button):
            top.addWidget(button)
        self._middle = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._middle.addWidget(self.tabs, 1)
        self._middle.addWidget(self.filters)
        card = QFrame(self)
        card.setProperty("look", "card")
        within = QVBoxLayout(card)
        within.setContentsMargins(SPACE // 2, SPACE // 2, 2, SPACE // 2)
        self._stack = QStackedWidget(card)
        within.addWidget(self._stack)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.count)
        column.addWidget(card, 1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(SPACE)
        self.splitter.insertWidget(0, left)
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 6)
        for bar in (self.reply_bar, self.undo_bar):
            bars.addWidget(bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(top)
        layout.addLayout(self._middle)
        layout.addWidget(self.no_tray)
        layout.addWidget(self.notice)
        layout.addWidget(self.splitter, 1)
        layout.addLayout(bars)
        in_tab_order(self.search, self.all_read_button, self.help_button, self.settings_button, self.tabs)
        in_tab_order(self.tabs, *self.filters.boxes, self.notice.button, self.view, self.empty, self.empty.button)
        in_tab_order(self.empty.button, *self.reading.deeds.values(), self.reading.body)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._typing.start)
        self.search.returnPressed.connect(self.view.setFocus)
        self._typing.timeout.connect(self.ask)
        self._counting.counted.connect(self._show_counts)
        self.filters.changed.connect(self.ask)
        self.tabs.chosen.connect(self.ask)
        self.all_read_button.clicked.connect(self._mark_all_read)
        self.settings_button.clicked.connect(self.settings_wanted)
        self.help_button.clicked.connect(self.sheets.help.enter)
        self.empty.pressed.connect(self._clear_filters)
        self.notice.sign_in_wanted.connect(self.sign_in_wanted)
        self.sheets.rule_wanted.connect(self.rule_wanted)
        self.triage.reply_wanted.connect(self.reply_bar.ask)
        self.reply_bar.answered.connect(self.triage.reply)
        for left in (self.reply_bar.left, self.sheets.closed):
            left.connect(self.view.setFocus)
        self.view.waiting.connect(self.waiting.count)
        self.waiting.clicked.connect(lambda: self.view.verticalScrollBar().setValue(0))
        self.view.picked.connect(self._picked)
        self.view.selectionModel().currentRowChanged.connect(self._show_current)
        self.model.shifted.connect(self._show_current)
        self.model.modelReset.connect(self._show_current)
        self.reading.deed.connect(self._do)
        self.reading.opened.connect(self._open_current)
        self.reading.answered.connect(self._answer)
        SeenWatch(self.view, self._desk.seen)
        keys.bind(self, self.view, self.triage.verbs() | self._verbs())
        self._themes.changed.connect(self._dress)
        self.destroyed.connect(self._desk.listen(self._hear))

    def _verbs(self) -> dict[Verb, Callable[[], None]]:
        return {
            Verb.SEARCH: self._search,
            Verb.TAB_1: lambda: self.tabs.choose("unread"),
            Verb.TAB_2: lambda: self.tabs.choose("all"),
            Verb.TAB_3: lambda: self.tabs.choose("archived"),
            Verb.ALL_READ: self._mark_all_read,
            Verb.HELP: self.sheets.help.enter,
            Verb.SELECT_ALL: self.everything.select,
            Verb.ESCAPE: self._step_back,
        }

    # ---- what others ask for

    def show_help(self) -> None:
        self.sheets.help.enter()

    def say_no_tray(self, say: bool) -> None:
        self.no_tray.setVisible(say)

    def show_entry(self, entry: Entry) -> None:
        """Find it in the list, whatever was filtered before."""
        self.search.clear()
        self.tabs.choose("archived" if entry.record.archived else "all")
        self._clear_filters()
        number = self.model.number_of(RowKey("entry", entry.account, entry.record.id))
        while number is None and self.model.canFetchMore(self.view.rootIndex()):
            self.model.fetchMore(self.view.rootIndex())
            number = self.model.number_of(RowKey("entry", entry.account, entry.record.id))
        if number is not None:
            self.view.go(number)
        self.view.setFocus()

    # ---- reading

    @property
    def query(self) -> Query:
        now = datetime.fromtimestamp(self._now() / 1000).astimezone()
        return self.filters.query(self.tabs.tab, self.search.text().strip(), now)

    def ask(self) -> None:
        """Show what search, filters and tab say now."""
        self._typing.stop()
        self._asked = self.query
        self.model.ask(self._asked)
        self.view.scrollToTop()
        self._counting.soon()  # the rows first: no letter waits for a number
        self._look_empty()

    def _hear(self, change: Change) -> None:
        if not self.isVisible():
            return
        if change.entries != frozenset():
            self.model.take(change.entries)
            self._counting.soon()
            self._look_empty()

    def _show_counts(self, numbers: Sequence[int]) -> None:
        self.filters.offer(self._desk.types(), self._desk.sources())
        for tab, number in zip(TABS, numbers, strict=False):
            self.tabs.show_count(tab, number)
        self.count.setText(self.tr("%n notification(s)", "", numbers[-1]))
        self._break_line()  # the numbers may have made the tabs wider

    def _look_empty(self) -> None:
        nothing = self.model.rowCount() == 0
        had_focus = self.view.hasFocus()
        self._stack.setCurrentWidget(self.empty if nothing else self.view)
        self.reading.setVisible(not nothing)
        if not nothing:
            return
        if had_focus:
            self.empty.setFocus()
        if self.search.text().strip() or self.filters.any:
            text = self.tr("No notification on this device is like that.")
            self.empty.say("search", self.tr("Nothing found"), text, self.tr("Clear search and filters"))
        else:
            self.empty.say("bell", self.tr("Nothing here"), self.tr("What is sent to you will ring, and stay here."))

    def _show_current(self) -> None:
        row = self.view.current()
        entry = None if row is None else row.entry
        self.reading.show_entry(entry, "" if entry is None else self._account(entry.account))

    def _account(self, account_id: str) -> str:
        sessions = self._desk.sessions
        if len(sessions) < 2:
            return ""
        return next((one.account.name for one in sessions if one.account.id == account_id), "")

    # ---- doing

    def _picked(self, row: Row) -> None:
        """Clicked: what is shown beside the list in full has been read."""
        if row.unread:
            self._desk.read(row.entries)

    def _mark_all_read(self) -> None:
        self._desk.mark_all_read(self._asked or self.query)

    def _do(self, deed: str) -> None:
        row = self.view.current()
        if row is None:
            return
        if deed in ("snooze", "mute"):
            button = self.reading.deeds[deed]
            below = self.view.viewport().mapFromGlobal(button.mapToGlobal(button.rect().bottomLeft()))
            (self.triage.snooze if deed == "snooze" else self.triage.mute_menu)(Chosen([row]), below)
            return
        verbs = {
            "read": self.triage.toggle_read,
            "archive": self.triage.archive,
            "pin": self.triage.pin,
            "delete": self.triage.delete,
            "why": self.triage.why,
        }
        verbs[deed](Chosen([row]))

    def _open_current(self) -> None:
        row = self.view.current()
        if row is not None:
            self.triage.open(row)

    def _answer(self, button: Button) -> None:
        if self.reading.entry is not None:
            self.triage.answer(self.reading.entry, button)

    def _search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _clear_filters(self) -> None:
        self.search.clear()
        self.filters.clear()

    def _step_back(self) -> None:
        if self.sheets.leave():
            return
        if self.reply_bar.isVisible():
            self.reply_bar.leave()
        elif self.search.text():
            self.search.clear()
            self.view.setFocus()
        elif not self.view.clear_selected():
            self.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        event.accept()

    # ---- appearing, and where

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._break_line()

    def _break_line(self) -> None:
        """Tabs and filters are one above the other where they do not fit beside each other."""
        wanted = self.tabs.sizeHint().width() + self.filters.sizeHint().width() + 5 * SPACE
        beside = wanted <= self.width()
        self._middle.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.ask()
        self._counting.now()
        (self.empty if self._stack.currentWidget() is self.empty else self.view).setFocus()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        words = [base64.b64encode(one.data()).decode() for one in (self.saveGeometry(), self.splitter.saveState())]
        state = self._desk.state
        self._desk.remember(replace(state, windows=state.windows | {PLACE: " ".join(words)}))

    def _take_place(self) -> None:
        line = self.fontMetrics().height()
        self.resize(fitting(SIZE.expandedTo(QSize(60 * line, 40 * line)), self))
        try:
            places = [base64.b64decode(word) for word in self._desk.state.windows.get(PLACE, "").split()]
        except ValueError:  # whatever a file may hold
            return
        if len(places) == 2:
            self.restoreGeometry(QByteArray(places[0]))
            self.splitter.restoreState(QByteArray(places[1]))

    def _dress(self) -> None:
        theme = self._themes.theme
        self.count.setFont(theme.font("small"))
        for action in self.search.actions():
            self.search.removeAction(action)
        self.search.addAction(icons.icon("search", theme, "faint"), QLineEdit.ActionPosition.LeadingPosition)
        self.view.refresh()
