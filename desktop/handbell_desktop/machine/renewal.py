"""An upgrade while the bell runs: the program begins anew, as what is on the disk by then.

A package manager puts new files where the old ones were and asks nobody. The one that runs goes on: it holds the archive it was
started from (packaging/desktop/own_archive.py), so also windows that were never opened can still be loaded. But it is old,
and nobody ever quits a bell. So it looks at its own file, and when that is another one and stays it for a while, and no
window is open, `start_anew` becomes the new program: the same process, the same arguments, whatever this one was.

Only a frozen program on Linux does this. Windows and macOS end a program before they replace it, and who runs from source
knows what they do. A program that was removed simply runs on until it is quit.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from handbell_desktop.machine import outside

LOOK_EVERY = 20.0  # seconds; and an upgrade is over when two looks have found the same

_Identity = tuple[int, int, int]


class Renewal:
    def __init__(self, program: Path) -> None:
        self._program = program
        self._began = self._last = _identity(program)

    def due(self) -> bool:
        """Asked every now and then."""
        last, self._last = self._last, _identity(self._program)
        return self._last is not None and self._last != self._began and self._last == last


def renewal(platform: str = sys.platform) -> Renewal | None:
    """Nothing where a program is not replaced under its feet."""
    return Renewal(Path(sys.executable)) if platform == "linux" and outside.bundle() is not None else None


def start_anew(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    clean = outside.clean_environment(environment, outside.bundle())
    os.execve(command[0], list(command), clean)  # noqa: S606 - our own command, and no shell


def _identity(program: Path) -> _Identity | None:
    try:
        found = program.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns
