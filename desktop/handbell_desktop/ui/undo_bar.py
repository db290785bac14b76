"""What was just done, and ten seconds to take it back: a sentence, a button, and a line that runs out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from handbell_desktop.changes import Change
from handbell_desktop.desk import Desk
from handbell_desktop.ui import icons
from handbell_desktop.ui.theme import RADIUS, SPACE, ThemeSource
from handbell_desktop.undo import OFFERED_FOR, UndoOffer

FRAME = 50  # ms between two pictures of the line
LINE = 3


class UndoBar(QFrame):
    def __init__(self, desk: Desk, themes: ThemeSource, now: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._themes = themes
        self._now = now
        self._offer: UndoOffer | None = None
        self._sentence = QLabel(self)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self.button = QPushButton(self.tr("Undo"), self)
        self.button.setProperty("kind", "quiet")
        self.button.setToolTip(self.tr("Take it back (Ctrl+Z)"))
        self.button.clicked.connect(desk.take_back)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE // 2, SPACE, SPACE // 2 + LINE)
        layout.addWidget(self._sentence, 1)
        layout.addWidget(self.button)
        self._tick = QTimer(self)
        self._tick.setInterval(FRAME)
        self._tick.timeout.connect(self._run_out)
        themes.changed.connect(self._dress)
        self.destroyed.connect(desk.listen(self._hear))
        self._dress()
        self._look()

    def _hear(self, change: Change) -> None:
        if change.undo:
            self._look()

    def _look(self) -> None:
        self._offer = self._desk.undo
        self.setVisible(self._offer is not None)
        if self._offer is None:
            self._tick.stop()
            return
        self._sentence.setText(self._said(self._offer))
        self._sentence.setAccessibleName(self._sentence.text())
        self._tick.start()
        self.update()

    def _run_out(self) -> None:
        if self._offer is None or self._now() >= self._offer.until or not self.isVisible():
            self._tick.stop()
        self.update()

    def showEvent(self, event: object) -> None:  # noqa: N802
        if self._offer is not None:
            self._tick.start()

    def _dress(self) -> None:
        self.button.setIcon(icons.icon("undo", self._themes.theme, "accent"))
        self._sentence.setFont(self._themes.theme.font("body"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_soft"))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        if self._offer is not None:
            left = max(0.0, min(1.0, (self._offer.until - self._now()) / OFFERED_FOR))
            room = self.width() - 2 * RADIUS
            line = QRectF(RADIUS, self.height() - LINE, room * left, LINE)
            if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
                line.moveRight(self.width() - RADIUS)
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(line, LINE / 2, LINE / 2)
        painter.end()

    def _said(self, offer: UndoOffer) -> str:
        count, source = offer.count, offer.about
        match offer.sentence_key:
            case "mute":
                return (
                    self.tr("{source} is muted").format(source=source)
                    if source
                    else self.tr("%n sources muted", "", count)
                )
            case "unmute":
                return (
                    self.tr("{source} rings again").format(source=source)
                    if source
                    else self.tr("%n sources ring again", "", count)
                )
            case "trust":
                return self.tr("Urgent ones of {source} ring although it is quiet").format(source=source)
            case "distrust":
                return self.tr("Urgent ones of {source} keep quiet, too").format(source=source)
            case "read":
                return self.tr("%n notification(s) marked as read", "", count)
            case "unread":
                return self.tr("%n notification(s) marked as unread", "", count)
            case "archive":
                return self.tr("%n notification(s) archived", "", count)
            case "unarchive":
                return self.tr("%n notification(s) moved back", "", count)
            case "snooze":
                return self.tr("%n notification(s) snoozed", "", count)
            case "pin":
                return self.tr("%n notification(s) pinned", "", count)
            case "unpin":
                return self.tr("%n notification(s) no longer pinned", "", count)
            case "delete":
                return self.tr("%n notification(s) deleted", "", count)
        return self.tr("Done")
