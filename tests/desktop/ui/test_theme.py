"""Colours that can be read, sizes that follow the person's font, and a theme that changes while the windows are open."""

import sys
from itertools import product

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from handbell_desktop.ui.theme import OTHER_TYPES, PRIORITY_COLOURS, TYPE_COLOURS, Role, Theme, ThemeSource

BACKGROUNDS = ("window", "surface", "raised", "hover", "selected", "accent_soft")
TEXTS = ("text", "soft", "faint", "accent", "danger", "warning", "success", "info")
READABLE = 4.5  # WCAG 2.2, 1.4.3
FINDABLE = 3.0  # WCAG 2.2, 1.4.11


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_text_can_be_read_on_every_background(theme: Theme) -> None:
    pairs = [*product(TEXTS, BACKGROUNDS), ("on_accent", "accent"), ("on_danger", "danger")]

    too_faint = {pair: contrast(theme.hex(pair[0]), theme.hex(pair[1])) for pair in pairs}

    assert {pair: ratio for pair, ratio in too_faint.items() if ratio < READABLE} == {}


def test_every_icon_and_every_edge_of_a_control_can_be_found(theme: Theme) -> None:
    icons = {*TYPE_COLOURS.values(), *OTHER_TYPES, *PRIORITY_COLOURS.values()}
    pairs = [*product(icons, BACKGROUNDS), *product(["edge"], ["window", "surface", "raised"])]

    ratios = {pair: contrast(theme.hex(pair[0]), theme.hex(pair[1])) for pair in pairs}

    assert {pair: ratio for pair, ratio in ratios.items() if ratio < FINDABLE} == {}


def test_a_type_nobody_knows_has_a_colour_and_keeps_it(theme: Theme) -> None:
    assert theme.type_colour("build_failed") == theme.type_colour("build_failed")
    assert theme.type_colour("build_failed").isValid()


@pytest.mark.parametrize("role", ["heading", "title", "body", "small", "label"])
def test_twice_the_font_is_twice_the_text(theme: Theme, role: Role) -> None:
    usual = QGuiApplication.font()
    before = theme.font(role).pointSizeF()
    twice = QFont(usual)
    twice.setPointSizeF(usual.pointSizeF() * 2)
    QApplication.setFont(twice)
    try:
        assert theme.font(role).pointSizeF() == pytest.approx(before * 2)
    finally:
        QApplication.setFont(usual)


def test_a_font_in_pixels_is_scaled_too(theme: Theme) -> None:
    usual = QGuiApplication.font()
    in_pixels = QFont(usual)
    in_pixels.setPixelSize(20)
    QApplication.setFont(in_pixels)
    try:
        assert theme.font("heading").pixelSize() == 25
    finally:
        QApplication.setFont(usual)


def test_the_theme_changes_while_windows_are_open(themes: ThemeSource, qtbot: QtBot) -> None:
    button = QPushButton("Sign in")
    button.setProperty("kind", "primary")
    qtbot.addWidget(button)
    button.show()
    before = button.grab().toImage().pixelColor(button.width() // 2, 4)

    with qtbot.waitSignal(themes.changed):
        themes.choose("dark")

    assert themes.theme.dark
    after = button.grab().toImage().pixelColor(button.width() // 2, 4)
    assert (before.name(), after.name()) == ("#2f54cc", themes.theme.palette.accent)
    assert QApplication.palette().color(QPalette.ColorRole.Window).name() == themes.theme.palette.window


def test_the_same_choice_again_is_no_change(themes: ThemeSource, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(themes.changed):
        themes.choose("light")


def test_a_desktop_that_only_hands_us_a_dark_palette_is_dark(qtbot: QtBot) -> None:
    usual = QApplication.palette()
    QApplication.setPalette(QPalette(QColor("#202020")))
    try:
        assert ThemeSource("system").theme.dark
        assert not ThemeSource("light").theme.dark
    finally:
        QApplication.setPalette(usual)
    assert not ThemeSource("system").theme.dark


def test_the_focus_can_be_seen(themes: ThemeSource, qtbot: QtBot) -> None:
    button = QPushButton("Sign in")
    qtbot.addWidget(button)
    button.show()
    qtbot.waitExposed(button)
    plain = button.grab().toImage()

    button.setFocus()
    qtbot.waitUntil(button.hasFocus)

    assert button.grab().toImage() != plain
    assert themes.theme.colour("accent") == button.grab().toImage().pixelColor(button.width() // 2, 0)


class Ringing(QObject):
    rung = Signal(str)


def test_this_qt_does_not_lose_references() -> None:
    """PySide6 6.12.0 dropped a reference to True with each signal on Python 3.11 and aborted within 600 of them."""
    ringing = Ringing()
    before = sys.getrefcount(True), sys.getrefcount(None)

    for _ in range(300):
        ringing.rung.emit("x")
        ringing.property("missing")

    after = sys.getrefcount(True), sys.getrefcount(None)
    assert after[0] > before[0] - 100
    assert after[1] > before[1] - 100
