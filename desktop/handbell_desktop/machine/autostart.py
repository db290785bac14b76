"""Starting with the person's session, in each platform's own place, so that its own settings see and change it too.

    Linux    ~/.config/autostart/handbell-desktop.desktop      macOS   ~/Library/LaunchAgents/io.handbell.desktop.plist
    Windows  HKEY_CURRENT_USER\\…\\Run, and StartupApproved\\Run, where the task manager writes that it is switched off

`turn(True)` writes the command anew. `heal` does so where the person's own entry stands already: called at the start of
a program that was moved, it heals a stale one. On Linux an administrator may have an entry for everybody (`/etc/xdg/autostart`);
it counts as on until the person has one of their own, which then decides, as the specification of autostart says.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

NAME = "handbell-desktop"
LABEL = "io.handbell.desktop"
RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
VALUE = "Handbell"


class Autostart(Protocol):
    """What fails (a full disk, a registry under a policy) is an OSError, for whoever shows the switch."""

    def is_on(self) -> bool: ...
    def turn(self, on: bool) -> None: ...
    def heal(self) -> None: ...


def autostart(environment: Mapping[str, str], platform: str, home: Path, command: Sequence[str]) -> Autostart:
    if platform == "win32":
        return WindowsAutostart(command)
    if platform == "darwin":
        return MacAutostart(home / "Library" / "LaunchAgents" / f"{LABEL}.plist", command)
    named = Path(environment.get("XDG_CONFIG_HOME") or "")
    config = named if named.is_absolute() else home / ".config"
    everybody = (environment.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    entry = Path("autostart") / f"{NAME}.desktop"
    return XdgAutostart(config / entry, command, [Path(one) / entry for one in everybody if Path(one).is_absolute()])


def own_command(environment: Mapping[str, str], arguments: Sequence[str] = ()) -> list[str]:
    """How this very program is started again: an AppImage by its file, a bundle by its executable, source by Python."""
    if getattr(sys, "frozen", False):
        return [environment.get("APPIMAGE") or _command_of(sys.executable), *arguments]
    python = Path(sys.executable)
    windowless = python.with_name("pythonw.exe")  # no console at every login
    return [str(windowless if windowless.exists() else python), "-m", "handbell_desktop", *arguments]


def _command_of(executable: str) -> str:
    """The command that a package has put in the way of everybody for this executable: its name outlives the folder."""
    command = Path("/usr/bin") / NAME
    return str(command) if command.is_symlink() and command.resolve() == Path(executable) else executable


class XdgAutostart:
    def __init__(self, file: Path, command: Sequence[str], everybodys: Sequence[Path] = ()) -> None:
        self._file = file
        self._command = command
        self._everybodys = everybodys

    def is_on(self) -> bool:
        for file in (self._file, *self._everybodys):
            try:
                lines = [line.strip() for line in file.read_text("utf-8", "replace").splitlines()]
            except (FileNotFoundError, NotADirectoryError):
                continue
            off = {"Hidden=true", "X-GNOME-Autostart-enabled=false"}  # how desktops switch an entry off
            return not off.intersection(lines)
        return False

    def turn(self, on: bool) -> None:
        if on:
            self._say(
                f"Exec={desktop_entry_command(self._command)}",
                f"TryExec={_escaped(self._command[0])}",  # without the program the entry is none: no error at each login
                f"Icon={NAME}",
                "Terminal=false",
                "X-GNOME-Autostart-enabled=true",
            )
        elif any(file.exists() for file in self._everybodys):
            self._say("Hidden=true")  # without a word from this person, everybody's would count
        else:
            self._file.unlink(missing_ok=True)

    def heal(self) -> None:
        if self._file.exists() and self.is_on():
            self.turn(True)

    def _say(self, *keys: str) -> None:
        lines = ["[Desktop Entry]", "Type=Application", "Name=Handbell", "Comment=The bell on the desk", *keys]
        _write(self._file, ("\n".join(lines) + "\n").encode("utf-8"))


class MacAutostart:
    def __init__(self, file: Path, command: Sequence[str]) -> None:
        self._file = file
        self._command = command
        self._plistlib: Any = importlib.import_module("plistlib")  # brings a parser of XML, which only this needs

    def is_on(self) -> bool:
        try:
            wish = self._plistlib.loads(self._file.read_bytes())
        except (FileNotFoundError, self._plistlib.InvalidFileException, ValueError):
            return False
        return isinstance(wish, dict) and wish.get("RunAtLoad") is True and wish.get("Disabled") is not True

    def turn(self, on: bool) -> None:
        if not on:
            self._file.unlink(missing_ok=True)
            return
        wish = {
            "Label": LABEL,
            "ProgramArguments": list(self._command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        _write(self._file, self._plistlib.dumps(wish))

    def heal(self) -> None:
        if self.is_on():
            self.turn(True)


class WindowsAutostart:
    def __init__(self, command: Sequence[str]) -> None:
        self._line = subprocess.list2cmdline(command)
        self._winreg: Any = importlib.import_module("winreg")

    def is_on(self) -> bool:
        if self._read(RUN) is None:
            return False
        approved = self._read(APPROVED)
        # The first byte is even when it may start, odd when the person has switched it off.
        return not (isinstance(approved, bytes) and approved and approved[0] % 2 == 1)

    def turn(self, on: bool) -> None:
        self._delete(APPROVED)
        if not on:
            self._delete(RUN)
            return
        winreg = self._winreg
        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, RUN, 0, winreg.KEY_SET_VALUE) as key:
            winreg.SetValueEx(key, VALUE, 0, winreg.REG_SZ, self._line)

    def heal(self) -> None:
        if self.is_on():
            self.turn(True)

    def _read(self, path: str) -> object:
        winreg = self._winreg
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_QUERY_VALUE) as key:
                return winreg.QueryValueEx(key, VALUE)[0]
        except FileNotFoundError:
            return None

    def _delete(self, path: str) -> None:
        winreg = self._winreg
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_SET_VALUE) as key:
                winreg.DeleteValue(key, VALUE)
        except FileNotFoundError:
            pass


def desktop_entry_command(command: Sequence[str]) -> str:
    """The `Exec` of a desktop entry: quoted as its specification says, then escaped once more as every string there."""
    return _escaped(" ".join(_quoted(word) for word in command))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\")


def _quoted(word: str) -> str:
    word = word.replace("%", "%%")
    if word and all(character.isalnum() or character in "/._-=:,@+%" for character in word):
        return word
    for special in ("\\", '"', "`", "$"):
        word = word.replace(special, "\\" + special)
    return f'"{word}"'


def _write(file: Path, content: bytes) -> None:
    """The whole file or none of it: a desktop that reads half of a command would run that half."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(file)
