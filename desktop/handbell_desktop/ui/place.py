"""Where a popup goes: by the bell when the panel says where that is, else in the corner the mouse is nearest to.

Pure geometry on rectangles, so that every arrangement of screens and panels is a line in a test. A tray that speaks
StatusNotifierItem tells nobody where it drew the icon; but whoever just clicked it has the mouse there, so the nearest
corner is the right one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QWidget

from handbell_desktop.ui.theme import SPACE

Side = Literal["top", "bottom", "left", "right"]


FRAME = 6 * SPACE  # what a title bar and its edges may need


class Screen(NamedTuple):
    whole: QRect
    free: QRect  # without panels and docks


def place_now(size: QSize, bell: QRect) -> QRect:
    """The place on the screens as they are now. `bell` may be empty."""
    screens = [Screen(screen.geometry(), screen.availableGeometry()) for screen in QGuiApplication.screens()]
    return place(size, bell, QCursor.pos(), screens)


def fitting(size: QSize, window: QWidget) -> QSize:
    """As big as wanted, as long as the window's frame is still on its screen: at twice the font little is."""
    free = window.screen().availableSize()
    return size.boundedTo(QSize(free.width() - SPACE, free.height() - FRAME))


def place(size: QSize, bell: QRect, cursor: QPoint, screens: Sequence[Screen]) -> QRect:
    """A rectangle within the free part of one screen; smaller than `size` only where that does not fit."""
    if bell.isValid():
        screen = _screen_at(bell.center(), screens)
        if screen.whole.intersects(bell):
            return _beside(size, bell, screen)
    return _in_corner(size, cursor, _screen_at(cursor, screens).free)


def _beside(size: QSize, bell: QRect, screen: Screen) -> QRect:
    free = _inner(screen.free)
    width, height = min(size.width(), free.width()), min(size.height(), free.height())
    middle = bell.center()
    x, y = middle.x() - width // 2, middle.y() - height // 2
    match _panel_side(bell, screen):
        case "top":
            y = bell.bottom() + SPACE
        case "bottom":
            y = bell.top() - SPACE - height
        case "left":
            x = bell.right() + SPACE
        case "right":
            x = bell.left() - SPACE - width
    return _kept(QRect(x, y, width, height), free)


def _panel_side(bell: QRect, screen: Screen) -> Side:
    """The edge that the bell's panel lies on; one that hides itself takes no space, then it is the nearest edge."""
    middle, free = bell.center(), screen.free
    if not free.contains(middle):
        if middle.y() < free.top():
            return "top"
        if middle.y() > free.bottom():
            return "bottom"
        return "left" if middle.x() < free.left() else "right"
    distances: dict[Side, int] = {
        "top": middle.y() - free.top(),
        "bottom": free.bottom() - middle.y(),
        "left": middle.x() - free.left(),
        "right": free.right() - middle.x(),
    }
    return min(distances, key=lambda side: distances[side])


def _in_corner(size: QSize, cursor: QPoint, free: QRect) -> QRect:
    free = _inner(free)
    width, height = min(size.width(), free.width()), min(size.height(), free.height())
    middle = free.center()
    x = free.left() if cursor.x() < middle.x() else free.right() + 1 - width
    y = free.top() if cursor.y() < middle.y() else free.bottom() + 1 - height
    return QRect(x, y, width, height)


def _screen_at(point: QPoint, screens: Sequence[Screen]) -> Screen:
    def distance(screen: Screen) -> int:
        area = screen.whole
        nearest = QPoint(
            min(max(point.x(), area.left()), area.right()),
            min(max(point.y(), area.top()), area.bottom()),
        )
        return (nearest - point).manhattanLength()

    return min(screens, key=distance)


def _inner(free: QRect) -> QRect:
    return free.adjusted(SPACE, SPACE, -SPACE, -SPACE)


def _kept(place: QRect, free: QRect) -> QRect:
    """Pushed inside, where it overlaps the edge."""
    x = min(max(place.x(), free.left()), free.right() + 1 - place.width())
    y = min(max(place.y(), free.top()), free.bottom() + 1 - place.height())
    return QRect(x, y, place.width(), place.height())
