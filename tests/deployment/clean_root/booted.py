"""A clean Debian whose first process is systemd: a machine, as far as services can tell.

systemd-nspawn boots it, in a network of its own if nobody says otherwise: nothing can be fetched there, so what packages
depend on is installed before. Our units then run under a real systemd, with every wall of their cage.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deployment.clean_root.roots import CleanRoot
from tests.deployment.handed_out import ROOT
from tests.support.processes import Process
from tests.support.waiting import until

_BEFORE = ("systemd", "systemd-sysv", "dbus", "python3", "adduser", "ca-certificates", "init-system-helpers", "tzdata")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def needs_nspawn() -> None:
    wanted = ["sh", "scripts/system-deps.sh", "nspawn"]
    done = subprocess.run(wanted, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0 or shutil.which("systemd-nspawn") is None:
        pytest.skip(f"no systemd-nspawn here: {done.stderr}")


class Machine:
    def __init__(self, root: CleanRoot, *, network_of_its_own: bool = True) -> None:
        self.root = root
        root.install(*_BEFORE)
        alone = ["--boot", "--register=no", "--keep-unit", "--console=pipe"]
        alone += ["--private-network"] if network_of_its_own else []
        command = ["systemd-nspawn", "--quiet", f"--directory={root.folder}", *alone]
        self.process = Process(command, name="machine", directory=root.folder.parent)
        until(
            lambda: self.run("systemctl", "is-system-running", "--wait", check=False).stdout, 60, "the machine to boot"
        )

    def run(self, *command: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        enter = [
            "nsenter",
            f"--target={self._first()}",
            "--mount",
            "--pid",
            "--net",
            "--uts",
            "--ipc",
            "--root",
            "--wdns=/",
        ]
        clean = ["env", "-i", f"PATH={_PATH}", "LANG=C.UTF-8", "HOME=/root", "DEBIAN_FRONTEND=noninteractive"]
        done = subprocess.run(
            [*enter, *clean, *command], input=stdin, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0 or not check, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def install(self, package: Path) -> str:
        """What it said, on either stream, in order."""
        (self.root.folder / "srv" / package.name).write_bytes(package.read_bytes())
        return self.run("sh", "-c", f"exec dpkg --install /srv/{package.name} 2>&1").stdout

    def shows(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    def is_active(self, unit: str) -> bool:
        """Started, and not by having been started again and again."""
        state, restarts = self.shows(unit, "ActiveState"), self.shows(unit, "NRestarts")
        journal = self.run("journalctl", "--no-pager", "--lines=40", f"--unit={unit}").stdout
        assert state != "failed", journal
        assert restarts in ("0", ""), journal
        return state == "active"

    def close(self) -> None:
        """Switched off, as by its button: nobody writes any more when the root is taken away."""
        self.process.stop(timeout=60)

    def _first(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")

        def born() -> list[str]:
            assert self.process.alive, self.process.tail()
            return children.read_text().split()

        return int(until(born, 20, "the machine to begin")[0])
