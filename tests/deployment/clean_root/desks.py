"""A person at a clean Debian: a user of it, a session bus, a tray, a notification daemon, and a screen of this machine.

    with Person(root, screen) as ana:
        bell = ana.starts("bell", "handbell-desktop")
        ana.sees_window("Sign in")

The bus, the tray and the daemon are the root's own programs, and so is whatever opens links. Only the screen is outside: X is
reached over a socket that no folder holds.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtGui import QColor, QImage

from tests.deployment.clean_root.roots import CleanRoot
from tests.deployment.handed_out import ROOT
from tests.support.processes import Process
from tests.support.screen import Screen
from tests.support.waiting import until

DESKTOP = ("dbus", "dunst", "libglib2.0-bin", "trayer", "xdg-utils")
HOME = "/home/ana"
RUNTIME = "/run/user/1000"
TRAY = ("--edge", "top", "--align", "left", "--widthtype", "pixel", "--width", "200", "--height", "32")
BADGE = QColor("#d3222f")


def build(to: Path, *arguments: str) -> Path:
    """A package of the desktop, quickly and not as small as it could be."""
    command = [sys.executable, "-m", "scripts.package_desktop", "--to", str(to), "--level", "1", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


class Person:
    def __init__(self, root: CleanRoot, screen: Screen, *, desktop: bool = True) -> None:
        """Without `desktop` there is a screen and nothing on it, no bus either."""
        self.root = root
        self.screen = screen
        self._programs: list[Process] = []
        root.run("useradd", "--create-home", "--shell", "/bin/sh", "ana")
        root.run("install", "-d", "-o", "ana", "-g", "ana", "-m", "0700", RUNTIME)
        self.environment = {"HOME": HOME, "USER": "ana", "XDG_RUNTIME_DIR": RUNTIME, "DISPLAY": screen.display}
        if desktop:
            address = f"unix:path={RUNTIME}/bus"
            bus = self.starts(
                "bus", "dbus-daemon", "--session", "--nofork", f"--address={address}", "--print-address=1"
            )
            bus.wait_for_line("^unix:path=")
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
            self.daemon = self.starts("dunst", "dunst", "-print")
            self.starts("trayer", "trayer", *TRAY)

    def starts(self, name: str, *command: str, **more: str) -> Process:
        program = self.root.start(name, self._as_ana(command, more))
        self._programs.append(program)
        return program

    def does(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command that ends, and with it whatever it started."""
        return self.root.run(*self._as_ana(command, {}), check=check)

    def _as_ana(self, command: Sequence[str], more: dict[str, str]) -> list[str]:
        told = [f"{name}={value}" for name, value in {**self.environment, **more}.items()]
        return ["runuser", "-u", "ana", "--", "env", "-C", HOME, *told, *command]

    # What she sees.

    @property
    def windows(self) -> list[str]:
        found = self._xdotool("search", "--onlyvisible", "--name", ".").split()
        return [self._xdotool("getwindowname", number).strip() for number in found]

    def sees_window(self, title: str) -> None:
        until(
            lambda: any(title in name for name in self.windows), 30, f"a window called {title!r} among {self.windows}"
        )

    def sees_no_window(self, title: str) -> None:
        until(lambda: not any(title in name for name in self.windows), 60, f"no window called {title!r}")

    def closes(self, title: str) -> None:
        """By the keyboard. There is no window manager, so who has it is said by hand."""

        def gone() -> bool:
            found = self._xdotool("search", "--onlyvisible", "--name", title).split()
            if found:
                self._xdotool("windowfocus", found[-1])
                self._xdotool("key", "Escape")
            return not found

        until(gone, 30, f"no window called {title!r}")

    def types(self, title: str, *keys: str) -> None:
        """Into that window. There is no window manager, so who has the keyboard is said by hand."""
        self._xdotool("windowfocus", "--sync", self._xdotool("search", "--onlyvisible", "--name", title).split()[-1])
        for key in keys:
            self._xdotool("key", key) if key.istitle() else self._xdotool("type", key)

    def sees_toast(self, title: str) -> None:
        until(lambda: any(title in line for line in self.daemon.lines()), 30, f"a toast called {title!r}")

    def sees_badge(self, picture: Path, *, pressing: str = "") -> None:
        """The red field with the number, in the tray's corner; `pressing` takes away what stands before it."""

        def look() -> bool:
            if pressing:
                self._xdotool("key", pressing)
            self.screen.shot(picture)
            corner = QImage(str(picture)).copy(0, 0, 200, 32)
            return any(corner.pixelColor(x, y) == BADGE for x in range(200) for y in range(32))

        until(look, 30, "the badge in the tray")

    # What runs, seen from outside: a root's processes are also this machine's.

    def running(self, program: str) -> list[Path]:
        """The /proc folders of those whose executable this is, as it is on the disk now."""
        return [one for one in self._processes() if self._executable(one) == program]

    def running_old(self, program: str) -> list[Path]:
        """Those whose executable it was."""
        return [one for one in self._processes() if self._executable(one) == f"{program} (deleted)"]

    def _processes(self) -> list[Path]:
        return [one for one in Path("/proc").glob("[0-9]*") if self._is_in_root(one)]

    def _is_in_root(self, process: Path) -> bool:
        try:
            return (process / "root").readlink() == self.root.folder
        except OSError:
            return False

    def _executable(self, process: Path) -> str:
        try:
            return str((process / "exe").readlink()).removeprefix(str(self.root.folder))
        except OSError:
            return ""

    def _xdotool(self, *arguments: str) -> str:
        command = ["xdotool", *arguments]
        environment = self.screen.environment
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self._programs):
            program.kill9()


def for_a_shell(*command: str) -> str:
    """The command, and then nothing for ever: who starts another program and ends would end it too, in a root."""
    return f"{shlex.join(command)}; exec sleep infinity"
