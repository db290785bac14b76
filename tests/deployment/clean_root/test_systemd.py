"""The Debian package on a machine that systemd runs: two commands make it somebody's, and the units keep it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.clean_root.booted import Machine, needs_nspawn
from tests.deployment.clean_root.roots import CleanRoot
from tests.support.waiting import until

PASSWORD = "correct-horse-battery"
BACKUPS = "/var/backups/handbell"
_AS_IN_A_LOGIN = "ulimit -Sn 1024; exec handbell doctor --json"


@pytest.fixture
def machine(root: CleanRoot) -> Iterator[Machine]:
    needs_nspawn()
    booted = Machine(root)
    yield booted
    booted.close()


@pytest.mark.timeout(1800)
def test_a_machine_gets_a_server_by_one_package_and_two_commands_and_keeps_it_over_kills_and_upgrades(
    machine: Machine, packages: list[Path]
) -> None:
    first, second = packages
    said = machine.install(first)
    assert "handbell user add ana --admin" in said, "what to do next is said where one looks"
    assert machine.is_active("handbell.service")

    machine.run("handbell", "user", "add", "ana", "--admin", "--password-stdin", stdin=f"{PASSWORD}\n")
    key = machine.run("handbell", "producer", "add", "ci").stdout.strip()
    findings = [json.loads(line) for line in machine.run("sh", "-c", _AS_IN_A_LOGIN).stdout.splitlines()]
    assert {one["level"] for one in findings} == {"ok"}, findings
    _tell(machine, key, "Before")
    assert _inbox(machine) == ["Before"]
    _is_caged(machine)

    old = machine.shows("handbell.service", "MainPID")
    machine.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", "handbell.service")
    until(lambda: machine.shows("handbell.service", "MainPID") not in (old, "0"), 20, "systemd to start it anew")
    until(lambda: machine.shows("handbell.service", "ActiveState") == "active", 20, "it to answer")
    assert _inbox(machine) == ["Before"]

    machine.run("systemctl", "start", "handbell-backup.service")
    assert re.fullmatch(r"handbell-[1-7]\.backup\n", machine.run("ls", BACKUPS).stdout)
    assert machine.shows("handbell-backup.timer", "ActiveState") == "active"

    said = machine.install(second)
    assert f"is backed up in {BACKUPS}/before-upgrade.backup" in said
    assert machine.shows("handbell.service", "ActiveState") == "active"
    _tell(machine, key, "After")
    assert sorted(_inbox(machine)) == ["After", "Before"]

    start = time.monotonic()
    machine.run("systemctl", "stop", "handbell.service")
    assert time.monotonic() - start < 10
    assert machine.shows("handbell.service", "Result") == "success"
    machine.run("handbell", "restore", f"{BACKUPS}/before-upgrade.backup")
    machine.run("systemctl", "start", "handbell.service")
    assert _inbox(machine) == ["Before"]

    machine.run("dpkg", "--purge", "handbell-server")
    assert machine.run("systemctl", "list-unit-files", "--no-legend", "handbell*", check=False).stdout == ""
    assert machine.shows("handbell.service", "ActiveState") == "inactive"
    assert not machine.root.has("/var/lib/handbell")
    assert machine.root.has(f"{BACKUPS}/before-upgrade.backup")


def _is_caged(machine: Machine) -> None:
    pid = machine.shows("handbell.service", "MainPID")
    told = dict(
        line.split(":\t", 1) for line in machine.run("cat", f"/proc/{pid}/status").stdout.splitlines() if ":\t" in line
    )
    assert told["Uid"].split()[0] == machine.run("id", "--user", "handbell").stdout.strip()
    assert (told["CapBnd"], told["NoNewPrivs"], told["Seccomp"]) == ("0" * 16, "1", "2")
    for place in ("/etc/x", "/opt/handbell/x", "/var/x", "/home/x"):
        there = ["nsenter", f"--target={pid}", "--mount", "touch", place]
        assert machine.run(*there, check=False).returncode != 0, f"root itself could write {place} in there"


def _tell(machine: Machine, key: str, title: str) -> None:
    told = ["handbell", "send", "ana", title, "--server", "http://127.0.0.1:8080"]
    machine.run("env", f"HANDBELL_KEY={key}", *told)


def _inbox(machine: Machine) -> list[str]:
    """As ana sees it, who asks by Python, for there is no curl on this machine."""
    script = f"""
import json, urllib.request as web
def ask(path, body=None, **headers):
    return json.load(web.urlopen(web.Request("http://127.0.0.1:8080" + path, body and json.dumps(body).encode(), headers)))
me = {{"user": "ana", "password": "{PASSWORD}", "device": {{"name": "test", "platform": "linux"}}}}
token = ask("/v1/sessions", me)["token"]
print(json.dumps(ask("/v1/inbox?state=all", Authorization="Bearer " + token)))
"""
    told = json.loads(machine.run("python3", "-c", script).stdout)
    return [one["title"] for one in told["notifications"]]
