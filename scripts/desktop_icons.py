"""The program's icons as files, rendered when a package is made: from the drawing, and small ones as the tray paints them.

    pictures(sizes)     {256: PNG bytes, …}        for packages, installers and bundles of every platform

At 32 pixels and below half a pixel is a smudge, so there it is the tray's bell, which is fitted to whole pixels; above, the
drawing in packaging/desktop/icon. Qt renders without a screen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from handbell_desktop.condition import Condition
from handbell_desktop.ui.bell import bell_pixmap

DRAWINGS: Final = Path(__file__).resolve().parents[1] / "packaging/desktop/icon"
DRAWING: Final = DRAWINGS / "handbell-desktop.svg"
SYMBOLIC: Final = DRAWINGS / "handbell-desktop-symbolic.svg"
HICOLOR: Final = (16, 22, 24, 32, 48, 64, 96, 128, 192, 256, 512)
FITTED_UP_TO: Final = 32


def pictures(sizes: Iterable[int] = HICOLOR) -> Mapping[int, bytes]:
    # Of the kind that windows need: there is one in a process, and whoever comes later may want them.
    application = QApplication.instance() or QApplication([])
    made = {size: _png(_fitted(size) if size <= FITTED_UP_TO else _drawn(size)) for size in sizes}
    del application
    return made


def _fitted(size: int) -> QImage:
    return bell_pixmap(size, 0, Condition.ONLINE).toImage()


def _drawn(size: int) -> QImage:
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(str(DRAWING)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


def _png(picture: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload] # the stub wants bytes where Qt wants a name
    return bytes(content.data())
