"""One server for one embedded database: two would each believe they are the only writer.

The lock is a file beside the database, held as long as the process lives; the system lets go of it however the process
ends. `handbell restore` takes the same lock, so it cannot swap the database under a running server.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

from handbell_server.config import Config


class AlreadyRunningError(Exception):
    """Another server uses this data folder."""


def database_file(config: Config) -> Path:
    """Where the embedded database is."""
    path = make_url(config.database).database
    assert path is not None
    return Path(path)


def hold(config: Config) -> IO[str] | None:
    """Take the lock, or raise. None with a database that takes care of itself."""
    if not config.embedded:
        return None
    path = database_file(config)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = open(f"{path}.lock", "a+", encoding="utf-8")  # noqa: SIM115 — held as long as the process lives
    if not _try_lock(lock):
        lock.close()
        raise AlreadyRunningError(f"Another Handbell server uses {path}.")
    return lock


def _try_lock(lock: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
