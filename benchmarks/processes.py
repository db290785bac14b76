"""Starting, awaiting and ending the processes of a run.

Each is pinned to a core before it starts, writes its output to a log file, leads a process group of its own, and is
ended by its id when its `with` block ends.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

SERVER_CORE = 0
OTHER_CORE = 1


class BenchmarkError(Exception):
    """The benchmark cannot go on; the text says why and what helps."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pinned(command: Sequence[str], core: int) -> list[str]:
    """The command, kept on one core; on a machine with a single core there is nothing to choose."""
    if core in os.sched_getaffinity(0):
        return ["taskset", "-c", str(core), *command]
    return list(command)


@contextmanager
def running(
    command: Sequence[str], log: Path, core: int, env: Mapping[str, str] | None = None, stop: int = signal.SIGTERM
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its output in `log`, ended with the block."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            pinned(command, core),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    try:
        yield process
    finally:
        end(process, stop)


def end(process: subprocess.Popen[bytes], stop: int = signal.SIGTERM) -> None:
    """End the process politely; after five seconds, the group it leads firmly."""
    if process.poll() is not None:
        return
    process.send_signal(stop)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)


def wait_healthy(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 30) -> None:
    """Return when the URL answers 200."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    tail = log.read_text(errors="replace")[-2000:]
    raise BenchmarkError(f"{url} does not answer; the end of {log}:\n{tail}")
