"""A sound is a courtesy: it plays when it can, alone, and nobody waits or fails for it."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from handbell_desktop.machine.sounds import Sounds
from tests.support.waiting import until


def player(folder: Path, name: str, then: str = "exit 0") -> None:
    script = folder / name
    script.write_text(f'#!/bin/sh\necho "{name} $*" >>"{folder}/played"\n{then}\n')
    script.chmod(0o755)


def played(folder: Path) -> list[str]:
    file = folder / "played"
    return file.read_text().splitlines() if file.exists() else []


def sounds_of(folder: Path) -> Sounds:
    stereo = folder / "sounds/freedesktop/stereo"
    stereo.mkdir(parents=True, exist_ok=True)
    (stereo / "bell.oga").touch()
    return Sounds({"PATH": str(folder), "XDG_DATA_DIRS": f"/nowhere:{folder}"}, "linux")


def test_the_themes_own_player_is_preferred(tmp_path: Path) -> None:
    player(tmp_path, "canberra-gtk-play")
    player(tmp_path, "paplay")

    sounds_of(tmp_path).play("bell")

    assert until(lambda: played(tmp_path), 10, "the sound") == ["canberra-gtk-play -i bell -d Handbell"]


def test_other_players_get_the_themes_file(tmp_path: Path) -> None:
    player(tmp_path, "paplay")

    sounds_of(tmp_path).play("bell")

    file = tmp_path / "sounds/freedesktop/stereo/bell.oga"
    assert until(lambda: played(tmp_path), 10, "the sound") == [f"paplay {file}"]


def test_a_sound_while_another_one_plays_is_left_out(tmp_path: Path) -> None:
    player(tmp_path, "paplay", then="exec /bin/sleep 30")
    sounds = sounds_of(tmp_path)
    sounds.play("bell")
    until(lambda: played(tmp_path), 10, "the first sound")

    sounds.play("bell")
    sounds.close()
    player(tmp_path, "paplay")
    sounds.play("bell")

    until(lambda: len(played(tmp_path)) == 2, 10, "the sound after the first was over")


def test_a_machine_without_players_is_silent_and_says_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    sounds = sounds_of(tmp_path)

    sounds.play("bell")
    sounds.play("bell")
    sounds.play("../../etc/passwd")

    assert [record.getMessage() for record in caplog.records] == ["no sound bell: there is nothing to play it with"]


def test_windows_and_macos_have_sounds_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class WinSound(ModuleType):
        SND_ALIAS, SND_ASYNC, SND_NODEFAULT, SND_NOSTOP = 1, 2, 4, 8

        def PlaySound(self, name: str, flags: int) -> None:  # noqa: N802 - its name
            asked.append((name, flags))

    monkeypatch.setitem(sys.modules, "winsound", WinSound("winsound"))
    monkeypatch.setattr("handbell_desktop.machine.outside.start", lambda command, _: asked.append(command))

    Sounds({}, "win32").play("alarm-clock-elapsed")
    Sounds({}, "darwin").play("message-new-instant")

    assert asked == [("SystemExclamation", 15), ["/usr/bin/afplay", "/System/Library/Sounds/Glass.aiff"]]
