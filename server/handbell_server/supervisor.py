"""Telling systemd how far a process is, so that `systemctl restart` returns when the server answers and not before.

systemd names a socket of its own in NOTIFY_SOCKET where a unit says Type=notify; elsewhere there is none and nothing is
said. Whoever restarts several servers one after the other relies on it: the next one goes only when this one is back.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Final

ADDRESS: Final = "NOTIFY_SOCKET"


def ready() -> None:
    """Everything is up and answers."""
    _tell("READY=1")


def ending() -> None:
    """The end was asked for and is under way."""
    _tell("STOPPING=1")


def _tell(state: str) -> None:
    address = os.environ.get(ADDRESS)
    if not address:
        return
    if address.startswith("@"):  # Linux's way to have a socket without a file
        address = f"\0{address[1:]}"
    # A supervisor that does not listen is no reason not to serve.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.sendto(state.encode(), address)
