"""`handbell serve --workers N`: several processes on one port, and a parent that keeps them alive.

The kernel spreads connections over the processes (SO_REUSEPORT). A polling client's requests would land on different
ones, so here only WebSocket is offered; behind a proxy with sticky sessions, run separate servers instead. Processes
are started afresh, not forked: a loop that exists already does not survive a fork.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

from handbell_server.config import Config, ConfigError

_PAUSE = 0.5
_GRACE = 8.0


def run(config: Config, count: int) -> None:
    """Run until SIGTERM or SIGINT; a process that dies is started again."""
    if config.embedded:
        raise ConfigError("Several workers need PostgreSQL: set HANDBELL_DATABASE_URL.")
    if config.port == 0:
        raise ConfigError("Several workers need a port of their own choosing: give --port.")
    _Family(config, count).run()


class _Family:
    def __init__(self, config: Config, count: int) -> None:
        self._command = [sys.executable, "-m", "handbell_server", "serve"]
        self._command += ["--host", config.host, "--port", str(config.port), "--data", str(config.data_dir)]
        self._environment = os.environ | {"HANDBELL_REUSE_PORT": "1", "HANDBELL_POLLING": "0"}
        self._count = count
        self._children: list[subprocess.Popen[bytes]] = []
        self._ending = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        # The first one brings the schema up to date before the others look at it.
        while not self._ending:
            self._bury_and_replace()
            time.sleep(_PAUSE)
        self._stop_all()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _bury_and_replace(self) -> None:
        self._children = [child for child in self._children if child.poll() is None]
        while len(self._children) < self._count and not self._ending:
            # One line of readiness for all of them: the first child's.
            quiet = bool(self._children)
            output = subprocess.DEVNULL if quiet else None
            self._children.append(subprocess.Popen(self._command, env=self._environment, stdout=output))

    def _stop_all(self) -> None:
        for child in self._children:
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for child in self._children:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
