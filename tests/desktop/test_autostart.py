"""Starting with the session: written where the platform looks, and off when the platform's own switch says off."""

import plistlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from handbell_desktop.machine.autostart import APPROVED, RUN, Autostart, autostart, own_command

AWKWARD = ['/opt/Ana\'s "bell"/hand bell', "--data", "100% $HOME `x` \\o/", ""]


@pytest.fixture
def linux(tmp_path: Path) -> Autostart:
    return autostart(
        {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "none")}, "linux", tmp_path, AWKWARD
    )


def test_linux_starts_it_from_the_desktops_own_folder(linux: Autostart, tmp_path: Path) -> None:
    assert not linux.is_on()
    linux.turn(True)
    assert linux.is_on()
    assert [file.name for file in (tmp_path / "autostart").iterdir()] == ["handbell-desktop.desktop"]
    linux.turn(False)
    linux.turn(False)
    assert not linux.is_on()


def test_the_desktop_starts_exactly_the_command_that_was_meant(linux: Autostart, tmp_path: Path) -> None:
    """Read back by the rules of the specification, as a desktop does it."""
    linux.turn(True)
    text = (tmp_path / "autostart/handbell-desktop.desktop").read_text()
    line = next(line for line in text.splitlines() if line.startswith("Exec=")).removeprefix("Exec=")

    assert unquoted(line.replace("\\\\", "\\")) == AWKWARD


def unquoted(line: str) -> list[str]:
    words, word, quoted, characters = [], "", False, iter(line)
    for character in characters:
        if character == '"':
            quoted = not quoted
        elif character == "\\" and quoted:
            word += next(characters)
        elif character == "%":
            assert next(characters) == "%"
            word += "%"
        elif character == " " and not quoted:
            words.append(word)
            word = ""
        else:
            word += character
    return [*words, word]


@pytest.mark.parametrize("switched_off", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_what_the_desktops_settings_switched_off_is_off(linux: Autostart, tmp_path: Path, switched_off: str) -> None:
    linux.turn(True)
    file = tmp_path / "autostart/handbell-desktop.desktop"
    file.write_text(file.read_text().replace("X-GNOME-Autostart-enabled=true", switched_off))

    assert not linux.is_on()
    linux.turn(True)
    assert linux.is_on()


def test_what_an_administrator_chose_for_everybody_holds_until_the_person_says_otherwise(tmp_path: Path) -> None:
    everybody = tmp_path / "etc/autostart/handbell-desktop.desktop"
    everybody.parent.mkdir(parents=True)
    everybody.write_text("[Desktop Entry]\nExec=handbell-desktop\n")
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "ana"), "XDG_CONFIG_DIRS": f"relative:{tmp_path / 'etc'}"}
    own = tmp_path / "ana/autostart/handbell-desktop.desktop"
    bell = autostart(environment, "linux", tmp_path, AWKWARD)

    assert bell.is_on()
    bell.heal()
    assert not own.exists(), "the person has said nothing yet"
    bell.turn(False)
    assert not bell.is_on()
    assert "Hidden=true" in own.read_text(), "or the desktop would start everybody's"
    bell.heal()
    assert not bell.is_on()
    bell.turn(True)
    assert bell.is_on()


def test_a_program_that_was_moved_heals_its_own_entry(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "none")}
    autostart(environment, "linux", tmp_path, ["/old/handbell-desktop"]).turn(True)

    autostart(environment, "linux", tmp_path, ["/new \\/handbell-desktop"]).heal()

    text = (tmp_path / "autostart/handbell-desktop.desktop").read_text()
    assert "/old/" not in text
    assert "TryExec=/new \\\\/handbell-desktop\n" in text, "so that an entry without its program is none"


def test_macos_is_asked_by_an_agent_of_the_person(tmp_path: Path) -> None:
    mac = autostart({}, "darwin", tmp_path, AWKWARD)
    mac.turn(True)

    agent = plistlib.loads((tmp_path / "Library/LaunchAgents/io.handbell.desktop.plist").read_bytes())

    assert mac.is_on()
    assert (agent["ProgramArguments"], agent["RunAtLoad"]) == (AWKWARD, True)
    mac.turn(False)
    assert not mac.is_on()
    (tmp_path / "Library/LaunchAgents/io.handbell.desktop.plist").write_text("no plist")
    assert not mac.is_on()


class Registry(ModuleType):
    """As much of `winreg` as is used: keys hold values, and what is not there is FileNotFoundError."""

    HKEY_CURRENT_USER, REG_SZ, KEY_SET_VALUE, KEY_QUERY_VALUE = "HKCU", 1, 2, 1

    def __init__(self) -> None:
        super().__init__("winreg")
        self.keys: dict[str, dict[str, object]] = {}

    @contextmanager
    def OpenKey(self, root: str, path: str, _: int, access: int) -> Iterator[dict[str, object]]:  # noqa: N802
        if path not in self.keys:
            raise FileNotFoundError(path)
        yield self.keys[path]

    @contextmanager
    def CreateKeyEx(self, root: str, path: str, _: int, access: int) -> Iterator[dict[str, object]]:  # noqa: N802
        yield self.keys.setdefault(path, {})

    def SetValueEx(self, key: dict[str, object], name: str, _: int, kind: int, value: object) -> None:  # noqa: N802
        key[name] = value

    def QueryValueEx(self, key: dict[str, object], name: str) -> tuple[object, int]:  # noqa: N802
        if name not in key:
            raise FileNotFoundError(name)
        return key[name], 1

    def DeleteValue(self, key: dict[str, object], name: str) -> None:  # noqa: N802
        if name not in key:
            raise FileNotFoundError(name)
        del key[name]


def test_windows_runs_it_and_the_task_managers_switch_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry()
    monkeypatch.setitem(sys.modules, "winreg", registry)
    windows = autostart({}, "win32", Path(), [r"C:\Program Files\Handbell\handbell.exe", "--quiet"])
    windows.turn(False)
    assert not windows.is_on()

    windows.turn(True)
    assert registry.keys[RUN]["Handbell"] == r'"C:\Program Files\Handbell\handbell.exe" --quiet'
    assert windows.is_on()
    registry.keys[APPROVED] = {"Handbell": b"\x03" + b"\x00" * 11}
    assert not windows.is_on()
    windows.turn(True)
    assert windows.is_on()
    windows.turn(False)
    assert registry.keys == {RUN: {}, APPROVED: {}}


def test_the_command_is_this_very_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from_source = own_command({}, ["--help"])
    assert "usage:" in subprocess.run(from_source, capture_output=True, text=True, timeout=60, check=True).stdout

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command({}) == [sys.executable]
    assert own_command({"APPIMAGE": "/home/ana/Handbell.AppImage"}) == ["/home/ana/Handbell.AppImage"]
