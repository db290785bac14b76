"""The installer for Windows, under Wine: installed, upgraded while the bell runs, and removed, as a person's own and without a question."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_desktop.machine import autostart
from handbell_desktop.machine.identity import SCHEME, WINDOWS_ID
from scripts import package_windows
from tests.deployment.clean_root.windows import Windows
from tests.support.waiting import until

STAND_IN = Path(__file__).with_name("windows_stand_in.nsi")
REMOVAL = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\Handbell"
TOASTS = rf"Software\Classes\AppUserModelId\{WINDOWS_ID}"
LINKS = rf"Software\Classes\{SCHEME}"
STILL_RUNS, FOREIGN = 4, 5


@pytest.fixture(scope="module")
def installers(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """0.1.0, and 0.2.0, which has another file inside."""
    if shutil.which("wine") is None or shutil.which("makensis") is None:
        pytest.skip("wine and nsis are not here")
    made = []
    for version in ("0.1.0", "0.2.0"):
        payload = tmp_path_factory.mktemp("payload")
        (payload / "_internal").mkdir()
        (payload / f"_internal/of-{version}.txt").write_text("")
        program = payload / "handbell-desktop.exe"
        subprocess.run(["makensis", "-V2", "-WX", f"-DTO={program}", str(STAND_IN)], check=True)
        made.append(package_windows.build(payload, tmp_path_factory.mktemp("installer"), version))
    return made


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory, installers: list[Path]) -> Iterator[Windows]:
    windows = Windows(tmp_path_factory.mktemp("windows"))
    yield windows
    windows.close()


@pytest.fixture
def windows(computer: Windows) -> Iterator[Windows]:
    """With nothing of ours on it, before and after."""
    yield computer
    uninstaller = home(computer) / "uninstall.exe"
    if uninstaller.exists():
        (data(computer) / "stubborn").unlink(missing_ok=True)
        computer.run(uninstaller, "/S", "/DELETEDATA")
        computer.gone(home(computer))
    shutil.rmtree(data(computer), ignore_errors=True)


@pytest.fixture
def installed(windows: Windows, installers: list[Path]) -> Windows:
    assert windows.run(installers[0], "/S") == 0
    return windows


def home(windows: Windows) -> Path:
    return windows.local / "Programs/Handbell"


def data(windows: Windows) -> Path:
    return windows.local / "Handbell"


def program(windows: Windows) -> Path:
    return home(windows) / "handbell-desktop.exe"


def told(windows: Windows) -> list[str]:
    file = data(windows) / "told.txt"
    return [line.removeprefix("told").strip() for line in file.read_text().splitlines()] if file.exists() else []


def test_it_is_there_by_its_name_and_opens_links(installed: Windows) -> None:
    assert sorted(entry.name for entry in home(installed).iterdir()) == [
        "_internal",
        "handbell-desktop.exe",
        "handbell.ico",
        "handbell.png",
        "uninstall.exe",
    ]
    menu = installed.local.parent / "Roaming/Microsoft/Windows/Start Menu/Programs/Handbell.lnk"
    assert menu.exists()
    listed = installed.registry(REMOVAL)
    folder = listed["InstallLocation"]
    assert folder.endswith(r"\AppData\Local\Programs\Handbell")
    assert (listed["DisplayName"], listed["DisplayVersion"]) == ("Handbell", "0.1.0")
    assert int(listed["EstimatedSize"], 16) > 0
    assert listed["Publisher"]
    assert listed["DisplayIcon"] == rf"{folder}\handbell.ico"
    assert installed.registry(TOASTS) == {"DisplayName": "Handbell", "IconUri": rf"{folder}\handbell.png"}
    assert "URL Protocol" in installed.registry(LINKS)
    opened = installed.registry(rf"{LINKS}\shell\open\command")
    assert opened == {"(Default)": rf'"{folder}\handbell-desktop.exe" "%1"'}


def test_it_starts_at_login_where_the_programs_own_switch_looks(installed: Windows) -> None:
    folder = installed.registry(REMOVAL)["InstallLocation"]

    assert installed.registry(autostart.RUN)[autostart.VALUE] == rf'"{folder}\handbell-desktop.exe"'


def test_who_does_not_want_that_says_so(windows: Windows, installers: list[Path]) -> None:
    assert windows.run(installers[0], "/S", "/AUTOSTART=off") == 0

    assert autostart.VALUE not in windows.registry(autostart.RUN)


def test_an_upgrade_ends_the_bell_that_runs_and_starts_the_new_one(installed: Windows, installers: list[Path]) -> None:
    (data(installed)).mkdir(exist_ok=True)
    (data(installed) / "settings.json").write_text("chosen")
    with installed.start(program(installed)) as first:
        until(lambda: told(installed) == [""], 30, "the bell to run")

        assert installed.run(installers[1], "/S") == 0

        assert first.wait() == 0
    until(lambda: told(installed) == ["", "--quit", ""], 30, "the new one to run")
    assert [file.name for file in (home(installed) / "_internal").iterdir()] == ["of-0.2.0.txt"]
    assert installed.registry(REMOVAL)["DisplayVersion"] == "0.2.0"
    assert (data(installed) / "settings.json").read_text() == "chosen"
    assert installed.run(program(installed), "--quit") == 0


def test_an_upgrade_keeps_what_the_person_chose_about_logins(installed: Windows, installers: list[Path]) -> None:
    installed.say(autostart.APPROVED, autostart.VALUE, "03")  # switched off by the task manager
    assert installed.run(installers[1], "/S") == 0
    assert autostart.VALUE in installed.registry(autostart.RUN)
    assert installed.registry(autostart.APPROVED)[autostart.VALUE] == "03"

    installed.forget(autostart.RUN, autostart.VALUE)  # switched off by the program's own settings
    assert installed.run(installers[1], "/S") == 0
    assert autostart.VALUE not in installed.registry(autostart.RUN)


def test_a_bell_that_does_not_end_is_left_as_it_is(installed: Windows, installers: list[Path]) -> None:
    data(installed).mkdir(exist_ok=True)
    (data(installed) / "stubborn").touch()
    before = program(installed).read_bytes()
    with installed.start(program(installed)):
        until(lambda: told(installed) == [""], 30, "the bell to run")

        assert installed.run(installers[1], "/S") == STILL_RUNS

        assert told(installed)[1] == "--quit"
        assert program(installed).read_bytes() == before
        assert installed.registry(REMOVAL)["DisplayVersion"] == "0.1.0"
        (data(installed) / "stubborn").unlink()
        (data(installed) / "quit").touch()


def test_a_folder_with_something_else_in_it_is_refused(windows: Windows, installers: list[Path]) -> None:
    elsewhere = windows.folder / "wine/drive_c/Somebody"
    elsewhere.mkdir()
    (elsewhere / "work.txt").write_text("mine")

    assert windows.run(installers[0], "/S", r"/D=C:\Somebody") == FOREIGN

    assert [file.name for file in elsewhere.iterdir()] == ["work.txt"]
    assert windows.registry(REMOVAL) == {}


def test_what_it_knows_stays_when_it_is_removed(installed: Windows) -> None:
    installed.run(program(installed), "--sign-in")

    assert installed.run(home(installed) / "uninstall.exe", "/S") == 0
    installed.gone(home(installed))

    assert data(installed).exists()
    assert autostart.VALUE not in installed.registry(autostart.RUN)
    assert [installed.registry(key) for key in (REMOVAL, TOASTS, LINKS, r"Software\Handbell\Desktop")] == [{}] * 4
    assert not list(installed.local.parent.glob("Roaming/Microsoft/Windows/Start Menu/Programs/Handbell*"))


def test_what_it_knows_goes_too_when_that_is_asked_for(installed: Windows, installers: list[Path]) -> None:
    installed.run(program(installed), "--sign-in")
    assert installed.run(program(installed), "--signed-in") == 0

    assert installed.run(home(installed) / "uninstall.exe", "/S", "/DELETEDATA") == 0
    installed.gone(data(installed))

    assert installed.run(installers[0], "/S") == 0
    assert installed.run(program(installed), "--signed-in") == 1  # its key is no longer in the credential manager
