"""One line above the list about how the bell stands with the world, with the one button that may help."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QDateTime, QLocale, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from handbell_desktop.changes import Change
from handbell_desktop.condition import Condition
from handbell_desktop.desk import Desk
from handbell_desktop.markup import as_text
from handbell_desktop.ui import icons
from handbell_desktop.ui.theme import RADIUS, SPACE, ThemeSource
from handbell_shared.link_state import SignedOut
from handbell_shared.preferences import FOR_EVER

ICONS = {
    Condition.OFFLINE: ("offline", "warning"),
    Condition.SIGNED_OUT: ("key", "danger"),
    Condition.INCOMPATIBLE: ("alert", "danger"),
    Condition.PAUSED: ("mute", "soft"),
}


class Notice(QFrame):
    sign_in_wanted = Signal(str)

    def __init__(self, desk: Desk, themes: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._themes = themes
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.setProperty("kind", "quiet")
        self.button.clicked.connect(self._help)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE + 4, SPACE // 2, SPACE // 2, SPACE // 2)
        layout.setSpacing(SPACE)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.button)
        themes.changed.connect(self.look)
        self.destroyed.connect(desk.listen(self._hear))
        self.look()

    def _hear(self, change: Change) -> None:
        if change.condition:
            self.look()

    def look(self) -> None:
        condition = self._desk.condition
        found = ICONS.get(condition)
        self.setVisible(found is not None)
        if found is None:
            return
        name, colour = found
        theme = self._themes.theme
        size = max(16, self.fontMetrics().height())
        self._icon.setPixmap(icons.icon(name, theme, colour).pixmap(QSize(size, size), self.devicePixelRatioF()))
        self._text.setFont(theme.font("small"))
        text, button = self._words(condition)
        self._text.setText(text)
        self._text.setAccessibleName(text)
        trouble = as_text(self._desk.trouble)
        self.setToolTip(f"<p>{trouble}</p>" if trouble else "")
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.update()

    def _words(self, condition: Condition) -> tuple[str, str]:
        match condition:
            case Condition.OFFLINE if any(session.failure for session in self._desk.sessions):
                return self._desk.trouble, self.tr("Retry")
            case Condition.OFFLINE if self._desk.tokens.locked:
                return self._desk.trouble, self.tr("Unlock…")
            case Condition.OFFLINE:
                offline = self.tr("Offline — showing what this device has. Trying again…")
                return offline, self.tr("Retry")
            case Condition.SIGNED_OUT:
                return self.tr("You are signed out. What you do here is kept until you are back."), self.tr(
                    "Sign in again"
                )
            case Condition.PAUSED:
                return self._paused(), self.tr("Resume") if self._desk.paused_until is not None else ""
        return self._desk.trouble or self.tr("This app and the server are of different versions."), ""

    def _paused(self) -> str:
        pause, quiet = self._desk.paused_until, self._desk.quiet_until
        if pause is not None and pause >= FOR_EVER:
            return self.tr("Paused. Nothing pops up until you resume.")
        at = QDateTime.fromMSecsSinceEpoch(pause or quiet or 0)
        time = QLocale().toString(at.time(), QLocale.FormatType.ShortFormat)
        if pause is None:
            return self.tr("Quiet hours until {time}.").format(time=time)
        return self.tr("Paused until {time}.").format(time=time)

    def _help(self) -> None:
        deeds: dict[Condition, Callable[[], None]] = {
            Condition.OFFLINE: self._desk.tokens.unlock if self._desk.tokens.locked else self._desk.wake,
            Condition.PAUSED: self._desk.resume,
            Condition.SIGNED_OUT: self._sign_in,
        }
        deeds.get(self._desk.condition, self._desk.wake)()

    def _sign_in(self) -> None:
        for session in self._desk.sessions:
            if isinstance(session.state, SignedOut):
                self.sign_in_wanted.emit(session.account.id)
                return

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("hover"))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)
        painter.end()
