"""A machine of a person's: a bus and a desktop of its own, and the real `handbell-desktop` on it.

    with Bell(screen, tmp_path / "laptop", server=server.url, user="ana", password=PASSWORD) as laptop:
        laptop.start()
        laptop.shows("nothing unread")                      # online, and the number is in the tray's tooltip
        laptop.desktop.press(laptop.desktop.toast("Build failed"), "Mark read")

Nothing of the program is touched but what a person and their desktop can: its icon and menu over the bus, its toasts,
its windows on the screen, its signals. Only `outbox_holds`, `knows_its_inbox` and `leaks` look at its disk.
"""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from sqlite3 import OperationalError, connect
from types import TracebackType
from typing import Any, Self

from jeepney import DBusErrorResponse

from handbell_desktop.kept.shown import Reader
from tests.support.bus import CAPABILITIES, FakeDesktop, PrivateBus
from tests.support.processes import Process
from tests.support.screen import Screen
from tests.support.waiting import until

ITEM = "org.kde.StatusNotifierItem"
PROPERTIES = "org.freedesktop.DBus.Properties"
MENU = "com.canonical.dbusmenu"
TOKEN = b"hbd_"  # how every device's begins
BROWSER = """#!/bin/sh
echo "$1" >> "{opened}"
"""


class Panel:
    """What a panel does with the one icon that is registered."""

    def __init__(self, bus: PrivateBus, tray: FakeDesktop) -> None:
        self._bus = bus
        self._tray = tray

    def call(self, *call: Any) -> tuple[Any, ...]:
        """Speak to the icon. One that was just made anew has another name on the bus: then to that one."""

        def attempt() -> list[tuple[Any, ...]]:
            if self._tray.items:
                with suppress(DBusErrorResponse):
                    return [self._bus.call(self._tray.items[-1].partition("/")[0], *call)]
            return []

        return until(attempt, 10, f"the bell in the tray to answer to {call}")[0]

    def fact(self, name: str) -> Any:
        return self.call("/StatusNotifierItem", PROPERTIES, "Get", "ss", ITEM, name)[0][1]

    @property
    def tooltip(self) -> str:
        words: str = self.fact("ToolTip")[2]
        return words

    def click(self, how: str = "Activate") -> None:
        self.call("/StatusNotifierItem", ITEM, how, "ii", 5, 5)

    def menu(self) -> dict[str, int]:
        """Every line of the menu and of its submenus, with its number."""
        _, root = self.call("/MenuBar", MENU, "GetLayout", "iias", 0, -1, [])
        found: dict[str, int] = {}

        def walk(node: tuple[int, dict[str, tuple[str, Any]], list[tuple[str, Any]]]) -> None:
            number, facts, children = node
            if "label" in facts:
                found[facts["label"][1].replace("_", "")] = number
            for _, child in children:
                walk(child)

        walk(root)
        return found

    def line(self, part: str) -> str:
        """The line of the menu that has these words in it, now or soon."""
        return until(
            lambda: next((line for line in self.menu() if part in line), ""), 10, f"the menu to offer {part!r}"
        )

    def choose(self, label: str) -> None:
        number = until(lambda: self.menu().get(label), 10, f"the menu to offer {label!r}")
        assert number is not None
        self.press(number)

    def press(self, number: int) -> None:
        self.call("/MenuBar", MENU, "Event", "isvu", number, "clicked", ("i", 0), 0)


