"""Free ports on loopback, never the same one twice in a run.

The kernel may hand a port out again as soon as it is closed, and two servers of one test would then meet on it.
"""

import socket

_handed_out: set[int] = set()


def free_port() -> int:
    """A TCP port nobody listens on now, and that no other caller in this process has been given."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _handed_out:
            _handed_out.add(port)
            return port
