"""The Debian package in a clean Debian: installed, used, upgraded with everything kept, removed, purged.

There is no systemd in a root like this, so the server is started as its unit would start it: the same program, the same
settings, the same user. What the units say is for test_units.py.
"""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.deployment.clean_root.roots import CleanRoot
from tests.deployment.handed_out import PARTS, directives
from tests.support.devices import Device
from tests.support.ports import free_port
from tests.support.processes import Process
from tests.support.rest import Rest
from tests.support.waiting import until

PASSWORD = "correct-horse-battery"
DATA = "/var/lib/handbell"
BACKUPS = "/var/backups/handbell"
KEPT = f"{BACKUPS}/before-upgrade.backup"


class Machine:
    """A root with the package in it."""

    def __init__(self, root: CleanRoot) -> None:
        self.root = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def install(self, package: Path) -> str:
        shutil.copy(package, self.root.folder / "srv" / package.name)
        return self.root.install(f"/srv/{package.name}")

    def set_port(self) -> None:
        """As an operator does: an editor on the file of settings."""
        file = self.root.folder / "etc/handbell/handbell.env"
        file.write_text(file.read_text().replace("#HANDBELL_PORT=8080", f"HANDBELL_PORT={self.port}"))

    def serve(self) -> Process:
        process = self.root.start("server", ["handbell", "serve"])
        process.wait_for_line(rf"{re.escape(self.url)}\b", 30)
        return process

    def owner(self, path: str) -> tuple[str, str, int]:
        told = self.root.run("stat", "--format=%U %G %a", path).stdout.split()
        return told[0], told[1], int(told[2], 8)

    def device(self) -> Device:
        with Rest(self.url) as rest, rest.sign_in("ana", PASSWORD, "laptop") as session:
            assert session.token is not None
            device = Device(self.url, "ana", session.token)
        until(device.online.is_set, 10, "the device to be online")
        return device


@pytest.mark.timeout(1800)
def test_a_clean_debian_gets_a_server_that_keeps_everything_over_an_upgrade(
    root: CleanRoot, packages: list[Path]
) -> None:
    first, second = packages
    machine = Machine(root)
    machine.install(first)
    assert machine.owner(DATA) == ("handbell", "handbell", 0o700)
    assert machine.owner("/etc/handbell/handbell.env") == ("root", "handbell", 0o640)
    machine.set_port()

    root.run("handbell", "user", "add", "ana", "--password-stdin", stdin=f"{PASSWORD}\n")
    key = root.run("handbell", "producer", "add", "ci").stdout.strip()
    assert machine.owner(f"{DATA}/handbell.db")[0] == "handbell", "root's commands write as the server"
    with machine.serve(), Rest(machine.url, key) as producer, machine.device() as device:
        assert producer.notify("ana", "Before", body="before the upgrade").status == 201
        until(lambda: "before the upgrade" in device.heard, 5, "the device to hear")
        assert _users_of_the_server(root) == {"handbell"}
        doctor = root.run("handbell", "doctor", check=False)
        assert "WRONG" not in doctor.stdout, doctor.stdout
        _back_up_as_the_unit_does(root)

    machine.install(second)
    assert f"HANDBELL_PORT={machine.port}" in root.read("/etc/handbell/handbell.env"), "the settings are kept"
    assert machine.owner(KEPT) == ("handbell", "handbell", 0o600)
    with machine.serve(), Rest(machine.url, key) as producer, machine.device() as device:
        assert device.sees("before the upgrade")
        assert producer.notify("ana", "After", body="after the upgrade").status == 201
        until(lambda: "after the upgrade" in device.heard, 5, "the device to hear")
    root.run("handbell", "restore", KEPT)
    with machine.serve(), machine.device() as device:
        assert device.sees("before the upgrade")
        assert not device.sees("after the upgrade")

    root.run("apt-get", "-qq", "-y", "remove", "handbell-server")
    assert not root.has("/usr/bin/handbell")
    assert root.has(f"{DATA}/handbell.db")
    root.run("apt-get", "-qq", "-y", "purge", "handbell-server")
    assert not root.has(DATA)
    assert not root.has("/etc/handbell")
    assert not root.has("/opt/handbell")
    assert machine.owner(KEPT)[:2] == ("root", "root"), "backups stay, for root"
    assert root.run("getent", "passwd", "handbell", check=False).returncode != 0


@pytest.mark.timeout(1800)
def test_the_package_says_nothing_of_the_machine_that_built_it(packages: list[Path], tmp_path: Path) -> None:
    trees = []
    for package in packages:
        trees.append(tmp_path / package.stem)
        subprocess.run(["dpkg-deb", "--extract", str(package), str(trees[-1])], check=True)

    files = [{path.relative_to(tree): _told(path) for path in tree.rglob("*")} for tree in trees]
    assert files[0] == files[1], "built twice, it is the same"
    for path in trees[0].rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert b"handbell-package-" not in path.read_bytes(), f"{path} names the folder it was built in"


def _told(path: Path) -> tuple[int, bytes]:
    told = path.lstat()
    if stat.S_ISLNK(told.st_mode):
        return told.st_mode, str(path.readlink()).encode()
    return told.st_mode, path.read_bytes() if path.is_file() else b""


def _users_of_the_server(root: CleanRoot) -> set[str]:
    """Whose processes run the program, seen from outside: a root's processes are also this machine's."""
    names = dict(line.split(":")[2::-2] for line in root.read("/etc/passwd").splitlines())
    users = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if (process / "root").resolve() == root.folder and b"/opt/handbell/bin/handbell\0serve" in command:
                users.add(names[str((process / "fd").stat().st_uid)])
        except OSError:
            continue
    return users


def _back_up_as_the_unit_does(root: CleanRoot) -> None:
    command = dict(directives(PARTS / "systemd/handbell-backup.service"))["ExecStart"]
    shell = re.fullmatch(r"/bin/sh -c '(.*)'", command)
    assert shell is not None
    line = shell[1].replace("$$", "$").replace("%%", "%").replace("/opt/handbell/bin/handbell", "handbell")
    root.run("sh", "-c", line)
    [made] = [path.name for path in (root.folder / BACKUPS.lstrip("/")).iterdir()]
    assert re.fullmatch(r"handbell-[1-7]\.backup", made)