class Bell:
    def __init__(
        self, screen: Screen, folder: Path, *, server: str = "", user: str = "", password: str = "", tray: bool = True
    ) -> None:
        """Without a server nobody is signed in. Without `tray` the desktop has none, until `bell.tray.start()`."""
        folder.mkdir()
        self.folder = folder
        self.data = folder / "data"
        self.bus = PrivateBus()
        # One that plays sounds itself, so that no test is heard.
        self.desktop = FakeDesktop(self.bus.address, capabilities=(*CAPABILITIES, "sound")).start()
        self.tray = FakeDesktop(self.bus.address, notifications=False, tray=True)
        self.panel = Panel(self.bus, self.tray)
        if tray:
            self.tray.start()
        self._screen = screen
        self._who = ("--server", server, "--user", user) if server else ()
        self._password = password
        self._runs: list[Process] = []
        self._opened = folder / "opened"
        self._browser = folder / "bin" / "xdg-open"
        self._browser.parent.mkdir()
        self._browser.write_text(BROWSER.format(opened=self._opened))
        self._browser.chmod(stat.S_IRWXU)

    # What happens to the program.

    def start(self, *arguments: str, knows_password: bool = True) -> Process:
        """Start it, as the first or as one more; what it says is gathered in one place for all runs.

        One that knows the password signs itself in when its key has been taken away, too.
        """
        run = self._screen.start(
            f"{self.folder.name}-{len(self._runs)}",
            *(sys.executable, "-m", "handbell_desktop", *arguments, "--data", self.data, *self._who),
            environment=self._environment(knows_password),
        )
        self._runs.append(run)
        return run

    @property
    def process(self) -> Process:
        """The one that runs, or ran last; who only handed something over is not it."""
        return next((run for run in reversed(self._runs) if run.alive), self._runs[-1])

    def kill9(self) -> None:
        self.process.kill9()

    def nudge(self) -> None:
        """As after a sleep, which it takes as a reason to try the server now."""
        self.process.send(signal.SIGCONT)

    # What a person sees and does.

    def shows(self, words: str, timeout: float = 20) -> None:
        """Wait until the tooltip says exactly this of the bell."""
        self._looks(lambda seen: seen == f"Handbell — {words}", timeout, f"the bell to show {words!r}")

    def says(self, part: str, timeout: float = 20) -> None:
        """Wait until the tooltip has this in it."""
        self._looks(lambda seen: part in seen, timeout, f"the bell to say {part!r}")

    @property
    def titles(self) -> list[str]:
        """Of the toasts that are on the screen, in the order in which they appeared."""
        return [toast.title for toast in list(self.desktop.shown.values())]

    @property
    def rang(self) -> list[str]:
        """The titles of all toasts ever, updates included."""
        return [toast.title for toast in self.desktop.told]

    @property
    def windows(self) -> list[str]:
        """The titles of its windows on the screen, without the name of the application that Qt hangs on to them."""
        found = self._xdotool("search", "--onlyvisible", "--all", "--pid", str(self.process.pid), "--name", ".")
        return [self._title_of(number) for number in found.split()]

    def sees_window(self, title: str, timeout: float = 10) -> None:
        seen: list[str] = []

        def look() -> bool:
            seen[:] = self.windows
            return title in seen

        try:
            until(look, timeout, f"a window called {title!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}: the windows are {seen}\n{self.output}") from None

    def types(self, words: str, into: str) -> None:
        """Into the window with this title, as soon as it has the keyboard: it is seen a moment before."""
        self._has_keyboard(into)
        self._xdotool("type", "--delay", "1", words)

    def press_key(self, name: str, into: str) -> None:
        """By its X name, in the window with this title."""
        self._has_keyboard(into)
        self._xdotool("key", name)

    @property
    def opened(self) -> list[str]:
        """The links that went to the browser."""
        return self._opened.read_text().splitlines() if self._opened.exists() else []

    # What must never be seen, and what cannot.

    def outbox_holds(self, number: int) -> None:
        """Wait until so many actions are on the disk that the server has not heard of yet."""
        until(lambda: self._outbox() == number, 10, f"{number} in the outbox")

    def knows_its_inbox(self) -> None:
        """Wait until what the server had at first is on the disk: whatever comes from now on is news."""
        until(self._knows_its_inbox, 10, f"the inbox to be on the disk\n{self.output}")

    @property
    def output(self) -> str:
        """All that the program has said on both streams, in all its runs."""
        return "".join(stream.read_text(errors="replace") for run in self._runs for stream in (run.out, run.err))

    def leaks(self) -> list[str]:
        """The files with a password or a token in them that must not be there: all but those of the folder for tokens."""
        secrets = [TOKEN, *filter(None, [self._password.encode()])]
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.parent.name != "tokens"]
        files += [stream for run in self._runs for stream in (run.out, run.err)]
        return [path.name for path in files if any(secret in path.read_bytes() for secret in secrets)]

    def close(self) -> None:
        for run in self._runs:
            run.kill9()
        self.desktop.stop()
        self.tray.stop()
        self.bus.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _environment(self, knows_password: bool) -> dict[str, str]:
        given = {"HANDBELL_PASSWORD": self._password} if self._password and knows_password else {}
        path = f"{self._browser.parent}{os.pathsep}{os.environ['PATH']}"
        return given | {"DBUS_SESSION_BUS_ADDRESS": self.bus.address, "HOME": str(self.folder), "PATH": path}

    def _looks(self, right: Callable[[str], bool], timeout: float, what: str) -> None:
        seen = ""

        def look() -> bool:
            nonlocal seen
            seen = self.panel.tooltip
            return right(seen)

        try:
            until(look, timeout, what)
        except AssertionError as error:
            raise AssertionError(f"{error}: the bell shows {seen!r}\n{self.output}") from None

    def _has_keyboard(self, title: str) -> None:
        def in_front() -> str:
            return self._title_of(self._xdotool("getwindowfocus").strip())

        until(lambda: in_front() == title, 10, f"a window called {title!r} to have the keyboard")

    def _title_of(self, number: str) -> str:
        return self._xdotool("getwindowname", number).strip().removesuffix(" — Handbell")

    def _knows_its_inbox(self) -> bool:
        for file in self.data.glob("accounts/*/inbox.db"):
            with suppress(OperationalError), closing(connect(f"{file.as_uri()}?mode=ro", uri=True)) as store:
                return bool(
                    store.execute("SELECT count(*) FROM state WHERE epoch <> '' AND after IS NULL").fetchone()[0]
                )
        return False

    def _outbox(self) -> int:
        total = 0
        for file in self.data.glob("accounts/*/inbox.db"):
            reader = Reader(file, file.parent.name)
            total += reader.outbox_size()
            reader.close()
        return total

    def _xdotool(self, *arguments: str) -> str:
        """What it answers; nothing when it finds nothing."""
        command = ["xdotool", *arguments]
        done = subprocess.run(
            command, env=self._screen.environment, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout
