"""Who this device is signed in as, in a file that only its owner can read.

It holds the token in clear. That is the last resort for machines without a keyring, so whoever uses it says so.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct


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
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.encode(session))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def forget(path: Path) -> None:
    path.unlink(missing_ok=True)
