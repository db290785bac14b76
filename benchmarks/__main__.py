"""The benchmark's command line; `make bench` runs it with its defaults.

Rounds are the outer loop and targets the inner one, so that a neighbour who wakes up on this machine disturbs all
servers and not the one that happened to be measured then.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError

from benchmarks import machine, report
from benchmarks.cells import CELLS, Cell
from benchmarks.generator import compile_generator
from benchmarks.postgres import cluster
from benchmarks.processes import BenchmarkError
from benchmarks.runner import Bench, Measurement, measure
from benchmarks.targets import Target, all_targets

NOISY = 0.3  # cores used by strangers, from which on a measurement is worth repeating
HERE = Path(__file__).parent
BUILD = HERE / "build"
RESULTS = HERE / "results"
SCRATCH = Path("/var/tmp")  # noqa: S108 (/tmp may be memory, where a durable commit costs nothing)


def main(words: Sequence[str] | None = None) -> int:
    """Run what was asked for, print and keep the results."""
    options = _options(words)
    targets = [target for target in all_targets() if target.name in options.targets]
    cells = [cell for cell in CELLS if cell.name in options.cells]
    try:
        measurements, about = _run(options, targets, cells)
    except (BenchmarkError, CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    summary = report.summarise(measurements)
    verdicts = report.verdicts(summary)
    print("\n" + report.tables(summary, [target.name for target in targets], options.users))
    if verdicts:
        print("\n" + report.expectations(verdicts))
    about["verdicts"] = [asdict(verdict) for verdict in verdicts]
    about["measurements"] = [asdict(measurement) for measurement in measurements]
    print(f"\nAll numbers of all rounds: {_keep(about)}")
    for complaint in (broken := report.broken(measurements)):
        print(f"BROKEN: {complaint}", file=sys.stderr)
    return 1 if broken else 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    target_names = [target.name for target in all_targets()]
    cell_names = [cell.name for cell in CELLS]
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round of 2 s per cell")
    parser.add_argument("--rounds", type=int, help="rounds to take the median of (3)")
    parser.add_argument("--seconds", type=float, help="seconds to measure per cell (6)")
    parser.add_argument("--users", type=int, default=1000, help="connected devices (1000)")
    parser.add_argument("--targets", nargs="+", choices=target_names, default=target_names, metavar="TARGET")
    parser.add_argument("--cells", nargs="+", choices=cell_names, default=cell_names, metavar="CELL")
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="where databases live: a real disk")
    parser.epilog = f"targets: {', '.join(target_names)}; cells: {', '.join(cell_names)}"
    options = parser.parse_args(words)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (2.0 if options.quick else 6.0)
    return options


def _run(
    options: argparse.Namespace, targets: list[Target], cells: list[Cell]
) -> tuple[list[Measurement], dict[str, object]]:
    BUILD.mkdir(exist_ok=True)
    program = compile_generator(BUILD)
    for target in targets:
        target.install(BUILD)
    users = [f"user{number:04}" for number in range(options.users)]
    with _scratch(options.scratch) as scratch:
        about: dict[str, object] = {
            **machine.describe(),
            "fdatasync_ms": round(machine.sync_ms(scratch), 3),
            "users": options.users,
            "seconds": options.seconds,
            "rounds": options.rounds,
        }
        print("  ".join(f"{name}: {value}" for name, value in about.items()), flush=True)
        needs_postgres = any(target.database == "postgres" for target in targets)
        with cluster(scratch) if needs_postgres else nullcontext() as postgres:
            repeats = 0 if options.quick else 2
            bench = Bench(program, scratch, postgres, users, 2.0, options.seconds, repeats)
            measurements = list(_rounds(bench, options.rounds, targets, cells))
    return measurements, about


def _rounds(bench: Bench, rounds: int, targets: list[Target], cells: list[Cell]) -> Iterator[Measurement]:
    for number in range(1, rounds + 1):
        for cell in cells:
            for target in targets:
                measurement = _quietest(bench, target, cell)
                print(f"round {number}/{rounds}  {cell.name:9}  {target.name:17}  {_brief(measurement)}", flush=True)
                yield measurement


def _quietest(bench: Bench, target: Target, cell: Cell) -> Measurement:
    """The measurement; while others keep the machine busy, the quietest of a few."""
    attempts = [_attempt(bench, target, cell)]
    while len(attempts) <= bench.repeats and attempts[-1].values.get("noise", 0) > NOISY:
        attempts.append(_attempt(bench, target, cell))
    return min(attempts, key=lambda attempt: attempt.values.get("noise", 0))


def _attempt(bench: Bench, target: Target, cell: Cell) -> Measurement:
    """A target that cannot be measured spoils its own line, not the run."""
    try:
        return measure(bench, target, cell)
    except (BenchmarkError, CalledProcessError, OSError) as error:
        return Measurement(target.name, cell.name, failed=str(error))


def _brief(measurement: Measurement) -> str:
    values = measurement.values
    if measurement.failed:
        return f"failed: {measurement.failed}"
    if "mb_per_1000" in values:
        return f"{values['mb_per_1000']:8.1f} MB per 1,000 devices"
    latency = values["delivery_ms"]
    return f"{values['deliveries_per_s']:8,.0f} deliveries/s  p50 {latency['p50']:.2f}  p99 {latency['p99']:.2f} ms"


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="handbell-bench-", dir=parent))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(about: dict[str, object]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d_%H-%M-%S}.json"
    path.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    return Path(os.path.relpath(path))


if __name__ == "__main__":
    sys.exit(main())
