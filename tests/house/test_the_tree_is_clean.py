"""Rules of the house that are about the tree and not about a program."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_registry() -> None:
    """Locks and scripts leave it to whoever installs where packages come from."""
    address = re.compile(rb"python" rb"hosted|py" rb"pi\.org|registry\.n" rb"pmjs|deb\.deb" rb"ian\.org")

    named = [str(path.relative_to(ROOT)) for path in tracked() if address.search(path.read_bytes())]

    assert not named


def test_the_locks_pin_every_package_with_hashes() -> None:
    for lock in tracked("locks/*.txt"):
        packages = re.findall(r"^[a-z0-9].*", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert packages
        assert all("==" in line for line in packages), lock
        assert lock.read_text(encoding="utf-8").count("--hash=sha256:") >= len(packages), lock


def test_packaging_never_becomes_a_package() -> None:
    assert not (ROOT / "packaging/__init__.py").exists()


def test_no_python_file_has_grown_past_what_one_reads_in_a_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked("client/*.py", "server/*.py", "shared/*.py", "desktop/*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert not long, f"perhaps two rooms in one: {long}"
