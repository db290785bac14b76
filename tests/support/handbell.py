"""The real server, started as an operator starts it, and asked as an operator asks it: by its command line.

The server is a process of its own. The other commands run in the test's, beside the server and not in it, as they would
on the operator's terminal: a process for each takes half a second before it does anything. People and producers, whom
nearly every test needs, are made by the functions that those commands call.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from click.testing import CliRunner
from sqlalchemy import Connection

from handbell_server.actions import people, producers
from handbell_server.cli import main as handbell
from handbell_server.cli.common import open_engine
from handbell_server.config import from_environment
from handbell_server.identity.passwords import hash_password
from handbell_server.identity.tokens import new_producer_key
from tests.support.ports import free_port
from tests.support.processes import Process
from tests.support.rest import Rest

COMMAND = (sys.executable, "-m", "handbell_server")


@cache
def _hashed(password: str) -> str:
    """A hash takes long on purpose, and the tests have few passwords."""
    return hash_password(password)


class HandbellServer:
    """`handbell serve` over one data folder; address and data stay the same over restarts and kills."""

    def __init__(
        self,
        directory: Path,
        *,
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        port: int | None = None,
        wrapper: Sequence[str] = (),
    ) -> None:
        """`wrapper` is a command that runs the server: strace, say."""
        self.data = directory / "data"
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._directory = directory
        self._arguments = tuple(arguments)
        self._wrapper = tuple(wrapper)
        # What the person at this machine has set for a Handbell of their own is not for the tests.
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("HANDBELL_")}
        self._environment = inherited | dict(environment or {})
        self._process: Process | None = None
        self._rests: list[Rest] = []

    @property
    def process(self) -> Process:
        assert self._process is not None, "the server has not been started"
        return self._process

    @property
    def started(self) -> bool:
        return self._process is not None

    def begin(self) -> None:
        """Start it and do not wait: for those who want to break it while it starts."""
        serve = ["serve", "--port", str(self.port), "--data", str(self.data), *self._arguments]
        self._process = Process(
            [*self._wrapper, *COMMAND, *serve],
            name="handbell",
            directory=self._directory,
            environment=self._environment,
        )

    def start(self, timeout: float = 30) -> Self:
        """Return when the server has said that it is ready."""
        self.begin()
        assert self._process is not None
        try:
            self._process.wait_for_line(rf"{re.escape(self.url)}\b", timeout)
        except BaseException:
            self._process.kill9()
            raise
        return self

    def kill9(self) -> None:
        self.process.kill9()

    def freeze(self) -> None:
        self.process.freeze()

    def thaw(self) -> None:
        self.process.thaw()

    def restart(self) -> None:
        """Come back on the same address; asks it to end first if it still runs."""
        if self.process.alive:
            self.process.stop()
        self.start()

    def stop(self) -> int:
        """Ask it to end and answer its exit status; connections of `rest` are closed."""
        for rest in self._rests:
            rest.close()
        return self.process.stop()

    def close(self) -> None:
        """Be gone, whatever state it is in."""
        for rest in self._rests:
            rest.close()
        if self._process is not None:
            self._process.kill9()

    def cli(self, *arguments: str, stdin: str = "") -> str:
        """Run another `handbell` command on this server's data; answers its standard output."""
        others: dict[str, str | None] = {name: None for name in os.environ if name.startswith("HANDBELL_")}
        chosen = {name: value for name, value in self._environment.items() if name.startswith("HANDBELL_")}
        words = [*arguments, "--data", str(self.data)]
        done = CliRunner(env=others | chosen).invoke(handbell, words, input=stdin, catch_exceptions=False)
        said = f"handbell {' '.join(arguments)} ended with status {done.exit_code}:\n{done.output}"
        assert done.exit_code == 0, said
        return done.stdout

    def add_user(self, name: str, password: str, *, admin: bool = False) -> None:
        with self._transaction() as connection:
            people.add_user(connection, name, password_hash=_hashed(password), admin=admin)

    def add_producer(self, name: str, scopes: Iterable[str] = ()) -> str:
        """The producer's key."""
        key_id, key, digest = new_producer_key()
        with self._transaction() as connection:
            producers.add_producer(connection, name, tuple(scopes), key_id=key_id, secret_hash=digest.hex())
        return key

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """One that writes, beside the running server or before there is one."""
        config = from_environment(self._environment, chosen={"data_dir": self.data.absolute()})
        with open_engine(config) as engine, engine.execution_options(immediate=True).begin() as connection:
            yield connection

    def rest(self, token: str | None = None, timeout: float = 30) -> Rest:
        """A connection that is closed with the server."""
        rest = Rest(self.url, token, timeout)
        self._rests.append(rest)
        return rest

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
