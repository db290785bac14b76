"""What the program remembers between two runs without anybody having chosen it. Losing the file costs a convenience.

So a file that cannot be read is nothing to tell anybody about, and one that cannot be written is a line in the log.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from handbell_desktop.whole_file import write_whole

log = logging.getLogger(__name__)

FOREVER: Final = 2**53
"""A pause without an end: until the person says so."""


class State(Struct, frozen=True, kw_only=True):
    paused_until: int | None = None
    badges: dict[str, int] = field(default_factory=dict)
    """The last number of each account: shown from the first moment, until its store has been opened."""
    windows: dict[str, str] = field(default_factory=dict)
    """Where windows were, by name, in words that only the windows understand."""


class Remembered:
    """The state and its file; `write` is for the thread that may wait."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.state = self._load()

    def write(self, state: State) -> None:
        try:
            write_whole(self._path, msgspec.json.encode(state))
        except OSError:
            log.exception("What this program remembers could not be written")

    def _load(self) -> State:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=State)
        except (OSError, msgspec.DecodeError):
            return State()
