"""The settings as a whole: names, keyboard, sizes and languages."""

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from handbell_desktop.kept.settings import Language
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


def cut_off(within: QWidget) -> list[str]:
    """Words that have less room than they are wide."""
    said: list[QLabel | QPushButton] = [*within.findChildren(QLabel), *within.findChildren(QPushButton)]
    narrow = [
        one.text()
        for one in said
        if one.isVisible()
        and not (isinstance(one, QLabel) and one.wordWrap())
        and one.width() < one.minimumSizeHint().width()
    ]
    for box in within.findChildren(QComboBox):
        option, part = QStyleOptionComboBox(), QStyle.SubControl.SC_ComboBoxEditField
        box.initStyleOption(option)
        room = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box).width()
        if box.isVisible() and box.fontMetrics().horizontalAdvance(box.currentText()) > room:
            narrow.append(box.currentText())
    return narrow


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_words_are_cut_off(language: Language, made: MadeDesk, themes: ThemeSource, here: Here) -> None:
    app = QCoreApplication.instance()
    assert app is not None
    languages = Languages(app, language)
    cut: list[str] = []
    with showing(made, themes, here) as window:
        for name in PAGES:
            shown = page(window, name)
            cut += [f"{name}: {text}" for text in cut_off(shown)]
    languages.silence()
    QLocale.setDefault(QLocale.system())

    assert cut == []
