"""Our own line icons: each draws something of its own, in its colour, at the pixels of the screen."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPixmap
from pytestqt.qtbot import QtBot

from handbell_desktop.ui import icons
from handbell_desktop.ui.icon_shapes import SHAPES
from handbell_desktop.ui.theme import LIGHT_THEME, TYPE_COLOURS, Theme

# What the rest of the desktop asks for by name.
PROMISED = {
    *(
        "alert",
        "archive",
        "bell",
        "check",
        "check-all",
        "chevron-down",
        "chevron-left",
        "chevron-right",
        "clock",
        "close",
        "comment",
    ),
    *("copy", "device", "error", "external", "follow", "friend", "help", "info", "key", "keyboard", "like", "link"),
    *("mention", "message", "minus", "moon", "more", "mute", "offline", "order", "pin", "plus", "refresh", "reply"),
    *("search", "settings", "shield", "success", "sun", "system", "trash", "unarchive", "undo", "user", "users"),
    *("mail", "warning"),
}


def drawn(picture: QPixmap) -> QImage:
    return picture.toImage().convertToFormat(QImage.Format.Format_ARGB32)


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_an_icon_is_drawn_within_its_square(name: str, qtbot: QtBot) -> None:
    picture = drawn(icons.pixmap(name, "#123456", 24))

    inked = [(x, y) for x in range(24) for y in range(24) if QColor.fromRgba(picture.pixel(x, y)).alpha() > 40]

    assert len(inked) >= 12
    assert all(1 <= x <= 22 and 1 <= y <= 22 for x, y in inked)  # nothing is cut off at an edge
    dark = max((QColor.fromRgba(picture.pixel(x, y)) for x, y in inked), key=QColor.alpha)
    assert (dark.red(), dark.green(), dark.blue()) == pytest.approx((0x12, 0x34, 0x56), abs=3)


def test_no_two_icons_look_alike(qtbot: QtBot) -> None:
    pictures = {name: bytes(drawn(icons.pixmap(name, "#000000", 20)).constBits()) for name in SHAPES}

    assert len(set(pictures.values())) == len(SHAPES)
    assert set(SHAPES) == PROMISED


def test_a_sharper_screen_gets_more_pixels(qtbot: QtBot) -> None:
    picture = icons.pixmap("bell", "#000000", 20, 2.0)

    assert picture.size() == QSize(40, 40)
    assert picture.deviceIndependentSize().toSize() == QSize(20, 20)


def test_a_button_gets_its_icon_in_the_theme_s_colour(theme: Theme, qtbot: QtBot) -> None:
    picture = drawn(icons.icon("minus", theme, "accent").pixmap(24, 24))

    assert QColor.fromRgba(picture.pixel(12, 12)).name() == theme.palette.accent


def test_every_type_has_an_icon_and_a_producer_s_own_type_rings_the_bell(qtbot: QtBot) -> None:
    assert {icons.type_icon(name) for name in TYPE_COLOURS} <= set(SHAPES)
    assert icons.type_icon("build_failed") == "bell"
    assert icons.icon(icons.type_icon("build_failed"), LIGHT_THEME).isNull() is False
