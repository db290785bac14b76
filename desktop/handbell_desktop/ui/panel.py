"""The panel by the bell: what is new, at a glance, and everything that can be done about it without leaving the keyboard.

It shows at most `LIMIT` entries of a tab, similar ones together; the whole history is one click away, in the window. While
it is hidden it reads nothing, and looks once when it appears.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRect, QSize, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from handbell_desktop.changes import Change
from handbell_desktop.condition import Condition
from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Entry, Query, Tab
from handbell_desktop.ui import keys
from handbell_desktop.ui.counting import TABS, Counting
from handbell_desktop.ui.empty import EmptyState
from handbell_desktop.ui.frame import PopupFrame
from handbell_desktop.ui.header import Footer, Header, Tabs, Waiting, in_tab_order
from handbell_desktop.ui.keys import Verb
from handbell_desktop.ui.list.delegate import RowDelegate
from handbell_desktop.ui.list.model import RowsModel
from handbell_desktop.ui.list.rows import RowKey, arrange
from handbell_desktop.ui.list.seen import SeenWatch
from handbell_desktop.ui.list.view import RowsView
from handbell_desktop.ui.notice import Notice
from handbell_desktop.ui.place import place_now
from handbell_desktop.ui.reply_bar import ReplyBar
from handbell_desktop.ui.sheets import Sheets
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_desktop.ui.triage import Triage
from handbell_desktop.ui.undo_bar import UndoBar
from handbell_desktop.ui.words import Words
from handbell_shared.clock import now_ms
from handbell_shared.records import Scope

LIMIT: Final = 300
WIDTH, HEIGHT = 400, 560  # at the usual font; grows with it
LINES_WIDE, LINES_HIGH = 26, 36
TYPING_PAUSE = 150  # ms
REOPEN_AFTER = 0.25  # s: the click on the bell that just closed the panel must not open it again


class Panel(PopupFrame):
    settings_wanted = Signal()
    window_wanted = Signal(object)  # the Entry to show there, or None
    rule_wanted = Signal(str, object)  # an account and the Scope of its rule
    sign_in_wanted = Signal(str)  # the account, or "" for a new one

    def __init__(
        self, desk: Desk, themes: ThemeSource, now: Callable[[], int] = now_ms, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, parent)
        self._desk = desk
        self._now = now
        self._expanded: set[RowKey] = set()
        self._stale = True
        self._left_at = 0.0
        self._words = Words(self)
        self.setWindowTitle(self.tr("Notifications"))
        self.model = RowsModel(lambda row: self._words.spoken(row, now(), self._account(row.entry.account)), self)
        delegate = RowDelegate(themes, self._words, now, self._account)
        self.view = RowsView(self.model, delegate, self._words, now, self.inside)
        self.triage = Triage(desk, self.view, now)
        self._make_parts()
        self._lay_out()
        self._connect()
        self.resize(self._wanted_size())

    def _make_parts(self) -> None:
        desk, themes, inside = self._desk, self._themes, self.inside
        self.header = Header(themes, inside)
        self.tabs = Tabs(themes, inside)
        self.notice = Notice(desk, themes, inside)
        self.empty = EmptyState(themes, inside)
        self.reply_bar = ReplyBar(themes, inside)
        self.undo_bar = UndoBar(desk, themes, self._now, inside)
        self.footer = Footer(themes, inside)
        self.waiting = Waiting(themes, self.view)
        self.sheets = Sheets(desk, themes, self.triage, inside, self._now)
        self._stack = QStackedWidget(inside)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_PAUSE)
        self._counting = Counting(desk, lambda: [Query(tab=tab) for tab in TABS], self)

    def _lay_out(self) -> None:
        bars = QVBoxLayout()
        bars.setContentsMargins(SPACE, 0, SPACE, SPACE // 2)
        bars.setSpacing(SPACE // 2)
        notices = QHBoxLayout()
        notices.setContentsMargins(SPACE, SPACE // 2, SPACE, 0)
        notices.addWidget(self.notice)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(SPACE - 4, SPACE // 2, SPACE, 0)
        tabs.addWidget(self.tabs)
        layout = QVBoxLayout(self.inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(tabs)
        layout.addWidget(self._line())
        layout.addLayout(notices)
        layout.addWidget(self._stack, 1)
        bars.addWidget(self.reply_bar)
        bars.addWidget(self.undo_bar)
        layout.addLayout(bars)
        layout.addWidget(self.footer)
        head, foot = self.header, self.footer
        buttons = head.all_read_button, head.search_button, head.settings_button
        in_tab_order(*buttons, head.field, self.tabs, self.notice.button, self.view, self.empty, self.empty.button)
        in_tab_order(self.empty.button, self.reply_bar.field, self.undo_bar.button, foot.all_button, foot.help_button)

    def _line(self) -> QFrame:
        line = QFrame(self.inside)
        line.setProperty("look", "line")
        return line

    def _connect(self) -> None:
        self.header.all_read.connect(self._mark_all_read)
        self.header.settings.connect(self._to_settings)
        self.header.search_toggled.connect(self.refresh)
        self.header.field.textChanged.connect(self._typing.start)
        self.header.field.returnPressed.connect(self.view.setFocus)
        self._typing.timeout.connect(self._start_over)
        self._counting.counted.connect(self._show_counts)
        self.tabs.chosen.connect(self._start_over)
        self.footer.view_all.connect(lambda: self._to_window(None))
        self.footer.help.connect(self.sheets.help.enter)
        self.notice.sign_in_wanted.connect(self._sign_in)
        self.empty.pressed.connect(lambda: self._sign_in(""))
        self.triage.opened.connect(self.close)
        self.sheets.rule_wanted.connect(self._to_rule)
        self.triage.nothing_to_open.connect(self._show_whole)
        self.triage.reply_wanted.connect(self.reply_bar.ask)
        self.triage.toggled.connect(self._toggle_group)
        self.reply_bar.answered.connect(self.triage.reply)
        for left in (self.reply_bar.left, self.sheets.closed):
            left.connect(self._focus)
        self.view.waiting.connect(self.waiting.count)
        self.waiting.clicked.connect(lambda: self.view.verticalScrollBar().setValue(0))
        self.watch = SeenWatch(self.view, self._desk.seen)
        keys.bind(self, self.view, self.triage.verbs() | self._verbs())
        self._themes.changed.connect(self.view.refresh)
        self.destroyed.connect(self._desk.listen(self._hear))

    def _verbs(self) -> dict[Verb, Callable[[], None]]:
        return {
            Verb.SEARCH: self.header.search,
            Verb.TAB_1: lambda: self.tabs.choose("unread"),
            Verb.TAB_2: lambda: self.tabs.choose("all"),
            Verb.TAB_3: lambda: self.tabs.choose("archived"),
            Verb.ALL_READ: self._mark_all_read,
            Verb.HELP: self.sheets.help.enter,
            Verb.ESCAPE: self._step_back,
        }

    # ---- appearing

    def popup(self, bell: QRect) -> None:
        """Show it by the bell, or where the bell is likely to be when its place is not known."""
        if not self.isVisible() and time.monotonic() - self._left_at < REOPEN_AFTER:
            return
        self.put(place_now(self._wanted_size(), bell))
        self.show()
        self.raise_()
        self.activateWindow()

    def show_link(self, link: str, why: str) -> None:
        """A link that was not opened, wherever it was clicked."""
        self.sheets.refused.show_link(link, why)

    def left_alone(self) -> None:
        self._left_at = time.monotonic()
        self.close()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.view.clearSelection()
        self.view.setCurrentIndex(self.model.index(-1, 0))
        self._start_over()
        self._focus()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.sheets.hide()
        self.header.stop_search()

    def _focus(self) -> None:
        """To the list, or to what is shown in its place."""
        (self.empty if self._stack.currentWidget() is self.empty else self.view).setFocus()

    def _wanted_size(self) -> QSize:
        line = self.fontMetrics().height()
        edge = 2 * (self._shadow + 1)
        return QSize(max(WIDTH, LINES_WIDE * line) + edge, max(HEIGHT, LINES_HIGH * line) + edge)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.put(QRect(self.pos(), self._wanted_size()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.waiting.place()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        event.accept()

    # ---- reading

    @property
    def query(self) -> Query:
        return Query(tab=self.tabs.tab, text=self.header.text)

    def refresh(self) -> None:
        """Read again what is shown; the list keeps its place."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        entries = self._desk.page(self.query, limit=LIMIT)
        self.model.show(arrange(entries, self._expanded))
        self.header.show_unread(self._desk.badge)
        self._counting.now()
        if not entries:
            self._say_empty()
        had_focus = self.view.hasFocus() or self.empty.hasFocus()
        self._stack.setCurrentWidget(self.view if entries else self.empty)
        if had_focus:
            self._focus()

    def _show_counts(self, numbers: Sequence[int]) -> None:
        for tab, number in zip(TABS, numbers, strict=True):
            self.tabs.show_count(tab, number)
        here = dict(zip(TABS, numbers, strict=True))[self.tabs.tab]
        self.footer.count(here if here > LIMIT and not self.header.text else None)

    def _start_over(self) -> None:
        self.refresh()
        self.view.scrollToTop()

    def _hear(self, change: Change) -> None:
        if change.entries != frozenset() or change.badge or change.condition:
            self.refresh()

    def _say_empty(self) -> None:
        if self._desk.condition is Condition.NO_ACCOUNT:
            text = self.tr("Sign in to your server, and the bell rings here.")
            self.empty.say("key", self.tr("Nobody is signed in"), text, self.tr("Sign in"))
        elif self.header.text:
            text = self.tr("No notification in this tab has these words.")
            self.empty.say("search", self.tr("Nothing found"), text)
        else:
            self.empty.say(*self._nothing_in(self.tabs.tab))

    def _nothing_in(self, tab: Tab) -> tuple[str, str, str]:
        match tab:
            case "unread":
                return "bell", self.tr("All caught up"), self.tr("Nothing is waiting for you. Enjoy the silence.")
            case "archived":
                return (
                    "archive",
                    self.tr("The archive is empty"),
                    self.tr("Press E to put a notification away in here."),
                )
        return "bell", self.tr("Nothing here yet"), self.tr("What is sent to you will ring, and stay here.")

    def _account(self, account_id: str) -> str:
        sessions = self._desk.sessions
        if len(sessions) < 2:
            return ""
        return next((one.account.name for one in sessions if one.account.id == account_id), "")

    # ---- doing

    def _mark_all_read(self) -> None:
        self._desk.mark_all_read(Query(tab="unread", text=self.header.text))

    def _toggle_group(self, key: RowKey) -> None:
        self._expanded ^= {key}
        self.refresh()

    def _show_whole(self, entry: Entry) -> None:
        """It leads nowhere: what may not fit into a row is shown in the window."""
        number = self.model.number_of(RowKey("entry", entry.account, entry.record.id))
        row = None if number is None else self.model.row(number)
        if row is None or self.view.hides_some(row):
            self._to_window(entry)

    def _to_window(self, entry: Entry | None) -> None:
        self.close()
        self.window_wanted.emit(entry)

    def _to_settings(self) -> None:
        self.close()
        self.settings_wanted.emit()

    def _to_rule(self, account: str, rule: Scope) -> None:
        self.close()
        self.rule_wanted.emit(account, rule)

    def _sign_in(self, account: str) -> None:
        self.close()
        self.sign_in_wanted.emit(account)

    def _step_back(self) -> None:
        """Esc: out of the innermost thing that is open; the panel itself comes last."""
        if self.sheets.leave():
            return
        if self.reply_bar.isVisible():
            self.reply_bar.leave()
        elif self.header.searching:
            self.header.stop_search()
            self.view.setFocus()
        elif not self.view.clear_selected():
            self.close()
