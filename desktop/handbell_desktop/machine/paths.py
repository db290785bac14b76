"""Where this platform keeps what a program has for a person: settings, data, what may be thrown away, what ends with
the session. Pure: the environment and the platform are arguments, and no folder is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

NAME = "handbell-desktop"


class Folders(Struct, frozen=True):
    config: Path
    data: Path
    cache: Path
    runtime: Path  # sockets and locks; emptied between sessions where the platform does that


def folders(environment: Mapping[str, str], platform: str, home: Path) -> Folders:
    if platform == "win32":
        # Local, not roaming: tokens, stores and settings name each other, and the first two stay on this machine.
        ours = _absolute(environment.get("LOCALAPPDATA"), home / "AppData" / "Local") / "Handbell"
        return Folders(config=ours, data=ours, cache=ours / "Cache", runtime=ours / "Run")
    if platform == "darwin":
        ours = home / "Library" / "Application Support" / "Handbell"
        return Folders(config=ours, data=ours, cache=home / "Library" / "Caches" / "Handbell", runtime=ours / "Run")
    data = _absolute(environment.get("XDG_DATA_HOME"), home / ".local" / "share") / NAME
    return Folders(
        config=_absolute(environment.get("XDG_CONFIG_HOME"), home / ".config") / NAME,
        data=data,
        cache=_absolute(environment.get("XDG_CACHE_HOME"), home / ".cache") / NAME,
        runtime=_absolute(environment.get("XDG_RUNTIME_DIR"), data) / (NAME if _names_runtime(environment) else "run"),
    )


def _names_runtime(environment: Mapping[str, str]) -> bool:
    return Path(environment.get("XDG_RUNTIME_DIR") or "").is_absolute()


def _absolute(named: str | None, otherwise: Path) -> Path:
    """The specification: a relative path is to be ignored."""
    return Path(named) if named and Path(named).is_absolute() else otherwise
