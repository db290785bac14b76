"""What an empty list shows: a bell at rest, one sentence, and where it helps a button."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from handbell_desktop.ui import icons
from handbell_desktop.ui.theme import SPACE, ThemeSource


class _Drawing(QWidget):
    """An icon on a disc, with a few sparks around it."""

    def __init__(self, themes: ThemeSource, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self.name = "bell"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:  # noqa: N802
        side = max(112, 7 * self.fontMetrics().height())
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Where there is little room, the words have it."""
        return QSize(self.sizeHint().width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme, side = self._themes.theme, float(min(self.width(), self.height()))
        painter = QPainter(self)
        painter.translate((self.width() - side) / 2, (self.height() - side) / 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_soft"))
        painter.drawEllipse(QRectF(side * 0.11, side * 0.11, side * 0.78, side * 0.78))
        sparks = (
            (0.10, 0.26, 3.0, "brand"),
            (0.93, 0.34, 4.0, "accent"),
            (0.84, 0.90, 3.0, "brand"),
            (0.16, 0.84, 2.5, "accent"),
        )
        for x, y, radius, colour in sparks:
            pen = QPen(theme.colour(colour), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            at = QPointF(side * x, side * y)
            painter.drawLine(at - QPointF(radius, 0), at + QPointF(radius, 0))
            painter.drawLine(at - QPointF(0, radius), at + QPointF(0, radius))
        icon = round(side * 0.42)
        place = round((side - icon) / 2)
        painter.drawPixmap(place, place, icons.pixmap(self.name, theme.hex("accent"), icon, self.devicePixelRatioF()))
        painter.end()


class EmptyState(QWidget):
    pressed = Signal()

    def __init__(self, themes: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # keys work here as they do in the list
        self._drawing = _Drawing(themes, self)
        self._title, self._text = QLabel(self), QLabel(self)
        for label in (self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self._text.setProperty("tone", "soft")
        self.button = QPushButton(self)
        self.button.setProperty("kind", "primary")
        self.button.clicked.connect(self.pressed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 2 * SPACE, 4 * SPACE, 4 * SPACE)
        layout.setSpacing(SPACE)
        layout.addStretch(2)
        layout.addWidget(self._drawing, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(SPACE)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addSpacing(SPACE // 2)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        themes.changed.connect(self._dress)
        self._dress()

    def say(self, icon: str, title: str, text: str, button: str = "") -> None:
        self._drawing.name = icon
        self._title.setText(title)
        self._text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._drawing.update()

    @property
    def title(self) -> str:
        return self._title.text()

    def _dress(self) -> None:
        self._title.setFont(self._themes.theme.font("heading"))
        self._text.setFont(self._themes.theme.font("body"))
        self.update()
