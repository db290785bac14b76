"""The platform's own toasts, and the tray's balloons wherever those do not show.

Which of the two is asked anew for every toast: a notification daemon may come after the bell, and leave before it.
"""

from __future__ import annotations

from handbell_desktop.machine.toasts.base import Capabilities, Toast, Toaster


class FirstThatShows:
    def __init__(self, platform: Toaster, balloons: Toaster) -> None:
        self._platform = platform
        self._balloons = balloons

    @property
    def capabilities(self) -> Capabilities:
        own = self._platform.capabilities
        return own if own.shows else self._balloons.capabilities

    def show(self, toast: Toast) -> None:
        (self._platform if self._platform.capabilities.shows else self._balloons).show(toast)

    def withdraw(self, key: str) -> None:
        self._platform.withdraw(key)
        self._balloons.withdraw(key)

    def close(self) -> None:
        self._platform.close()
        self._balloons.close()
