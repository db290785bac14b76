"""A sound by its name in the freedesktop theme, played by whatever this machine has for that; no sound is no error.

QtMultimedia would cost 175 MB of wheel and fails without a device. So: a small player is started, at most one at a
time, and nobody waits for it. A sound while another one plays is left out: two at once are noise.
"""

from __future__ import annotations

import importlib
import logging
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from handbell_desktop.machine import outside

LONGEST = 10.0  # seconds; a player without a sound server may wait for one for ever
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_WINDOWS = {"alarm-clock-elapsed": "SystemExclamation", "dialog-warning": "SystemExclamation"}
_MAC = {"alarm-clock-elapsed": "Sosumi", "dialog-warning": "Basso"}

log = logging.getLogger(__name__)


class Sounds:
    def __init__(self, environment: Mapping[str, str], platform: str = sys.platform) -> None:
        self._environment = outside.clean_environment(environment, outside.bundle())
        self._platform = platform
        self._playing: subprocess.Popen[bytes] | None = None
        self._since = 0.0
        self._silent: set[str] = set()

    def play(self, name: str) -> None:
        """Returns at once and never raises."""
        if not _NAME.match(name):
            return
        try:
            if self._platform == "win32":
                self._on_windows(name)
            elif not self._still_plays():
                command = self._command(name)
                if command is None:
                    self._say_once(name, "there is nothing to play it with")
                else:
                    self._playing = outside.start(command, self._environment)
                    self._since = time.monotonic()
        except (OSError, RuntimeError) as error:
            self._say_once(name, str(error))

    def close(self) -> None:
        if self._playing is not None and self._playing.poll() is None:
            self._playing.kill()
        self._playing = None

    def _still_plays(self) -> bool:
        if self._playing is None or self._playing.poll() is not None:
            return False
        if time.monotonic() - self._since < LONGEST:
            return True
        self.close()
        return False

    def _command(self, name: str) -> list[str] | None:
        if self._platform == "darwin":
            return ["/usr/bin/afplay", f"/System/Library/Sounds/{_MAC.get(name, 'Glass')}.aiff"]
        path = self._environment.get("PATH")
        if shutil.which("canberra-gtk-play", path=path):  # knows the theme that the person chose
            return ["canberra-gtk-play", "-i", name, "-d", "Handbell"]
        player = next((player for player in ("pw-play", "paplay") if shutil.which(player, path=path)), None)
        file = self._file(name)
        return None if player is None or file is None else [player, str(file)]

    def _file(self, name: str) -> Path | None:
        folders = self._environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        files = (
            Path(folder) / "sounds" / "freedesktop" / "stereo" / f"{name}{ending}"
            for folder in folders.split(":")
            for ending in (".oga", ".ogg", ".wav")
        )
        return next((file for file in files if file.is_file()), None)

    def _on_windows(self, name: str) -> None:
        winsound: Any = importlib.import_module("winsound")
        flags = winsound.SND_ALIAS | winsound.SND_ASYNC | winsound.SND_NODEFAULT | winsound.SND_NOSTOP
        with suppress(RuntimeError):  # that is how it says that another sound is playing
            winsound.PlaySound(_WINDOWS.get(name, "SystemAsterisk"), flags)

    def _say_once(self, name: str, why: str) -> None:
        if why not in self._silent:
            self._silent.add(why)
            log.info("no sound %s: %s", name, why)
