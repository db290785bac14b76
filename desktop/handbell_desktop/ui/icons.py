"""The product's own line icons, drawn when they are first needed.

An icon is a shape (`icon_shapes.py`) and a colour: a name of the theme's palette, or "#rrggbb". It is rendered at the very
pixels of each screen that is plugged in, in the sizes that controls use, so it is crisp at 1x, 1.5x and 2x; what was
rendered is kept. (An icon engine of our own would render on demand, but one written in Python is never told the screen's
ratio, and Qt crashes when it clones it.) An icon keeps its colour: whoever shows it asks again when the theme changes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from handbell_desktop.ui.icon_shapes import SHAPES
from handbell_shared.kinds import TYPE_ICONS

if TYPE_CHECKING:
    from handbell_desktop.ui.theme import Theme

STROKE = 1.75
SIZES = (16, 18, 20, 24)


def type_icon(a_type: str) -> str:
    """The icon of a notification's type; a type that a producer registered itself rings the bell."""
    return TYPE_ICONS.get(a_type, "bell")


def icon(name: str, theme: Theme, colour: str = "text") -> QIcon:
    """The icon for buttons and menus, in the sizes these have."""
    drawn = QIcon()
    for dpr in {1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}:
        for size in SIZES:
            drawn.addPixmap(pixmap(name, theme.hex(colour), size, dpr))
    return drawn


def pixmap(name: str, colour: str, size: int, dpr: float = 1.0) -> QPixmap:
    """The icon in "#rrggbb", `size` logical pixels wide and high, for a screen of this ratio."""
    return _rendered(name, colour, max(1, round(size * dpr)), dpr)


def svg(name: str, colour: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{colour}" stroke-width="{STROKE}" stroke-linecap="round" stroke-linejoin="round">'
        + SHAPES[name].replace('class="dot"', f'fill="{colour}"')
        + "</svg>"
    )


@lru_cache(maxsize=512)
def _rendered(name: str, colour: str, pixels: int, dpr: float) -> QPixmap:
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _renderer(name, colour).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    picture.setDevicePixelRatio(dpr)
    return picture


@lru_cache(maxsize=128)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg(name, colour).encode()))
