"""Which files a release has, and what each was made of: the lock, the platform, and whether Python itself is inside."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from msgspec import Struct

SUMS: Final = "SHA256SUMS"
SBOM: Final = ".cdx.json"
# What is frozen on Windows and macOS: the last 3.11 that has installers, named in the release workflow too.
FROZEN_PYTHON: Final = "3.11.9"
DEBIANS_PYTHON: Final = "3.11.2"  # of Debian 12, where everything for Linux is built


class Kind(Struct, frozen=True, kw_only=True):
    what: str
    name: str  # a pattern; VERSION stands for the version
    locks: tuple[str, ...] = ()
    platform: str = "linux"
    inside: bool = True  # or merely what it was tested with
    python: str | None = None  # that it brings along

    def is_of(self, name: str, version: str) -> bool:
        return re.fullmatch(self.name.replace("VERSION", re.escape(version)), name) is not None


KINDS: Final = (
    Kind(what="Python wheel", name=r"handbell-VERSION-py3-none-any\.whl", locks=("server", "desktop"), inside=False),
    Kind(what="Python sdist", name=r"handbell-VERSION\.tar\.gz", locks=("server", "desktop"), inside=False),
    Kind(what="server, Debian", name=r"handbell-server_VERSION-\d+_\w+\.deb", locks=("server",)),
    Kind(
        what="server, container",
        name=r"handbell-server-VERSION-container-linux-\w+\.tar\.gz",
        locks=("server",),
        python="3.11",
    ),
    Kind(
        what="desktop, Debian",
        name=r"handbell-desktop_VERSION-\d+_\w+\.deb",
        locks=("desktop",),
        python=DEBIANS_PYTHON,
    ),
    Kind(
        what="desktop, rpm",
        name=r"handbell-desktop-VERSION-\d+\.\w+\.rpm",
        locks=("desktop",),
        python=DEBIANS_PYTHON,
    ),
    Kind(
        what="desktop, Linux archive",
        name=r"handbell-desktop-VERSION-linux-\w+\.tar\.xz",
        locks=("desktop",),
        python=DEBIANS_PYTHON,
    ),
    Kind(
        what="desktop, Windows",
        name=r"handbell-desktop-VERSION-windows-x86_64-setup\.exe",
        locks=("desktop",),
        platform="win32",
        python=FROZEN_PYTHON,
    ),
    Kind(
        what="desktop, macOS",
        name=r"handbell-desktop-VERSION-macos-\w+\.dmg",
        locks=("desktop",),
        platform="darwin",
        python=FROZEN_PYTHON,
    ),
    Kind(what="documents", name=r"handbell-docs-VERSION\.tar\.xz", inside=False),
)


class Unknown(Exception):
    """A file that no release has; the message names it."""


def kind_of(file: Path, version: str) -> Kind:
    for kind in KINDS:
        if kind.is_of(file.name, version):
            return kind
    raise Unknown(f"{file.name} is no artefact of {version}")


def found_in(folder: Path) -> list[Path]:
    """What is handed out, without what is said about it."""
    files = [file for file in folder.iterdir() if file.is_file()]
    return sorted(file for file in files if file.name != SUMS and not file.name.endswith(SBOM))


def sum_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write_sums(folder: Path) -> Path:
    """As `sha256sum --check SHA256SUMS` reads it; of the SBOMs too."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != SUMS)
    sums = folder / SUMS
    sums.write_text("".join(f"{sum_of(file)}  {file.name}\n" for file in files), encoding="utf-8")
    return sums
