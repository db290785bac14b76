"""`python -m benchmarks.capacity`: what one process costs, for the plan in docs/capacity.md.

How much memory, processor and database log idle devices take; what their coming back takes; how much of a disk a
notification fills, its indexes and the log counted too; and what it costs another process to read it after a hint. Processor time and bytes are read, not latencies, so
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
from sqlalchemy import create_engine, text

from benchmarks import machine
from benchmarks.__main__ import BUILD, SCRATCH, _scratch
from benchmarks.cells import CELLS, Cell
from benchmarks.generator import arguments, compile_generator, generating
from benchmarks.postgres import Postgres, cluster
from benchmarks.processes import SERVER_CORE, BenchmarkError, free_port, running, wait_healthy
from benchmarks.runner import Server
from benchmarks.targets.handbell import Handbell
from handbell_server.reads import reading

_IDLE, _BATCHES = CELLS[0], CELLS[4]
_READS = 5_000
_SETTLE_SECONDS = 3.0
_TABLES = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"
_WAL = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"


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
                with _served(scratch, postgres, count, str(count)) as (target, server, url):
                    _idle(program, target, server, postgres.pid, url, options.seconds)
            with _served(scratch, postgres, 200, "rows") as (target, server, url):
                _rows(program, target, server, url)
                _read(url, postgres.pid)
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


def _read(url: str, database: int) -> None:
    """What another process asks when a hint says that one of its people has news."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        user, rev = connection.execute(text("SELECT user_id, rev FROM inboxes ORDER BY rev DESC LIMIT 1")).one()
        before, busy = machine.usage({"database": database}), time.process_time()
        for _ in range(_READS):
            push = reading.push_since(connection, user, rev - 1)
            connection.rollback()
        ours = (time.process_time() - busy) / _READS * 1e6
        theirs = machine.usage({"database": database}).families["database"] - before.families["database"]
    assert push is not None
    print(
        f"news of one person ({len(push.changes)} rows) read by another process: {ours:.0f} µs of processor, {theirs / _READS * 1e6:.0f} in the database"
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
