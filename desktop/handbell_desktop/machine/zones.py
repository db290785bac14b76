"""What this machine's time zone is called ("Europe/Berlin"), as far as its files say so.

Python knows which time it is and not in which zone; the name is what quiet hours and digests are reckoned by on a server. A
platform that keeps it elsewhere is asked by whoever runs there (`ui/app.py` asks Qt). A machine in UTC, as servers and
containers are, says nothing of where its person lives.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from handbell_shared.preferences import zone_of

_SAYS_NOTHING: Final = frozenset(
    {"UTC", "UCT", "GMT", "Zulu", "Universal", "Etc/UTC", "Etc/UCT", "Etc/GMT", "localtime"}
)
_FOLDER: Final = "zoneinfo/"


def zone_name(environment: Mapping[str, str], etc: Path) -> str | None:
    """The environment's word goes before the machine's; None when nobody says a name that is known here."""
    if "TZ" in environment:
        return worth_saying(environment["TZ"].removeprefix(":"))
    return worth_saying(_linked(etc / "localtime")) or worth_saying(_written(etc / "timezone"))


def worth_saying(name: str) -> str | None:
    name = name.partition(_FOLDER)[2] if name.startswith("/") else name
    for folder in ("posix/", "right/"):
        name = name.removeprefix(folder)
    return name if name and name not in _SAYS_NOTHING and zone_of(name) is not None else None


def _linked(path: Path) -> str:
    try:
        return os.path.normpath(path.parent / os.readlink(path))  # not followed to its end: that may be an older name
    except OSError:
        return ""


def _written(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="ignore")[:100].strip()
    except OSError:
        return ""
