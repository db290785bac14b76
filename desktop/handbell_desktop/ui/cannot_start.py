"""What is said when the bell cannot start at all: in a window, because who starts it from a menu sees no terminal."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox

from handbell_desktop.machine.instance import NotAnswering, Untrusted


def why(error: OSError | NotAnswering | Untrusted, folder: Path) -> str:
    """For the person; `folder` is what it wanted to keep something in."""
    translate = QCoreApplication.translate
    match error:
        case NotAnswering():
            says = translate(
                "CannotStart",
                "Handbell is running already, but does not answer. Quit it, or log out of this computer and in again.",
            )
        case Untrusted():
            says = translate("CannotStart", "Handbell does not use {folder}, because it belongs to somebody else.")
        case _:
            says = translate(
                "CannotStart",
                "Handbell cannot keep anything in {folder} ({why}). Make it writable, or make room on the disk, and "
                "start Handbell again.",
            )
    return says.format(folder=folder, why=getattr(error, "strerror", None) or error)


def tell(text: str) -> None:
    print(text, file=sys.stderr)
    box = QMessageBox(QMessageBox.Icon.Warning, "Handbell", "")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.exec()
