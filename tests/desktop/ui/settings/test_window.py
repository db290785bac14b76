"""The settings as a whole: names, keyboard, sizes and languages."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.language import Languages
from handbell_desktop.ui.settings.window import SettingsWindow
from handbell_desktop.ui.theme import ThemeSource
from tests.desktop.ui.settings.scene import PAGES, Here, focused, is_control, page, said, showing
from tests.support.desks import MadeDesk


def test_every_control_has_a_name_and_every_text_is_plain(window: SettingsWindow) -> None:
    for name in PAGES:
        shown = page(window, name)
        for widget in shown.findChildren(QWidget):
            inside_another = isinstance(widget, QLineEdit) and isinstance(widget.parent(), QAbstractSpinBox)
            if is_control(widget) and not inside_another:
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                assert widget.accessibleName() or text, f"{name}: {widget}"
        for label in shown.findChildren(QLabel):
            assert label.pixmap() or label.textFormat() == Qt.TextFormat.PlainText, label.text()


def test_the_keyboard_goes_from_the_pages_through_the_controls_in_reading_order(window: SettingsWindow) -> None:
    page(window, "general")
    window.activateWindow()
    sidebar = window.findChild(QListWidget)
    assert sidebar is not None
    sidebar.setFocus()

    names = []
    for _ in range(4):
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        names.append(focused().accessibleName())

    assert names == ["Start when I log in", "Theme", "Bell", "Language"]


def test_at_twice_the_font_the_window_is_still_within_the_screen(twice_the_font: None, window: SettingsWindow) -> None:
    free = window.screen().availableSize()

    assert window.height() < free.height()
    assert window.width() <= free.width()


@pytest.mark.parametrize("mirrored", [False, True], ids=["left to right", "right to left"])
def test_twice_the_font_fits_without_a_sideways_scroll(
    made: MadeDesk, themes: ThemeSource, here: Here, qtbot: QtBot, mirrored: bool
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = QFont(app.font())
    twice = QFont(before)
    twice.setPointSizeF(before.pointSizeF() * 2)
    app.setFont(twice)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)
    try:
        with showing(made, themes, here) as window:
            for name in PAGES:
                assert page(window, name).horizontalScrollBar().maximum() == 0, name
    finally:
        app.setFont(before)
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_a_new_language_is_spoken_at_once_on_the_same_page(
    window: SettingsWindow, made: MadeDesk, qtbot: QtBot
) -> None:
    page(window, "general")
    languages = Languages(QApplication.instance() or QApplication([]), "en")
    try:
        languages.speak("de")

        qtbot.waitUntil(lambda: window.windowTitle() == "Einstellungen von Handbell")
        assert "Beim Anmelden am Computer starten" in said(window)
    finally:
        languages.silence()
        QLocale.setDefault(QLocale.system())
