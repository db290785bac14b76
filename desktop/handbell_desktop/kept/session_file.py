"""Who this device is signed in as, in a file that only its owner can read.

It holds the token in clear. That is the last resort for machines without a keyring, so whoever uses it says so.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from handbell_desktop.kept.whole_file import write_whole


class SavedSession(Struct, frozen=True):
    server: str
    user: str
    device: str
    token: str

    def __repr__(self) -> str:
        return f"SavedSession(server={self.server!r}, user={self.user!r}, device={self.device!r})"


def load(path: Path) -> SavedSession | None:
    """Nothing when there is no file, or none that can be understood: signing in again heals both."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedSession)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def save(path: Path, session: SavedSession) -> None:
    """The whole file or none of it, and never readable for others, not even while it is written."""
    write_whole(path, msgspec.json.encode(session))


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)
