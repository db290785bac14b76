"""Free ports on loopback, never the same one twice, whichever test process asks.

A port that is free now may be somebody else's a moment later: the kernel takes those of its own range for outgoing
connections, and hands out what was just closed again; a test run in the process beside this one looks for ports too. So
they come from below the kernel's range, and each is claimed with a lock on its own byte of one file, which goes with the
process that holds it.
"""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

_LOWEST = 10_240
_handed_out: set[int] = set()
_chance = random.SystemRandom()  # not the chance that property tests play with


def free_port() -> int:
    """A TCP port nobody listens on now, and that no other caller on this machine has been given."""
    while True:
        port = _chance.choice(_range())
        if port in _handed_out or not _is_free(port) or not claim(port):
            continue
        _handed_out.add(port)
        return port


@cache
def _range() -> range:
    """The ports that the kernel leaves alone."""
    try:
        lowest_of_kernel = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    except OSError:
        lowest_of_kernel = 32_768
    return range(_LOWEST, max(lowest_of_kernel, _LOWEST + 4_096))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def claim(port: int) -> bool:
    """Whether the port is this process's now, until it ends."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _claims() -> int:
    """The file of the claims, open as long as this process lives: closing it would let go of them all."""
    return os.open(Path(tempfile.gettempdir()) / f"handbell-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)
