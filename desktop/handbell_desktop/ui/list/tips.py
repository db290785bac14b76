"""What a list says about the place under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QToolTip, QWidget

from handbell_desktop.markup import as_text
from handbell_desktop.ui.list.rows import Row


def show_tip(at: QPoint, text: str, owner: QWidget) -> None:
    # A tooltip guesses whether it is rich text; escaped and in a tag there is nothing to guess.
    shown = f"<p style='white-space:pre-wrap'>{as_text(text)}</p>" if text else ""
    QToolTip.showText(at, shown, owner)


def deed_name(row: Row, name: str) -> str:
    """Of a button in a row, with its key."""
    translate = QCoreApplication.translate
    match name:
        case "read" if row.unread:
            return translate("RowsView", "Mark as read (U)")
        case "read":
            return translate("RowsView", "Mark as unread (U)")
        case "archive" if row.entry.record.archived:
            return translate("RowsView", "Move back to the list (E)")
        case "archive":
            return translate("RowsView", "Archive (E)")
        case "snooze":
            return translate("RowsView", "Snooze (S)")
    return translate("RowsView", "Delete (#)")
