"""This computer, as the settings and the diagnosis page ask about it: `Surroundings` put together from its parts."""

from __future__ import annotations

import logging
from collections.abc import Callable

from handbell_desktop import __version__
from handbell_desktop.machine.autostart import Autostart
from handbell_desktop.machine.sounds import Sounds
from handbell_desktop.machine.toasts.base import Capabilities

log = logging.getLogger(__name__)


class Here:
    def __init__(
        self,
        *,
        toasts: Callable[[], Capabilities],
        tray: Callable[[], bool],
        autostart: Autostart,
        sounds: Sounds,
        settings_trouble: str | None = None,
    ) -> None:
        self._toasts = toasts
        self._tray = tray
        self._autostart = autostart
        self._sounds = sounds
        self.settings_trouble = settings_trouble

    @property
    def version(self) -> str:
        return __version__

    @property
    def toasts(self) -> Capabilities:
        return self._toasts()

    @property
    def tray(self) -> bool:
        return self._tray()

    @property
    def autostart(self) -> bool | None:
        try:
            return self._autostart.is_on()
        except OSError as error:
            log.warning("Whether the bell starts at login is not known: %s", error)
            return None

    def set_autostart(self, on: bool) -> None:
        self._autostart.turn(on)

    def play(self, sound: str) -> None:
        self._sounds.play(sound)
