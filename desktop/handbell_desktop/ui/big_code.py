"""A code that one device shows and another is told."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QFrame, QLabel

from handbell_desktop.ui.parts import button, copy, line
from handbell_desktop.ui.theme import SPACE, ThemeSource


class BigCode(QFrame):
    """A code to read from across the desk, with a button that copies it."""

    _SIZE: Final = 2.0

    def __init__(self, themes: ThemeSource) -> None:
        super().__init__()
        self.setProperty("look", "banner")
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(max(themes.theme.font("body").pointSizeF(), 8) * self._SIZE)
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 108)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setFont(font)
        self._label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._copy = button(self.tr("Copy"), on_click=lambda: copy(self._label.text()))
        row = line(self._label, -1, self._copy)
        row.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        self.setLayout(row)

    def show_code(self, code: str) -> None:
        self._label.setText(code)
        self._label.setAccessibleName(self.tr("Code: {code}").format(code=" ".join(code)))  # spelt, not pronounced
