"""A line to answer in, below the list: for buttons that want a text."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui import icons
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_desktop.ui.type_names import one_line
from handbell_shared.records import Button

LONGEST = 2_000


class ReplyBar(QFrame):
    """`answered` carries the entry, the button's id and the text."""

    answered = Signal(object, str, str)
    left = Signal()

    def __init__(self, themes: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "banner")
        self._themes = themes
        self._asked: tuple[Entry, Button] | None = None
        self._about = QLabel(self)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setProperty("tone", "soft")
        self._about.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.field = QLineEdit(self)
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName(self.tr("Your answer"))
        self.field.returnPressed.connect(self._send)
        self.field.textChanged.connect(self._look)
        self._send_button = QPushButton(self.tr("Send"), self)
        self._send_button.setProperty("kind", "primary")
        self._send_button.clicked.connect(self._send)
        self._close = QToolButton(self)
        self._close.setToolTip(self.tr("Do not answer (Esc)"))
        self._close.setAccessibleName(self.tr("Do not answer"))
        self._close.clicked.connect(self.leave)
        self._lay_out()
        themes.changed.connect(self._dress)
        self._dress()
        self.hide()

    def _lay_out(self) -> None:
        head, line = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._about, 1)
        head.addWidget(self._close)
        line.addWidget(self.field, 1)
        line.addWidget(self._send_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE + 4, SPACE // 2, SPACE + 4, SPACE + 4)
        layout.setSpacing(SPACE // 2)
        layout.addLayout(head)
        layout.addLayout(line)

    def ask(self, entry: Entry, button: Button) -> None:
        self._asked = (entry, button)
        self._about.setText(f"{one_line(button.label)} · {one_line(entry.record.title)}")
        self.field.clear()
        self._look()
        self.show()
        self.field.setFocus()

    def leave(self) -> None:
        self._asked = None
        self.hide()
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        event.accept()  # what the field leaves over is not meant for the list

    def _look(self) -> None:
        self._send_button.setEnabled(bool(self.field.text().strip()))

    def _send(self) -> None:
        text = self.field.text().strip()
        if self._asked is None or not text:
            return
        entry, button = self._asked
        self.leave()
        self.answered.emit(entry, button.id, text)

    def _dress(self) -> None:
        self._close.setIcon(icons.icon("close", self._themes.theme, "soft"))
        self._about.setFont(self._themes.theme.font("small"))
