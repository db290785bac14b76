"""Somebody new, at a clean Debian with a desktop, with the README and two packages."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from tests.deployment.clean_root.booted import Machine, needs_nspawn
from tests.deployment.clean_root.desks import DESKTOP, Person, build
from tests.deployment.clean_root.roots import CleanRoot
from tests.support.screen import Screen

PASSWORD = "correct-horse-battery"
SERVER = "http://127.0.0.1:8080"
ENOUGH_S = 300


class Sender:
    def __init__(self, machine: Machine, key: str) -> None:
        self._machine = machine
        self._key = key

    def tell(self, title: str) -> None:
        told = {"to": "ana", "title": title, "link": "https://ci.example/builds/1017", "priority": "high"}
        asked = ["curl", "--fail", f"{SERVER}/v1/notifications", "--header", f"Authorization: Bearer {self._key}"]
        self._machine.run(*asked, "--data", json.dumps(told))


@pytest.mark.timeout(1800)
def test_the_bell_rings_within_five_minutes_of_having_two_packages(
    root: CleanRoot, packages: list[Path], screen: Screen, tmp_path: Path
) -> None:
    needs_nspawn()
    desktop = build(tmp_path, "--only", "deb")
    for package in (packages[0], desktop):
        shutil.copy(package, root.folder / "srv")
    root.install(*DESKTOP, "curl")
    machine = Machine(root, network_of_its_own=False)
    try:
        start = time.monotonic()
        machine.run("apt-get", "-qq", "-y", "install", f"/srv/{packages[0].name}")
        machine.run("handbell", "user", "add", "ana", "--password-stdin", stdin=f"{PASSWORD}\n")
        key = machine.run("handbell", "producer", "add", "ci").stdout.strip()
        machine.run("apt-get", "-qq", "-y", "install", f"/srv/{desktop.name}")
        tell = Sender(machine, key).tell
        with Person(root, screen) as ana:
            ana.starts("bell", "handbell-desktop", "--server", SERVER, "--user", "ana")
            ana.sees_window("Sign in")
            ana.types("Sign in", PASSWORD, "Return")
            ana.sees_no_window("Sign in")
            tell("Build 1017 failed")
            # A desktop that has had no keyring makes one now, and asks for its password over everything. "Cancel" will do.
            ana.sees_badge(tmp_path / "badge.png", pressing="Escape")
            took = time.monotonic() - start
            tell("Build 1018 failed")
            ana.sees_toast("Build 1018 failed")
    finally:
        machine.close()

    print(f"from two packages to the first ring: {took:.0f} s")
    assert took < ENOUGH_S
