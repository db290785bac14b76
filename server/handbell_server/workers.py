"""`handbell serve --workers N`: several processes on one port, and a parent that keeps them alive.

The kernel spreads connections over the processes (SO_REUSEPORT). A polling client's requests would land on different
ones, so here only WebSocket is offered; behind a proxy with sticky sessions, run separate servers instead. Processes
are started afresh, not forked: a loop that exists already does not survive a fork.

    parent ──stdin, a pipe nobody writes to──► child      its end tells the child that the parent is gone
    parent ◄──stdout: one line when it serves── child     the parent says "ready" once all of the first ones are

Until all have been ready, one that ends takes the others along: a wrong setting is no reason to try for ever. From then
on whoever dies is replaced, at once the first time, later after longer and longer pauses.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from types import FrameType

from handbell_server import logs, supervisor
from handbell_server.config import Config, ConfigError, from_environment

log = logging.getLogger(__name__)

_LOOK_EVERY = 0.2
_GRACE = 4.5
_PAUSE_AT_FIRST = 0.25
_PAUSE_AT_MOST = 30.0
_HEALTHY_AFTER = 60.0
_ORPHAN_GRACE = 6.0


class WorkersFailedError(Exception):
    """They did not come up; what is wrong, they have said themselves."""


def run(config: Config, count: int) -> None:
    """Run until SIGTERM or SIGINT; a process that dies is started again."""
    if config.embedded:
        raise ConfigError("Several workers need PostgreSQL: set HANDBELL_DATABASE_URL.")
    if config.port == 0:
        raise ConfigError("Several workers need a port of their own choosing: give --port.")
    _be_alone(config)
    logs.start(config.log_level)
    try:
        _Family(config, count).run()
    finally:
        logs.stop()


def _be_alone(config: Config) -> None:
    """With SO_REUSEPORT nobody would notice another server on the port; so take it alone for a moment."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
            probe.listen()
        except OSError as error:
            raise WorkersFailedError(f"{config.host}:{config.port} cannot be used: {error.strerror}.") from error


@dataclass
class _Place:
    """One of the N, whoever fills it at the moment."""

    child: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    ready: bool = False
    pause: float = _PAUSE_AT_FIRST
    due: float = 0.0


class _Family:
    def __init__(self, config: Config, count: int) -> None:
        self._config = config
        self._command = [sys.executable, "-m", "handbell_server.workers"]
        self._environment = os.environ | {
            "HANDBELL_HOST": config.host,
            "HANDBELL_PORT": str(config.port),
            "HANDBELL_DATA_DIR": str(config.data_dir),
            "HANDBELL_REUSE_PORT": "1",
            "HANDBELL_POLLING": "0",
        }
        self._environment.pop(supervisor.ADDRESS, None)  # the parent speaks for all
        self._places = [_Place() for _ in range(count)]
        self._lines = selectors.DefaultSelector()
        self._complete = False
        self._ending = False

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, self._end)
        try:
            while not self._ending:
                self._fill(time.monotonic())
                self._listen()
                self._bury(time.monotonic())
        finally:
            self._stop_all()

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _fill(self, now: float) -> None:
        for place in self._places:
            if place.child is None and now >= place.due:
                place.child = subprocess.Popen(
                    self._command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
                place.born, place.ready = now, False
                self._lines.register(place.child.stdout, selectors.EVENT_READ, place)  # type: ignore[arg-type]

    def _listen(self) -> None:
        """Wait a little for the lines of those that become ready."""
        for key, _events in self._lines.select(_LOOK_EVERY):
            # Its only line, or the end: neither is worth being listened to again.
            self._lines.unregister(key.fileobj)
            key.data.ready = bool(os.read(key.fd, 4096))
        if not self._complete and all(place.ready for place in self._places):
            self._complete = True
            host = f"[{self._config.host}]" if ":" in self._config.host else self._config.host
            print(f"Handbell is ready at http://{host}:{self._config.port}", flush=True)
            supervisor.ready()

    def _bury(self, now: float) -> None:
        for place in self._places:
            if place.child is None or place.child.poll() is None:
                continue
            if not self._complete and not self._ending:
                raise WorkersFailedError(f"A worker ended with status {place.child.returncode} before it was ready.")
            if now - place.born > _HEALTHY_AFTER:
                place.pause = _PAUSE_AT_FIRST
            status, pause = place.child.returncode, place.pause
            log.warning("a worker ended with status %d; another comes in %g s", status, pause)
            place.due, place.pause = now + pause, min(pause * 2, _PAUSE_AT_MOST)
            self._forget(place)

    def _forget(self, place: _Place) -> None:
        child, place.child, place.ready = place.child, None, False
        assert child is not None
        assert child.stdin is not None
        assert child.stdout is not None
        if child.stdout in self._lines.get_map():
            self._lines.unregister(child.stdout)
        child.stdin.close()
        child.stdout.close()

    def _stop_all(self) -> None:
        supervisor.ending()
        children = [place.child for place in self._places if place.child is not None]
        for child in children:
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for child in children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()  # loses nothing: it is only less polite to the devices
                child.wait()
        for place in self._places:
            if place.child is not None:
                self._forget(place)


def main() -> None:
    """One worker: a server that ends when its parent does, however that one ended."""
    os.environ.pop("PSYCOPG_WAIT_FUNC", None)  # as in `handbell serve`
    from handbell_server import serving

    threading.Thread(target=_follow_parent, name="handbell-parent", daemon=True).start()
    serving.run(from_environment())


def _follow_parent() -> None:
    while os.read(0, 4096):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ORPHAN_GRACE)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
