"""A Redis of the test's own: a free port, nothing kept on disk, and every way a Redis can fail."""

import shutil
import socket
from pathlib import Path

from tests.support.ports import free_port
from tests.support.processes import Process
from tests.support.waiting import until


class RedisServer:
    """`url` stays the same over restarts; what was in it does not, as with any Redis that keeps nothing on disk."""

    def __init__(self, directory: Path) -> None:
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is missing: run `make test`, or install redis"
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        options = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "daemonize": "no"}
        self._command = [program, *(word for key, value in options.items() for word in (f"--{key}", value))]
        self.process = self._start()

    def flush(self) -> None:
        """Forget everything, as between two tests that share this Redis."""
        assert self._ask("FLUSHALL").startswith("+OK")

    def freeze(self) -> None:
        self.process.freeze()

    def thaw(self) -> None:
        self.process.thaw()

    def kill9(self) -> None:
        self.process.kill9()

    def restart(self) -> None:
        """Come back empty on the same port, whatever state it was in."""
        self.process.kill9()
        self.process = self._start()

    def stop(self) -> None:
        self.process.kill9()  # it keeps nothing, so there is nothing to save

    def _start(self) -> Process:
        process = Process(self._command, name="redis", directory=self._directory)
        process.wait_for_port(self.port)
        until(lambda: self._ask("PING").startswith("+PONG"), 5, "Redis to answer PING")
        return process

    def _ask(self, command: str) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as link:
            link.sendall(f"{command}\r\n".encode())
            return link.recv(1_024).decode()
