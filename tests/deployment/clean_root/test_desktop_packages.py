"""The desktop's packages in a clean Debian, as a person uses them: installed by apt, signed in to a real server, rung, sent a
link, upgraded under its feet, removed; unpacked from the archive; on a machine that has hardly anything.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.clean_root.desks import DESKTOP, HOME, Person, build, for_a_shell
from tests.deployment.clean_root.roots import CleanRoot, fresh
from tests.support.handbell import HandbellServer
from tests.support.screen import Screen
from tests.support.waiting import until

PASSWORD = "correct-horse-battery"
PROGRAM = "/usr/lib/handbell-desktop/handbell-desktop"
KEPT = f"{HOME}/.local/share/handbell-desktop"

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Revisions 1 and 2."""
    folder = tmp_path_factory.mktemp("packages")
    return [build(folder, "--only", "deb", "--revision", revision) for revision in ("1", "2")]


@pytest.fixture(scope="module")
def with_desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanRoot]:
    """A root with what makes a desktop, to be copied."""
    folder = tmp_path_factory.mktemp("desktop") / "root"
    root = fresh(folder)
    root.install(*DESKTOP)
    yield root
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


@pytest.fixture
def desktop_root(with_desktop: CleanRoot, tmp_path: Path) -> Iterator[CleanRoot]:
    folder = tmp_path / "root"
    subprocess.run(["cp", "-a", "--reflink=auto", str(with_desktop.folder), str(folder)], check=True)
    yield CleanRoot(folder)
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[HandbellServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    with HandbellServer(folder).start() as server:
        server.add_user("ana", PASSWORD)
        yield server


def install(root: CleanRoot, package: Path) -> None:
    shutil.copy(package, root.folder / "srv" / package.name)
    root.install(f"/srv/{package.name}")


def kept(root: CleanRoot) -> list[Path]:
    """The stores of her accounts."""
    return list((root.folder / KEPT[1:]).glob("accounts/*/inbox.db"))


def link_to(server: HandbellServer) -> str:
    return f"handbell://pair?server={server.url}&code=ABCD-EFGH"


def test_a_clean_debian_gets_a_bell_that_rings_and_survives_its_own_upgrade(
    desktop_root: CleanRoot, packages: list[Path], screen: Screen, server: HandbellServer, tmp_path: Path
) -> None:
    root = desktop_root
    install(root, packages[0])
    assert missing_libraries(root, "/usr/lib/handbell-desktop") == []
    root.run("desktop-file-validate", "/usr/share/applications/handbell-desktop.desktop")
    producer = server.rest(server.add_producer("ci"))
    with Person(root, screen) as ana:
        signs_in = ("--server", server.url, "--user", "ana")
        bell = ana.starts("bell", "handbell-desktop", *signs_in, HANDBELL_PASSWORD=PASSWORD)
        until(lambda: ana.running(PROGRAM), 30, "the program to run")
        until(lambda: kept(root), 60, "the person to be signed in")
        producer.notify("ana", "What is there already rings nobody")
        ana.sees_badge(tmp_path / "badge.png")
        producer.notify("ana", "Before the upgrade")
        ana.sees_toast("Before the upgrade")
        screen.shot(tmp_path / "toast.png")

        ana.does("xdg-open", link_to(server))
        ana.sees_window("Sign in")

        install(root, packages[1])
        assert bell.alive
        assert ana.running_old(PROGRAM), "an upgrade ends nothing, and nothing begins anew under an open window"
        ana.does("handbell-desktop", "--settings")  # a window that the old one has never loaded
        ana.sees_window("Handbell settings")
        assert ana.running_old(PROGRAM)
        screen.shot(tmp_path / "settings.png")
        ana.closes("Handbell settings")
        ana.closes("Sign in")
        until(lambda: ana.running(PROGRAM) and not ana.running_old(PROGRAM), 90, "the bell to begin anew")
        assert bell.alive, "in the same process"
        producer.notify("ana", "After the upgrade")
        ana.sees_toast("After the upgrade")

        ana.does("handbell-desktop", "--quit")
        until(lambda: not bell.alive, 15, "the bell to quit")
        ana.starts("linked", "sh", "-c", for_a_shell("gio", "open", link_to(server)))
        until(lambda: ana.running(PROGRAM), 30, "the link to start the program")
        ana.sees_window("Sign in")
        ana.does("handbell-desktop", "--quit")
        until(lambda: not ana.running(PROGRAM), 15, "the second bell to quit")

    root.run("apt-get", "-qq", "-y", "remove", "handbell-desktop")
    assert kept(root), "what is the person's stays"
    left = root.run("find", "/usr", "/etc", "/var/lib", "/opt", "-iname", "*handbell*").stdout.split()
    assert left == [], "and nothing of the system's, so a purge has nothing to do"
    assert root.run("dpkg-query", "--status", "handbell-desktop", check=False).returncode != 0


def test_a_bare_machine_gets_a_window_that_says_what_is_missing(
    root: CleanRoot, packages: list[Path], screen: Screen, server: HandbellServer, tmp_path: Path
) -> None:
    install(root, packages[0])
    nowhere = root.run("handbell-desktop", check=False)
    assert (nowhere.returncode, "There is no screen here" in nowhere.stderr) == (1, True), nowhere.stderr
    with Person(root, screen, desktop=False) as ana:
        signs_in = ("--server", server.url, "--user", "ana")
        bell = ana.starts("bell", "handbell-desktop", *signs_in, HANDBELL_PASSWORD=PASSWORD)
        ana.sees_window("Handbell")
        screen.shot(tmp_path / "bare.png")
        tokens = root.folder / KEPT[1:] / "tokens"
        until(lambda: tokens.is_dir() and list(tokens.iterdir()), 30, "the key to be in a file")
        assert tokens.stat().st_mode & 0o077 == 0
        assert bell.alive
        assert "Traceback" not in bell.tail()


def test_the_archive_runs_where_it_is_unpacked_and_comes_and_goes_with_its_own_script(
    desktop_root: CleanRoot, screen: Screen, server: HandbellServer, tmp_path: Path
) -> None:
    root = desktop_root
    root.install("ca-certificates", "libegl1", "libgl1", "libwayland-cursor0")  # what a machine with a desktop has
    archive = build(tmp_path, "--only", "tar")
    with Person(root, screen) as ana:
        awkward = f'{HOME}/my $programs \\ "good"'  # and no %: GLib looks for the program without reading %% as one
        ana.does("mkdir", awkward)
        subprocess.run(["tar", "-xJf", archive, "-C", root.folder / awkward[1:], "--no-same-owner"], check=True)
        here = f"{awkward}/{archive.name.removesuffix('.tar.xz')}"
        assert missing_libraries(root, here) == []
        ana.does(f"{here}/install.sh")
        root.run("desktop-file-validate", f"{HOME}/.local/share/applications/handbell-desktop.desktop", check=False)
        ana.starts("linked", "sh", "-c", for_a_shell("gio", "open", link_to(server)))
        ana.sees_window("Sign in")
        assert ana.running(f"{here}/handbell-desktop")
        ana.does(f"{HOME}/.local/bin/handbell-desktop", "--quit")
        until(lambda: not ana.running(f"{here}/handbell-desktop"), 15, "the bell to quit")
        ana.does(f"{here}/install.sh", "--remove")
        left = ana.does("find", f"{HOME}/.local", "-name", "*handbell*").stdout.split()
        assert left == [KEPT]


def test_the_rpm_holds_a_program_that_runs_and_asks_only_for_what_it_lacks(root: CleanRoot, tmp_path: Path) -> None:
    """On this machine's own rpm: which package has what it requires, only a Fedora or an openSUSE could say."""
    package = build(tmp_path, "--only", "rpm")
    requires = subprocess.run(["rpm", "-qp", "--requires", package], capture_output=True, text=True, check=True).stdout
    root.install("ca-certificates", "libegl1", "libgl1", "libwayland-cursor0", "libxcb1")
    rpm = ["rpm", "--root", str(root.folder)]
    subprocess.run([*rpm, "-i", "--nodeps", str(package)], check=True, capture_output=True)

    assert "libQt6" not in requires
    assert "libEGL.so.1" in requires
    assert missing_libraries(root, "/usr/lib/handbell-desktop") == []
    assert root.run("handbell-desktop", "--version").stdout.startswith("handbell-desktop ")
    subprocess.run([*rpm, "-e", "handbell-desktop"], check=True, capture_output=True)
    assert not root.has("/usr/lib/handbell-desktop")
    assert root.run("find", "/usr", "/etc", "/opt", "-iname", "*handbell*").stdout == ""


@pytest.mark.parametrize("kind", ["deb", "rpm", "tar"])
def test_the_same_bundle_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    first, second = (build(tmp_path / name, "--only", kind) for name in ("one", "two"))

    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def missing_libraries(root: CleanRoot, folder: str) -> list[str]:
    """What the loader does not find for anything in the bundle, in the way in which the program starts."""
    looks = (
        'export LD_LIBRARY_PATH="$1/_internal"; ldd "$1/handbell-desktop"; '
        'find "$1" -name "*.so*" -type f -exec ldd {} \\;'
    )
    told = root.run("sh", "-c", looks, "sh", folder).stdout
    assert "libQt6Core" in told
    return sorted({line.split()[0] for line in told.splitlines() if "not found" in line})
