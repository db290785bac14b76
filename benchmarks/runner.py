"""Runs one cell on one target: an empty database, a fresh server, the devices, the load, and what it cost."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.cells import Cell
from benchmarks.generator import Generator, arguments, generating
from benchmarks.postgres import Postgres
from benchmarks.processes import SERVER_CORE, free_port, running, wait_healthy
from benchmarks.targets import Target

SETTLE_SECONDS = 1.0  # what a server does just after its start or after a thousand sign-ins is not what we measure


@dataclass(frozen=True)
class Bench:
    """What all cells of a run share."""

    program: Path
    scratch: Path
    postgres: Postgres | None
    users: list[str]
    warm_up: float
    seconds: float
    repeats: int  # how often a disturbed measurement is taken again


@dataclass(frozen=True)
class Measurement:
    """One cell on one target, once. `values` holds numbers by name; `failed` says why there are none."""

    target: str
    cell: str
    values: dict[str, Any] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True)
class Server:
    """A healthy server and the file with its devices."""

    pid: int
    port: int
    devices: Path


def measure(bench: Bench, target: Target, cell: Cell) -> Measurement:
    """The numbers of one cell on one target."""
    with _server(bench, target) as server:
        time.sleep(SETTLE_SECONDS)
        empty = machine.resident_mb(server.pid)
        seconds = 60 if cell.idle else bench.seconds
        words = arguments(target, cell, server.port, server.devices, bench.warm_up, seconds)
        with generating(bench.program, words) as generator:
            generator.wait_for("connected")
            values = _idle(bench, server, empty) if cell.idle else _loaded(bench, server, generator)
    return Measurement(target.name, cell.name, values)


@contextmanager
def _server(bench: Bench, target: Target) -> Iterator[Server]:
    folder = bench.scratch / "cell"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with _database(bench, target) as url:
        port = free_port()
        launch, packets = target.prepare(folder, url, bench.users, port)
        devices = folder / "devices.tsv"
        lines = (f"{user}\t{packet}\n" for user, packet in zip(bench.users, packets, strict=True))
        devices.write_text("".join(lines))
        log = folder / "server.log"
        with running(launch.command, log, SERVER_CORE, launch.env) as process:
            wait_healthy(process, f"http://127.0.0.1:{port}{target.health}", log)
            yield Server(process.pid, port, devices)


@contextmanager
def _database(bench: Bench, target: Target) -> Iterator[str | None]:
    if target.database == "sqlite":
        yield None
        return
    assert bench.postgres is not None
    with bench.postgres.database("bench") as url:
        yield url


def _idle(bench: Bench, server: Server, empty: float) -> dict[str, Any]:
    time.sleep(SETTLE_SECONDS * 2)
    before = machine.usage({"server": server.pid})
    time.sleep(SETTLE_SECONDS * 2)
    share = machine.between(before, machine.usage({"server": server.pid}))
    connected = machine.resident_mb(server.pid)
    return {
        "empty_mb": empty,
        "connected_mb": connected,
        "mb_per_1000": (connected - empty) / len(bench.users) * 1000,
        "server_cpu": share.families["server"],
        "noise": share.noise,
    }


def _loaded(bench: Bench, server: Server, generator: Generator) -> dict[str, Any]:
    roots = {"server": server.pid, "generator": generator.pid}
    if bench.postgres:
        roots["database"] = bench.postgres.pid
    generator.wait_for("measuring")
    before = machine.usage(roots)
    generator.wait_for("measured")
    share = machine.between(before, machine.usage(roots))
    result = generator.wait_for("result")
    server_seconds = share.families["server"] * share.seconds
    return {
        **{name: value for name, value in result.items() if name != "event"},
        "server_cpu": share.families["server"],
        "database_cpu": share.families.get("database", 0.0),
        "noise": share.noise,
        "server_us_per_delivery": server_seconds * 1e6 / max(result["deliveries"], 1),
        "loaded_mb": machine.resident_mb(server.pid),
    }
