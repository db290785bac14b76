"""What is said about the files of a release: their sums, and what is in each."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from scripts.release import sbom
from scripts.release.artefacts import KINDS, SUMS, Unknown, found_in, kind_of, write_sums
from tests.house.test_the_tree_is_clean import ROOT

NAMES = {
    "handbell-1.2.3-py3-none-any.whl": "Python wheel",
    "handbell-1.2.3.tar.gz": "Python sdist",
    "handbell-server_1.2.3-1_amd64.deb": "server, Debian",
    "handbell-server-1.2.3-container-linux-amd64.tar.gz": "server, container",
    "handbell-desktop_1.2.3-1_amd64.deb": "desktop, Debian",
    "handbell-desktop-1.2.3-1.x86_64.rpm": "desktop, rpm",
    "handbell-desktop-1.2.3-linux-x86_64.tar.xz": "desktop, Linux archive",
    "handbell-desktop-1.2.3-windows-x86_64-setup.exe": "desktop, Windows",
    "handbell-desktop-1.2.3-macos-arm64.dmg": "desktop, macOS",
    "handbell-docs-1.2.3.tar.xz": "documents",
}
LOCK = """\
# by make lock
keyring==25.7.0 ; sys_platform == 'darwin' or sys_platform == 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
backports-tarfile==1.2.0 ; python_full_version < '3.12' and sys_platform == 'win32' \\
    --hash=sha256:cc
msgspec==0.22.0 \\
    --hash=sha256:dd
"""


def test_every_file_is_of_one_kind_and_a_stranger_is_refused() -> None:
    assert {name: kind_of(Path(name), "1.2.3").what for name in NAMES} == NAMES
    assert {kind.what for kind in KINDS} == set(NAMES.values())
    for stranger in ("handbell-1.2.4-py3-none-any.whl", "notes.txt"):
        with pytest.raises(Unknown, match=stranger):
            kind_of(Path(stranger), "1.2.3")


def test_the_sums_can_be_checked_by_anybody(tmp_path: Path) -> None:
    for name in ("b.whl", "a.deb"):
        (tmp_path / name).write_text(name)
    (tmp_path / "a.deb.cdx.json").write_text("{}")

    write_sums(tmp_path)

    assert [file.name for file in found_in(tmp_path)] == ["a.deb", "b.whl"]
    check = ["sha256sum", "--check", "--strict", SUMS]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "b.whl").write_text("another")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_lock_is_read_as_its_platform_reads_it() -> None:
    def names(platform: str, python: str) -> list[str]:
        return [line.split("==")[0] for line in sbom.lines_for(LOCK, platform, python)]

    assert names("linux", "3.11.2") == ["msgspec"]
    assert names("darwin", "3.11.9") == ["keyring", "msgspec"]
    assert names("win32", "3.11.9") == ["keyring", "backports-tarfile", "msgspec"]
    assert names("win32", "3.12.1") == ["keyring", "msgspec"]
    first = next(sbom.lines_for(LOCK, "win32", "3.11.9"))
    assert first == "keyring==25.7.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb"


def test_what_is_inside_is_told_apart_from_what_it_was_tested_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the library's answer, which it gives from an environment of its own (`make release-check` asks the real one)."""

    def made(requirements: str, epoch: str) -> str:
        listed = [line.split("==")[0] for line in requirements.splitlines() if "==" in line]
        components = [{"name": name, "bom-ref": name, "type": "library", "description": "a line"} for name in listed]
        root = {"ref": "root-component", "dependsOn": listed}
        return json.dumps({"components": components, "dependencies": [root, *({"ref": name} for name in listed)]})

    monkeypatch.setattr(sbom, "_made", made)
    told = {}
    for name in ("handbell-desktop-1.2.3-windows-x86_64-setup.exe", "handbell-1.2.3-py3-none-any.whl"):
        (tmp_path / name).write_text(name)
        written = sbom.describe(tmp_path / name, kind_of(tmp_path / name, "1.2.3"), "1.2.3", "0")
        told[name] = json.loads(written.read_text())

    windows, wheel = told.values()
    names = {component["name"] for component in windows["components"]}
    assert {"winrt-runtime", "pyside6-essentials", "cpython"} <= names
    assert not {"jeepney", "sqlalchemy"} & names
    assert {one["scope"] for one in windows["components"] if one["name"] != "cpython"} == {"required"}
    assert {one["scope"] for one in wheel["components"]} == {"excluded"}
    assert "sqlalchemy" in {component["name"] for component in wheel["components"]}
    assert windows["metadata"]["component"]["hashes"][0]["alg"] == "SHA-256"
    assert windows["dependencies"][0]["ref"] == windows["metadata"]["component"]["bom-ref"]


def test_the_locks_that_are_named_exist() -> None:
    named = {lock for kind in KINDS for lock in kind.locks}

    assert [lock for lock in named if not (ROOT / f"locks/{lock}.txt").exists()] == []
