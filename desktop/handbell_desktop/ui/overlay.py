"""A sheet over a window: the rest is dimmed and out of reach until it is closed by its button, by Esc or by a click beside."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from handbell_desktop.ui import icons
from handbell_desktop.ui.parts import words
from handbell_desktop.ui.theme import RADIUS_LARGE, SPACE, ThemeSource

WIDEST = 36  # lines: what stands at one end of a row still belongs to what stands at the other


class Overlay(QWidget):
    """`body` is where a sheet puts what it has to say."""

    closed = Signal()

    def __init__(self, themes: ThemeSource, title: str, host: QWidget) -> None:
        super().__init__(host)
        self._themes = themes
        self._host = host
        self.card = QFrame(self)
        self.card.setProperty("look", "raised")
        self._title = words(title, themes, "heading")
        self._close = QToolButton(self.card)
        self._close.setToolTip(self.tr("Close (Esc)"))
        self._close.setAccessibleName(self.tr("Close"))
        self._close.clicked.connect(self.leave)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        self.body = QVBoxLayout()
        layout = QVBoxLayout(self.card)
        layout.setContentsMargins(*ends(2 * SPACE, SPACE, top=SPACE, bottom=2 * SPACE))
        layout.addLayout(head)
        layout.addLayout(self.body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        outer.addStretch()
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.card, 1000)  # all there is, up to its own greatest width
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch()
        host.installEventFilter(self)
        themes.changed.connect(self._dress)
        self._dress()
        self.hide()

    def enter(self) -> None:
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self._close.setFocus()

    def leave(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return False

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Tab stays within the sheet."""
        able = [
            one
            for one in self.card.findChildren(QWidget)
            if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisible() and one.focusProxy() is None
        ]
        focused = self.focusWidget()
        at = able.index(focused) if focused in able else -1
        if able:
            able[(at + (1 if forward else -1)) % len(able)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if not self.card.geometry().contains(event.position().toPoint()):
            self.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        event.accept()  # nothing reaches what lies below

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 140 if self._themes.theme.dark else 90))
        radius = RADIUS_LARGE if self.window().testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground) else 0
        painter.drawRoundedRect(self.rect(), radius, radius)  # as round as the window it dims
        painter.end()

    def _dress(self) -> None:
        self._title.setFont(self._themes.theme.font("heading"))
        self.card.setMaximumWidth(WIDEST * self.fontMetrics().height())
        self._close.setIcon(icons.icon("close", self._themes.theme, "soft"))


def ends(start: int, end: int, *, top: int = 0, bottom: int = 0) -> tuple[int, int, int, int]:
    """Margins as a layout wants them; those at the sides change places where lines begin at the right."""
    mirrored = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return (end, top, start, bottom) if mirrored else (start, top, end, bottom)
