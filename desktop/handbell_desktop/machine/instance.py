"""One program for a person: the second start hands over what it was asked for, and ends.

A lock decides who is first, and the system lets go of it whatever kills its holder. Only who holds the lock touches the
door (`instance_doors.py`), so what a kill left behind can be cleared away without a race.

    instance = first_or_tell(folders.runtime, "show")       # None: the other one has it, exit 0
    instance.listen(lambda message: turns.post(...))        # called from a thread of its own, which posts

A message is one of the wishes below or a `handbell://` link; everything else is not understood, here as there. Messages are short, and
who is slow to say one is left standing: both ends have a second or two, and one visitor at a time.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal, get_args

from handbell_desktop.kept.whole_file import make_private
from handbell_desktop.machine.instance_doors import Door, UnixDoor
from handbell_shared.owner_lock import Held, OwnerLock

Wish = Literal["show", "history", "settings", "quit"]

LONGEST_MESSAGE = 2_048
VISIT = 2.0  # seconds for one message, all of it
PATIENCE = 5.0  # for another start that is just beginning or just ending
PAUSE = 0.02
_LINK = re.compile(r"handbell://[!-~]+\Z")

log = logging.getLogger(__name__)


class Untrusted(Exception):
    """The folder is not this person's alone, so neither is what stands in it; the message says so."""


class NotAnswering(Exception):
    """Another one is running and does not take the message."""


def understood(message: str) -> bool:
    return len(message) <= LONGEST_MESSAGE and (message in get_args(Wish) or _LINK.match(message) is not None)


def first_or_tell(directory: Path, message: str, *, platform: str = sys.platform) -> Instance | None:
    """Be the first, or tell the first; nothing when it was told. What it would not understand brings it to the front."""
    message = message if understood(message) else "show"
    until = time.monotonic() + PATIENCE
    while True:
        instance = Instance.acquire(directory, platform=platform)
        if instance is not None:
            return instance
        if send(directory, message, platform=platform):
            return None
        if time.monotonic() > until:
            raise NotAnswering("Handbell is running already, but does not answer.")
        time.sleep(PAUSE)  # it has the lock, and its door is not open yet or not any more


def end_the_first(directory: Path, *, patience: float = 10.0, platform: str = sys.platform) -> bool:
    """Ask the one that runs to end as its menu would, and wait until it has: true when none runs any more."""
    until = time.monotonic() + patience
    while directory.exists():
        instance = Instance.acquire(directory, platform=platform)
        if instance is not None:
            instance.close()
            break
        send(directory, "quit", platform=platform)
        if time.monotonic() > until:
            return False
        time.sleep(PAUSE)
    return True


def send(directory: Path, message: str, *, platform: str = sys.platform) -> bool:
    """Hand a message to the one that runs; false when there is none that takes it."""
    if not understood(message):
        return False
    try:
        return _door(platform).tell(_ours(directory, platform), message.encode("ascii"), VISIT)
    except (OSError, ValueError):
        return False


class Instance:
    """The first one. `close` makes room for the next."""

    def __init__(self, directory: Path, lock: OwnerLock, door: Door, listener: socket.socket) -> None:
        self._directory = directory
        self._lock = lock
        self._door = door
        self._listener = listener
        self._thread: threading.Thread | None = None
        self._closing = False

    @classmethod
    def acquire(cls, directory: Path, *, platform: str = sys.platform) -> Instance | None:
        """Nothing when another one holds it."""
        _ours(directory, platform)
        try:
            lock = OwnerLock(directory / "instance.lock")
        except Held:
            return None
        door = _door(platform)
        try:
            return cls(directory, lock, door, door.open(directory))
        except BaseException:
            lock.close()
            raise

    def listen(self, on_message: Callable[[str], None]) -> None:
        """From now on messages are heard; those that came before have waited."""
        self._thread = threading.Thread(target=self._serve, args=(on_message,), name="instance", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        if self._thread is not None:
            with suppress(OSError, ValueError):
                self._door.tell(self._directory, b"", VISIT)  # what wakes `accept` on every platform is a visitor
            self._thread.join(VISIT)
        self._listener.close()
        self._door.shut(self._directory)
        self._lock.close()

    def _serve(self, on_message: Callable[[str], None]) -> None:
        while True:  # also when it is closing: `close` is the visitor that ends it
            try:
                visitor, _ = self._listener.accept()
            except OSError:
                time.sleep(PAUSE)  # out of descriptors, for one
                continue
            with visitor, suppress(OSError, ValueError):
                if self._closing:
                    return
                message = self._door.hear(visitor, LONGEST_MESSAGE, VISIT).decode("ascii")
                if understood(message):
                    on_message(message)
                else:
                    log.info("another start said what is not understood")


def _door(platform: str) -> Door:
    if platform != "win32":
        return UnixDoor()
    from handbell_desktop.machine.instance_loopback import LoopbackDoor  # and its cryptography: 3 ms before the bell

    return LoopbackDoor()


def _ours(directory: Path, platform: str) -> Path:
    """Make it, and see that nobody else can put anything there."""
    make_private(directory)
    if platform == "win32":
        return directory  # in the person's profile, which others cannot write to
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Untrusted(f"{directory} belongs to somebody else.")
    if found.st_mode & 0o077:
        directory.chmod(0o700)
    return directory
