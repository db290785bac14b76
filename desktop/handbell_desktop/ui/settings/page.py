"""What every page of the settings is: a heading, cards of rows, a scroll bar when the window is small.

A page shows `desk.settings` and writes every change at once, so there is neither OK nor Cancel. `refresh` is called
when the settings or the state of an account changed, whoever changed them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QScrollArea, QVBoxLayout, QWidget

from handbell_desktop.desk import Desk
from handbell_desktop.machine.surroundings import Surroundings
from handbell_desktop.timers import Turns
from handbell_desktop.ui.parts import words
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_shared.preferences import Preferences

LINE: Final = 110  # letters; in a wider window the rest stays empty, for the eye must find the control of a row


class Tools(Struct, frozen=True):
    """What the pages work with."""

    desk: Desk
    themes: ThemeSource
    turns: Turns
    here: Surroundings


class Page(QScrollArea):
    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.tools = tools
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setMaximumWidth(self.fontMetrics().averageCharWidth() * LINE)
        self.body = QVBoxLayout(inside)
        self.body.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 3 * SPACE)
        self.body.setSpacing(SPACE)
        self.build()
        self.body.addStretch(1)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        self.refresh()

    def build(self) -> None:
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what is true now."""

    def heading(self, title: str) -> None:
        label = words(title, self.tools.themes, "heading")
        label.setContentsMargins(0, 0, 0, SPACE)
        self.body.addWidget(label)

    def section(self, title: str) -> None:
        label = words(title, self.tools.themes, "small", tone="soft", strong=True)
        label.setContentsMargins(0, 2 * SPACE, 0, 0)
        self.body.addWidget(label)

    def cancel(self) -> None:
        """The page goes: whatever is under way has nobody to tell."""

    def choose(self, **changes: object) -> None:
        self.tools.desk.choose(structs.replace(self.tools.desk.settings, **changes))


class AccountPage(Page):
    """About what a person chose for all their devices: of one account, which they choose where there are several."""

    def add_account(self, about: str) -> None:
        """Below the heading."""
        self._accounts = QComboBox()
        self._accounts.setAccessibleName(self.tr("Account"))
        self._accounts.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._accounts.currentIndexChanged.connect(lambda _: self.refresh())
        self._about = words(about, self.tools.themes, "small", tone="soft")
        self.body.addWidget(self._about)
        self.body.addWidget(self._accounts)

    @property
    def account(self) -> str:
        chosen: str | None = self._accounts.currentData()
        return chosen or ""

    def show_account(self, account: str) -> None:
        self.refresh()
        self._accounts.setCurrentIndex(max(0, self._accounts.findData(account)))

    @property
    def preferences(self) -> Preferences:
        return self.tools.desk.preferences(self.account)

    def prefer(self, name: str, value: object) -> None:
        self.tools.desk.prefer(self.account, name, value)

    def refresh(self) -> None:
        known = [(one.account.id, one.account.name) for one in self.tools.desk.sessions]
        listed = [(self._accounts.itemData(n), self._accounts.itemText(n)) for n in range(self._accounts.count())]
        if known != listed:
            was, before = self.account, self._accounts.blockSignals(True)
            self._accounts.clear()
            for account, name in known:
                self._accounts.addItem(name, account)
            self._accounts.setCurrentIndex(max(0, self._accounts.findData(was)))
            self._accounts.blockSignals(before)
        self._accounts.setVisible(len(known) > 1)
        if (inside := self.widget()) is not None:
            inside.setEnabled(bool(known))  # else there is nobody to choose anything


class Choice(QComboBox):
    """One of a few values, each with its words. It does not change when somebody scrolls past it."""

    def __init__(self, choices: Sequence[tuple[object, str]]) -> None:
        super().__init__()
        self._values = [value for value, _ in choices]
        for _, text in choices:
            self.addItem(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    @property
    def value(self) -> object:
        return self._values[self.currentIndex()]

    def show_value(self, value: object) -> None:
        """Without telling anybody."""
        was = self.blockSignals(True)
        if value not in self._values:  # chosen by a newer version, or by hand in the file
            self._values.append(value)
            self.addItem(str(value))
        self.setCurrentIndex(self._values.index(value))
        self.blockSignals(was)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 — the name is Qt's
        event.ignore()
