"""Qt's application, which hears of links that the person opened: on macOS these come as an event and not as an argument.

The first may come before anybody can use it, when the link is what started the program, so it waits for `listen`. It overrides
`event` and is no filter: a filter of the application would see every event of every widget, in Python.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from handbell_desktop.machine.identity import SCHEME


class Application(QApplication):
    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self._opened: str | None = None
        self._told: Callable[[str], None] | None = None

    def listen(self, told: Callable[[str], None]) -> None:
        self._told = told
        if self._opened is not None:
            opened, self._opened = self._opened, None
            told(opened)

    def event(self, event: QEvent) -> bool:
        if not isinstance(event, QFileOpenEvent) or event.url().scheme() != SCHEME:
            return super().event(event)
        link = bytes(event.url().toEncoded().data()).decode("ascii")
        if self._told is not None:
            self._told(link)
        else:
            self._opened = link  # of several the last is what the person wants
        return True
