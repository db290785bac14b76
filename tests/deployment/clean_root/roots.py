"""A Debian with nothing in it, as often as a test wants one.

debootstrap makes it once, into build/roots, from wherever this machine gets its packages; each test works on a copy. A command
runs in it with mounts and processes of its own and with this machine's network, so a server in the root is asked from outside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.deployment.handed_out import ROOT
from tests.support.processes import Process

FOLDER = ROOT / "build/roots"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_MARK = ".complete"


class CleanRoot:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, check: bool = True, stdin: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.inside(command),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            timeout=900,
        )
        assert done.returncode == 0 or not check, f"{' '.join(command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Process:
        around = _environment() | dict(environment or {})
        return Process(self.inside(command), name=name, directory=self.folder.parent, environment=around)

    def inside(self, command: Sequence[str], before: str = "") -> list[str]:
        """The command line that runs it: it and all it starts end together."""
        enter = f'mount -t proc proc "$0/proc" && {before} exec chroot "$0" "$@"'
        spaces = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]
        return ["unshare", *spaces, "sh", "-ec", enter, str(self.folder), *command]

    def install(self, *packages: str) -> str:
        """By apt, with what they depend on."""
        self.run("apt-get", "-qq", "update")
        return self.run("apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages).stdout

    def trust(self) -> None:
        """Whom this machine trusts: a registry behind a private authority is one for the root too. Installing
        ca-certificates forgets it."""
        kept = self.folder / _AUTHORITIES.relative_to("/")
        kept.parent.mkdir(parents=True, exist_ok=True)
        if _AUTHORITIES.exists():
            shutil.copy(_AUTHORITIES, kept)

    def read(self, path: str) -> str:
        return (self.folder / path.lstrip("/")).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        return (self.folder / path.lstrip("/")).exists()


def fresh(folder: Path) -> CleanRoot:
    subprocess.run(["cp", "-a", "--reflink=auto", str(_original()), str(folder)], check=True)
    return CleanRoot(folder)


def _original() -> Path:
    if os.geteuid() != 0:
        pytest.skip("a clean root is made by root")
    told = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    if told.get("ID") != "debian":
        pytest.skip("a clean root is made on Debian, for the same Debian")
    suite = told["VERSION_CODENAME"]
    original = FOLDER / suite
    if not (original / _MARK).exists():
        shutil.rmtree(original, ignore_errors=True)
        original.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(original), _source(suite)], check=True)
        CleanRoot(original).trust()
        (original / _MARK).touch()
    return original


def _source(suite: str) -> str:
    """Where this machine's apt gets its Debian from."""
    asked = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Origin: Debian",
        f"Codename: {suite}",
    ]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert told, "apt knows no source of Debian"
    return told[0]


def _environment() -> dict[str, str]:
    """A login's, and what this machine says about reaching others."""
    kept = (
        "PIP_",
        "SSL_CERT",
        "REQUESTS_CA",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
    )
    passed = {name: value for name, value in os.environ.items() if name.startswith(kept)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return passed | {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
