"""What the program remembers between two runs without anybody having chosen it. Losing the file costs a convenience.

So a file that cannot be read is nothing to tell anybody about, and one that cannot be written is a line in the log.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from handbell_desktop.kept.whole_file import write_whole

log = logging.getLogger(__name__)

_PAUSE: Final = "paused_until"


class State(Struct, frozen=True, kw_only=True):
    badges: dict[str, int] = field(default_factory=dict)
    """The last number of each account: shown from the first moment, until its store has been opened."""
    critical: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The categories that cannot be muted, of each account, as its server said when it was last asked."""
    quiet_since: dict[str, int] = field(default_factory=dict)
    """Since when each account is quiet that is: what came from then on is summed up when it is over, after a restart too."""
    windows: dict[str, str] = field(default_factory=dict)
    """Where windows were, by name, in words that only the windows understand."""


class Remembered:
    """The state and its file; `write` is for the thread that may wait.

    `former_pause` is one that an older version kept here, for this device alone. It stays until it has been carried over.
    """

    def __init__(self, path: Path) -> None:
        self.former_pause: int | None = None
        self._path = path
        self.state = self._load()

    def write(self, state: State) -> None:
        try:
            kept = {} if self.former_pause is None else {_PAUSE: self.former_pause}
            write_whole(self._path, msgspec.json.encode(msgspec.to_builtins(state) | kept))
        except OSError as error:
            log.error("What this program remembers could not be written: %s", error)

    def _load(self) -> State:
        try:
            raw = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Any])
            state = msgspec.convert(raw, State)
        except (OSError, msgspec.MsgspecError):
            return State()
        former = raw.get(_PAUSE)
        self.former_pause = former if isinstance(former, int) else None
        return state
