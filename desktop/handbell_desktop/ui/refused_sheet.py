"""A link that is not opened is shown, letter for letter, with why; copying it is the person's own decision."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from handbell_desktop.ui import icons
from handbell_desktop.ui.overlay import Overlay
from handbell_desktop.ui.theme import SPACE, ThemeSource


class RefusedSheet(Overlay):
    def __init__(self, themes: ThemeSource, host: QWidget) -> None:
        super().__init__(themes, "", host)
        self._title.setText(self.tr("This link was not opened"))
        self._why = QLabel(self.card)
        self._why.setTextFormat(Qt.TextFormat.PlainText)
        self._why.setWordWrap(True)
        self._why.setProperty("tone", "soft")
        self.link = QPlainTextEdit(self.card)
        self.link.setReadOnly(True)
        self.link.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.link.setAccessibleName(self.tr("The link"))
        self.link.setTabChangesFocus(True)
        self.link.setFixedHeight(5 * self.link.fontMetrics().height())
        self.copy = QPushButton(self.tr("Copy the link"), self.card)
        self.copy.clicked.connect(self._copy)
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(self.copy)
        self.body.setSpacing(SPACE)
        self.body.addWidget(self._why)
        self.body.addWidget(self.link)
        self.body.addLayout(line)
        themes.changed.connect(self._dress_copy)
        self._dress_copy()

    def show_link(self, link: str, why: str) -> None:
        self.link.setPlainText(link)
        self._why.setText(why)
        self.enter()
        self.copy.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.link.toPlainText())
        self.leave()

    def _dress_copy(self) -> None:
        self.copy.setIcon(icons.icon("copy", self._themes.theme))
