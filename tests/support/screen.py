"""A screen of the test's own: Xvfb on a display nobody else has, and what stands on it.

    with Screen(tmp_path) as screen:
        screen.start("trayer", "trayer", "--edge", "top")      # a panel with an XEmbed tray
        app = screen.start("app", sys.executable, "-m", "…", environment={"DBUS_SESSION_BUS_ADDRESS": bus.address})
        screen.click(1270, 10)

Programs on it find Qt's xcb platform, no session bus (unless they are given one) and no Wayland. The test's own process
stays offscreen, because one process has one Qt platform.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.support.processes import Process

ROOT = Path(__file__).parents[2]
NOT_OURS = ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORMTHEME", "DISPLAY")
BUTTONS = {"left": "1", "middle": "2", "right": "3"}
GRAB = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
assert app.primaryScreen().grabWindow(0).save(sys.argv[1])
"""


class Screen:
    def __init__(self, directory: Path, size: str = "1280x800", *, for_everybody: bool = False) -> None:
        """`for_everybody`: programs of other users may come, too."""
        self._directory = directory
        self._programs: list[Process] = []
        command = ["Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        command += ["-ac"] if for_everybody else []
        self._server = Process(command, name="Xvfb", directory=directory)
        number = self._server.wait_for_line(r"^(\d+)$")[1]
        self.display = f":{number}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        path = os.pathsep.join(str(ROOT / part) for part in ("desktop", "shared", "."))
        return kept | {
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_XCB_GL_INTEGRATION": "none",
            "NO_AT_BRIDGE": "1",  # a GTK panel would look for an accessibility bus and wait for it
            "PYTHONPATH": path,
        }

    def start(self, name: str, *command: str | Path, environment: Mapping[str, str] | None = None) -> Process:
        """Start a program on this screen; it ends with it."""
        program = Process(
            command, name=name, directory=self._directory, environment=self.environment | dict(environment or {})
        )
        self._programs.append(program)
        return program

    def click(self, x: int, y: int, button: Literal["left", "middle", "right"] = "left") -> None:
        self._xdotool("mousemove", str(x), str(y), "click", BUTTONS[button])

    def key(self, name: str) -> None:
        """A key by its X name: "Escape", "ctrl+z"."""
        self._xdotool("key", name)

    def shot(self, path: Path) -> None:
        """What is on the screen now, as a PNG."""
        subprocess.run([sys.executable, "-c", GRAB, path], env=self.environment, check=True, timeout=30)

    def close(self) -> None:
        for program in reversed(self._programs):
            program.kill9()
        self._server.kill9()

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.environment, check=True, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
