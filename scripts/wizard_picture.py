"""The picture beside the last page of the Windows installer: the bell on the desk, as NSIS wants it, a plain bitmap."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtSvg import QSvgRenderer

from scripts.desktop_icons import DRAWING

WIDTH, HEIGHT = 328, 628  # twice what the page has, for screens with finer dots
EVENING: Final = (QColor("#2b3242"), QColor("#4a5470"))
DESK: Final = QColor("#6f4a2a")


def write(to: Path) -> None:
    picture = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(QPointF(0, 0), QPointF(0, HEIGHT))
    sky.setColorAt(0, EVENING[0])
    sky.setColorAt(1, EVENING[1])
    painter.fillRect(QRectF(0, 0, WIDTH, HEIGHT), sky)
    painter.fillRect(QRectF(0, 452, WIDTH, HEIGHT - 452), DESK)
    side = 232.0
    QSvgRenderer(str(DRAWING)).render(painter, QRectF((WIDTH - side) / 2, 238, side, side))
    painter.end()
    picture.convertToFormat(QImage.Format.Format_RGB888).save(str(to))
