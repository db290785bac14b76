"""What the settings and the diagnosis page want of the computer they run on: one interface, put together by the program.

Nothing here asks which operating system this is. What a platform does not have is said by None or an empty tuple.
"""

from __future__ import annotations

from typing import Protocol

from handbell_desktop.machine.toasts.base import Capabilities


class Surroundings(Protocol):
    @property
    def version(self) -> str:
        """Of this program."""

    @property
    def toasts(self) -> Capabilities: ...

    @property
    def tray(self) -> bool:
        """Whether there is a place for the bell now."""

    @property
    def settings_trouble(self) -> str | None:
        """What could not be read of the settings at the start, for people; None when all could."""

    @property
    def autostart(self) -> bool | None:
        """Whether the bell starts at login; None where that cannot be had."""

    def set_autostart(self, on: bool) -> None:
        """Raises OSError when it cannot be written."""

    def play(self, sound: str) -> None:
        """Let the person hear it; does not wait."""
