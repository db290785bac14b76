"""The settings window as a person sees it: its pages, its controls, what it says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QWidget,
)

from handbell_desktop.machine.toasts.base import Capabilities
from handbell_desktop.ui.settings.page import Page
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from tests.support.desks import MadeDesk

PAGES = ("accounts", "notifications", "rules", "quiet", "general", "diagnosis")


class Here:
    """A computer that has everything, until a test takes something away."""

    version = "1.2.3"
    toasts = Capabilities("a list", buttons=True, stays=True)
    tray = True

    def __init__(self) -> None:
        self.autostart: bool | None = False
        self.settings_trouble: str | None = None
        self.full_disk = False
        self.played: list[str] = []

    def set_autostart(self, on: bool) -> None:
        if self.full_disk:
            raise OSError(28, "No space left on device")
        self.autostart = on

    def play(self, sound: str) -> None:
        self.played.append(sound)


@contextmanager
def showing(made: MadeDesk, themes: ThemeSource, here: Here) -> Iterator[SettingsWindow]:
    """Gone at the end, and not only hidden: Qt would dress it again with every theme of the tests that follow."""
    window = SettingsWindow(made.desk, themes, made.turns, here)
    window.show()
    yield window
    shiboken6.delete(window)


def page(window: SettingsWindow, name: str) -> Page:
    window.show_page(name)
    QCoreApplication.processEvents()
    return window.page(name)


def control(within: QWidget, name: str) -> Any:
    """What a screen reader calls so."""
    found = [one for one in within.findChildren(QWidget) if one.accessibleName() == name and is_control(one)]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def press(within: QWidget, label: str) -> None:
    found = [one for one in within.findChildren(QAbstractButton) if one.text() == label and one.isVisible()]
    assert len(found) == 1, f"{label}: {found}"
    found[0].click()
    QCoreApplication.processEvents()


def said(within: QWidget) -> str:
    return " | ".join(label.text() for label in within.findChildren(QLabel) if label.isVisible() and label.text())


def is_control(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractButton | QComboBox | QLineEdit | QAbstractSpinBox | QListWidget)


def focused() -> QWidget:
    focused = QApplication.focusWidget()
    assert focused is not None
    return focused
