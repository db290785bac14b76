"""`python -m benchmarks.capacity`: what one process costs, for the plan in docs/capacity.md.

How much memory, processor and database log idle devices take; what their coming back takes; what a notification takes
when its device is at the process that was asked, and when it is at another one, which hears of it over Redis and reads it;
and how much of a disk it fills, its indexes and the log counted too. Processor time and bytes are read, not latencies, so
neighbours on the machine disturb little.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg

from benchmarks import machine
from benchmarks.__main__ import BUILD, SCRATCH, _scratch
from benchmarks.cells import CELLS, Cell
from benchmarks.generator import arguments, compile_generator, generating
from benchmarks.postgres import Postgres, cluster
from benchmarks.processes import OTHER_CORE, SERVER_CORE, BenchmarkError, free_port, running, wait_healthy
from benchmarks.runner import Server
from benchmarks.targets.handbell import Handbell

_IDLE, _SINGLE, _BATCHES = CELLS[0], CELLS[2], CELLS[4]
_SETTLE_SECONDS = 3.0
_TABLES = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
_WAL = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.capacity", description=__doc__.partition("\n")[0])
    parser.add_argument("--devices", type=int, nargs="+", default=[1000, 5000, 8000], help="connected to one process")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4], help="processes that share the devices")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to look at idle devices")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where databases live: a real disk")
    options = parser.parse_args(words)
    BUILD.mkdir(exist_ok=True)
    program = compile_generator(BUILD)
    try:
        with _scratch(options.scratch) as scratch, cluster(scratch) as postgres:
            for count in options.devices:
                with _served(scratch, postgres, count, str(count)) as (target, server, url):
                    _idle(program, target, server, postgres.pid, url, options.seconds)
            for workers in options.workers:
                with _served(scratch, postgres, 500, f"workers{workers}", workers) as (target, server, url):
                    _told(program, target, server, postgres.pid, workers)
            with _served(scratch, postgres, 200, "rows") as (target, server, url):
                _rows(program, target, server, url)
    except BenchmarkError as error:
        print(f"capacity: {error}", file=sys.stderr)
        return 2
    return 0


@contextmanager
def _served(
    scratch: Path, postgres: Postgres, users: int, name: str, workers: int = 1
) -> Iterator[tuple[Handbell, Server, str]]:
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
        command, redis = launch.command, free_port()
        if workers > 1:
            command = [*command, "--workers", str(workers)]
            launch.env["HANDBELL_REDIS_URL"] = f"redis://127.0.0.1:{redis}/0"
        hints = ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        with (
            running(hints, folder / "redis.log", OTHER_CORE),
            running(command, log, SERVER_CORE, launch.env) as process,
        ):
            wait_healthy(process, f"http://127.0.0.1:{port}{target.health}", log)
            time.sleep(_SETTLE_SECONDS)
            yield target, Server(process.pid, port, devices), url


def _idle(program: Path, target: Handbell, server: Server, database: int, url: str, seconds: float) -> None:
    roots = {"server": server.pid, "database": database}
    count = server.devices.read_text().count("\n")
    empty, before = machine.resident_mb(server.pid), machine.usage(roots)
    with generating(program, _words(target, _IDLE, server, seconds + 30)) as generator:
        generator.wait_for("connected")
        time.sleep(_SETTLE_SECONDS)
        back, wal = machine.usage(roots), _asked(url, _WAL)
        came = {name: (back.families[name] - before.families[name]) / count * 1000 for name in roots}
        time.sleep(seconds)
        rest, log = machine.between(back, machine.usage(roots)).families, (_asked(url, _WAL) - wal) / seconds / count
        memory = (machine.resident_mb(server.pid) - empty) / count * 1000
    print(
        f"{count:6} devices: {memory:.1f} MB for 1,000; "
        f"to come back {came['server']:.2f} ms of processor each, {came['database']:.2f} in the database; idle, each: "
        f"{rest['server'] / count * 1e6:.1f} µs of processor a second, {rest['database'] / count * 1e6:.1f} in the database, "
        f"{log:.0f} bytes of its log",
        flush=True,
    )


def _told(program: Path, target: Handbell, server: Server, database: int, workers: int) -> None:
    roots = {"server": server.pid, "database": database}
    with generating(program, _words(target, _SINGLE, server, 10)) as generator:
        generator.wait_for("connected")
        generator.wait_for("measuring")
        before = machine.usage(roots)
        generator.wait_for("measured")
        share = machine.between(before, machine.usage(roots))
        told = generator.wait_for("result")["deliveries"]
    each = {name: share.families[name] * share.seconds / told * 1e6 for name in roots}
    print(
        f"{workers} processes, one POST for each of {told} deliveries: {each['server']:.0f} µs of processor, "
        f"{each['database']:.0f} in the database",
        flush=True,
    )


def _rows(program: Path, target: Handbell, server: Server, url: str) -> None:
    sizes, wal = _sizes(url), _asked(url, _WAL)
    with generating(program, _words(target, _BATCHES, server, 8)) as generator:
        for event in ("connected", "measuring", "measured", "result"):
            generator.wait_for(event)
    count = _asked(url, "SELECT count(*) FROM notifications")
    grown = {name: (size - sizes.get(name, 0)) / count for name, size in _sizes(url).items()}
    log = (_asked(url, _WAL) - wal) / count
    print(
        f"{count:.0f} notifications of about 300 bytes: {sum(grown.values()):.0f} bytes each with indexes, {log:.0f} of log"
    )


def _sizes(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return {str(name): int(size) for name, size in connection.execute(_TABLES)}


def _asked(url: str, question: LiteralString) -> float:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return float(row[0])


def _words(target: Handbell, cell: Cell, server: Server, seconds: float) -> list[str]:
    return arguments(target, cell, server.port, server.devices, 2.0, seconds)


if __name__ == "__main__":
    sys.exit(main())
