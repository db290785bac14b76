"""The lock that gives a file to one program at a time.

It is an operating system's lock on a small file: beside a database, or in the folder where a program's door stands. The kernel lets go of it however the owner ends,
and what is in the file never matters: one that a killed program left behind, or that holds rubbish, is as good as a
new one. It is never deleted, because two programs could then hold locks on two files of the same name.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    _HELD_BY_ANOTHER = PermissionError
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # Not lockf: that lock belongs to the process, and would be lost when any code closes the same file.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    _HELD_BY_ANOTHER = BlockingIOError


class Held(Exception):
    """Somebody else has it."""


class OwnerLock:
    """Held from the making of the object until `close`."""

    def __init__(self, path: Path) -> None:
        """Raises `Held` at once rather than wait for another owner. The lock's file is the path itself."""
        no_links = getattr(os, "O_NOFOLLOW", 0)  # of somebody who can write to the folder
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | no_links, 0o600)
        try:
            _lock(self._descriptor)
        except BaseException as error:
            os.close(self._descriptor)
            if isinstance(error, _HELD_BY_ANOTHER):
                raise Held from None
            raise

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
