"""The picture at the top of the README: a command, what it rang, and the bell that has it.

Panel, toasts and the bell's icon are what the running programs showed, and the terminal says what was really typed and
answered; only the desk around them is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QLinearGradient, QPainter, QPainterPath

SCALE: Final = 2
WIDTH, BAR, EDGE, GAP = 1000 * SCALE, 34 * SCALE, 36 * SCALE, 28 * SCALE
APART: Final = 14 * SCALE
RADIUS: Final = 12 * SCALE
SLOPES: Final = {False: ("#c9d6f2", "#f3dfcb"), True: ("#28304a", "#12141d")}


def composed(panel: QImage, toasts: Sequence[QImage], bell: QImage, typed: str, *, dark: bool) -> QImage:
    """All of it on one desk, in the size that a README shows at half."""
    desk = QImage(WIDTH, BAR + GAP + panel.height() + EDGE, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(desk)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    slope = QLinearGradient(0, 0, desk.width(), desk.height())
    for at, colour in enumerate(SLOPES[dark]):
        slope.setColorAt(at, QColor(colour))
    painter.fillRect(desk.rect(), slope)
    _bar(painter, bell, dark=dark)
    top, right = BAR + GAP, WIDTH - EDGE - panel.width()
    _placed(painter, panel, right, top, dark=dark)
    pile = sum(toast.height() + APART for toast in toasts) - APART
    terminal = QRectF(EDGE, 0, right - 2 * EDGE, 146 * SCALE)
    terminal.moveTop(top + (panel.height() - terminal.height() - 2 * GAP - pile) / 2)
    _terminal(painter, terminal, typed, dark=dark)
    under = terminal.bottom() + 2 * GAP
    for toast in toasts:
        _placed(painter, toast, (right - toast.width()) / 2, under, dark=dark)
        under += toast.height() + APART
    painter.end()
    return desk


def _bar(painter: QPainter, bell: QImage, *, dark: bool) -> None:
    painter.fillRect(QRectF(0, 0, WIDTH, BAR), QColor(12, 14, 22, 150) if dark else QColor(24, 28, 44, 205))
    painter.setPen(QColor("#f2f4fa"))
    painter.setFont(_font("DejaVu Sans", 11, bold=True))
    clock = "Fri 09:41"
    wide = painter.fontMetrics().horizontalAdvance(clock)
    painter.drawText(QRectF(WIDTH - EDGE - wide, 0, wide + 2, BAR), Qt.AlignmentFlag.AlignVCenter, clock)
    side = 26 * SCALE
    painter.drawImage(QRectF(WIDTH - EDGE - wide - 16 * SCALE - side, (BAR - side) / 2, side, side), bell)


def _placed(painter: QPainter, picture: QImage, x: float, y: float, *, dark: bool) -> None:
    place = QRectF(QPointF(x, y), picture.size())
    _shadow(painter, place, dark=dark)
    painter.save()
    shape = QPainterPath()
    shape.addRoundedRect(place, RADIUS, RADIUS)
    painter.setClipPath(shape)
    painter.drawImage(place.topLeft(), picture)
    painter.restore()


def _terminal(painter: QPainter, place: QRectF, typed: str, *, dark: bool) -> None:
    _shadow(painter, place, dark=dark)
    shape = QPainterPath()
    shape.addRoundedRect(place, RADIUS, RADIUS)
    painter.fillPath(shape, QColor("#11131a"))
    for number, colour in enumerate(("#e5626b", "#e8b64c", "#5dbb6a")):
        painter.setBrush(QColor(colour))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(
            QPointF(place.left() + (20 + 18 * number) * SCALE, place.top() + 18 * SCALE), 5 * SCALE, 5 * SCALE
        )
    painter.setFont(_font("DejaVu Sans Mono", 10))
    high = painter.fontMetrics().height() * 1.25
    for number, line in enumerate(typed.splitlines()):
        painter.setPen(QColor("#e9ecf5" if line.startswith(("$", " ")) else "#7fd18b"))
        painter.drawText(QPointF(place.left() + 18 * SCALE, place.top() + 52 * SCALE + number * high), line)


def _shadow(painter: QPainter, place: QRectF, *, dark: bool) -> None:
    for step in range(24, 0, -1):
        shape = QPainterPath()
        around = place.adjusted(-step, -step + 12, step, step + 12)
        shape.addRoundedRect(around, RADIUS + step, RADIUS + step)
        painter.fillPath(shape, QColor(0, 0, 0, 6) if dark else QColor(20, 24, 40, 3))


def _font(family: str, points: int, *, bold: bool = False) -> QFont:
    font = QFont(family)
    font.setPixelSize(points * SCALE * 4 // 3)
    font.setBold(bold)
    return font
