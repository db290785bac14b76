"""A time of day to choose, and the words for moments: the same on every page."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtWidgets import QLineEdit, QTimeEdit

from handbell_desktop.ui.theme import SPACE


def clock_edit(name: str) -> QTimeEdit:
    edit = QTimeEdit()
    edit.setDisplayFormat(QLocale().timeFormat(QLocale.FormatType.ShortFormat))
    edit.setAccessibleName(name)
    edit.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if (text := edit.findChild(QLineEdit)) is not None:
        text.setTextMargins(SPACE // 2, 0, SPACE // 2, 0)
    return edit


def moment(at: int) -> str:
    """The time; with the day before it when that is not today."""
    then = QDateTime.fromMSecsSinceEpoch(at)
    time = QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)
    if then.date() == QDateTime.currentDateTime().date():
        return time
    return f"{QLocale().toString(then.date(), 'dddd')}, {time}"
