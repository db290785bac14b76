"""What a Linux desktop gets beside the program, judged by the tools that will read it; the packages are for clean_root."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from handbell_desktop import __version__
from handbell_desktop.__main__ import command_line
from scripts import desktop_files, desktop_icons, desktop_licences, desktop_words, packing

# Those of servers, of the `handbell` command, and of long-polling: the bundle's spec leaves them out.
NOT_FROZEN = {
    *("bidict", "certifi", "charset-normalizer", "click", "h11", "idna"),
    *("requests", "simple-websocket", "urllib3", "wsproto"),
}
SCHEME = "x-scheme-handler/handbell"


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    desktop_files.share(folder)
    return folder


def entry(text: str) -> dict[str, dict[str, str]]:
    groups: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            groups[line.strip("[]")] = {}
        elif "=" in line:
            name, _, value = line.partition("=")
            groups[list(groups)[-1]][name] = value
    return groups


def elsewhere(marker: str) -> bool:
    return any(word in marker for word in ("win32", "darwin", "python_full_version"))


def test_the_entry_is_valid_takes_links_and_offers_only_what_the_program_does(share: Path) -> None:
    file = share / "applications/handbell-desktop.desktop"
    told = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")
    groups = entry(file.read_text(encoding="utf-8"))
    main = groups.pop("Desktop Entry")

    assert main["MimeType"] == f"{SCHEME};"
    assert main["Exec"] == "handbell-desktop %u"
    actions = [f"Desktop Action {name}" for name in main["Actions"].rstrip(";").split(";")]
    assert list(groups) == actions
    for name, group in groups.items():
        program, *arguments = group["Exec"].split()
        assert program == "handbell-desktop", name
        asked = command_line().parse_args(arguments)
        assert asked.quit or asked.wish != "show", name
    for group in (main, *groups.values()):
        assert [
            name
            for name in group
            if name in ("Name", "GenericName", "Comment", "Keywords") and f"{name}[de]" not in group
        ] in (
            [],
            ["Name"],  # that of the program
        )


def test_the_metadata_is_valid_and_names_this_version(share: Path) -> None:
    file = share / "metainfo/io.handbell.desktop.metainfo.xml"
    told = subprocess.run(["appstreamcli", "validate", "--no-net", file], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    about = ET.parse(file).getroot()  # noqa: S314 - our own

    assert about.findtext("launchable") == "handbell-desktop.desktop"
    assert about.findtext("provides/mediatype") == SCHEME
    assert [one.get("version") for one in about.iterfind("releases/release")] == [__version__]


def test_every_icon_has_the_size_of_its_folder_and_something_on_it(share: Path) -> None:
    icons = share / "icons/hicolor"
    for size in desktop_icons.HICOLOR:
        picture = QImage(str(icons / f"{size}x{size}/apps/handbell-desktop.png"))
        assert (picture.width(), picture.height()) == (size, size)
        middle = picture.pixelColor(size // 2, size // 2)
        assert (middle.alpha(), picture.pixelColor(0, 0).alpha()) == (255, 0)
        assert middle.red() > middle.blue(), "gold"
    assert (icons / "scalable/apps/handbell-desktop.svg").read_text().startswith("<svg")
    colours = re.findall(r"#[0-9a-f]{6}", (icons / "symbolic/apps/handbell-desktop-symbolic.svg").read_text())
    assert len(set(colours)) == 1, "a symbolic icon has one colour, for the desktop to replace"


def test_the_manual_and_the_completions_know_every_option_and_nothing_else(share: Path) -> None:
    options = {option for action in command_line()._actions for option in action.option_strings}
    plain = desktop_words.manual().replace(r"\-", "-")
    assert set(
        re.findall(r"^\.B (.+?)(?: \\fI.*)?$", plain.split(".SH OPTIONS")[1].split(".SH ENV")[0], re.MULTILINE)
    ) == {", ".join(action.option_strings) for action in command_line()._actions if action.option_strings}
    assert set(re.findall(r"'(--?[\w-]+)\[", desktop_words.zsh())) == options
    assert {f"--{word}" for word in re.findall(r" -l ([\w-]+)", desktop_words.fish())} == options - {"-h"}
    asked = 'COMP_WORDS=(handbell-desktop --); COMP_CWORD=1; _handbell_desktop; printf "%s\\n" "${COMPREPLY[@]}"'
    script = share / "bash-completion/completions/handbell-desktop"
    told = subprocess.run(["bash", "-c", f'. "$0"; {asked}', script], capture_output=True, text=True, check=True).stdout
    assert set(told.split()) == options - {"-h"}


def test_the_archives_script_puts_it_into_the_persons_menus_and_takes_it_out(share: Path, tmp_path: Path) -> None:
    """Wherever it lies: the folder has what means something to a shell, to awk and in an entry."""
    here, home = tmp_path / 'a "$b" \\ 100% `c`', tmp_path / "home"
    shutil.copytree(share, here / "share")
    shutil.copy(desktop_files.PARTS / "install.sh", here)
    program = here / "handbell-desktop"
    program.write_text("#!/bin/sh\n")
    program.chmod(stat.S_IRWXU)
    home.mkdir()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    before = sorted(home.rglob("*"))

    subprocess.run([here / "install.sh"], env=environment, check=True, capture_output=True)

    file = home / ".local/share/applications/handbell-desktop.desktop"
    assert subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False).stdout == ""
    said = entry(file.read_text(encoding="utf-8"))["Desktop Entry"]
    assert said["TryExec"].replace("\\\\", "\\") == str(program)
    quoted = re.fullmatch(r'"(.*)" %u', said["Exec"].replace("\\\\", "\\"))
    assert quoted is not None
    assert re.sub(r"\\(.)", r"\1", quoted[1]).replace("%%", "%") == str(program)
    assert (home / ".local/bin/handbell-desktop").resolve() == program
    assert SCHEME in (file.parent / "mimeinfo.cache").read_text()

    subprocess.run([here / "install.sh", "--remove"], env=environment, check=True, capture_output=True)
    left = [path for path in home.rglob("*") if not path.is_dir() and path.name != "mimeinfo.cache"]
    assert left == before


def test_every_library_that_is_frozen_in_brings_its_licence() -> None:
    """What the desktop's lock has for Linux is handed on with its licence, or not handed on."""
    lock = (packing.ROOT / "locks/desktop.txt").read_text(encoding="utf-8")
    locked = {
        name for name, where in re.findall(r"^([a-z0-9-]+)==[^ ]+([^\\]*)", lock, re.MULTILINE) if not elsewhere(where)
    }
    bundled = {*desktop_licences.FROZEN, *desktop_licences.LESSER}

    assert locked - bundled == NOT_FROZEN
    assert bundled - locked == set()
