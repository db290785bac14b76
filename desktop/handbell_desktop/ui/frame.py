"""The panel's own window: no title bar, round corners and a soft shadow, or a clean line where the desktop cannot.

A tool window and not a `Popup`: it has a real focus, so a text field, an input method and a screen reader work in it, and
it needs no grab, which a tray's panel may be holding. It goes away when another window becomes active.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from handbell_desktop.ui.place import fitting
from handbell_desktop.ui.theme import RADIUS_LARGE, ThemeSource

SHADOW = 14
REACH = 3  # how much further the shadow falls below than above


def composes() -> bool:
    """Whether a see-through pixel shows what is behind. An X server without a compositor shows black, and Qt cannot tell."""
    return QGuiApplication.platformName() != "xcb"


def places_itself() -> bool:
    return not QGuiApplication.platformName().startswith("wayland")


class PopupFrame(QWidget):
    """`inside` is where the content goes."""

    def __init__(self, themes: ThemeSource, parent: QWidget | None = None) -> None:
        flags = Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        super().__init__(parent, flags | Qt.WindowType.NoDropShadowWindowHint)
        self._themes = themes
        self._shadow = SHADOW if composes() else 0
        if self._shadow:
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.inside = QWidget(self)
        layout = QVBoxLayout(self)
        edge = self._shadow + 1
        layout.setContentsMargins(
            edge, edge - REACH if self._shadow else edge, edge, edge + REACH if self._shadow else edge
        )
        layout.addWidget(self.inside)
        themes.changed.connect(self.update)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        left = event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow()
        if left and self.isVisible() and QApplication.activePopupWidget() is None:
            self.left_alone()

    def put(self, place: QRect) -> None:
        """Where that can be said. A Wayland desktop decides it alone, and one that tiles leaves a window its size only
        when it has no other."""
        if places_itself():
            self.setGeometry(place)
        else:
            self.setFixedSize(fitting(place.size(), self))

    def left_alone(self) -> None:
        """The person turned to something else."""
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.inside.geometry())
        radius = RADIUS_LARGE if self._shadow else 0
        self._paint_shadow(painter, card, radius)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("surface"))
        painter.drawRoundedRect(card.adjusted(-0.5, -0.5, 0.5, 0.5), radius, radius)
        painter.end()

    def _paint_shadow(self, painter: QPainter, card: QRectF, radius: float) -> None:
        """Rings that overlap: what is drawn more often is darker, so it fades outwards."""
        painter.setPen(Qt.PenStyle.NoPen)
        strength = 9 if self._themes.theme.dark else 4
        for step in range(self._shadow - REACH, 0, -1):
            painter.setBrush(QColor(10, 14, 25, strength + (2 if step < 4 else 0)))
            ring = card.adjusted(-step, -step, step, step).translated(0, REACH)
            painter.drawRoundedRect(ring, radius + step, radius + step)
