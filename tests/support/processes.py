"""A command under a test's control: started, watched, killed, frozen, thawed, and certainly gone at the end.

Each command leads a process group of its own, so that a Ctrl-C in the terminal does not reach it and its own children
end with it. The leader is looked at without being reaped (`WNOWAIT`) until its group has been dealt with: as long as it
is unreaped its number cannot belong to anybody else, so a signal can never hit a stranger.
"""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.waiting import until

TAIL = 4_000


class ProcessDiedError(AssertionError):
    """The command ended although somebody still waited for it."""


class Process:
    """One running command. Its output is in `directory`, as NAME.out and NAME.err, appended over restarts."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        name: str,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        stdin: str | None = None,
    ) -> None:
        self.name = name
        self.out = directory / f"{name}.out"
        self.err = directory / f"{name}.err"
        self._read_from = self.out.stat().st_size if self.out.exists() else 0
        # Another user takes its groups along: root's would open doors that the test means to be shut.
        with self.out.open("ab") as out, self.err.open("ab") as err:
            self._popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=out,
                stderr=err,
                cwd=directory,
                env=None if environment is None else dict(environment),
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        if self._popen.stdin is not None and stdin is not None:
            with suppress(BrokenPipeError), self._popen.stdin as pipe:
                pipe.write(stdin.encode())

    # What can be seen of it.

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen.returncode is None and not self._ended()

    @property
    def status(self) -> int | None:
        """The exit status once `wait`, `stop` or `kill9` has collected it: negative for a signal."""
        return self._popen.returncode

    def lines(self) -> list[str]:
        """What this run of the command has written to its standard output, whole lines only."""
        with self.out.open("rb") as file:
            file.seek(self._read_from)
            text = file.read().decode(errors="replace")
        return text[: text.rfind("\n") + 1].splitlines()

    def tail(self) -> str:
        """The last words on both streams, for whoever has to find out what went wrong."""
        words = [f"--- {path.name} ---\n{path.read_text(errors='replace')[-TAIL:]}" for path in (self.out, self.err)]
        return "\n".join(words)

    def wait_for_line(self, pattern: str, timeout: float = 15) -> re.Match[str]:
        """The first line of standard output that the pattern is found in."""

        def look() -> re.Match[str] | None:
            self._must_live(f"before it printed a line like {pattern!r}")
            return next((match for line in self.lines() if (match := re.search(pattern, line))), None)

        found = until(look, timeout, f"{self.name} to print a line like {pattern!r}")
        assert found is not None
        return found

    def wait_for_port(self, port: int, timeout: float = 15) -> None:
        """Return when somebody accepts connections on this port of loopback."""

        def knock() -> bool:
            self._must_live(f"before it listened on port {port}")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                return False
            return True

        until(knock, timeout, f"{self.name} to listen on port {port}")

    # What can be done to it.

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the command alone, not to its children."""
        if self.alive:
            os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop the whole group in its tracks; returns when the command stands still."""
        self._signal_group(signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        self._signal_group(signal.SIGCONT)

    def kill9(self) -> None:
        """The end without a word of warning, for the command and for all its children."""
        self._signal_group(signal.SIGKILL)
        self._reap()

    def stop(self, timeout: float = 15, ask: signal.Signals = signal.SIGTERM) -> int:
        """Ask the command to end, and answer its exit status. Past the deadline it is killed and the test fails."""
        self.thaw()
        self.send(ask)
        return self.wait(timeout)

    def wait(self, timeout: float = 15) -> int:
        """Wait for the command to end by itself; what it leaves behind of its group is killed."""
        try:
            until(lambda: not self.alive, timeout, f"{self.name} to end")
        finally:
            self.kill9()
        return self._popen.returncode

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill9()

    def _ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _signal_group(self, number: signal.Signals) -> None:
        if self._popen.returncode is None:
            # PermissionError is what some kernels say of a group that has only zombies left.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _reap(self) -> None:
        if self._popen.returncode is None:
            self._popen.wait(timeout=15)

    def _must_live(self, doing: str) -> None:
        if not self.alive:
            self.kill9()
            raise ProcessDiedError(f"{self.name} ended with status {self._popen.returncode} {doing}\n{self.tail()}")
