"""Toasts by the tray icon's own balloons, for a desktop that offers nothing better.

A balloon has no buttons, cannot be taken down and does not say which one was clicked; so a click belongs to the last one
shown. Where even the icon is missing nothing shows, and the capabilities say so.
"""

from __future__ import annotations

from PySide6.QtCore import QObject

from handbell_desktop.machine.toasts.base import Capabilities, Clicked, OnEvent, Toast
from handbell_desktop.machine.toasts.text import BODY, TITLE, lines, one_line
from handbell_desktop.ui.tray import Tray


class TrayToaster(QObject):
    def __init__(self, tray: Tray, on_event: OnEvent) -> None:
        super().__init__()
        self._tray = tray
        self._on_event = on_event
        self._last: str | None = None
        tray.balloon_clicked.connect(self._clicked)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(name="tray", shows=self._tray.available)

    def show(self, toast: Toast) -> None:
        self._last = toast.key
        self._tray.balloon(one_line(toast.title, TITLE), lines(toast.body, BODY), urgent=toast.urgency == "critical")

    def withdraw(self, key: str) -> None:
        """The balloon stays until its time is over, but it opens nothing any more."""
        if self._last == key:
            self._last = None

    def close(self) -> None:
        self._last = None
        self._tray.balloon_clicked.disconnect(self._clicked)

    def _clicked(self) -> None:
        if self._last is not None:
            self._on_event(Clicked(self._last))
