"""A Windows to install things on: Wine with a folder of its own, and neither a screen nor the person's menus.

Wine is not Windows. It runs the installer's code and keeps registry, files and file locks as Windows does; what the real shell makes
of them (the start menu, toasts, the list of programs) is not seen here.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.processes import Process
from tests.support.waiting import until


class Windows:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "WINEPREFIX": str(folder / "wine"),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # No .NET, no browser, no menus on the machine that tests.
            "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
            "LC_ALL": "C.UTF-8",
        }
        self.run("wineboot", "--init")
        subprocess.run(["wineserver", "--wait"], env=self._environment, check=True)
        subprocess.run(["wineserver", "--persistent"], env=self._environment, check=True)  # between commands too
        self.run("winecfg", "-v", "win10")

    @property
    def local(self) -> Path:
        """%LOCALAPPDATA%."""
        [user] = [one for one in (self.folder / "wine/drive_c/users").iterdir() if one.name != "Public"]
        return user / "AppData/Local"

    def run(self, program: str | Path, *arguments: str) -> int:
        # To nowhere: what an installer starts goes on, and would keep a pipe open.
        command = ["wine", str(program), *arguments]
        nowhere = subprocess.DEVNULL
        return subprocess.run(
            command, env=self._environment, stdin=nowhere, stdout=nowhere, stderr=nowhere, check=False, timeout=120
        ).returncode

    def start(self, program: str | Path, *arguments: str) -> Process:
        command: Sequence[str] = ["wine", str(program), *arguments]
        return Process(command, name="bell", directory=self.folder, environment=self._environment)

    def registry(self, key: str) -> dict[str, str]:
        """The values of a key of the person's, without those of its subkeys; empty where there is no such key."""
        asked = ["wine", "reg", "query", rf"HKCU\{key}"]
        done = subprocess.run(asked, env=self._environment, capture_output=True, text=True, check=False, timeout=60)
        return dict(re.findall(r"^    (.+?)    REG_\w+    (.*?)\r?$", done.stdout, flags=re.MULTILINE))

    def forget(self, key: str, value: str) -> None:
        assert self.run("reg", "delete", rf"HKCU\{key}", "/v", value, "/f") == 0

    def say(self, key: str, value: str, data: str) -> None:
        assert self.run("reg", "add", rf"HKCU\{key}", "/v", value, "/d", data, "/f") == 0

    def gone(self, path: Path) -> None:
        """An uninstaller goes on from a copy of itself when its process has ended."""
        until(lambda: not path.exists(), 30, f"{path.name} to be gone")

    def close(self) -> None:
        subprocess.run(["wineserver", "--kill"], env=self._environment, capture_output=True, check=False, timeout=60)
