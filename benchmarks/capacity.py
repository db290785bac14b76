"""`python -m benchmarks.capacity`: what one process costs, for the plan in docs/capacity.md.

How much memory and processor idle devices take, in the server and in PostgreSQL; what their coming back takes; and how
much of a disk one notification fills, its indexes and the log counted too. Processor time and bytes are read, not
latencies, so neighbours on the machine disturb little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import machine
from benchmarks.__main__ import BUILD, SCRATCH, _scratch
from benchmarks.cells import CELLS, Cell
from benchmarks.generator import arguments, compile_generator, generating
from benchmarks.postgres import Postgres, cluster
from benchmarks.processes import SERVER_CORE, BenchmarkError, free_port, running, wait_healthy
from benchmarks.runner import Server
from benchmarks.targets.handbell import Handbell

_IDLE, _BATCHES = CELLS[0], CELLS[4]
_SETTLE_SECONDS = 3.0
_TABLES = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
_WROTE = (
    "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, xact_commit FROM pg_stat_database WHERE datname = current_database()"
)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.capacity", description=__doc__.partition("\n")[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[1000, 5000, 8000], help="connected to one process")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to look at idle devices")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where databases live: a real disk")
    options = parser.parse_args(words)
    BUILD.mkdir(exist_ok=True)
    program = compile_generator(BUILD)
    try:
        with _scratch(options.scratch) as scratch, cluster(scratch) as postgres:
            for count in options.devices:
                with _served(scratch, postgres, count, str(count)) as (target, server, _):
                    _idle(program, target, server, postgres.pid, count, options.seconds)
            with _served(scratch, postgres, 200, "rows") as (target, server, url):
                _rows(program, target, server, url)
    except BenchmarkError as error:
        print(f"capacity: {error}", file=sys.stderr)
        return 2
    return 0


@contextmanager
def _served(scratch: Path, postgres: Postgres, users: int, name: str) -> Iterator[tuple[Handbell, Server, str]]:
    folder = scratch / name
    folder.mkdir()
    target = Handbell("handbell-postgres", database="postgres")
    names = [f"user{number:05}" for number in range(users)]
    with postgres.database(f"capacity{name}") as url:
        port = free_port()
        launch, packets = target.prepare(folder, url, names, port)
        devices = folder / "devices.tsv"
        devices.write_text("".join(f"{user}\t{packet}\n" for user, packet in zip(names, packets, strict=True)))
        log = folder / "server.log"
        with running(launch.command, log, SERVER_CORE, launch.env) as process:
            wait_healthy(process, f"http://127.0.0.1:{port}{target.health}", log)
            time.sleep(_SETTLE_SECONDS)
            yield target, Server(process.pid, port, devices), url


def _idle(program: Path, target: Handbell, server: Server, database: int, count: int, seconds: float) -> None:
    roots = {"server": server.pid, "database": database}
    empty, before = machine.resident_mb(server.pid), machine.usage(roots)
    with generating(program, _words(target, _IDLE, server, seconds + 30)) as generator:
        generator.wait_for("connected")
        time.sleep(_SETTLE_SECONDS)
        back = machine.usage(roots)
        came = {name: (back.families[name] - before.families[name]) / count * 1000 for name in roots}
        time.sleep(seconds)
        rest = machine.between(back, machine.usage(roots)).families
        memory = (machine.resident_mb(server.pid) - empty) / count * 1000
    print(
        f"{count:6} devices: {memory:.1f} MB for 1,000; "
        f"to come back {came['server']:.2f} ms of processor each, {came['database']:.2f} in the database; "
        f"idle {rest['server']:.3f} cores, {rest['database']:.3f} in the database",
        flush=True,
    )


def _rows(program: Path, target: Handbell, server: Server, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        sizes, (wal, _) = _sizes(connection), _wrote(connection)
        with generating(program, _words(target, _BATCHES, server, 8)) as generator:
            for event in ("connected", "measuring", "measured", "result"):
                generator.wait_for(event)
        count = int(connection.execute("SELECT count(*) FROM notifications").fetchone()[0])  # type: ignore[index]
        after, (wal_after, _) = _sizes(connection), _wrote(connection)
    grown = {name: (size - sizes.get(name, 0)) / count for name, size in after.items()}
    print(
        f"{count} notifications of about 300 bytes: {sum(grown.values()):.0f} bytes each with indexes, of it", end=" "
    )
    print(", ".join(f"{name} {size:.0f}" for name, size in sorted(grown.items()) if size >= 1), end="")
    print(f"; {(wal_after - wal) / count:.0f} bytes of log each")


def _sizes(connection: psycopg.Connection) -> dict[str, int]:
    return {str(name): int(size) for name, size in connection.execute(_TABLES)}


def _wrote(connection: psycopg.Connection) -> tuple[int, int]:
    wal, commits = connection.execute(_WROTE).fetchone() or (0, 0)
    return int(wal), int(commits)


def _words(target: Handbell, cell: Cell, server: Server, seconds: float) -> list[str]:
    return arguments(target, cell, server.port, server.devices, 2.0, seconds)


if __name__ == "__main__":
    sys.exit(main())
