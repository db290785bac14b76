"""The systemd units: accepted by systemd's own verifier, shut in as far as a server can be, and all in the same way."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deployment.handed_out import ROOT, SERVICES, UNITS, directives

PROGRAM = "/opt/handbell/bin/handbell"
SHUT_IN = [
    "ProtectSystem",
    "ProtectHome",
    "NoNewPrivileges",
    "MemoryDenyWriteExecute",
    "SystemCallFilter",
    "CapabilityBoundingSet",
]
# What each needs for itself; the rest of the section is the cage, and it is one.
OWN = {"Type", "ExecStart", "Restart", "RestartSec", "TimeoutStartSec", "TimeoutStopSec", "KillMode", "LimitNOFILE"}
OWN |= {"Nice", "IOSchedulingClass", "ReadWritePaths"}


@pytest.fixture(scope="module", autouse=True)
def systemd_analyze() -> None:
    done = subprocess.run(
        ["sh", "scripts/system-deps.sh", "systemd"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_systemd_accepts_every_unit(tmp_path: Path) -> None:
    true = shutil.which("true")
    assert true is not None
    copies = []
    for unit in UNITS:
        name = unit.name.replace("@.", "@1.")
        copies.append(tmp_path / name)
        # Only the program is not on this machine.
        copies[-1].write_text(unit.read_text(encoding="utf-8").replace(PROGRAM, true), encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *copies], capture_output=True, text=True, check=False
    )

    said = [line for line in done.stderr.splitlines() if "handbell" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_little_of_the_machine_is_exposed_to_a_service(unit: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert {name for name, _ in directives(unit)} >= set(SHUT_IN)
    assert ("User", "handbell") in directives(unit)


def test_all_services_are_shut_in_alike() -> None:
    cages = [[one for one in _service(unit) if one[0] not in OWN] for unit in SERVICES]

    assert cages[0]
    assert cages[1:] == [cages[0]] * (len(cages) - 1)


def test_every_service_runs_the_program_with_the_settings_of_the_machine() -> None:
    for unit in SERVICES:
        told = dict(directives(unit))
        assert PROGRAM in told["ExecStart"]
        assert told["EnvironmentFile"] == "/etc/handbell/handbell.env"
        assert told["StateDirectory"] == "handbell"


def _service(unit: Path) -> list[tuple[str, str]]:
    text = unit.read_text(encoding="utf-8")
    section = re.split(r"^\[\w+\]$", text, flags=re.MULTILINE)[2]
    return re.findall(r"^([A-Z]\w*)=(.*)$", section, re.MULTILINE)
