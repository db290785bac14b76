"""The package in two revisions and a root to put them into; the container's images and a network to run them on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.clean_root.containers import Network
from tests.deployment.clean_root.images import Builder
from tests.deployment.clean_root.roots import CleanRoot, fresh
from tests.deployment.containerfile import stages
from tests.deployment.handed_out import CONTAINERFILE, ROOT
from tests.support.screen import Screen


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Revisions 1 and 2, each built from nothing."""
    folder = tmp_path_factory.mktemp("packages")
    made = []
    for revision in ("1", "2"):
        command = [sys.executable, "-m", "scripts.package_server", "--to", str(folder), "--revision", revision]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        made.append(Path(done.stdout.strip()))
    return made


@pytest.fixture
def root(tmp_path: Path) -> Iterator[CleanRoot]:
    yield fresh(tmp_path / "root")
    subprocess.run(["rm", "-rf", "--one-file-system", str(tmp_path / "root")], check=True)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Screen]:
    with Screen(tmp_path, "1024x700", for_everybody=True) as screen:
        yield screen


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builder]:
    """Images by the name of their target, each built when it is first asked for."""
    folder = tmp_path_factory.mktemp("images")
    yield Builder(stages(CONTAINERFILE), folder)
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


@pytest.fixture
def network() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()
