"""The settings: a list of pages at the side, one page beside it.

The window follows `desk.listen` and a change of language: the pages are simply made anew in the other language, at the
place where the person was.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from handbell_desktop.changes import Change
from handbell_desktop.desk import Desk
from handbell_desktop.machine.surroundings import Surroundings
from handbell_desktop.timers import Turns
from handbell_desktop.ui import icons
from handbell_desktop.ui.parts import ICON, scaled
from handbell_desktop.ui.place import fitting
from handbell_desktop.ui.settings.accounts import AccountsPage
from handbell_desktop.ui.settings.diagnosis import DiagnosisPage
from handbell_desktop.ui.settings.general import GeneralPage
from handbell_desktop.ui.settings.notifications import NotificationsPage
from handbell_desktop.ui.settings.page import Page, Tools
from handbell_desktop.ui.settings.quiet import QuietPage
from handbell_desktop.ui.settings.rules import RulesPage
from handbell_desktop.ui.theme import RADIUS_SMALL, SPACE, Theme, ThemeSource
from handbell_shared.records import Scope

_PAGES: Final[dict[str, tuple[type[Page], str]]] = {
    "accounts": (AccountsPage, "users"),
    "notifications": (NotificationsPage, "bell"),
    "rules": (RulesPage, "mute"),
    "quiet": (QuietPage, "moon"),
    "general": (GeneralPage, "settings"),
    "diagnosis": (DiagnosisPage, "shield"),
}


class SettingsWindow(QWidget):
    sign_in_wanted = Signal(str)  # the account, or "" for a new one

    def __init__(self, desk: Desk, themes: ThemeSource, turns: Turns, here: Surroundings) -> None:
        super().__init__()
        self._tools = Tools(desk, themes, turns, here)
        self._sidebar = QListWidget()
        self._sidebar.setObjectName("sidebar")
        self._sidebar.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._sidebar)
        row.addWidget(self._stack, 1)
        self._fill_soon = QTimer(self)
        self._fill_soon.setSingleShot(True)
        self._fill_soon.timeout.connect(self._fill)
        self._fill()
        self._sidebar.currentRowChanged.connect(self._show_page)
        for keys in (QKeySequence(Qt.Key.Key_Escape), QKeySequence(QKeySequence.StandardKey.Close)):
            QShortcut(keys, self, self.close)
        themes.changed.connect(self._dress)
        self._stop_listening = desk.listen(self._changed)
        self.destroyed.connect(self._stop_listening)

    def page(self, name: str) -> Page:
        return self._pages[name]

    def show_page(self, name: str) -> None:
        self._sidebar.setCurrentRow(list(_PAGES).index(name))

    def show_rule(self, account: str, scope: Scope) -> None:
        """For somebody who wonders about it."""
        self.show_page("rules")
        rules = self._pages["rules"]
        assert isinstance(rules, RulesPage)
        rules.show_rule(account, scope)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._fill_soon.start()  # each of the translators that come and go tells of itself

    # ---- within

    def _fill(self) -> None:
        """Make everything in the language of now."""
        at = max(0, self._sidebar.currentRow())
        self.setWindowTitle(self.tr("Handbell settings"))
        self._sidebar.setAccessibleName(self.tr("Pages"))
        names = (
            self.tr("Accounts"),
            self.tr("Notifications"),
            self.tr("Rules"),
            self.tr("Quiet hours"),
            self.tr("General"),
            self.tr("Diagnosis"),
        )
        self._sidebar.blockSignals(True)
        self._sidebar.clear()
        for name in names:
            self._sidebar.addItem(QListWidgetItem(name))
        self._sidebar.setCurrentRow(at)
        self._sidebar.blockSignals(False)
        while (old := self._stack.widget(0)) is not None:
            self._stack.removeWidget(old)
            if isinstance(old, Page):
                old.cancel()
            old.deleteLater()
        self._pages = {name: page(self._tools) for name, (page, _) in _PAGES.items()}
        for page in self._pages.values():
            self._stack.addWidget(page)
        accounts = self._pages["accounts"]
        assert isinstance(accounts, AccountsPage)
        accounts.sign_in_wanted.connect(self.sign_in_wanted)
        accounts.rules_wanted.connect(self._show_rules)
        self._stack.setCurrentIndex(at)
        self._dress()

    def _dress(self) -> None:
        theme = self._tools.themes.theme
        # Qt forgets the padding of a sheet when it measures rows, so they are measured here.
        metrics = self._sidebar.fontMetrics()
        size = scaled(ICON)
        self._sidebar.setIconSize(QSize(size, size))
        item_height = max(metrics.height(), size) + 2 * SPACE + 4
        names = (self._sidebar.item(number).text() for number in range(len(_PAGES)))
        item_width = max(metrics.horizontalAdvance(name) for name in names) + size + 5 * SPACE
        for number, (_, icon) in enumerate(_PAGES.values()):
            item = self._sidebar.item(number)
            item.setIcon(QIcon(icons.pixmap(icon, theme.hex("soft"), size, self.devicePixelRatioF())))
            item.setSizeHint(QSize(item_width, item_height))
        self._sidebar.setStyleSheet(_sidebar_sheet(theme))
        wide = item_width + SPACE
        self._sidebar.setFixedWidth(wide)
        letters = self.fontMetrics().averageCharWidth()
        self.setMinimumSize(min(wide + letters * 40, 900), 360)
        self.resize(self.size().expandedTo(fitting(QSize(wide + letters * 100, 620), self)))

    def _show_rules(self, account: str) -> None:
        rules = self._pages["rules"]
        assert isinstance(rules, RulesPage)
        self.show_page("rules")
        rules.show_account(account)

    def _show_page(self, number: int) -> None:
        if number >= 0:
            self._stack.setCurrentIndex(number)

    def _changed(self, _change: Change) -> None:
        """How each account stands is more than a change tells of, so whatever it is, the page that shows looks again."""
        page = self._stack.currentWidget()
        if self.isVisible() and isinstance(page, Page):
            page.refresh()


def _sidebar_sheet(theme: Theme) -> str:
    c = theme.palette
    return f"""
QListWidget {{ background: transparent; }}
QListWidget::item {{ color: {c.text}; padding: {SPACE}px {SPACE + SPACE // 2}px; border-radius: {RADIUS_SMALL}px;
  border: 2px solid transparent; }}
QListWidget::item:hover {{ background: {c.hover if theme.dark else c.line}; }}
QListWidget::item:selected {{ background: {c.selected}; color: {c.text}; }}
QListWidget::item:selected:focus {{ border-color: {c.accent}; }}
"""
