"""The geometry of the bell in the tray, on a grid of 16 that is fitted to whole pixels.

Straight edges are rounded to pixels of the size at hand, because a tray icon is small enough for half a pixel to be a smudge.
For the same reason the badge of the smallest size has digits of its own, dot by dot.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainterPath, QPainterPathStroker, QTransform

GRID = 16

DIGITS = {
    "0": (".##.", "#..#", "#..#", "#..#", "#..#", "#..#", ".##."),
    "1": (".#", "##", ".#", ".#", ".#", ".#", ".#"),
    "2": (".##.", "#..#", "...#", "..#.", ".#..", "#...", "####"),
    "3": ("####", "...#", "..#.", ".##.", "...#", "#..#", ".##."),
    "4": ("..#.", ".##.", "#.#.", "#.#.", "####", "..#.", "..#."),
    "5": ("####", "#...", "###.", "...#", "...#", "#..#", ".##."),
    "6": (".##.", "#...", "#...", "###.", "#..#", "#..#", ".##."),
    "7": ("####", "...#", "..#.", "..#.", ".#..", ".#..", ".#.."),
    "8": (".##.", "#..#", "#..#", ".##.", "#..#", "#..#", ".##."),
    "9": (".##.", "#..#", "#..#", ".###", "...#", "...#", ".##."),
    "+": ("...", "...", ".#.", "###", ".#.", "...", "..."),
}


def bell_body(size: int) -> QPainterPath:
    """The bell with its knob, without the clapper."""
    lip = round(12.5 * size / GRID) * GRID / size  # on a whole pixel
    body = QPainterPath(QPointF(3.7, 7))
    body.cubicTo(3.7, 4.2, 5.4, 2.1, 8, 2.1)
    body.cubicTo(10.6, 2.1, 12.3, 4.2, 12.3, 7)
    body.cubicTo(12.3, 9.6, 13.0, 10.5, 14, 11.4)
    body.lineTo(14, lip)
    body.lineTo(2, lip)
    body.lineTo(2, 11.4)
    body.cubicTo(3.0, 10.5, 3.7, 9.6, 3.7, 7)
    body.closeSubpath()
    knob = QPainterPath()
    knob.addEllipse(QPointF(8, 2.2), 1.3, 1.3)
    return _fitted(body.united(knob), size)


def clapper(size: int) -> QPainterPath:
    top = round(13.4 * size / GRID) * GRID / size
    bowl = QPainterPath(QPointF(6, top))
    bowl.lineTo(10, top)
    bowl.cubicTo(10, top + 2.6, 6, top + 2.6, 6, top)
    return _fitted(bowl, size)


def hollow(body: QPainterPath, size: int) -> QPainterPath:
    """Only the wall of a body."""
    return body.intersected(outline(body, 2 * max(1.35, 1.25 * size / GRID)))


def outline(path: QPainterPath, width: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    return stroker.createStroke(path)


def grown(path: QPainterPath, by: float) -> QPainterPath:
    return path.united(outline(path, 2 * by))


def slash(size: int) -> QPainterPath:
    line = QPainterPath(QPointF(1.6, 2.6))
    line.lineTo(13.4, 14.4)
    return outline(_fitted(line, size), max(1.7, 1.5 * size / GRID))


# ---- the marks in the lower left corner


def pause_mark(size: int) -> QPainterPath:
    return _bars(size, (0.5, 9, 2, 6.5), (4, 9, 2, 6.5))


def exclamation_mark(size: int) -> QPainterPath:
    return _bars(size, (1, 7, 2.4, 5), (1, 13, 2.4, 2.4))


def plus_mark(size: int) -> QPainterPath:
    return _bars(size, (0, 11, 6, 2), (2, 9, 2, 6))


def dots_mark(size: int) -> QPainterPath:
    side = round(2.3 * size / GRID)
    left, top = (size - 5 * side) // 2, round(13.2 * size / GRID)
    path = QPainterPath()
    for place in range(3):
        path.addRect(QRectF(left + 2 * side * place, top, side, min(side, size - top)))
    return path


def key_mark(size: int) -> QPainterPath:
    ring = QPainterPath()
    ring.addEllipse(QPointF(2.6, 12.4), 2.6, 2.6)
    hole = QPainterPath()
    hole.addEllipse(QPointF(2.6, 12.4), 1.05, 1.05)
    shaft = _bars(size, (5, 11.6, 4.6, 1.6), (6.4, 12, 1.2, 2.8), (8.6, 12, 1.2, 2.8))
    return _fitted(ring.subtracted(hole), size).united(shaft)


# ---- the badge


def badge(text: str, size: int, family: str) -> tuple[QPainterPath, QPainterPath]:
    """The badge in the upper right corner and the text upon it."""
    digits = _dotted(text) if size < 20 else _lettered(text, size, family)
    box = digits.boundingRect()
    side, top = (2, 1) if size < 20 else (round(1.6 * size / GRID), round(1.25 * size / GRID))
    if len(text) > 2:
        side = max(1, side // 2)
    height = round(box.height()) + 2 * top
    width = min(size, max(height, round(box.width()) + 2 * side))
    field = QPainterPath()
    radius = 3.0 if size < 20 else height / 2 if len(text) < 3 else height / 2.6
    field.addRoundedRect(QRectF(size - width, 0, width, height), radius, radius)
    left = size - width + (width - box.width()) / 2
    left = float(round(left)) if size < 20 else left
    return field, digits.translated(left - box.x(), top - box.y())


def _dotted(text: str) -> QPainterPath:
    path = QPainterPath()
    x = 0
    for letter in text:
        rows = DIGITS[letter]
        for y, row in enumerate(rows):
            for dx, dot in enumerate(row):
                if dot == "#":
                    path.addRect(QRectF(x + dx, y, 1, 1))
        x += len(rows[0]) + 1
    return path


def _lettered(text: str, size: int, family: str) -> QPainterPath:
    """The text in a bold font, its top and bottom on whole pixels, narrowed when it would be wider than the icon."""
    font = QFont(family)
    font.setPixelSize(100)
    font.setWeight(QFont.Weight.Bold)
    plain = QPainterPath()
    plain.addText(0, 0, font, text)
    zero = QPainterPath()
    zero.addText(0, 0, font, "0")
    share = 7.2 if size < 28 else 6.4
    scale = round((share if len(text) < 3 else share - 0.6) * size / GRID) / max(1.0, zero.boundingRect().height())
    room = size - 2 * max(1, round(size / GRID))
    narrow = min(1.0, room / max(1.0, plain.boundingRect().width() * scale))
    return QTransform.fromScale(scale * narrow, scale).map(plain)


def _bars(size: int, *bars: Sequence[float]) -> QPainterPath:
    path = QPainterPath()
    for x, y, width, height in bars:
        unit = size / GRID
        left, top = round(x * unit), round(y * unit)
        path.addRect(QRectF(left, top, max(1, round(width * unit)), max(1, round(height * unit))))
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


def _fitted(path: QPainterPath, size: int) -> QPainterPath:
    return QTransform.fromScale(size / GRID, size / GRID).map(path)
