"""One server for one embedded database: two would each believe they are the only writer.

The lock is a file beside the database, held as long as the process lives; the system lets go of it however the process
ends. `handbell restore` takes the same lock, so it cannot swap the database under a running server.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from handbell_server.config import Config
from handbell_shared.owner_lock import Held, OwnerLock


class AlreadyRunningError(Exception):
    """Another server uses this data folder."""


def database_file(config: Config) -> Path:
    """Where the embedded database is."""
    path = make_url(config.database).database
    assert path is not None
    return Path(path)


def hold(config: Config) -> OwnerLock | None:
    """Take the lock, or raise. None with a database that takes care of itself."""
    if not config.embedded:
        return None
    path = database_file(config)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return OwnerLock(path.with_name(f"{path.name}.lock"))
    except Held:
        raise AlreadyRunningError(f"Another Handbell server uses {path}.") from None
