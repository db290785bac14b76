"""What this program is, in one small window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout

from handbell_desktop.condition import Condition
from handbell_desktop.ui.bell import bell_icon
from handbell_desktop.ui.parts import words
from handbell_desktop.ui.theme import SPACE, Role, ThemeSource

BELL = 64


class About(QDialog):
    def __init__(self, themes: ThemeSource, version: str) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("About Handbell"))
        picture = QLabel()
        icon = bell_icon(0, Condition.ONLINE, "colour")
        picture.setPixmap(icon.pixmap(QSize(BELL, BELL), self.devicePixelRatioF()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(SPACE)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        says: tuple[tuple[str, Role, str], ...] = (
            ("Handbell", "heading", "text"),
            (self.tr("A bell on the desk that never misses a ring and never rings twice."), "body", "soft"),
            (self.tr("Version {version} · MIT licence").format(version=version), "small", "faint"),
        )
        for text, role, tone in says:
            label = words(text, themes, role, tone=tone)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
