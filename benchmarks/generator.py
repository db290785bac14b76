"""Compiles the load generator (load/*.c) and speaks with it while it runs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.cells import Cell
from benchmarks.processes import OTHER_CORE, BenchmarkError, end, pinned
from benchmarks.targets.base import Target

SOURCES = Path(__file__).parent / "load"


def compile_generator(build: Path) -> Path:
    """The compiled generator, built again only when its source changed."""
    program = build / "load"
    sources = sorted(SOURCES.glob("*.c"))
    newest = max(path.stat().st_mtime for path in SOURCES.iterdir())
    if program.exists() and program.stat().st_mtime > newest:
        return program
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise BenchmarkError("the load generator needs a C compiler: apt-get install gcc libc6-dev")
    command = [compiler, "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-o", str(program), *map(str, sources)]
    subprocess.run(command, check=True)
    return program


def arguments(target: Target, cell: Cell, port: int, devices: Path, warm_up: float, seconds: float) -> list[str]:
    """The generator's command line for one cell on one target."""
    route = target.broadcast if cell.broadcast else target.batch if cell.batch > 1 else target.single
    options = {
        "port": port,
        "users": devices,
        "ready": target.ready,
        "path": route.path,
        "header": target.header,
        "item": route.item,
        "before": route.before,
        "after": route.after,
        "batch": cell.batch,
        "producers": cell.producers,
        "rate": cell.rate or 0,
        "warm-up": warm_up,
        "seconds": seconds,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [*words, *(["--broadcast"] if cell.broadcast else []), *(["--idle"] if cell.idle else [])]


class Generator:
    """A running generator: it says in one JSON object a line how far it is."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next object, which must be this event."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            raise BenchmarkError(f"the load generator stopped: {self.process.stderr.read().decode().strip()}")
        said: dict[str, Any] = json.loads(line)
        if said["event"] != event:
            raise BenchmarkError(f"the load generator said {said['event']!r} when {event!r} was expected")
        return said


@contextmanager
def generating(program: Path, words: list[str]) -> Iterator[Generator]:
    """The generator at work; every phase of it has a time limit of its own."""
    process = subprocess.Popen(
        pinned([str(program), *words], OTHER_CORE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield Generator(process)
    finally:
        end(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            stream.close()
