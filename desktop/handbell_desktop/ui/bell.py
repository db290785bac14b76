"""The bell: the product's face in the tray, painted at the pixels of every size a panel may want.

Two things must be seen in 16 pixels: how many are waiting, and whether the bell hears anything at all. The number sits in
the upper right corner. The condition changes the bell's shape, so that it is told without colour: filled when it rings,
hollow when nothing can reach it, and a mark in the lower left corner says why.

    online        filled                        offline       hollow, struck through
    connecting    hollow, three dots            signed out    hollow, a key
    paused        filled, pause bars            incompatible  hollow, an exclamation mark
                                                no account    hollow, a plus

Styles: `colour`, `light` (for dark panels), `dark` (for light panels), and `template`: shape only, for a desktop that
colours the icon itself, where the number is cut out of its badge.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon, QImage, QPainter, QPainterPath, QPixmap

from handbell_desktop.condition import Condition
from handbell_desktop.ui import bell_shapes as shapes

Style = Literal["colour", "light", "dark", "template"]

TRAY_SIZES = (16, 22, 24, 32, 44, 48, 64)
MOST = 99


class BadgeColours(Struct, frozen=True):
    field: str = "#d3222f"
    text: str = "#ffffff"


class _Inks(Struct, frozen=True):
    bell: str
    deaf: str  # a bell that hears nothing
    mark: str
    rim: str | None = None  # a line around the gold, or a white panel swallows it


# Those of `colour` stand at least 3:1 from white and from dark panels alike, the gold by its rim.
INKS: dict[Style, _Inks] = {
    "colour": _Inks(bell="#f0ae2c", deaf="#808999", mark="#c9790a", rim="#7a4d00"),
    "light": _Inks(bell="#f4f5f8", deaf="#f4f5f8", mark="#f4f5f8"),
    "dark": _Inks(bell="#262b34", deaf="#262b34", mark="#262b34"),
    "template": _Inks(bell="#000000", deaf="#000000", mark="#000000"),
}

RED_BADGE = BadgeColours()
HEARS = frozenset({Condition.ONLINE, Condition.PAUSED})
MARKS: dict[Condition, Callable[[int], QPainterPath]] = {
    Condition.CONNECTING: shapes.dots_mark,
    Condition.OFFLINE: shapes.slash,
    Condition.SIGNED_OUT: shapes.key_mark,
    Condition.INCOMPATIBLE: shapes.exclamation_mark,
    Condition.PAUSED: shapes.pause_mark,
    Condition.NO_ACCOUNT: shapes.plus_mark,
}


def badge_text(count: int) -> str:
    if count <= 0:
        return ""
    return str(count) if count <= MOST else f"{MOST}+"


def bell_icon(count: int, condition: Condition, style: Style = "colour", badge: BadgeColours = RED_BADGE) -> QIcon:
    """The bell in all the sizes that panels ask for."""
    return _icon(badge_text(count), condition, style, badge)


def app_icon() -> QIcon:
    """The plain bell, for windows, the task switcher and the about page."""
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(bell_pixmap(size, 0, Condition.ONLINE))
    return icon


def bell_pixmap(
    size: int,
    count: int,
    condition: Condition,
    style: Style = "colour",
    badge: BadgeColours = RED_BADGE,
    dpr: float = 1.0,
) -> QPixmap:
    """The bell at one size in logical pixels, for a screen of this ratio."""
    picture = QPixmap.fromImage(_painted(round(size * dpr), badge_text(count), condition, style, badge))
    picture.setDevicePixelRatio(dpr)
    return picture


@lru_cache(maxsize=64)
def _icon(text: str, condition: Condition, style: Style, badge: BadgeColours) -> QIcon:
    icon = QIcon()
    for size in TRAY_SIZES:
        icon.addPixmap(QPixmap.fromImage(_painted(size, text, condition, style, badge)))
    icon.setIsMask(style == "template")
    return icon


def _painted(size: int, text: str, condition: Condition, style: Style, badge: BadgeColours) -> QImage:
    picture = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    inks = INKS[style]
    gap = max(1.0, size / shapes.GRID)
    _paint_bell(painter, size, condition, inks)
    mark = MARKS.get(condition)
    if mark is not None:
        shape = mark(size)
        _cut(painter, shapes.grown(shape, gap))
        painter.fillPath(shape, QColor(inks.mark))
    if text:
        _paint_badge(painter, size, text, gap, None if style == "template" else badge)
    painter.end()
    return picture


def _paint_bell(painter: QPainter, size: int, condition: Condition, inks: _Inks) -> None:
    hears = condition in HEARS
    body = shapes.bell_body(size)
    if not hears:
        body = shapes.hollow(body, size)
    if condition is not Condition.CONNECTING:  # its dots are where the clapper would be
        body = body.united(shapes.clapper(size))
    if hears and inks.rim is not None:
        painter.fillPath(shapes.grown(body, 0.5), QColor(inks.rim))
    painter.fillPath(body, QColor(inks.bell if hears else inks.deaf))


def _paint_badge(painter: QPainter, size: int, text: str, gap: float, colours: BadgeColours | None) -> None:
    field, digits = shapes.badge(text, size, QFont().family())
    _cut(painter, shapes.grown(field, gap))
    painter.fillPath(field, QColor(colours.field if colours else "#000000"))
    if colours:
        painter.fillPath(digits, QColor(colours.text))
    else:
        _cut(painter, digits)


def _cut(painter: QPainter, shape: QPainterPath) -> None:
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.fillPath(shape, Qt.GlobalColor.black)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
